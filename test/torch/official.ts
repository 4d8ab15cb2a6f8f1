/** Official networks with random weights, as PyTorch makes, saves and applies them. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { torchPython } from "../../bench/torch/python.js";
import { root } from "../support/specs.js";

export interface OfficialCase {
  readonly kind: "resnet" | "unet" | "patch" | "pixel";
  readonly norm: "instance" | "affine" | "batch" | "none";
  readonly seed: number;
  /** Of the image that it is applied to. */
  readonly side: number;
  /** The arguments of its class. */
  readonly options: Readonly<Record<string, number | boolean>>;
  /** The file's name. */
  readonly file: string;
  /** Whether it is written as PyTorch did before 1.6. */
  readonly legacy?: boolean;
  /** Whether its names begin as those of `nn.DataParallel`. */
  readonly parallel?: boolean;
  /** Whether it has the statistics that PyTorch before 0.4 kept for instance norms. */
  readonly old?: boolean;
}

export interface Written {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

export interface Applied {
  readonly x: Written;
  readonly y: Written;
}

const ask = <A>(action: string, cases: readonly unknown[]): readonly A[] =>
  JSON.parse(
    execFileSync(torchPython(), [join(root, "test/torch/official.py"), action], {
      input: JSON.stringify(cases),
      encoding: "utf8",
      maxBuffer: 2 ** 29,
    }),
  ) as readonly A[];

/** Writes the files into a folder, and applies each network to an image. */
export const saveOfficial = (folder: string, cases: readonly OfficialCase[]): readonly Applied[] =>
  ask(
    "save",
    cases.map((one) => ({ ...one, path: join(folder, one.file) })),
  );

/** Whether the official network takes a file, and finds in it what it had saved. */
export interface Loaded {
  /** Bit for bit, and of the same kinds. */
  readonly same: boolean;
  /** Whether the names are in the same order. */
  readonly order: boolean;
}

export const loadOfficial = (
  cases: readonly (OfficialCase & { readonly exported: string })[],
): readonly Loaded[] => ask("load", cases);
