/** Finds the npm package with the addon: its place, and whether it shares tfjs with ganc. */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

export interface TfjsNode {
  readonly name: string;
  readonly folder: string;
  /** Path at which the package looks for its addon. */
  readonly addon: string;
  /** Whether it uses the same copy of tfjs as ganc and generated code. */
  readonly sharesTfjs: boolean;
}

/** Packages in order of preference. Both contain the same sources of the addon. */
export const PACKAGES = ["@tensorflow/tfjs-node-gpu", "@tensorflow/tfjs-node"] as const;

/** The version that ganc is built against. */
export const PACKAGE_VERSION = "4.22.0";

const resolve = (from: NodeJS.Require, id: string): string | undefined => {
  try {
    return from.resolve(id);
  } catch {
    return undefined;
  }
};

const describe = (here: NodeJS.Require, name: string): TfjsNode | undefined => {
  const manifest = resolve(here, `${name}/package.json`);
  if (manifest === undefined) return undefined;
  const folder = dirname(manifest);
  const theirs = resolve(createRequire(manifest), "@tensorflow/tfjs");
  return {
    name,
    folder,
    addon: join(folder, "lib", "napi-v8", "tfjs_binding.node"),
    sharesTfjs: theirs !== undefined && theirs === resolve(here, "@tensorflow/tfjs"),
  };
};

/** Finds the installed package, preferably one that has an addon. */
export const findPackage = (from: string = import.meta.url): TfjsNode | undefined => {
  const here = createRequire(from);
  const found = PACKAGES.flatMap((name) => describe(here, name) ?? []);
  return found.find(({ addon }) => existsSync(addon)) ?? found[0];
};

/** Returns the folder of Node-API's headers. */
export const nodeHeaders = (from: string = import.meta.url): string | undefined => {
  const manifest = resolve(createRequire(from), "node-api-headers/package.json");
  return manifest === undefined ? undefined : join(dirname(manifest), "include");
};
