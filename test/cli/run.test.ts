import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { Command, CommanderError } from "commander";
import { registerTranslate } from "../../src/cli/commands/networks/translate.js";
import { registerEvaluate } from "../../src/cli/commands/runs/evaluate.js";
import { registerRun } from "../../src/cli/commands/runs/run.js";
import type { Terminal } from "../../src/cli/terminal/terminal.js";
import { encodePng } from "../../src/data/images/image.js";
import { decode, encode } from "../../src/training/files/safetensors.js";
import { compileFolders, ended, start } from "../support/child.js";
import { removeTemporary, temporary } from "../training/support.js";
import { fakeCompiler } from "./fake-compiler.js";

let images = "";

beforeAll(async () => {
  images = join(temporary(), "images");
  for (const [n, folder] of ["trainA", "trainB"].entries()) {
    mkdirSync(join(images, folder), { recursive: true });
    for (let i = 0; i < 4; i++) {
      const data = Uint8Array.from({ length: 12 }, (_, k) => (91 * k + 53 * i + 120 * n) % 256);
      const png = await encodePng({ width: 2, height: 2, channels: 3, data });
      writeFileSync(join(images, folder, `${i}.png`), png);
    }
  }
});

afterAll(removeTemporary);

interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A whole command line over the fake program, without a terminal. */
const ganc = async (args: readonly string[], compiler = fakeCompiler()): Promise<Said> => {
  let [out, err] = ["", ""];
  const terminal: Terminal = {
    out: { write: (text) => (out += text) },
    err: { write: (text) => (err += text) },
    env: {},
  };
  const program = new Command("ganc");
  for (const register of [registerRun, registerTranslate, registerEvaluate])
    register(program, compiler, terminal);
  for (const command of [program, ...program.commands])
    command.exitOverride().configureOutput({ writeErr: (text) => (err += text) });
  const before = process.exitCode;
  try {
    await program.parseAsync([...args], { from: "user" });
    return { code: Number(process.exitCode ?? 0), out, err };
  } catch (thrown) {
    if (thrown instanceof CommanderError) return { code: 2, out, err };
    throw thrown;
  } finally {
    process.exitCode = before;
  }
};

const run = (...args: readonly string[]) => ganc(["run", "fake.gan", "--data", images, ...args]);

/** Fingerprint of a checkpoint's tensors, without what names the run. */
const tensorsOf = (folder: string, step: number): string => {
  const name = `step-${String(step).padStart(8, "0")}.safetensors`;
  const file = decode(readFileSync(join(folder, "checkpoints", name)));
  if (file._tag === "Left") throw new Error(file.left.reason);
  const hash = createHash("sha256");
  for (const piece of encode(file.right.tensors)) hash.update(piece);
  return hash.digest("hex");
};

test("a run that was cut short goes on, from its folder alone, to what a straight run reaches", async () => {
  const base = temporary();
  const [whole, parts] = [join(base, "whole"), join(base, "parts")];
  const straight = await run("--out", whole, "--sample-every", "1 epoch");
  expect(straight).toMatchObject({ code: 0, out: expect.stringContaining("end of the schedule") });
  expect(straight.out).toContain("16 steps, 4 whole epochs");

  const first = await run("--out", parts, "--steps", "7");
  expect(first.code).toBe(0);
  expect(first.err).toContain(
    "stops at step 7 of 16, before the schedule ends: the rate will not have decayed",
  );
  const late = await run("--out", join(base, "late"), "--steps", "15");
  expect(late.err).toContain("stops at step 15 of 16, before the schedule ends.");
  expect(first.out).toContain(`Go on with:  ganc run ${parts} --resume`);
  const second = await ganc(["run", parts, "--resume"]);
  expect(second.code).toBe(0);
  expect(tensorsOf(parts, 16)).toBe(tensorsOf(whole, 16));
  expect(readdirSync(join(whole, "samples"))).toEqual([
    "epoch-0001-step-00000004.png",
    "epoch-0002-step-00000008.png",
    "epoch-0003-step-00000012.png",
    "epoch-0004-step-00000016.png",
  ]);
  expect(readFileSync(join(parts, "metrics.jsonl"), "utf8").trimEnd().split("\n")).toHaveLength(16);
});

test("short epochs are sampled and saved once in a while, unless they are asked for", async () => {
  const out = join(temporary(), "run");
  await run("--out", out);
  expect(readdirSync(join(out, "samples"))).toEqual(["epoch-0004-step-00000016.png"]);
  const none = join(temporary(), "run");
  await run("--out", none, "--sample-every", "never");
  expect(readdirSync(join(none, "samples"))).toEqual([]);
});

test("a checkpoint that is not there is named, with those that are", async () => {
  const out = join(temporary(), "run");
  await run("--out", out, "--checkpoint-every", "4 steps");
  const said = await ganc(["translate", out, join(images, "trainA"), "--checkpoint", "5"]);
  expect(said.code).toBe(1);
  expect(said.err).toContain("no checkpoint of step 5. There are those of 16, 12, 8.");
  expect(said.err).not.toContain("no whole checkpoint");
});

test("another seed is another run", async () => {
  const base = temporary();
  for (const seed of ["0", "1"]) await run("--out", join(base, seed), "--seed", seed);
  expect(tensorsOf(join(base, "0"), 16)).not.toBe(tensorsOf(join(base, "1"), 16));
});

test("nothing is made before spec, images and space are sound", async () => {
  const out = join(temporary(), "run");
  const missing = await ganc(["run", "fake.gan", "--data", join(images, "no"), "--out", out]);
  expect(missing).toMatchObject({ code: 1, err: expect.stringContaining("no such folder") });
  const spec = await ganc(["run", "other.gan", "--data", images, "--out", out]);
  expect(spec).toMatchObject({ code: 1, err: "other.gan: no such file\n" });
  expect(existsSync(out)).toBe(false);
});

test.each<readonly [string, readonly string[], RegExp]>([
  ["no images named", [], /Say where the images are/],
  ["two folders without names", ["--data", "a", "b"], /X=FOLDER Y=FOLDER/],
  ["a fraction of a seed", ["--data", "a", "--seed", "0.5"], /Not a whole number/],
  ["no time at all", ["--data", "a", "--minutes", "0"], /Not above 0/],
  ["an interval of nothing", ["--data", "a", "--sample-every", "often"], /is not an interval/],
  ["a setting without a value", ["--data", "a", "--set", "size"], /name=value/],
  ["an engine that is none", ["--data", "a", "--engine", "steam"], /Allowed choices/],
  ["nothing to resume", ["--resume"], /There is no run of fake.gan/],
])("wrong usage: %s", async (_, args, message) => {
  const said = await ganc(["run", "fake.gan", ...args]);
  expect(said).toMatchObject({ code: 2, err: expect.stringMatching(message) });
});

test("a run keeps its spec, its params and its seed", async () => {
  const out = join(temporary(), "run");
  await run("--out", out, "--steps", "2");
  const resume = (...args: readonly string[]) =>
    ganc(["run", "fake.gan", "--resume", "--out", out, ...args]);
  expect(await resume("--seed", "5")).toMatchObject({ code: 2, err: /began with seed 0/ });
  const changed = await resume("--set", "lambda=11");
  expect(changed).toMatchObject({ code: 2, err: expect.stringContaining("has changed since") });
  expect(await resume("--set", "lambda=10", "--steps", "3")).toMatchObject({ code: 0 });
  const steps = () => readFileSync(join(out, "metrics.jsonl"), "utf8").trimEnd().split("\n").length;
  const byFolder = (...args: readonly string[]) =>
    ganc(["run", out, "--resume", "--steps", "4", ...args]);
  for (const [args, message] of [
    [["--set", "lambda=11"], "lambda has changed since"],
    [["--set", "lambda=10", "--set", "nonsense=8"], "`nonsense=8` names no param of"],
    [["--set", "constructor=8"], "`constructor=8` names no param of"],
    [["--out", "elsewhere"], "leave out --out"],
    [["--seed", "5"], "began with seed 0"],
  ] as const)
    expect(await byFolder(...args)).toMatchObject({
      code: 2,
      err: expect.stringContaining(message),
    });
  expect(steps()).toBe(3);
  expect(await byFolder("--set", "lambda=1e1", "--out", `${out}/.`)).toMatchObject({ code: 0 });
  expect(steps()).toBe(4);
  const behind = await ganc(["run", out, "--resume", "--steps", "2"]);
  expect(behind).toMatchObject({
    code: 0,
    err: expect.stringContaining("nothing is left to do: 4"),
  });
  expect(behind.err).not.toContain("stops at step 2");
  const again = await run("--out", out);
  expect(again).toMatchObject({ code: 2, err: expect.stringContaining("is not empty") });
});

test("what was meant is said: a run's folder without --resume, images that moved, a folder with =", async () => {
  const base = temporary();
  const out = join(base, "run");
  const moved = join(base, "moved");
  mkdirSync(moved);
  for (const name of ["trainA", "trainB"])
    cpSync(join(images, name), join(moved, name), { recursive: true });
  await ganc(["run", "fake.gan", "--data", moved, "--out", out, "--steps", "2"]);
  expect(await ganc(["run", out, "--steps", "4"])).toMatchObject({
    code: 2,
    err: expect.stringContaining(`${out} is the folder of a run: add --resume`),
  });
  renameSync(moved, join(base, "elsewhere"));
  expect(await ganc(["run", out, "--resume"])).toMatchObject({
    code: 1,
    err: expect.stringContaining("name the images' new place with --data"),
  });
  const here = ["run", out, "--resume", "--data", join(base, "elsewhere"), "--steps", "3"];
  expect(await ganc(here)).toMatchObject({ code: 0 });
});

test("a broken image is named, skipped, and ends nothing", async () => {
  const folder = temporary();
  const out = join(temporary(), "run");
  mkdirSync(join(folder, "X"));
  writeFileSync(join(folder, "X", "whole.png"), readFileSync(join(images, "trainA", "0.png")));
  writeFileSync(join(folder, "X", "broken.png"), "not an image");
  const said = await ganc([
    ...["run", "fake.gan", "--data", `X=${join(folder, "X")}`, `Y=${join(images, "trainB")}`],
    ...["--out", out],
  ]);
  expect(said.code).toBe(0);
  expect(said.err.match(/skipped.*broken\.png/g)).toHaveLength(1);
});

test("a loss that is no number ends with exit code 1 and without a stack trace", async () => {
  const out = join(temporary(), "run");
  const compiler = fakeCompiler({ report: (step, m) => (step === 3 ? { ...m, gan: NaN } : m) });
  const said = await ganc(["run", "fake.gan", "--data", images, "--out", out], compiler);
  expect(said.code).toBe(1);
  expect(said.err).toContain("error: gan became NaN at step 3 (epoch 1).");
  expect(said.err).not.toMatch(/\n\s+at /);
  expect(existsSync(join(out, "lock"))).toBe(false);
});

test("translate needs nothing but the run's folder, and goes past what it cannot read", async () => {
  const [out, inputs] = [join(temporary(), "run"), temporary()];
  await run("--out", out);
  const one = readFileSync(join(images, "trainA", "0.png"));
  writeFileSync(join(inputs, "one.png"), one);
  writeFileSync(join(inputs, "torn.jpg"), one.subarray(0, 40));
  const said = await ganc(["translate", out, inputs, join(images, "trainB", "1.png"), "gone.png"]);
  expect(said.code).toBe(1);
  expect(said.err).toContain("note: translating with G : X -> Y; --net or --to chooses.");
  expect(said.err).toMatch(/error: .*torn\.jpg: /);
  expect(said.err).toContain("error: gone.png: there is no such file or folder");
  expect(said.err).toContain("2 of 4 could not be translated.");
  expect(readdirSync(join(out, "translated", "G")).sort()).toEqual(["1.png", "one.png"]);
});

test("translate never writes over an input", async () => {
  const [out, inputs] = [join(temporary(), "run"), temporary()];
  await run("--out", out, "--steps", "1");
  const path = join(inputs, "one.png");
  const one = readFileSync(join(images, "trainA", "0.png"));
  writeFileSync(path, one);
  const translate = ["translate", out, path, "--net", "F", "--out", join(inputs, ".")];
  expect(await ganc(translate)).toMatchObject({ code: 0 });
  expect(readdirSync(inputs)).toEqual(["one-2.png", "one.png"]);
  const said = await ganc([...translate, "--overwrite"]);
  expect(said).toMatchObject({ code: 1, err: expect.stringContaining("would overwrite") });
  expect(readFileSync(path).equals(one)).toBe(true);
});

test("translate chooses a network by name or by where it leads, and a checkpoint by its step", async () => {
  const out = join(temporary(), "run");
  await run("--out", out, "--steps", "4", "--checkpoint-every", "2 steps");
  const image = join(images, "trainA", "0.png");
  const translate = (...args: readonly string[]) => ganc(["translate", out, image, ...args]);
  expect(await translate("--to", "X")).toMatchObject({ code: 0, err: /^F : Y -> X, after 4/ });
  expect(await translate("--net", "G", "--checkpoint", "2")).toMatchObject({
    code: 0,
    err: /^G : X -> Y, after 2 steps/,
  });
  expect(await translate("--net", "D")).toMatchObject({ code: 2, err: /G : X -> Y/ });
  expect(await translate("--checkpoint", "3")).toMatchObject({ code: 1, err: /there are: 4, 2/ });
  expect(await translate("--checkpoint", "newest")).toMatchObject({ code: 2 });
  expect(await translate("--checkpoint", "best")).toMatchObject({ code: 1, err: /was measured/ });
});

test("of images without partners it is measured what comes back, and said why no more", async () => {
  const out = join(temporary(), "run");
  await run("--out", out, "--steps", "1");
  const said = await ganc(["evaluate", out]);
  expect(said).toMatchObject({ code: 0, err: expect.stringContaining("training images") });
  const value = String.raw`lower +\d+ +0\.\d{4} {2}0\.\d{4} 0\.\d{4}`;
  for (const what of ["cycle error F(G(x)) to x", "identity error G(y) to y"])
    expect(said.out).toContain(`  ${what}\n`);
  expect(said.out).toMatch(new RegExp(`^  cycle error G\\(F\\(y\\)\\) to y\n +${value}$`, "m"));
});

test("Ctrl-C saves and says how to go on; pressed twice it leaves at once", async () => {
  const [code, base] = [temporary(), temporary()];
  compileFolders(["grammar", "src", "test/training", "test/cli"], code);
  const press = (steps: string, ...args: readonly string[]) =>
    ended(start(code, "test/cli/run-child.ts", [steps, "run", ...args]));
  const out = join(base, "interrupted");
  const first = await press("5", "fake.gan", "--data", images, "--out", out);
  expect(first.code).toBe(130);
  expect(first.output).toContain("Interrupted, and saved: 6 steps");
  expect(first.output).toMatch(new RegExp(`Go on with:  (npx )?ganc run ${out} --resume`));
  const second = await press("", out, "--resume");
  expect(second.code).toBe(0);
  await run("--out", join(base, "straight"));
  expect(tensorsOf(out, 16)).toBe(tensorsOf(join(base, "straight"), 16));

  const twice = join(base, "twice");
  const third = await press("-5", "fake.gan", "--data", images, "--out", twice);
  expect(third.code).toBe(130);
  expect(third.output).not.toContain("saved");
  expect((await press("", twice, "--resume")).code).toBe(0);
});
