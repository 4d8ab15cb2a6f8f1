/** Builds the addon beside its place, tries it there, and only then moves it into place. */
import { chmod, mkdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Either } from "fp-ts/lib/Either.js";
import * as E from "fp-ts/lib/Either.js";
import { sweep, temporaryName, wheelFolder, withTemporaryFolder } from "./cache.js";
import { compileArguments } from "./compile.js";
import type { Compiler, Plan } from "./install-plan.js";
import { type Missing, missing } from "./missing.js";
import { nodeHeaders, type TfjsNode } from "./package.js";
import { type Computed, probeEngine } from "./probe.js";
import { lastWords, type Tools } from "./tools.js";

const commandOf = (compiler: Compiler, cache: string): readonly string[] =>
  compiler.kind === "command"
    ? compiler.command
    : [join(wheelFolder(cache, compiler.wheel), "ziglang", "zig"), "c++"];

const compile = async (
  { compiler, tensorflow }: Plan,
  folder: string,
  output: string,
  cache: string,
  platform: NodeJS.Platform,
  tools: Tools,
): Promise<Either<Missing, void>> => {
  const headers = nodeHeaders();
  if (headers === undefined)
    return E.left(
      missing(
        "The npm package node-api-headers, a dependency of ganc, is not installed.",
        "Install ganc's dependencies again: npm install",
      ),
    );
  const paths = {
    package: folder,
    nodeHeaders: headers,
    tensorflow: wheelFolder(cache, tensorflow),
    output,
  };
  const command = [...commandOf(compiler, cache), ...compileArguments(platform, paths)];
  // Zig keeps its compiled C++ library for the next build; a compiler's own leftovers go with the
  // folder.
  const zigCache = join(cache, "zig");
  const ran = await withTemporaryFolder(cache, (temporary) =>
    tools.run(command, {
      TMPDIR: temporary,
      ZIG_GLOBAL_CACHE_DIR: zigCache,
      ZIG_LOCAL_CACHE_DIR: zigCache,
    }),
  );
  return ran.code === 0
    ? E.right(undefined)
    : E.left(
        missing(
          `The compiler ${command[0]} failed. It said:\n${lastWords(ran, 12)}`,
          compiler.kind === "zig"
            ? "Install a C++ compiler, or name yours in the variable CXX."
            : "Try the compiler from the package registry: ganc engine install tensorflow --compiler zig",
        ),
      );
};

/**
 * Builds the addon. The left side is the fault; the addon is then as before. Rejects on errors of
 * the file system.
 */
export const build = async (
  plan: Plan,
  found: TfjsNode,
  cache: string,
  platform: NodeJS.Platform,
  tools: Tools,
): Promise<Either<Missing, Computed>> => {
  const folder = dirname(found.addon);
  await mkdir(folder, { recursive: true });
  await sweep(folder);
  const temporary = join(folder, temporaryName(".node"));
  try {
    const compiled = await compile(plan, found.folder, temporary, cache, platform, tools);
    if (E.isLeft(compiled)) return compiled;
    const computed = await probeEngine(tools.run, temporary, found.folder);
    if (E.isLeft(computed))
      return E.left(
        missing(
          `The addon was built and does not work: ${computed.left}`,
          "What was installed before is unchanged. Please report this with the output of: ganc engine",
        ),
      );
    if (tools.signal.aborted) return E.left(missing("Interrupted.", ""));
    await chmod(temporary, 0o755);
    await rename(temporary, found.addon);
    return computed;
  } finally {
    await rm(temporary, { force: true });
  }
};
