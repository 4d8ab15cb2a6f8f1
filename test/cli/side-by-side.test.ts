/** Pictures that hold both partners side by side, from `ganc init` to `ganc translate`. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { encodePng, type RawImage } from "../../src/data/images/image.js";
import { cutPart } from "../../src/data/images/part.js";
import { noise, ok } from "../data/pictures.js";
import { ganc } from "../support/ganc.js";
import { removeTemporary, temporary } from "../training/support.js";

const spec = `domain X = image(8, 8, 3)
domain Y = image(8, 8, 3)
net G : X -> Y = conv(3, 3, pad: 1) >> tanh
solve { min[G] E[(x, y) ~ pairs(X, Y)] l1(G(x), y) }
train { optimizer: adam(1e-3) schedule: constant(2) augment: resize(9) >> random_crop(8) }
`;

let folder = "";
const at = (...names: readonly string[]): string => join(folder, ...names);
const run = (...args: readonly string[]) => ganc(args, { cwd: folder });
const well = (...args: readonly string[]): string => {
  const { status, stdout, stderr } = run(...args);
  expect([status, status === 0 ? "" : stderr]).toEqual([0, ""]);
  return stdout + stderr;
};

beforeAll(async () => {
  folder = temporary();
  writeFileSync(at("p.gan"), spec);
  const halves: readonly (readonly [string, number])[] = [
    ["left", 1],
    ["right", 2],
  ];
  for (const [split, count] of [
    ["train", 6],
    ["val", 3],
  ] as const) {
    mkdirSync(at("facades", split), { recursive: true });
    for (const [name] of halves) mkdirSync(at(name, split), { recursive: true });
    for (let i = 0; i < count; i++) {
      const image = noise(10, 24, 10 * count + i);
      writeFileSync(at("facades", split, `${i}.png`), await encodePng(image));
      for (const [name, place] of halves) {
        const half = ok(cutPart(image, { place, of: 2 })) as RawImage;
        writeFileSync(at(name, split, `${i}.png`), await encodePng(half));
      }
    }
  }
});
afterAll(removeTemporary);

const quiet = ["--engine", "onnx", "--no-report", "--steps", "8"];
test("a run on halves is the run on files of their own, in both directions", () => {
  const said = well("run", "p.gan", "--data", "facades:AtoB", "--out", "ab", ...quiet);
  expect(said).toContain("facades/train:left");
  well("run", "p.gan", "--data", "X=left/train", "Y=right/train", "--out", "own", ...quiet);
  well("run", "p.gan", "--data", "facades:BtoA", "--out", "ba", ...quiet);
  const back = ["X=facades/train:right", "Y=facades/train:left"];
  well("run", "p.gan", "--data", ...back, "--out", "named", ...quiet);
  const read = (name: string) =>
    readFileSync(at(name, "metrics.jsonl"), "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line).metrics);
  expect(read("ab")).toEqual(read("own"));
  expect(read("ba")).toEqual(read("named"));
  expect(read("ba")).not.toEqual(read("ab"));
});

test("it goes on, is measured on the halves of val, and translates a half", () => {
  well("run", "ab", "--resume", "--steps", "10", "--engine", "onnx", "--no-report");
  const measured = well("evaluate", "ab", "--engine", "onnx");
  expect(measured).toContain("3 pairs");
  const words = ["--size", "domain", "--engine", "onnx"];
  well("translate", "ab", "facades/val:left", "--out", "a", ...words);
  well("translate", "ab", "left/val", "--out", "b", ...words);
  expect(readdirSync(at("a"))).toEqual(["0.png", "1.png", "2.png"]);
  for (const name of readdirSync(at("a")))
    expect(readFileSync(at("a", name))).toEqual(readFileSync(at("b", name)));
});

test("ganc data check and ganc init see two domains of the halves", () => {
  const { stdout } = run("data", "check", "facades:AtoB", "--json");
  const sets: { domain: string; width: number; height: number; place: string }[] =
    JSON.parse(stdout).sets;
  expect(sets.map(({ domain, width, height }) => [domain, width, height])).toEqual([
    ["A", 12, 10],
    ["B", 12, 10],
    ["A", 12, 10],
    ["B", 12, 10],
  ]);
  const said = well("init", "first.gan", "--data", "facades:AtoB", "--size", "64");
  expect(said).toContain("Pairs of images were found: so it is pix2pix.");
  expect(said).toContain("--data facades:AtoB");
});

test("an odd width is named, and a folder of splits says how it is written", async () => {
  mkdirSync(at("odd"), { recursive: true });
  for (const [name, width] of [
    ["a", 13],
    ["b", 12],
    ["c", 12],
  ] as const)
    writeFileSync(at("odd", `${name}.png`), await encodePng(noise(6, width, width)));
  const said = well("run", "p.gan", "--data", "odd:AtoB", "--out", "o", ...quiet);
  expect(said).toContain("13 pixels wide, which 2 pictures side by side cannot be");
  const { status, stderr } = run("run", "p.gan", "--data", "facades", "--out", "n", ...quiet);
  expect([status, stderr.includes("facades:AtoB")]).toEqual([1, true]);
});
