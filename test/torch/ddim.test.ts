/** DDPM's `Sample` of the gallery, 16 steps within a network, against a loop of DDIM in PyTorch. */
import { beforeAll, expect, test } from "@jest/globals";
import { openProgram } from "../../src/engines/onnx/runtime.js";
import { onnxTranslation } from "../../src/engines/onnx/session.js";
import { samplesOf } from "../support/batches.js";
import { modelOf, readProject } from "../support/specs.js";
import { plain, referenceOf, weightsOf } from "./papers.js";

// Where weights are averaged, a session that only translates has no others.
const spec = readProject("specs/gallery/ddpm.gan").replace(/ *average:.*\n/, "");

/** As it stands, an image is cut off at both ends of its range; here all numbers are seen. */
const uncut = spec
  .replace("Sample : N -> X", "Sample : N -> N")
  .replace(/ >> \(x => 1 - relu.*\)$/m, "");

/** What `Sample` makes of two draws of noise, and the weights that it has. */
const sampled = async (text: string) => {
  const model = modelOf(text, { size: "16", ch: "32" });
  const session = onnxTranslation(model, { engine: "onnx", seed: 3, open: openProgram });
  const noise = samplesOf(model, "N", 2);
  const { data } = await session.translate("Sample", [noise]);
  const weights = weightsOf(model, await session.getState());
  session.dispose();
  return { made: [...data], asked: { weights, batch: { N: plain(noise) } } };
};

let loop: readonly number[] = [];
let whole: Awaited<ReturnType<typeof sampled>>;

beforeAll(async () => {
  whole = await sampled(uncut);
  loop = referenceOf("ddim", whole.asked) as readonly number[];
}, 600_000);

const length = (values: readonly number[]): number => Math.hypot(...values);

test("16 steps within a network are the loop of DDIM, number by number", () => {
  const { made } = whole;
  expect(made.length).toBe(2 * 16 * 16 * 3);
  expect(made.length).toBe(loop.length);
  expect(length(made.map((v, i) => v - (loop[i] ?? Number.NaN))) / length([...loop])).toBeLessThan(
    1e-4,
  );
});

test("an image is what the loop gives, cut off at black and white", async () => {
  const { made } = await sampled(spec);
  const cut = loop.map((v) => Math.min(1, Math.max(-1, v)));
  expect(cut.some((v, i) => v !== loop[i])).toBe(true);
  expect(length(made.map((v, i) => v - (cut[i] ?? Number.NaN))) / length(cut)).toBeLessThan(1e-4);
}, 600_000);
