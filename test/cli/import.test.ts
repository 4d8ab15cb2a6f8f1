/** `ganc import` by the built program: what it makes of files, what it says, what it refuses. */
import { spawn } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { isLeft } from "fp-ts/lib/Either.js";
import { encodePng } from "../../src/data/images/image.js";
import { readPth } from "../../src/weights/pth.js";
import { noise } from "../data/pictures.js";
import { ganc } from "../support/ganc.js";
import { bytesOfState, patch, resnet, stateOf, unet, writeOfficial } from "../support/official.js";
import { root } from "../support/specs.js";
import { archive, op, pickle } from "../weights/pickles.js";

const folder = mkdtempSync(join(tmpdir(), "ganc-import-"));
const at = (...names: readonly string[]): string => join(folder, ...names);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeAll(async () => {
  mkdirSync(at("horse2zebra"));
  mkdirSync(at("images/trainA"), { recursive: true });
  mkdirSync(at("images/trainB"));
  for (const [i, part] of ["G_A", "G_B", "D_A", "D_B"].entries())
    writeOfficial(
      at("horse2zebra", `latest_net_${part}.pth`),
      part.startsWith("G") ? resnet : patch,
      i,
    );
  writeOfficial(at("horse2zebra", "5_net_G_A.pth"), resnet, 9);
  writeOfficial(at("one.pth"), resnet);
  writeOfficial(at("judge.pth"), patch);
  writeOfficial(at("unet.pth"), unet);
  for (let i = 0; i < 3; i++)
    for (const name of ["trainA", "trainB"])
      writeFileSync(at("images", name, `${i}.png`), await encodePng(noise(32, 32, i)));
});

const imported = (args: readonly string[]) =>
  ganc(["import", "--from", "pytorch-cyclegan", ...args], { cwd: folder });

test("a folder of the official code: what goes where, a spec, a run that translates and trains", () => {
  const { status, stdout, stderr } = imported(["horse2zebra", "--set", "size=32"]);
  expect([status, stderr]).toEqual([0, ""]);
  expect(stdout).toContain(
    "G_A : A -> B   horse2zebra/latest_net_G_A.pth (resnet_2blocks, ngf 4, instance norm;",
  );
  expect(stdout).toContain(
    "D_A : B -> Scores   horse2zebra/latest_net_D_A.pth (PatchGAN of 3 layers",
  );
  expect(stdout).toContain("ganc translate runs/horse2zebra IMAGE… --net G_A");
  const spec = readFileSync(at("runs/horse2zebra/horse2zebra.gan"), "utf8");
  expect(spec).toContain("param blocks : Int  = 2");
  expect(ganc(["check", at("runs/horse2zebra/horse2zebra.gan")]).status).toBe(0);
  expect(ganc(["fmt", "--check", at("runs/horse2zebra/horse2zebra.gan")]).status).toBe(0);

  const translated = ganc(
    ["translate", "runs/horse2zebra", "images/trainA/0.png", "--net", "G_A", "--engine", "onnx"],
    { cwd: folder },
  );
  expect(translated.status).toBe(0);
  expect(readdirSync(at("runs/horse2zebra/translated/G_A"))).toEqual(["0.png"]);

  const listed = ganc(["runs", "runs"], { cwd: folder }).stdout;
  expect(listed).toMatch(/runs\/horse2zebra +horse2zebra +imported/);
  expect(listed).toContain("translate runs/horse2zebra IMAGE");
  const without = ganc(["run", "runs/horse2zebra", "--resume"], { cwd: folder });
  expect(without.status).toBe(2);
  expect(without.stderr).toContain("knows no images yet. Name them: --data FOLDER");
  const args = ["run", "runs/horse2zebra", "--resume", "--engine", "onnx", "--no-report"];
  const begun = ganc([...args, "--steps", "1", "--data", "images"], { cwd: folder });
  expect([begun.status, begun.stderr.includes("not those that the run began with")]).toEqual([
    0,
    false,
  ]);
  // From now on it knows its images.
  const again = ganc([...args, "--steps", "2"], { cwd: folder });
  expect([again.status, again.status === 0 ? "" : again.stderr]).toEqual([0, ""]);
  expect(ganc(["runs", "runs"], { cwd: folder }).status).toBe(0);
  expect(ganc(["report", "runs/horse2zebra"], { cwd: folder }).status).toBe(0);
});

test("one file: the networks that are in no file are told", () => {
  const { status, stdout } = imported(["one.pth"]);
  expect(status).toBe(0);
  expect(stdout).toContain("G : A -> B   one.pth (resnet_2blocks");
  expect(stdout).toContain("D : B -> Scores   begins anew: it is in no file");
  // Numbers are kept, another name is given.
  expect(imported(["one.pth"]).stdout).toContain("runs/one-2");
});

test("a spec of one's own: by the parts of its networks, or by their names", () => {
  const spec = join(root, "specs/cyclegan.gan");
  const small = ["--set", "ngf=4", "--set", "ndf=4", "--set", "blocks=2", "--set", "size=32"];
  const all = imported(["horse2zebra", "--spec", spec, ...small, "--out", "own"]);
  expect([all.status, all.stderr]).toEqual([0, ""]);
  for (const line of [
    "G : X -> Y   horse2zebra/latest_net_G_A.pth",
    "F : Y -> X   horse2zebra/latest_net_G_B.pth",
    "D_Y : Y -> Scores   horse2zebra/latest_net_D_A.pth",
    "D_X : X -> Scores   horse2zebra/latest_net_D_B.pth",
  ])
    expect(all.stdout).toContain(line);
  const one = imported(["F=one.pth", "--spec", spec, ...small, "--out", "own-2"]);
  expect(one.stdout).toContain("F : Y -> X   one.pth");
  expect(one.stdout).toContain("G : X -> Y   begins anew");
});

test("a network inside of another is given with it", () => {
  const spec = join(root, "specs/gallery/cut.gan");
  const small = ["--set", "ngf=4", "--set", "size=32", "--set", "places=16"];
  writeOfficial(at("nine.pth"), { ...resnet, blocks: 9 });
  const { stdout, stderr } = imported(["G=nine.pth", "--spec", spec, ...small, "--out", "parts"]);
  expect(stderr).toBe("");
  expect(stdout).toContain("Early : X -> H1   as a part of G");
  expect(stdout).toContain("M1 : P1 -> Scores   begins anew");
});

test("a file that does not fit: which tensor, which shapes, which params would make it fit", () => {
  const spec = join(root, "specs/cyclegan.gan");
  const { status, stderr } = imported(["one.pth", "--spec", spec, "--out", "never"]);
  expect(status).toBe(1);
  expect(stderr).toContain(
    "one.pth has model.1.weight as [4, 3, 7, 7], and c7s1.conv of G takes [64, 3, 7, 7].",
  );
  expect(stderr).toContain("The file is of resnet_2blocks, ngf 4, instance norm.");
  expect(stderr).toContain("It would fit with --set ngf=4 --set blocks=2.");
  expect(existsSync(at("never"))).toBe(false);
  const blocks = imported(["one.pth", "--spec", spec, "--set", "ngf=4", "--out", "never"]);
  expect(blocks.stderr).toContain("It would fit with --set blocks=2.");
  const other = imported(["unet.pth", "--spec", spec, "--out", "never"]);
  expect(other.stderr).toContain(
    "Without --spec, ganc finds the spec of an official network by itself.",
  );
});

test("weights that fit a network that computes something else", () => {
  writeFileSync(
    at("other.gan"),
    readFileSync(join(root, "specs/cyclegan.gan"), "utf8")
      .replace("leaky_relu(0.2) >>\n  C(2", "leaky_relu(0.1) >>\n  C(2")
      .replace(/^expect.*$/gm, ""),
  );
  const { status, stderr } = imported([
    "D_X=judge.pth",
    "--spec",
    "other.gan",
    "--set",
    "ndf=4",
    "--set",
    "size=32",
    "--out",
    "other",
  ]);
  expect(status).toBe(0);
  expect(stderr.replaceAll("\n", " ")).toContain(
    "computes something else with them than PatchGAN of 3 layers, ndf 4, instance norm: leaky_relu is leaky_relu(0.1), where the official one has leaky_relu(0.2)",
  );
});

const refusals: readonly (readonly [string, () => readonly string[], number, RegExp])[] = [
  ["a file that is missing", () => ["nothing.pth"], 1, /nothing\.pth is missing\.$/m],
  ["a picture", () => ["images/trainA/0.png"], 1, /0\.png is no file of torch\.save/],
  ["a spec", () => [join(root, "specs/cyclegan.gan")], 1, /is no file of torch\.save/],
  [
    "a folder without such files",
    () => ["images"],
    1,
    /images holds no file named as latest_net_G_A\.pth/,
  ],
  ["a discriminator alone", () => ["judge.pth"], 2, /makes no images: add its generator's file/],
  [
    "two for one network",
    () => ["one.pth", "horse2zebra/latest_net_G_A.pth", "G_A=one.pth"],
    1,
    /are both for G_A/,
  ],
  [
    "a generator as a discriminator",
    () => ["D=one.pth"],
    1,
    /one\.pth holds a generator \(resnet_2blocks.*Name what it is: G=one\.pth/,
  ],
  ["a name that no network has", () => ["H=one.pth"], 1, /networks are named G_A, G_B/],
  [
    "a network that the spec lacks",
    () => ["H=one.pth", "--spec", join(root, "specs/cyclegan.gan")],
    2,
    /the spec has no network H\. It has G, F, D_X, D_Y\./,
  ],
  [
    "a folder that is not empty",
    () => ["one.pth", "--out", "images"],
    2,
    /images is not empty, and an import writes over nothing/,
  ],
  ["a spec that is missing", () => ["one.pth", "--spec", "no.gan"], 1, /no\.gan/],
  ["a param that is none", () => ["one.pth", "--set", "ngf=many"], 1, /ngf/],
  [
    "a param that does not fit",
    () => ["one.pth", "--set", "ngf=8", "--out", "never"],
    1,
    /\[4, 3, 7, 7\].*takes \[8, 3, 7, 7\]/,
  ],
];

test.each(refusals)("refused: %s", (_, args, code, words) => {
  const { status, stdout, stderr } = imported(args());
  expect(stderr).toMatch(words);
  expect([status, stdout]).toEqual([code, ""]);
  expect(stderr).not.toMatch(/bug in ganc|\bat .*:\d+:\d+\)/);
});

test("a file of damaged numbers", () => {
  const state = stateOf(resnet);
  const weight = state.get("model.1.weight");
  if (weight !== undefined && "data" in weight) weight.data[5] = NaN;
  writeFileSync(at("nan.pth"), bytesOfState(state));
  const { status, stderr } = imported(["nan.pth", "--out", "never"]);
  expect([status, stderr.includes("nan.pth holds NaN in")]).toEqual([1, true]);
});

test("the messages that docs/import.md shows", () => {
  const page = readFileSync(join(root, "docs/import.md"), "utf8");
  const shown = [...page.matchAll(/^```\n(error: [\s\S]*?)^```/gm)].map(([, text]) => text ?? "");
  expect(shown).toHaveLength(2);
  mkdirSync(at("page"));
  writeOfficial(at("page/latest_net_G_A.pth"), { ...resnet, filters: 32, blocks: 6 });
  const call = ["c", "os\nsystem\n", "(", op.text("touch canary"), "tR"];
  writeFileSync(at("page/evil.pth"), archive(pickle(...call)));
  const said = [
    ["latest_net_G_A.pth", "--spec", join(root, "specs/cyclegan.gan")],
    ["evil.pth"],
  ].map((args) => ganc(["import", "--from", "pytorch-cyclegan", ...args], { cwd: at("page") }));
  expect(said.map(({ stderr }) => stderr)).toEqual(shown);
  expect(existsSync(at("page/canary"))).toBe(false);
});

const stateIn = (path: string) => {
  const found = readPth(readFileSync(path));
  if (isLeft(found)) throw new Error(found.left);
  return new Map([...found.right].map(([name, one]) => [name, [one.shape, one.numbers()]]));
};

test("what was imported goes back, the files bit for bit", () => {
  imported(["horse2zebra", "--set", "size=32", "--out", "back"]);
  const { status, stdout, stderr } = ganc(
    ["export", "back", "--to", "pytorch-cyclegan", "-o", "files"],
    { cwd: folder },
  );
  expect(status).toBe(0);
  const names = ["G_A", "G_B", "D_A", "D_B"].map((part) => `latest_net_${part}.pth`);
  expect(readdirSync(at("files")).sort()).toEqual([...names].sort());
  expect(stdout).toBe(names.map((name) => `files/${name}\n`).join(""));
  expect(stderr).toContain("G_A: resnet_2blocks, ngf 4, instance norm; reads back bit for bit");
  for (const name of names)
    expect(stateIn(at("files", name))).toEqual(stateIn(at("horse2zebra", name)));
  // Its networks are in none of the other formats' way.
  expect(
    ganc(["export", "back", "--to", "safetensors", "-o", "tensors"], { cwd: folder }).status,
  ).toBe(0);
  expect(readdirSync(at("tensors"))).toContain("G_A.safetensors");
});

test("running statistics: kept and given back with their counts, or left out", () => {
  const batch = { kind: "batch", affine: true, running: true } as const;
  writeOfficial(at("batch.pth"), { ...resnet, norm: batch, biased: false });
  const kept = imported(["batch.pth", "--set", "size=32", "--out", "kept"]);
  expect([kept.status, kept.stderr]).toEqual([0, ""]);
  expect(readFileSync(at("kept/batch.gan"), "utf8")).toContain("param running : Bool = true");
  const go = ["--to", "pytorch-cyclegan", "--net", "G"];
  expect(ganc(["export", "kept", ...go, "-o", "batch"], { cwd: folder }).status).toBe(0);
  const theirs = stateIn(at("batch.pth"));
  expect(stateIn(at("batch/latest_net_G.pth"))).toEqual(theirs);
  expect(theirs.get("model.2.num_batches_tracked")?.[1]).toEqual(Float32Array.of(101));

  const left = imported([
    "batch.pth",
    "--set",
    "size=32",
    "--set",
    "running=false",
    "--out",
    "left",
  ]);
  expect(left.status).toBe(0);
  expect(left.stderr).toContain(
    "27 tensors of running statistics left out, model.2.running_mean and the like.",
  );
  const back = ganc(["export", "left", ...go, "-o", "begun"], { cwd: folder });
  expect(back.stderr).toContain("test.py is for it without --eval");
  const begun = stateIn(at("begun/latest_net_G.pth"));
  expect([...begun.keys()]).toEqual([...theirs.keys()]);
  expect(begun.get("model.1.weight")).toEqual(theirs.get("model.1.weight"));
  expect(begun.get("model.2.running_var")?.[1]).toEqual(Float32Array.of(1, 1, 1, 1));
});

test("networks that are none of the official code's are not written", () => {
  const { status, stdout, stderr } = ganc(["export", "other", "--format", "pytorch-cyclegan"], {
    cwd: folder,
  });
  // The discriminators of that run have another slope.
  expect([status, stdout.split("\n").length]).toEqual([0, 3]);
  expect(stderr).toContain(
    "note: D_X is left out: it is not PatchGAN of 3 layers, ndf 4, instance norm, which it is nearest to: leaky_relu is leaky_relu(0.1)",
  );
  const asked = ganc(["export", "other", "--to", "pytorch-cyclegan", "--net", "D_X"], {
    cwd: folder,
  });
  expect([asked.status, asked.stdout]).toEqual([1, ""]);
  const none = ganc(["export", "other", "--to", "pytorch-cyclegan", "--net", "H"], { cwd: folder });
  expect([none.status, none.stderr.includes("These have: G, F, D_Y, D_X.")]).toEqual([2, true]);
  expect(ganc(["export", "other"], { cwd: folder }).stderr).toContain(
    "say what to write: --format onnx",
  );
  expect(
    ganc(["export", "other", "--to", "onnx", "--format", "tfjs"], { cwd: folder }).status,
  ).toBe(2);
});

test("--from and files are asked for", () => {
  expect(ganc(["import", at("one.pth")]).status).toBe(2);
  expect(ganc(["import", "--from", "keras", at("one.pth")]).stderr).toContain("pytorch-cyclegan");
  expect(imported([]).status).toBe(2);
});

test("Ctrl-C leaves nothing", async () => {
  copyFileSync(at("one.pth"), at("large.pth"));
  writeOfficial(at("large.pth"), { ...resnet, filters: 64, blocks: 9 });
  mkdirSync(at("ended"));
  const child = spawn(
    process.execPath,
    [
      join(root, "bin/ganc.js"),
      "import",
      "--from",
      "pytorch-cyclegan",
      at("large.pth"),
      "--out",
      at("ended/run"),
    ],
    { cwd: folder },
  );
  const code = new Promise<number | null>((resolve) => child.on("close", resolve));
  const begun = () => readdirSync(at("ended")).length > 0 || child.exitCode !== null;
  while (!begun()) await new Promise((resolve) => setTimeout(resolve, 5));
  child.kill("SIGINT");
  expect([130, 0]).toContain(await code);
  const left = readdirSync(at("ended"));
  expect(left.length === 0 || existsSync(at("ended/run/saved.json"))).toBe(true);
  expect(left.filter((name) => name.startsWith("."))).toEqual([]);
});
