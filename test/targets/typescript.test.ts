/**
 * What the compiler writes: the same every time, strictly typed, formatted, and importing two
 * packages only.
 */
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "@jest/globals";
import { constructs } from "../support/constructs.js";
import { emptyFolder, writeStrictConfig } from "../support/generated.js";
import { expectFile } from "../support/golden.js";
import { compileSpec, compileText, root, specNames } from "../support/specs.js";

const folder = emptyFolder("typescript");
const plain = mkdtempSync(join(tmpdir(), "ganc-format-"));

afterAll(() => {
  for (const path of [folder, plain]) rmSync(path, { recursive: true, force: true });
});

const run = (script: string, args: readonly string[], cwd: string): string => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(root, "node_modules", script), ...args],
    { cwd, encoding: "utf8" },
  );
  return status === 0 ? "" : `exit ${status}\n${stdout}${stderr}`;
};

/** The gallery's specs, as `gallery-cgan`. */
const gallery: ReadonlyMap<string, string> = new Map(
  specNames.flatMap((spec) => {
    const name = /^specs\/gallery\/(.+)\.gan$/.exec(spec)?.[1];
    return name === undefined ? [] : [[`gallery-${name}`, spec]];
  }),
);

const compileAll = async (): Promise<ReadonlyMap<string, string>> => {
  const texts = new Map<string, string>();
  for (const [name, text] of Object.entries(constructs)) texts.set(name, await compileText(text));
  for (const name of ["cyclegan", "cyclegan-lsgan", "emoji"])
    texts.set(name, await compileSpec(`specs/${name}.gan`));
  for (const [name, spec] of gallery) texts.set(name, await compileSpec(spec));
  return texts;
};

let compiled: Promise<ReadonlyMap<string, string>> | undefined;
const all = (): Promise<ReadonlyMap<string, string>> => {
  compiled ??= compileAll();
  return compiled;
};

for (const name of ["cyclegan", "cyclegan-lsgan", "emoji"]) {
  test(`generated/${name}.ts is what the compiler makes of specs/${name}.gan`, async () => {
    const text = await compileSpec(`specs/${name}.gan`);
    expectFile(join(root, `generated/${name}.ts`), text);
    expect(await compileSpec(`specs/${name}.gan`)).toBe(text);
  });
}

test("under strict, and with every other check that tsc knows, nothing is wrong", async () => {
  for (const [name, text] of await all()) writeFileSync(join(folder, `${name}.ts`), text);
  writeStrictConfig(folder);
  expect(run("typescript/bin/tsc", ["-p", "."], folder)).toBe("");
});

/** The oldest TypeScript that users may have, and the last 5; the newest is the project's own. */
const compilers = ["typescript-5.4", "typescript-5.9"];

test.each(compilers)(
  "%s finds nothing wrong in a user's project either",
  async (compiler) => {
    for (const [name, text] of await all()) writeFileSync(join(folder, `${name}.ts`), text);
    const compilerOptions = {
      target: "es2022",
      module: "esnext",
      moduleResolution: "bundler",
      strict: true,
      noUncheckedIndexedAccess: true,
      // tfjs's own declarations do not pass
      skipLibCheck: true,
      noEmit: true,
      types: ["node"],
      paths: { "ganc/runtime": ["../../../dist/src/runtime/index.d.ts"] },
    };
    const config = { compilerOptions, include: ["*.ts"] };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
    expect(run(`${compiler}/bin/tsc`, ["-p", "."], folder)).toBe("");
  },
  120_000,
);

test("the linter finds nothing, and in what the published specs give the formatter neither", async () => {
  for (const [name, text] of await all()) writeFileSync(join(plain, `${name}.ts`), text);
  copyFileSync(join(root, "biome.json"), join(plain, "biome.json"));
  const biome = (...args: readonly string[]): string =>
    run("@biomejs/biome/bin/biome", [...args, "--error-on-warnings"], plain);
  expect(biome("check", "--formatter-enabled=false", ".")).toBe("");
  expect(biome("check", "cyclegan.ts", "cyclegan-lsgan.ts", "emoji.ts")).toBe("");
});

test("only tfjs and the runtime are imported", async () => {
  for (const [name, text] of await all()) {
    const imported = [...text.matchAll(/^import[^;]*from "([^"]+)";$/gms)].map((match) => match[1]);
    expect([name, ...imported]).toEqual([name, "@tensorflow/tfjs", "ganc/runtime"]);
    expect(text).not.toMatch(/import\(|require\(/);
  }
});
