/**
 * The Python that ganc writes, of every construct and of the gallery, and the driver: ruff finds
 * nothing to lint and nothing to lay out otherwise, and mypy accepts it as strictly typed.
 */
import { spawnSync } from "node:child_process";
import { copyFileSync, cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { emitTorch } from "../../src/targets/torch/emit.js";
import { constructs } from "../support/constructs.js";
import { programOf, programOfSpec, root, specNames } from "../support/specs.js";

const python = process.env.GANC_TORCH_PYTHON ?? "python3";
const folder = mkdtempSync(join(tmpdir(), "ganc-python-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const plain = (name: string): string => name.replaceAll(/\W/g, "_");

/** Specs with a game: libraries have none. */
const specs = specNames.filter((name) => !name.startsWith("specs/std/"));

beforeAll(() => {
  for (const [name, text] of Object.entries(constructs))
    writeFileSync(join(folder, `construct_${plain(name)}.py`), emitTorch(programOf(text)));
  for (const name of specs)
    writeFileSync(join(folder, `${plain(name)}.py`), emitTorch(programOfSpec(name)));
  copyFileSync(join(root, "src/engines/torch/driver.py"), join(folder, "driver.py"));
  const library = "src/engines/torch/ganc_run";
  cpSync(join(root, library), join(folder, "ganc_run"), { recursive: true });
});

const said = (...args: readonly string[]): string => {
  const options = { cwd: folder, encoding: "utf8" } as const;
  const { status, stdout, stderr } = spawnSync(python, ["-m", ...args], options);
  return status === 0 ? "" : `${stdout}${stderr}`;
};

test("there is a module for each spec", () => {
  expect(specs.length).toBeGreaterThan(20);
});

test("ruff has nothing to say", () => {
  const rules = "E,F,I,UP,B,SIM,RUF";
  expect(said("ruff", "check", "--no-cache", "--line-length", "100", "--select", rules, ".")).toBe(
    "",
  );
  expect(said("ruff", "format", "--no-cache", "--line-length", "100", "--check", ".")).toBe("");
});

test("mypy has nothing to say", () => {
  // PyTorch's own `backward` and `split` have no types; and Python has none for a function of
  // numbers that are whole at one place and not at another.
  const options = [
    "--strict",
    "--allow-untyped-calls",
    "--no-incremental",
    "--explicit-package-bases",
  ];
  const exclude = ["--exclude", "construct_functions_handed_on"];
  expect(said("mypy", ...options, ...exclude, ".")).toBe("");
});
