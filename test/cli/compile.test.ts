/**
 * `ganc compile` and `ganc graph` as a user calls them, on the built program: what is written, and
 * what is said.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { isLeft } from "fp-ts/lib/Either.js";
import { openProgram } from "../../src/engines/onnx/runtime.js";
import { parse } from "../../src/graph/parse.js";
import { verify } from "../../src/graph/verify.js";
import { parseProgram } from "../../src/program/parse.js";
import { verifyProgram } from "../../src/program/verify/verify.js";
import { root } from "../support/specs.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ganc-compile-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const small = ["size=24", "ngf=2", "blocks=1"].flatMap((set) => ["--set", set]);

const ganc = (command: string, ...options: readonly string[]) => {
  const args = [join(root, "bin/ganc.js"), command, "specs/cyclegan.gan", ...small, ...options];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 2 ** 26,
  });
  return { status, stdout, stderr };
};

const graphOf = (text: string) => {
  const graph = parse(text);
  if (graph._tag === "Left") throw new Error(graph.left);
  return graph.right;
};

test("--emit graph writes the step as text that reads back, and says how large it is", () => {
  const { stdout } = ganc("compile", "--emit", "graph", "-o", folder);
  const graph = graphOf(readFileSync(join(folder, "cyclegan.step.graph"), "utf8"));
  expect(verify(graph)).toEqual([]);
  expect([...graph.outputs.keys()]).toContain("next/param/G.c7s1.conv.weight");
  expect(stdout).toMatch(/cyclegan\.step\.graph: \d+ nodes\n$/);
});

test("--target torch writes Python that can be imported, and is no second thing to write", () => {
  const { stdout } = ganc("compile", "--target", "torch", "-o", folder);
  const text = readFileSync(join(folder, "cyclegan.py"), "utf8");
  expect(text).toMatch(/^"""Made by ganc from specs\/cyclegan\.gan\./);
  expect(text).toContain("size = 24\n");
  expect(stdout).toMatch(/cyclegan\.py: \d+ lines, 4 networks, 2 players\n$/);
  const two = ganc("compile", "--target", "torch", "--emit", "graph");
  expect([two.status, two.stderr]).toEqual([
    2,
    "error: --target torch and --emit graph are two things to write\n",
  ]);
});

test("--emit program writes what the checker hands on, as text that reads back", () => {
  const { stdout } = ganc("compile", "--emit", "program", "-o", folder);
  const program = parseProgram(readFileSync(join(folder, "cyclegan.program"), "utf8"));
  expect(isLeft(program) ? program.left : verifyProgram(program.right)).toEqual([]);
  expect(stdout).toMatch(/cyclegan\.program: \d+ lines\n$/);
  const exact = ganc("compile", "--emit", "program", "--exact");
  expect([exact.status, exact.stderr]).toEqual([
    1,
    "error: --exact leaves out passes of the graph, and a program has none\n",
  ]);
});

test("--emit onnx writes a model that ONNX Runtime opens, into the file that was named", async () => {
  const path = join(folder, "step.onnx");
  const { stdout } = ganc("compile", "--emit", "onnx", "-o", path);
  const program = await openProgram(new Uint8Array(readFileSync(path)));
  program.dispose();
  expect(stdout).toContain("step.onnx: ");
});

test("--print-after prints the graph as that pass leaves it, and writes nothing", () => {
  const { stdout } = ganc("compile", "--emit", "graph", "--print-after", "cse", "-o", folder);
  expect([...graphOf(stdout).outputs.keys()]).toContain("metric/cycle(G, F)");
  expect(existsSync(join(folder, "cyclegan.step.graph"))).toBe(false);
});

test("a pass that does not exist is an error, with those that do; --exact leaves out what rounds", () => {
  const wrong = ganc("compile", "--print-after", "sharing");
  expect(wrong.status).toBe(1);
  expect(wrong.stderr).toMatch(/there is no pass sharing; there are objectives, cse, .*winograd/);
  const exact = ganc("compile", "--exact", "--emit", "graph", "--print-after", "winograd");
  expect(exact.stderr).toContain("there is no pass winograd");
});

test("a folder that cannot be written is an error, not a crash", () => {
  const { status, stderr } = ganc("compile", "--emit", "graph", "-o", "/dev/null/nowhere");
  expect(status).toBe(1);
  expect(stderr).toMatch(/^error: cannot write \/dev\/null\/nowhere/);
});

test("options that do not go together are errors that say so", () => {
  const exact = ganc("compile", "--exact", "-o", folder);
  expect(exact.status).toBe(1);
  expect(exact.stderr).toMatch(/^error: --exact .* --emit graph/);
  const path = join(folder, "step.graph");
  const other = ganc("compile", "--emit", "onnx", "-o", path);
  expect(other.status).toBe(1);
  expect(other.stderr).toContain("ends in .graph, but the output is .onnx");
  const neither = ganc("compile", "--out", join(folder, "x.html"));
  expect(neither.stderr).toContain("takes a folder, or a file that ends in .ts");
  expect(existsSync(path)).toBe(false);
});

test("ganc graph draws the game, and names what it could draw instead", () => {
  const path = join(folder, "game.svg");
  expect(ganc("graph", "-o", path).status).toBe(0);
  expect(readFileSync(path, "utf8")).toMatch(/^<svg|^<\?xml/);
  const wrong = ganc("graph", "--program", "H", "-o", path);
  expect(wrong.status).toBe(1);
  expect(wrong.stderr).toContain("D_X");
});

test("-o - writes what is one file to standard output, and says elsewhere what it wrote", async () => {
  const typescript = ganc("compile", "-o", "-");
  ganc("compile", "-o", folder);
  expect(typescript.stdout).toBe(readFileSync(join(folder, "cyclegan.ts"), "utf8"));
  expect(typescript.stderr).toMatch(/^standard output: \d+ lines, 4 networks, 2 players\n$/);
  expect(graphOf(ganc("compile", "--emit", "graph", "-o", "-").stdout).name).toBe("cyclegan.step");
  expect(ganc("graph", "-o", "-").stdout).toMatch(/^<svg .*<\/svg>\n?$/s);
  const model = spawnSync(
    process.execPath,
    [
      join(root, "bin/ganc.js"),
      "compile",
      "specs/cyclegan.gan",
      ...small,
      "--emit",
      "onnx",
      "-o",
      "-",
    ],
    { cwd: root, maxBuffer: 2 ** 26 },
  );
  (await openProgram(new Uint8Array(model.stdout))).dispose();
  expect(existsSync(join(root, "-"))).toBe(false);
});

test("-o - is refused where files are several, and by commands that write folders", () => {
  const phases = spawnSync(
    process.execPath,
    [
      join(root, "bin/ganc.js"),
      "compile",
      "specs/gallery/wgan-gp.gan",
      "--emit",
      "graph",
      "-o",
      "-",
    ],
    { cwd: root, encoding: "utf8" },
  );
  expect([phases.status, phases.stdout, phases.stderr]).toEqual([
    1,
    "",
    "error: this game has 2 phases, one file each: -o takes a folder\n",
  ]);
  for (const args of [
    ["init", "-"],
    ["run", "specs/cyclegan.gan", "--data", "X=a", "--out", "-"],
    ["translate", "a", "b.png", "--out", "-"],
  ]) {
    const { status, stderr } = spawnSync(process.execPath, [join(root, "bin/ganc.js"), ...args], {
      cwd: folder,
      encoding: "utf8",
    });
    expect([args, status, stderr]).toEqual([args, 2, expect.stringContaining("name a folder")]);
  }
  expect(existsSync(join(folder, "-"))).toBe(false);
});
