/**
 * Installs PyTorch for the engine: surveys, plans, announces, and carries out. The environment is
 * made aside, tried, and only then named as the engine's.
 */
import { existsSync } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Either } from "fp-ts/lib/Either.js";
import * as E from "fp-ts/lib/Either.js";
import { sweep, withTemporaryFolder } from "../tensorflow/cache.js";
import { size } from "../tensorflow/install-plan.js";
import { fileError, type Missing, missing } from "../tensorflow/missing.js";
import { freeBytes } from "../tensorflow/survey.js";
import { lastWords, type Tools } from "../tensorflow/tools.js";
import { BUILDS, type Build, type Table } from "./builds.js";
import { pipFailure } from "./failures.js";
import { askTorch, type FoundTorch, lookForTorch, VARIABLE, type World } from "./find.js";
import { buildFor, describe, type Facts, type Options, type Plan, plan } from "./install-plan.js";
import { type List, readList, standIns } from "./lists.js";
import { alone } from "./lock.js";
import { findPython } from "./python.js";
import { putStandIns } from "./stand-ins.js";
import { newFolder, pythonOf, readState, removeOthers, writeState } from "./state.js";
import {
  bytesThere,
  fetchWheels,
  pip,
  pipEnvironment,
  removeWheels,
  wheelsFolder,
} from "./wheels.js";

/** How an installation ended. In every case except `installed` the engine is as before. */
export type Outcome =
  | { readonly kind: "already"; readonly found: FoundTorch; readonly hint?: string }
  | { readonly kind: "installed"; readonly found: FoundTorch }
  | { readonly kind: "declined" }
  | { readonly kind: "interrupted" }
  | { readonly kind: "failed"; readonly why: Missing };

/** What an installation works with: the world, and the tables, which tests replace. */
interface Setting extends Omit<World, "run"> {
  readonly tools: Tools;
  readonly options: Options;
  readonly table: Table;
  readonly listOf: (build: Build) => List;
}

const failed = (why: Missing): Outcome => ({ kind: "failed", why });

const worldOf = ({ machine, env, tools }: Setting): World => ({ machine, env, run: tools.run });

/** Tells whether there is an NVIDIA graphics card: by its device, or by its driver's own tool. */
const hasCard = async (run: Tools["run"], platform: NodeJS.Platform): Promise<boolean> => {
  if (platform !== "linux") return false;
  return existsSync("/dev/nvidia0") || (await run(["nvidia-smi", "-L"])).code === 0;
};

/** Makes the environment in `folder` from wheels that are downloaded first. */
const build = async (
  { build, python }: Plan,
  list: List,
  folder: string,
  { machine, tools }: Setting,
): Promise<Either<Missing, string>> => {
  const environment = join(folder, "environment");
  const made = await tools.run([...python.command, "-I", "-m", "venv", environment]);
  if (made.code !== 0)
    return E.left(
      missing(
        `Python could not make an environment. It said:\n${lastWords(made)}`,
        "Debian, Ubuntu: apt install python3-venv. Then run this again.",
      ),
    );
  const its = pythonOf(environment, machine.platform);
  const wheels = wheelsFolder(machine.cache, python.version);
  const progress = tools.progress(`PyTorch ${list.version}`, build.bytes);
  const fetched = await fetchWheels(its, list, wheels, tools, progress).finally(progress.end);
  if (E.isLeft(fetched)) return fetched;
  tools.say("Unpacking it and trying it ...");
  const lines = join(folder, "requirements.txt");
  await writeFile(lines, list.text);
  const command = [...pip(its, "install"), "--no-index", "--find-links", wheels, "-r", lines];
  const ran = await tools.run(command, pipEnvironment(folder));
  if (ran.code !== 0) return E.left(pipFailure(ran, "install PyTorch"));
  if (build.standIns) await putStandIns(environment, standIns());
  return E.right(environment);
};

/** Tries an environment in its place, and makes it the engine's if it works. */
const publish = async (
  environment: string,
  { build }: Plan,
  list: List,
  setting: Setting,
): Promise<Outcome> => {
  const { machine, tools } = setting;
  const folder = newFolder(list.version, build.kind);
  const place = join(machine.cache, folder);
  await rename(environment, place);
  const found = await askTorch(pythonOf(place, machine.platform), worldOf(setting)).catch(
    (error: unknown) => E.left(String(error)),
  );
  if (E.isLeft(found) || tools.signal.aborted) {
    await rm(place, { recursive: true, force: true });
    return failed(
      missing(
        `PyTorch is installed, but does not work: ${E.isLeft(found) ? found.left : ""}`,
        "The engine is unchanged. Please report this, with what ganc doctor says.",
      ),
    );
  }
  await writeState(machine.cache, { folder, kind: build.kind, key: list.key });
  await removeOthers(machine.cache);
  await removeWheels(machine.cache);
  return { kind: "installed", found: found.right };
};

const carryOut = (steps: Plan, list: List, setting: Setting): Promise<Outcome> =>
  withTemporaryFolder(setting.machine.cache, async (folder) => {
    const environment = await build(steps, list, folder, setting);
    return E.isLeft(environment)
      ? failed(environment.left)
      : publish(environment.right, steps, list, setting);
  });

/**
 * Returns the engine if it works and is what is asked for: any that works where nothing is asked
 * for, as long as it is of this ganc's list.
 */
const enough = async (setting: Setting): Promise<FoundTorch | undefined> => {
  const { machine, options, table, listOf } = setting;
  const state = readState(machine.cache);
  const row = table[`${machine.platform}-${machine.arch}`];
  const its = state === undefined ? undefined : row?.[state.kind];
  if (state === undefined || its === undefined || options.force) return undefined;
  if ((options.kind ?? state.kind) !== state.kind || listOf(its).key !== state.key)
    return undefined;
  const found = await lookForTorch({ ...worldOf(setting), env: {} }, true);
  return E.isRight(found) ? found.right : undefined;
};

/** Answers for a Python of the user's own, which ganc leaves alone. */
const ofUser = async (setting: Setting): Promise<Outcome> => {
  const found = await lookForTorch(worldOf(setting), true);
  return E.isLeft(found)
    ? failed(found.left)
    : {
        kind: "already",
        found: found.right,
        hint: `The variable ${VARIABLE} names it, so nothing is installed.`,
      };
};

const survey = async (setting: Setting): Promise<Facts> => {
  const { machine, tools, options, table, listOf } = setting;
  const card = await hasCard(tools.run, machine.platform);
  const wanted = buildFor(machine, card, options.kind, table);
  const python = await findPython(tools.run, machine.platform);
  const have =
    E.isRight(python) && E.isRight(wanted)
      ? await bytesThere(wheelsFolder(machine.cache, python.right.version), listOf(wanted.right))
      : 0;
  return { machine, python, card, have, free: await freeBytes(machine.cache) };
};

const attempt = async (setting: Setting): Promise<Outcome> => {
  const { machine, env, tools, options, table, listOf } = setting;
  if (env[VARIABLE]) return ofUser(setting);
  const already = await enough(setting);
  if (already !== undefined) return { kind: "already", found: already };
  const facts = await survey(setting);
  const steps = plan(facts, options, table);
  if (E.isLeft(steps)) return failed(steps.left);
  const list = listOf(steps.right.build);
  for (const line of describe(steps.right, list.version, facts, table)) tools.say(line);
  if (steps.right.left > 0 && !(await tools.confirm(`Download ${size(steps.right.left)} now?`)))
    return { kind: "declined" };
  await mkdir(machine.cache, { recursive: true });
  return alone(machine.cache, tools, async () => {
    await sweep(machine.cache);
    await sweep(wheelsFolder(machine.cache, steps.right.python.version));
    const meanwhile = await enough(setting);
    return meanwhile === undefined
      ? carryOut(steps.right, list, setting)
      : { kind: "already", found: meanwhile };
  });
};

/** Installs the engine. Never rejects. Leaves a working engine, or what was there before. */
export const installTorch = async (
  { machine, env }: Omit<World, "run">,
  options: Options,
  tools: Tools,
  table: Table = BUILDS,
  listOf: (build: Build) => List = ({ list }) => readList(list),
): Promise<Outcome> => {
  const setting = { machine, env, options, tools, table, listOf };
  const outcome = await attempt(setting).catch((error: unknown) => failed(fileError(error)));
  const unchanged = outcome.kind === "failed" || outcome.kind === "declined";
  return tools.signal.aborted && unchanged ? { kind: "interrupted" } : outcome;
};
