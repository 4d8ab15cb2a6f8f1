/**
 * Finds the Python with PyTorch that the engine runs: the user's own, which GANC_TORCH_PYTHON
 * names, or that of `ganc engine install torch`.
 */
import { createHash } from "node:crypto";
import { existsSync, readFileSync, statSync } from "node:fs";
import { isAbsolute, join, relative, sep } from "node:path";
import type { Either } from "fp-ts/lib/Either.js";
import * as E from "fp-ts/lib/Either.js";
import * as t from "io-ts";
import { type Machine, thisMachine } from "../tensorflow/machine.js";
import { type Missing, missing } from "../tensorflow/missing.js";
import { runProgram, type Tools } from "../tensorflow/tools.js";
import type { Device } from "./builds.js";
import { Probed, probeTorch } from "./probe.js";
import { isOwn, pythonOf, readState, replaceFile } from "./state.js";

export const VARIABLE = "GANC_TORCH_PYTHON";
export const HOW_TO_INSTALL = "Install it: ganc engine install torch";

export interface FoundTorch {
  /** The program to start. */
  readonly python: string;
  /** Of PyTorch, for example `2.15.0`. */
  readonly version: string;
  /** What it can compute on, the processor first. */
  readonly devices: readonly Device[];
  /** The best of them: `cpu`, `mps`, or for example `cuda (NVIDIA A100)`. */
  readonly device: string;
  /** For example `torch 2.15 on cpu`, or `torch 2.15 on cuda (NVIDIA A100)`. */
  readonly label: string;
  /** What PyTorch said of devices that it could not use, a line each. */
  readonly notes: readonly string[];
}

export interface World {
  readonly run: Tools["run"];
  readonly machine: Machine;
  readonly env: Readonly<Record<string, string | undefined>>;
}

const thisWorld = (): World => ({ run: runProgram(), machine: thisMachine(), env: process.env });

export const foundTorch = (python: string, probed: Probed): FoundTorch => {
  const { version, devices, notes } = probed;
  const best = devices.find(({ kind }) => kind !== "cpu") ?? { kind: "cpu", name: "" };
  const device = best.name === "" ? best.kind : `${best.kind} (${best.name})`;
  const short = version.split(".").slice(0, 2).join(".");
  const kinds = devices.map(({ kind }) => kind);
  const label = `torch ${short} on ${device}`;
  return { python, version, devices: kinds, device, label, notes };
};

const Remembered = t.readonly(t.type({ mark: t.string, probed: Probed }));

/** Beside ganc's own environment, and removed with it; for a Python of the user's, in the cache. */
const placeOf = (cache: string, python: string): string => {
  const [folder = ""] = relative(cache, python).split(sep);
  if (isOwn(folder)) return join(cache, folder, "ganc-probe.json");
  const name = createHash("sha256").update(python).digest("hex").slice(0, 12);
  return join(cache, `torch-probe-${name}.json`);
};

/** What an answer depends on: the Python, its PyTorch, and what of graphics cards there is. */
const markOf = (python: string, { file }: Probed, env: World["env"]): string | undefined => {
  try {
    const marks = [python, file].map((path) => {
      const { mtimeMs, size } = statSync(path);
      return `${mtimeMs} ${size}`;
    });
    const cards = ["/dev/nvidiactl", "/dev/dxg"].map((path) => existsSync(path));
    return [...marks, ...cards, env.CUDA_VISIBLE_DEVICES ?? ""].join("; ");
  } catch {
    return undefined;
  }
};

const remembered = (python: string, { machine, env }: World): Probed | undefined => {
  try {
    const text = readFileSync(placeOf(machine.cache, python), "utf8");
    const decoded = Remembered.decode(JSON.parse(text));
    if (E.isLeft(decoded)) return undefined;
    const { mark, probed } = decoded.right;
    return markOf(python, probed, env) === mark ? probed : undefined;
  } catch {
    return undefined;
  }
};

/** A cache that cannot be written costs the next caller a probe, and nothing else. */
const remember = async (python: string, probed: Probed, world: World): Promise<void> => {
  const mark = isAbsolute(python) ? markOf(python, probed, world.env) : undefined;
  if (mark === undefined) return;
  const text = JSON.stringify({ mark, probed });
  await replaceFile(placeOf(world.machine.cache, python), text).catch(() => undefined);
};

/** Asks a Python for its PyTorch now, and remembers the answer. */
export const askTorch = async (
  python: string,
  world: World,
): Promise<Either<string, FoundTorch>> => {
  const probed = await probeTorch(world.run, python);
  if (E.isLeft(probed)) return probed;
  await remember(python, probed.right, world);
  return E.right(foundTorch(python, probed.right));
};

/** The Python that would be taken, and what to do if it does not work. */
const chosen = ({ machine, env }: World): Either<Missing, { python: string; remedy: string }> => {
  const own = env[VARIABLE];
  if (own)
    return E.right({
      python: own,
      remedy: `The variable ${VARIABLE} names it. Name another Python, or unset it to use the PyTorch of ganc engine install torch.`,
    });
  const state = readState(machine.cache);
  return state === undefined
    ? E.left(missing("PyTorch is not installed for ganc.", HOW_TO_INSTALL))
    : E.right({
        python: pythonOf(join(machine.cache, state.folder), machine.platform),
        remedy: "Install it again: ganc engine install torch",
      });
};

const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** As `findTorch`; with `fresh`, PyTorch is asked even if an answer is remembered. */
export const lookForTorch = async (
  world: World,
  fresh: boolean,
): Promise<Either<Missing, FoundTorch>> => {
  const choice = chosen(world);
  if (E.isLeft(choice)) return choice;
  const { python, remedy } = choice.right;
  const known = fresh ? undefined : remembered(python, world);
  if (known !== undefined) return E.right(foundTorch(python, known));
  const asked = await askTorch(python, world);
  return E.isLeft(asked) ? E.left(missing(capitalized(asked.left), remedy)) : asked;
};

/**
 * Finds PyTorch. Takes milliseconds where an earlier answer still holds, else two to four seconds.
 * The left side says in whole sentences what is missing and what to do. Never rejects.
 */
export const findTorch = async (
  world: World = thisWorld(),
): Promise<Either<string, FoundTorch>> => {
  const found = await lookForTorch(world, false);
  return E.isLeft(found) ? E.left(`${found.left.reason} ${found.left.remedy}`) : found;
};
