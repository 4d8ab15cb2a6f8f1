/** Looks for a Python that can make an environment for PyTorch. */
import type { Either } from "fp-ts/lib/Either.js";
import * as E from "fp-ts/lib/Either.js";
import { type Missing, missing } from "../tensorflow/missing.js";
import type { Tools } from "../tensorflow/tools.js";

export interface Python {
  readonly command: readonly string[];
  /** For example `3.11`, or `3.14t` of one without a global lock: what wheels are made for. */
  readonly version: string;
}

/** The versions that the listed wheels are made for. */
const OLDEST = [3, 11] as const;
const NEWEST = [3, 14] as const;

const ASK = `
import sys
kind = sys.implementation.name if sys.maxsize > 2**32 else "32-bit"
print(kind, *sys.version_info[:2], getattr(sys, "abiflags", ""))
import venv, ensurepip`;

const candidates = (platform: NodeJS.Platform): readonly (readonly string[])[] => {
  const newest = Array.from({ length: NEWEST[1] - OLDEST[1] + 1 }, (_, i) => NEWEST[1] - i);
  const plain = [["python3"], ["python"]];
  return platform === "win32"
    ? [["py", "-3"], ...plain, ...newest.map((minor) => ["py", `-3.${minor}`])]
    : [...plain, ...newest.map((minor) => [`python3.${minor}`])];
};

const text = (version: readonly [number, number]): string => version.join(".");

const remedy = (platform: NodeJS.Platform): string => {
  if (platform === "darwin") return "Install one: brew install python@3.13";
  if (platform === "win32") return "Install one: winget install Python.Python.3.13";
  return "Install one (Debian, Ubuntu: apt install python3 python3-venv; Fedora: dnf install python3).";
};

type Answer = Either<string, Python> | undefined;

/** Left: why this Python will not do. Undefined: there is none of this name. */
const ask = async (run: Tools["run"], command: readonly string[]): Promise<Answer> => {
  const { code, stdout, stderr } = await run([...command, "-I", "-c", ASK]);
  const name = command.join(" ");
  const said = /^(\S+) (\d+) (\d+) ?(\S*)\s*$/.exec(stdout.trim());
  if (said === null) return undefined;
  const [, kind = "", major = "", minor = "", flags = ""] = said;
  const version = `${major}.${minor}`;
  if (kind !== "cpython") return E.left(`${name} is ${kind} ${version}`);
  const fits =
    Number(major) === OLDEST[0] && Number(minor) >= OLDEST[1] && Number(minor) <= NEWEST[1];
  if (!fits) return E.left(`${name} is ${version}`);
  const lacking = /No module named '?(\w+)/.exec(stderr)?.[1] ?? "venv";
  return code === 0
    ? E.right({ command, version: version + flags })
    : E.left(`${name} is ${version} without its module ${lacking}`);
};

/** Returns the first Python that will do. The left side says which were found, and what to do. */
export const findPython = async (
  run: Tools["run"],
  platform: NodeJS.Platform,
): Promise<Either<Missing, Python>> => {
  const unfit: string[] = [];
  for (const command of candidates(platform)) {
    const answer = await ask(run, command);
    if (answer === undefined) continue;
    if (E.isRight(answer)) return answer;
    unfit.push(answer.left);
  }
  const seen = unfit.length > 0 ? `Found: ${unfit.join("; ")}.` : "None was found.";
  const wanted = `Python ${text(OLDEST)} to ${text(NEWEST)} with its modules venv and ensurepip`;
  return E.left(missing(`PyTorch takes ${wanted}. ${seen}`, remedy(platform)));
};
