/** Surveys what an installation can use. */
import { statfs } from "node:fs/promises";
import { dirname } from "node:path";
import type { Either } from "fp-ts/lib/Either.js";
import * as E from "fp-ts/lib/Either.js";
import { inspect, type WheelState } from "./cache.js";
import type { Facts, Options } from "./install-plan.js";
import type { Machine } from "./machine.js";
import type { Tools } from "./tools.js";
import type { Row, Wheel } from "./wheels.js";

type Run = Tools["run"];

/** Finds a Python that has pip. */
export const findPython = async (run: Run): Promise<Facts["python"]> => {
  const found: ("python" | "pip")[] = [];
  for (const command of [["python3"], ["python"], ["py", "-3"]]) {
    const pip = await run([...command, "-m", "pip", "--version"]);
    if (pip.code === 0) return E.right(command);
    found.push(pip.absent ? "python" : "pip");
  }
  return E.left(found.includes("pip") ? "pip" : "python");
};

/** Splits a command as people write it into CXX, for example `ccache g++`. */
const words = (command: string): readonly string[] => command.trim().split(/\s+/);

const findCompiler = async (
  run: Run,
  asked: string | undefined,
  cxx: string | undefined,
): Promise<readonly string[] | undefined> => {
  if (asked === "zig") return undefined;
  const candidates = asked ? [asked] : [...(cxx?.trim() ? [cxx] : []), "c++", "g++", "clang++"];
  for (const candidate of candidates) {
    const command = words(candidate);
    if ((await run([...command, "--version"])).code === 0) return command;
  }
  return undefined;
};

/** Returns the free bytes on the disk of a folder that may not exist yet. */
export const freeBytes = async (folder: string): Promise<number> => {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch {
    const parent = dirname(folder);
    return parent === folder ? Number.POSITIVE_INFINITY : freeBytes(parent);
  }
};

const ABSENT: WheelState = { kind: "absent" };

export const survey = async (
  run: Run,
  machine: Machine,
  wheels: Row,
  tensorflow: Wheel,
  options: Options,
): Promise<Facts> => {
  const state = (wheel: Wheel | undefined) =>
    wheel ? inspect(machine.cache, wheel, options.force) : Promise.resolve(ABSENT);
  const cxx = await findCompiler(run, options.compiler, process.env.CXX);
  const python: Either<"python" | "pip", readonly string[]> = await findPython(run);
  return {
    machine,
    wheels,
    tensorflow: await state(tensorflow),
    zig: cxx === undefined ? await state(wheels.zig) : ABSENT,
    python,
    cxx,
    free: await freeBytes(machine.cache),
  };
};
