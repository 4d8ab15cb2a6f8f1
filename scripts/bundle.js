/**
 * Bundles, into dist/, the two files that re-export large packages: Node takes longer to find and read those packages'
 * modules than ganc takes to compile a spec.
 */
import { build } from "esbuild";

/** What CommonJS code expects to find around it. */
const commonJs = [
  'import { createRequire } from "node:module";',
  'import { fileURLToPath } from "node:url";',
  "const require = createRequire(import.meta.url);",
  "const __filename = fileURLToPath(import.meta.url);",
  'const __dirname = fileURLToPath(new URL(".", import.meta.url));',
].join("\n");

const options = {
  bundle: true,
  minify: true,
  legalComments: "eof",
  platform: "node",
  target: "node20",
  format: "esm",
  outdir: "dist",
  outbase: ".",
  allowOverwrite: true,
  logLevel: "error",
};

await build({ ...options, entryPoints: ["grammar/chevrotain.ts"] });
await build({
  ...options,
  entryPoints: ["src/targets/tfjs/ts-morph.ts"],
  banner: { js: commonJs },
});
