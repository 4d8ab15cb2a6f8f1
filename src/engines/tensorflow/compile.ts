/** The arguments of the one C++ compiler call that makes the addon. */
import { join } from "node:path";
import { librariesOf } from "./wheels.js";

export interface AddonPaths {
  /** Folder of the npm package with the addon's sources. */
  readonly package: string;
  /** Folder of Node's headers. */
  readonly nodeHeaders: string;
  /** Folder of the unpacked TensorFlow wheel. */
  readonly tensorflow: string;
  /** The output file. */
  readonly output: string;
}

/** Returns arguments that g++, clang++ and zig all accept. */
export const compileArguments = (
  platform: NodeJS.Platform,
  { package: folder, nodeHeaders, tensorflow, output }: AddonPaths,
): readonly string[] => {
  const libraries = join(tensorflow, "tensorflow");
  return [
    "-std=c++17",
    "-O2",
    "-fPIC",
    "-shared",
    "-DNAPI_VERSION=8",
    // On macOS a shared object's undefined symbols, here Node's, must be allowed explicitly.
    ...(platform === "darwin" ? ["-undefined", "dynamic_lookup"] : []),
    `-I${folder}`,
    `-I${join(libraries, "include")}`,
    `-I${nodeHeaders}`,
    join(folder, "binding", "tfjs_backend.cc"),
    join(folder, "binding", "tfjs_binding.cc"),
    ...librariesOf(platform).map((file) => join(libraries, file)),
    // With -Xlinker instead of -Wl: a comma in the path would end that.
    ...["-Xlinker", "-rpath", "-Xlinker", libraries],
    "-o",
    output,
  ];
};
