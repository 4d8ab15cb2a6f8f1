/** Plans an installation from the facts of the machine. Pure; `install.ts` carries it out. */
import type { Either } from "fp-ts/lib/Either.js";
import * as E from "fp-ts/lib/Either.js";
import type { WheelState } from "./cache.js";
import type { Machine } from "./machine.js";
import { type Missing, missing } from "./missing.js";
import { PACKAGE_VERSION, PACKAGES } from "./package.js";
import type { Loaded } from "./probe.js";
import { type Row, type Table, WHEELS, type Wheel } from "./wheels.js";

export interface Options {
  /** Build again, after checking the hashes of cached files. */
  readonly force: boolean;
  /** Use the TensorFlow that looks for CUDA. */
  readonly cuda: boolean;
  /**
   * A compiler's command, or `zig` for the one from the package registry. Undefined for the
   * machine's own.
   */
  readonly compiler: string | undefined;
}

/** The facts found by a survey of the machine. */
export interface Facts {
  readonly machine: Machine;
  readonly wheels: Row;
  /** State of the requested TensorFlow wheel, and of the compiler's. */
  readonly tensorflow: WheelState;
  readonly zig: WheelState;
  /** A Python with pip, or what is missing. */
  readonly python: Either<"python" | "pip", readonly string[]>;
  /** Command of the machine's C++ compiler; undefined if there is none. */
  readonly cxx: readonly string[] | undefined;
  /** Free bytes on the cache's disk. */
  readonly free: number;
}

export type Compiler =
  | { readonly kind: "command"; readonly command: readonly string[] }
  | { readonly kind: "zig"; readonly wheel: Wheel };

export interface Plan {
  readonly tensorflow: Wheel;
  readonly compiler: Compiler;
  /** Wheels that are not in the cache yet. */
  readonly downloads: readonly Wheel[];
  /** The Python for downloads; empty if there are none. */
  readonly python: readonly string[];
}

const OWN_BINARY = `the package's own prebuilt addon, which npm fetches with: npm rebuild ${PACKAGES[0]} --ignore-scripts=false`;

export const noPackage: Missing = missing(
  `The npm package ${PACKAGES[0]} is not installed.`,
  `Install it without its scripts, then run this again: npm install --ignore-scripts ${PACKAGES[0]}@${PACKAGE_VERSION}`,
);

export const otherTfjs = (name: string): Missing =>
  missing(
    `${name} brings a copy of @tensorflow/tfjs of its own, so nothing that ganc generates would run on it.`,
    `Bring both to one version: npm install --ignore-scripts ${name}@${PACKAGE_VERSION} && npm dedupe`,
  );

/** Returns the wheels for this machine. The left side is the reason why there are none. */
export const wheelsFor = (
  { platform, arch, glibc }: Machine,
  table: Table = WHEELS,
): Either<Missing, Row> => {
  const row = table[`${platform}-${arch}`];
  if (row === undefined)
    return E.left(
      missing(
        `TensorFlow publishes no library that ganc can bind to for ${platform} on ${arch}.`,
        `What may work here is ${OWN_BINARY}`,
      ),
    );
  if (platform !== "linux") return E.right(row);
  if (glibc === undefined)
    return E.left(
      missing(
        "TensorFlow's libraries need the GNU C library, and this Linux has another (musl?).",
        "Use a distribution with the GNU C library, for example Debian, Ubuntu or Fedora.",
      ),
    );
  return isOlder(glibc, [2, 27])
    ? E.left(
        missing(
          `TensorFlow's libraries need the GNU C library 2.27 or newer; here it is ${glibc}.`,
          "Use a newer distribution.",
        ),
      )
    : E.right(row);
};

const isOlder = (version: string, [major, minor]: readonly [number, number]): boolean => {
  const [a = 0, b = 0] = version.split(".").map(Number);
  return a < major || (a === major && b < minor);
};

/** Returns the requested TensorFlow. */
export const tensorflowOf = (wheels: Row, cuda: boolean): Either<Missing, Wheel> => {
  if (!cuda) return E.right(wheels.cpu);
  return wheels.cuda
    ? E.right(wheels.cuda)
    : E.left(
        missing(
          "TensorFlow for CUDA is published for Linux on x64 only.",
          "Leave out --cuda to have the engine on the processor.",
        ),
      );
};

/** Tells whether the addon that already loads meets the request. */
export const isEnough = (loaded: Loaded, options: Options, cudaFolder: string | undefined) =>
  !options.force && (!options.cuda || (!!cudaFolder && loaded.library.startsWith(cudaFolder)));

const noCompiler = (facts: Facts): Missing =>
  missing(
    "There is no C++ compiler on this machine.",
    facts.machine.platform === "darwin"
      ? "Install Apple's: xcode-select --install"
      : "Install one (Debian, Ubuntu: apt install g++; Fedora: dnf install gcc-c++), or name yours in the variable CXX.",
  );

const chooseCompiler = (facts: Facts, options: Options): Either<Missing, Compiler> => {
  const { zig } = facts.wheels;
  const asked = options.compiler;
  if (asked !== "zig" && facts.cxx !== undefined)
    return E.right({ kind: "command", command: facts.cxx });
  if (asked !== undefined && asked !== "zig")
    return E.left(missing(`There is no compiler ${asked}.`, "Name an installed one, or zig."));
  return zig ? E.right({ kind: "zig", wheel: zig }) : E.left(noCompiler(facts));
};

const noPython = (what: "python" | "pip", compiler: Compiler): Missing => {
  const also =
    compiler.kind === "zig"
      ? " There is no C++ compiler here either; with pip, ganc takes one from the package registry too."
      : "";
  return what === "python"
    ? missing(
        `TensorFlow's libraries come from the Python package registry, and there is no python3 to ask it with.${also}`,
        "Install Python 3 with pip (Debian, Ubuntu: apt install python3-pip; macOS: xcode-select --install). It is needed once.",
      )
    : missing(
        `TensorFlow's libraries come from the Python package registry, and this python3 has no pip to ask it with.${also}`,
        "Add pip (Debian, Ubuntu: apt install python3-pip; elsewhere: python3 -m ensurepip). It is needed once.",
      );
};

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

/**
 * Returns the bytes that must be free: a wheel and its files lie side by side until it is unpacked.
 */
const room = (downloads: readonly Wheel[]): number =>
  sum(downloads.map(({ bytes, unpacked }) => bytes + unpacked));

/** Plans the steps to a working addon. The left side is the obstacle. */
export const plan = (facts: Facts, options: Options): Either<Missing, Plan> => {
  const tensorflow = tensorflowOf(facts.wheels, options.cuda);
  if (E.isLeft(tensorflow)) return tensorflow;
  const compiler = chooseCompiler(facts, options);
  if (E.isLeft(compiler)) return compiler;
  const { cache, platform } = facts.machine;
  if (platform !== "win32" && /[:$]/.test(cache))
    return E.left(
      missing(
        `The cache folder ${cache} has a : or a $ in its path, which the system's loader does not accept.`,
        "Name another in the variable GANC_CACHE.",
      ),
    );
  const downloads = [
    ...(facts.tensorflow.kind === "intact" ? [] : [tensorflow.right]),
    ...(compiler.right.kind === "zig" && facts.zig.kind !== "intact" ? [compiler.right.wheel] : []),
  ];
  const steps = { tensorflow: tensorflow.right, compiler: compiler.right, downloads };
  if (downloads.length === 0) return E.right({ ...steps, python: [] });
  if (E.isLeft(facts.python)) return E.left(noPython(facts.python.left, compiler.right));
  return facts.free < room(downloads)
    ? E.left(
        missing(
          `The installation needs ${size(room(downloads))} in ${cache}, and ${size(facts.free)} are free.`,
          "Free some space, or name another folder in the variable GANC_CACHE.",
        ),
      )
    : E.right({ ...steps, python: facts.python.right });
};

/** Writes bytes for people: 274 MB, 1.4 GB. */
export const size = (bytes: number): string =>
  bytes < 1e9 ? `${Math.round(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;

/** Describes the plan before it is carried out, one line each. */
export const describe = (
  { downloads, compiler, tensorflow }: Plan,
  facts: Facts,
  cuda: boolean,
): readonly string[] => [
  ...(facts.tensorflow.kind === "damaged"
    ? [`The cached ${tensorflow.package} is damaged: ${facts.tensorflow.reason}.`]
    : []),
  ...downloads.map(
    (wheel) =>
      `Download ${wheel.package} ${wheel.version} by pip: ${size(wheel.bytes)}, of which ${size(wheel.unpacked)} unpacked stay in ${facts.machine.cache}`,
  ),
  ...(downloads.includes(tensorflow)
    ? []
    : [`Use ${tensorflow.package} ${tensorflow.version} from ${facts.machine.cache}`]),
  compiler.kind === "zig"
    ? "Compile the addon with zig: one to two minutes the first time"
    : `Compile the addon with ${compiler.command.join(" ")}: about 10 seconds`,
  ...(cuda || !facts.wheels.measured
    ? ["Nobody has tested this installation on such a machine; it is checked before it is used."]
    : []),
];
