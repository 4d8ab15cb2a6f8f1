/** Plans an installation of PyTorch from the facts of the machine. Pure. */
import type { Either } from "fp-ts/lib/Either.js";
import * as E from "fp-ts/lib/Either.js";
import { size } from "../tensorflow/install-plan.js";
import type { Machine } from "../tensorflow/machine.js";
import { type Missing, missing } from "../tensorflow/missing.js";
import type { Build, Table } from "./builds.js";
import { VARIABLE } from "./find.js";
import type { Python } from "./python.js";

export interface Options {
  /** Install again even if the engine works. */
  readonly force: boolean;
  /** The build that the user asks for; undefined for the one that fits the machine. */
  readonly kind: Build["kind"] | undefined;
}

/** The facts found by a survey of the machine. */
export interface Facts {
  readonly machine: Machine;
  readonly python: Either<Missing, Python>;
  /** Whether there is an NVIDIA graphics card. */
  readonly card: boolean;
  /** Bytes of wheels that an interrupted installation has left. */
  readonly have: number;
  /** Free bytes on the cache's disk. */
  readonly free: number;
}

export interface Plan {
  readonly build: Build;
  readonly python: Python;
  /** Bytes still to download. */
  readonly left: number;
}

const OWN = `Install PyTorch into a Python of your own, and name that in the variable ${VARIABLE}.`;

const isOlder = (version: string, [major, minor]: readonly [number, number]): boolean => {
  const [a = 0, b = 0] = version.split(".").map(Number);
  return a < major || (a === major && b < minor);
};

const ofLibc = ({ platform, glibc }: Machine): Missing | undefined => {
  if (platform !== "linux") return undefined;
  if (glibc === undefined)
    return missing(
      "PyPI's PyTorch needs the GNU C library, and this Linux has another (musl?).",
      "Use a distribution with the GNU C library, for example Debian, Ubuntu or Fedora.",
    );
  return isOlder(glibc, [2, 28])
    ? missing(
        `PyPI's PyTorch needs the GNU C library 2.28 or newer; here it is ${glibc}.`,
        "Use a newer distribution.",
      )
    : undefined;
};

/** Returns the build for this machine. The left side is the reason why there is none. */
export const buildFor = (
  machine: Machine,
  card: boolean,
  kind: Options["kind"],
  table: Table,
): Either<Missing, Build> => {
  const { platform, arch } = machine;
  const row = table[`${platform}-${arch}`];
  if (row === undefined)
    return E.left(missing(`PyPI has no current PyTorch for ${platform} on ${arch}.`, OWN));
  const unfit = ofLibc(machine);
  if (unfit !== undefined) return E.left(unfit);
  if (kind === "cuda" && row.cuda === undefined)
    return E.left(missing(`PyPI has no PyTorch with CUDA for ${platform} on ${arch}.`, OWN));
  const wanted = kind ?? (card ? "cuda" : "cpu");
  return E.right(wanted === "cuda" ? (row.cuda ?? row.cpu) : row.cpu);
};

/**
 * Returns the bytes that must be free: wheels and their files lie side by side until all works, and
 * pip holds the wheel that arrives twice for a while, at most half of all.
 */
const room = ({ bytes, unpacked }: Build, left: number): number => left + bytes / 2 + unpacked;

/** Plans the steps to a working engine. The left side is the obstacle. */
export const plan = (facts: Facts, options: Options, table: Table): Either<Missing, Plan> => {
  const build = buildFor(facts.machine, facts.card, options.kind, table);
  if (E.isLeft(build)) return build;
  if (E.isLeft(facts.python)) return facts.python;
  const left = Math.max(0, build.right.bytes - facts.have);
  const needed = room(build.right, left);
  return facts.free < needed
    ? E.left(
        missing(
          `The installation needs ${size(needed)} in ${facts.machine.cache}, and ${size(facts.free)} are free.`,
          "Free some space, or name another folder in the variable GANC_CACHE.",
        ),
      )
    : E.right({ build: build.right, python: facts.python.right, left });
};

/** Describes the plan before it is carried out, one line each. */
export const describe = (
  { build, python, left }: Plan,
  version: string,
  { machine, card }: Facts,
  table: Table,
): readonly string[] => {
  const cuda = table[`${machine.platform}-${machine.arch}`]?.cuda;
  const more = cuda === undefined ? 0 : cuda.bytes - build.bytes;
  return [
    `Download PyTorch ${version} for ${build.title} and what it needs, by pip: ${size(build.bytes)}`,
    ...(left < build.bytes ? [`Of that, ${size(build.bytes - left)} are here already`] : []),
    `Install it for Python ${python.version} in ${machine.cache}, where it takes ${size(build.unpacked)}`,
    ...(build.kind === "cpu" && more > 0
      ? [
          `${card ? "By --cpu" : "There is no NVIDIA graphics card here, so"} ${size(more)} of CUDA are left out`,
        ]
      : []),
    ...(build.measured
      ? []
      : [
          "Nobody has tested this installation on such a machine; it is checked before it is used.",
        ]),
  ];
};
