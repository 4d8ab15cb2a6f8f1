/**
 * Bundles, into dist/, the two files that re-export large packages: Node takes longer to find, read
 * and compile those packages than ganc takes to compile a spec. And the scripts of pages, for
 * browsers.
 */
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import Module, { createRequire } from "node:module";
import { dirname, join, relative, resolve } from "node:path";
import { Script } from "node:vm";
import { build } from "esbuild";

const options = {
  bundle: true,
  minify: true,
  legalComments: "eof",
  platform: "node",
  target: "node20",
  logLevel: "error",
};

await build({
  ...options,
  entryPoints: ["grammar/chevrotain.ts"],
  format: "esm",
  outfile: "dist/grammar/chevrotain.js",
  allowOverwrite: true,
});

/**
 * What stands in dist/ for the re-export of ts-morph: the bundle, run from V8's own cache of its
 * code.
 */
const loader = (
  names,
) => `/** Made by scripts/bundle.js. Another Node than the one that built this compiles the bundle anew. */
import { readFileSync } from "node:fs";
import Module, { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { Script } from "node:vm";

const path = (name) => fileURLToPath(new URL(name, import.meta.url));
const filename = path("./ts-morph.cjs");
const cached = () => {
  try {
    return readFileSync(path("./ts-morph.cache"));
  } catch {
    return undefined;
  }
};
const script = new Script(Module.wrap(readFileSync(filename, "utf8")), { filename, cachedData: cached() });
const module = { exports: {} };
script.runInThisContext()(module.exports, createRequire(import.meta.url), module, filename, path("."));
export const { ${names.join(", ")} } = module.exports;
`;

const folder = "dist/src/targets/tfjs";
const bundle = resolve(folder, "ts-morph.cjs");
rmSync(bundle, { force: true });
await build({
  ...options,
  entryPoints: ["src/targets/tfjs/ts-morph.ts"],
  format: "cjs",
  outfile: bundle,
});

// The cache is made after a run, so that it holds the functions that loading calls.
const script = new Script(Module.wrap(readFileSync(bundle, "utf8")), { filename: bundle });
const module = { exports: {} };
script.runInThisContext()(module.exports, createRequire(bundle), module, bundle, dirname(bundle));
writeFileSync(resolve(folder, "ts-morph.cache"), script.createCachedData());
writeFileSync(resolve(folder, "ts-morph.js"), loader(Object.keys(module.exports)));

// Pages hold their scripts: one file each, with what they need of packages.
const page = {
  bundle: true,
  minify: true,
  legalComments: "eof",
  platform: "browser",
  target: "es2022",
  charset: "ascii",
  loader: { ".css": "text" },
  logLevel: "error",
};
const scripts = [
  ["src/report/page/browser/main", "iife"],
  ["src/report/translator/browser/served", "iife"],
  // With ONNX Runtime, which asks where it lies, as modules alone can.
  ["src/report/translator/browser/alone", "esm"],
];
for (const [name, format] of scripts)
  await build({ ...page, format, entryPoints: [`${name}.ts`], outfile: `dist/${name}.js` });

// What projects written by `ganc compile --project` hold: the runtime, training, and the worker
// that decodes images. The first two share what both need, as chunks; packages come from the
// registry, in the versions of now.
const vendored = "dist/src/project/vendored";
rmSync(vendored, { recursive: true, force: true });
const { metafile } = await build({
  bundle: true,
  platform: "node",
  target: "node20",
  format: "esm",
  splitting: true,
  packages: "external",
  entryPoints: {
    "runtime/index": "src/runtime/index.ts",
    "project/training": "src/project/training.ts",
    "project/load-worker": "src/data/batches/load-worker.ts",
  },
  chunkNames: "shared/[hash]",
  outdir: vendored,
  metafile: true,
  logLevel: "error",
});

/** A file of types, and those that it imports, to the end. */
const typesFrom = (file, found = new Set()) => {
  if (found.has(file)) return found;
  found.add(file);
  for (const [, path] of readFileSync(file, "utf8").matchAll(/from "(\.[^"]+)\.js"/g))
    typesFrom(join(dirname(file), `${path}.d.ts`), found);
  return found;
};
const types = new Set(
  ["runtime/index", "project/training"].flatMap((name) => [...typesFrom(`dist/src/${name}.d.ts`)]),
);
for (const file of types) {
  const to = join(vendored, relative("dist/src", file));
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(file, to);
}

const imported = Object.values(metafile.outputs)
  .flatMap(({ imports }) => imports.filter(({ external }) => external))
  .map(({ path }) => path)
  .filter((path) => !path.startsWith("node:"))
  .map((path) =>
    path
      .split("/")
      .slice(0, path.startsWith("@") ? 2 : 1)
      .join("/"),
  );
const versionOf = (name) => JSON.parse(readFileSync(`node_modules/${name}/package.json`)).version;
const of = (names) =>
  Object.fromEntries([...new Set(names)].sort().map((name) => [name, versionOf(name)]));
const versions = {
  library: of(imported.filter((name) => !name.startsWith("@tensorflow/"))),
  project: of(["@tensorflow/tfjs"]),
  development: { ...of(["@types/node"]), typescript: versionOf("typescript-5.9") },
};
writeFileSync(`${vendored}/versions.json`, `${JSON.stringify(versions, null, 2)}\n`);

// What the engine of PyTorch runs is Python already, and so is what projects for PyTorch hold.
const python = (name) => name.endsWith(".py");
for (const folder of ["engines/torch", "engines/torch/ganc_run", "project/torch/ganc_run"]) {
  mkdirSync(`dist/src/${folder}`, { recursive: true });
  for (const name of readdirSync(`src/${folder}`).filter(python))
    copyFileSync(`src/${folder}/${name}`, `dist/src/${folder}/${name}`);
}
