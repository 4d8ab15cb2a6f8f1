/** Installs the native tfjs engine: surveys, plans, announces, and carries out. */
import { mkdir } from "node:fs/promises";
import { sep } from "node:path";
import * as E from "fp-ts/lib/Either.js";
import { build } from "./build.js";
import { sweep, wheelFolder } from "./cache.js";
import { download } from "./download.js";
import {
  describe,
  isEnough,
  noPackage,
  type Options,
  otherTfjs,
  type Plan,
  plan,
  size,
  tensorflowOf,
  wheelsFor,
} from "./install-plan.js";
import type { Machine } from "./machine.js";
import { fileError, type Missing } from "./missing.js";
import type { TfjsNode } from "./package.js";
import { type Loaded, probeAddon } from "./probe.js";
import { survey } from "./survey.js";
import type { Tools } from "./tools.js";
import { type Table, WHEELS } from "./wheels.js";

/** How an installation ended. In every case except `installed` the engine is as before. */
export type Outcome =
  | { readonly kind: "already"; readonly version: string; readonly prebuilt: boolean }
  | { readonly kind: "installed"; readonly version: string; readonly gpu: boolean }
  | { readonly kind: "declined" }
  | { readonly kind: "interrupted" }
  | { readonly kind: "failed"; readonly why: Missing };

const failed = (why: Missing): Outcome => ({ kind: "failed", why });

/** Tells whether the addon is the package's own, with its libtensorflow inside the package. */
export const isPrebuilt = ({ library }: Loaded, { folder }: TfjsNode): boolean =>
  library.startsWith(folder + sep);

const carryOut = async (
  steps: Plan,
  found: TfjsNode,
  { cache, platform }: Machine,
  tools: Tools,
): Promise<Outcome> => {
  for (const wheel of steps.downloads) {
    const got = await download(wheel, steps.python, cache, tools);
    if (E.isLeft(got)) return failed(got.left);
  }
  tools.say("Compiling the addon and trying it ...");
  const built = await build(steps, found, cache, platform, tools);
  return E.isLeft(built)
    ? failed(built.left)
    : { kind: "installed", version: built.right.version, gpu: built.right.gpu };
};

const question = ({ downloads }: Plan): string =>
  `Download ${size(downloads.reduce((sum, { bytes }) => sum + bytes, 0))} now?`;

const attempt = async (
  found: TfjsNode | undefined,
  machine: Machine,
  options: Options,
  tools: Tools,
  table: Table,
): Promise<Outcome> => {
  if (found === undefined) return failed(noPackage);
  if (!found.sharesTfjs) return failed(otherTfjs(found.name));
  const wheels = wheelsFor(machine, table);
  const loaded = await probeAddon(tools.run, found.addon);
  const cudaWheel = E.isRight(wheels) ? wheels.right.cuda : undefined;
  const cudaFolder = cudaWheel && wheelFolder(machine.cache, cudaWheel);
  if (E.isRight(loaded) && isEnough(loaded.right, options, cudaFolder)) {
    const { version } = loaded.right;
    return { kind: "already", version, prebuilt: isPrebuilt(loaded.right, found) };
  }
  if (E.isLeft(wheels)) return failed(wheels.left);
  const tensorflow = tensorflowOf(wheels.right, options.cuda);
  if (E.isLeft(tensorflow)) return failed(tensorflow.left);
  await mkdir(machine.cache, { recursive: true });
  await sweep(machine.cache);
  const facts = await survey(tools.run, machine, wheels.right, tensorflow.right, options);
  const steps = plan(facts, options);
  if (E.isLeft(steps)) return failed(steps.left);
  for (const line of describe(steps.right, facts, options.cuda)) tools.say(line);
  if (steps.right.downloads.length > 0 && !(await tools.confirm(question(steps.right))))
    return { kind: "declined" };
  return carryOut(steps.right, found, machine, tools);
};

/** Installs the engine. Never rejects. Leaves a working engine, or what was there before. */
export const installTensorFlow = async (
  found: TfjsNode | undefined,
  machine: Machine,
  options: Options,
  tools: Tools,
  table: Table = WHEELS,
): Promise<Outcome> => {
  const outcome = await attempt(found, machine, options, tools, table).catch((error: unknown) =>
    failed(fileError(error)),
  );
  const unchanged = outcome.kind === "failed" || outcome.kind === "declined";
  return tools.signal.aborted && unchanged ? { kind: "interrupted" } : outcome;
};
