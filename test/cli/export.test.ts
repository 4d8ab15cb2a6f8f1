/** `ganc export` by the built program: what it writes, what it says, and that others read it. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import sharp from "sharp";
import { ganc } from "../support/ganc.js";
import { root } from "../support/specs.js";

const folder = mkdtempSync(join(tmpdir(), "ganc-export-"));
const run = join(folder, "run");
const out = (name: string): string => join(folder, name);

const spec = `domain X = image(16)
domain Z = noise(4)
net G : X -> X = residual(reflect_pad(1) >> conv(3, 3) >> instance_norm) >> conv(3, 3, pad: 1) >> tanh
net H : Z -> X = dense(768) >> reshape(16, 16, 3) >> batch_norm(running: true) >> conv(1, 3) >> tanh
net D : X -> Scores = conv(4, 4, stride: 2, pad: 1) >> leaky_relu(0.2) >> conv(4, 1, pad: 1)
solve {
  min[D] E[x ~ X] softplus(-D(x)) + E[x ~ X] softplus(D(stop(G(x)))) + E[z ~ Z] softplus(D(stop(H(z))))
  then min[G, H] E[x ~ X] softplus(-D(G(x))) + E[z ~ Z] softplus(-D(H(z)))
}
train { optimizer: adam(1e-2) schedule: constant(1) batch: 1 average: 0.9 }`;

beforeAll(async () => {
  mkdirSync(out("X"));
  const data = Uint8Array.from({ length: 768 }, (_, i) => (i * 37) % 256);
  const image = sharp(data, { raw: { width: 16, height: 16, channels: 3 } });
  writeFileSync(join(folder, "X/a.png"), await image.png().toBuffer());
  writeFileSync(out("game.gan"), spec);
  const made = ganc(["run", out("game.gan"), "--data", `X=${out("X")}`, "--out", run]);
  expect([made.status, made.status === 0 ? "" : made.stderr]).toEqual([0, ""]);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const below = (path: string): readonly string[] =>
  readdirSync(path, { recursive: true, encoding: "utf8" }).sort();

test.each([
  ["onnx", ["G.onnx", "H.onnx", "README.md"]],
  ["safetensors", ["G.json", "G.safetensors", "H.json", "H.safetensors", "README.md"]],
  [
    "tfjs",
    ["G", "G/model.json", "G/weights.bin", "H", "H/model.json", "H/weights.bin", "README.md"],
  ],
])("%s: all networks that make images, and a card", (format, files) => {
  const { status, stdout, stderr } = ganc(["export", run, "--format", format, "-o", out(format)]);
  expect(status).toBe(0);
  expect(below(out(format))).toEqual(files);
  expect(stdout).toContain(join(out(format), "README.md"));
  const card = readFileSync(join(out(format), "README.md"), "utf8");
  expect(card).toMatch(/^The networks beside this card are those after \d+ steps?\.$/m);
  // Samples stay in the run's folder
  expect(card).not.toContain("![");
  const kept =
    format === "safetensors"
      ? "reads back bit for bit"
      : "of the range from the run (allowed: 0.0003)";
  for (const name of ["G", "H"])
    expect(stderr.split("\n").find((line) => line.startsWith(`${name}: `))).toContain(kept);
});

test("tfjs loads the model with ganc's layers, at another size", () => {
  const script = `
    import * as tf from "@tensorflow/tfjs";
    import "${join(root, "dist/src/runtime/index.js")}";
    import { readFileSync } from "node:fs";
    const { modelTopology, weightsManifest } = JSON.parse(readFileSync("${out("tfjs/G/model.json")}"));
    const weightData = new Uint8Array(readFileSync("${out("tfjs/G/weights.bin")}")).buffer;
    const model = await tf.loadLayersModel(tf.io.fromMemory({ modelTopology, weightSpecs: weightsManifest[0].weights, weightData }));
    console.log(JSON.stringify(model.predict(tf.zeros([2, 20, 28, 3])).shape));`;
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
    cwd: root,
    encoding: "utf8",
  });
  expect([stdout.trim().split("\n").at(-1), stderr.includes("Error")]).toEqual([
    "[2,20,28,3]",
    false,
  ]);
});

test("one network by name, and no README of somebody else is written over", () => {
  mkdirSync(out("own"));
  writeFileSync(out("own/README.md"), "mine");
  const { status, stderr } = ganc([
    "export",
    run,
    "--format",
    "onnx",
    "--net",
    "G",
    "-o",
    out("own"),
  ]);
  expect(status).toBe(0);
  expect(stderr).toContain("note: No model card was written: ");
  expect(readFileSync(out("own/README.md"), "utf8")).toBe("mine");
  expect(below(out("own"))).toEqual(["G.onnx", "README.md"]);
});

test.each([
  [["--format", "onnx", "--net", "D"], 2, "D makes no images. These do: G, H."],
  [["--format", "pdf"], 2, "pdf"],
  [
    ["--format", "page", "--net", "H"],
    1,
    "a page shows what is made of one picture, and H takes none.",
  ],
])("wrong use is told: %j", (args, code, words) => {
  const { status, stderr } = ganc(["export", run, ...args, "-o", out("wrong")]);
  expect(status).toBe(code);
  expect(stderr).toContain(words);
});
