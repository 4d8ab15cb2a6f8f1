/**
 * EfficientNet-Lite0 with its published weights: what our reader, fit and engine make of them is
 * what PyTorch makes of them.
 */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { beforeAll, expect, test } from "@jest/globals";
import { isLeft, isRight } from "fp-ts/lib/Either.js";
import { torchPython } from "../../bench/torch/python.js";
import { impossible } from "../../src/base/impossible.js";
import { compiler } from "../../src/cli/compiler/compiler.js";
import { thisMachine } from "../../src/engines/tensorflow/machine.js";
import { runProgram } from "../../src/engines/tensorflow/tools.js";
import { getWeights } from "../../src/engines/weights/get.js";
import { pathIn, publishedAs } from "../../src/engines/weights/published.js";
import { loadWeights } from "../../src/training/opening/weights.js";
import { inputOf } from "../support/batches.js";
import { root } from "../support/specs.js";

const lite0 = publishedAs("efficientnet-lite0");
if (lite0 === undefined) throw new Error("it is not in the table");

interface Theirs {
  readonly features: readonly (readonly number[])[];
  readonly early: readonly number[];
  readonly parameters: number;
}

const size = 64;
const samples = 2;

/** Bands and blots of colour in [-1, 1]: [n, h, w, c]. */
const images = Float32Array.from({ length: samples * size * size * 3 }, (_, i) => {
  const [c, x] = [i % 3, Math.floor(i / 3) % size];
  const y = Math.floor(i / (3 * size)) % size;
  const n = Math.floor(i / (3 * size * size));
  return Math.sin((x * (c + 1)) / (7 + 5 * n)) * Math.cos((y * (3 - c)) / (5 + 9 * n));
});

let theirs: Theirs;
beforeAll(async () => {
  const got = await getWeights(lite0, thisMachine(), {
    run: runProgram(),
    say: () => {},
    progress: () => ({ at: () => {}, end: () => {} }),
    confirm: async () => true,
    signal: new AbortController().signal,
  });
  expect(["already", "got"]).toContain(got.kind);
  const nested = [...Array(samples).keys()].map((n) =>
    [0, 1, 2].map((c) =>
      [...Array(size).keys()].map((y) =>
        [...Array(size).keys()].map((x) => images[((n * size + y) * size + x) * 3 + c]),
      ),
    ),
  );
  const asked = { weights: pathIn(thisMachine().cache, lite0), images: nested };
  const answer = execFileSync(torchPython(), [join(root, "test/torch/efficientnet.py")], {
    input: JSON.stringify(asked),
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
  theirs = JSON.parse(answer) as Theirs;
});

/** A spec of the net and of its beginning, and a network between that somebody trains. */
const spec = `import std.efficientnet (lite0, lite0_early)
domain X = image(${size})
domain Y = image(${size})
domain H = features(1, 1, 1280)
domain E = features(${size / 8}, ${size / 8}, 40)
frozen net Lite0 : X -> H = lite0 from "efficientnet-lite0"
frozen net Early : X -> E = lite0_early from "efficientnet-lite0"
net G : Y -> X = conv(3, 3, pad: 1) >> tanh
solve { min[G] E[y ~ Y, x ~ X] (l2(Lite0(G(y)), Lite0(x)) + l2(Early(G(y)), Early(x))) }
train { optimizer: adam(1e-3) schedule: constant(1) }
`;

const worst = (ours: ArrayLike<number>, of: readonly number[]): number => {
  expect(ours.length).toBe(of.length);
  const greatest = Math.max(...of.map(Math.abs));
  return Math.max(...of.map((v, i) => Math.abs(v - (ours[i] as number)))) / greatest;
};

test("the reference has the parameters of the published network", () => {
  expect(theirs.parameters).toBe(4_652_008);
});

test.each(["onnx", "tensorflow", "torch"] as const)(
  "features on %s are PyTorch's",
  async (engine) => {
    const sources = [{ name: "spec.gan", text: spec }];
    const compiled = await compiler.fromSources(sources, "spec.gan", {});
    if (isLeft(compiled)) throw new Error(compiled.left);
    const session = await compiled.right.open(engine, 0, "translate");
    if (isLeft(session)) throw new Error(session.left);
    const loaded = await loadWeights(compiled.right.program, session.right);
    expect(isRight(loaded)).toBe(true);
    const x = { shape: [samples, size, size, 3], data: images };
    const features = await session.right.translate("Lite0", [x]);
    expect(features.shape).toEqual([samples, 1, 1, 1280]);
    expect(worst(features.data, theirs.features.flat())).toBeLessThan(1e-4);
    const early = await session.right.translate("Early", [x]);
    const [, h = 0, w = 0, c = 0] = early.shape;
    const channelsLast = theirs.early.map((_, i) => {
      const [k, at] = [i % c, Math.floor(i / c)];
      const [n, place] = [Math.floor(at / (h * w)), at % (h * w)];
      return theirs.early[(n * c + k) * h * w + place] as number;
    });
    expect(worst(early.data, channelsLast)).toBeLessThan(1e-4);
    session.right.dispose();
  },
);

test("a perceptual loss by the published weights falls, and moves nothing of them", async () => {
  const entry = "specs/gallery/perceptual.gan";
  const sets = { size: "32", ngf: "4", blocks: "1" };
  const compiled = await compiler.fromFile(join(root, entry), sets);
  if (isLeft(compiled)) throw new Error(compiled.left);
  const { program, model = impossible("it is compiled") } = compiled.right;
  const session = await compiled.right.open("onnx", 1);
  if (isLeft(session)) throw new Error(session.left);
  const loaded = await loadWeights(program, session.right);
  expect(isRight(loaded) && loaded.right[0]?.notice).toMatch(/from _blocks\.5\._expand_conv on/);
  const before = await session.right.getState();
  const input = inputOf(model, 0);
  const losses: number[] = [];
  for (let step = 0; step < 30; step++) {
    const metrics = await session.right.step({ ...input, step, rate: 1e-3 });
    losses.push(metrics["perceptual(G, Phi)"] ?? Number.NaN);
  }
  expect(losses.at(-1)).toBeLessThan(0.8 * (losses[0] as number));
  const after = await session.right.getState();
  const own = [...before.keys()].filter((name) => /^(param|buffer)\/Phi\./.test(name));
  expect(own.length).toBeGreaterThan(60);
  for (const name of own) expect(after.get(name)?.data).toEqual(before.get(name)?.data);
  session.right.dispose();
});
