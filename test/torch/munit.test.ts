/** specs/gallery/munit.gan against MUNIT as the paper has it, written in PyTorch. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { isLeft } from "fp-ts/lib/Either.js";
import { torchPython } from "../../bench/torch/python.js";
import { compiler } from "../../src/cli/compiler/compiler.js";
import type { HostTensor } from "../../src/contracts/tensor.js";
import { inputOf } from "../support/batches.js";
import { modelOfSpec, readProject, root } from "../support/specs.js";

const entry = "specs/gallery/munit.gan";

test("its parameters are those of the published networks", () => {
  const sizes = Object.fromEntries(
    modelOfSpec(entry).networks.map(({ name, size }) => [name, size]),
  );
  // Content encoder, style encoder, decoder with its MLP, and a discriminator of three scales: the
  // sums of the published code's layers, 64 wide.
  expect([sizes.C_X, sizes.S_X, sizes.A, sizes.D_X]).toEqual([
    5_385_856, 2_764_936, 6_875_395, 8_271_171,
  ]);
});

/** All players at once, so that every loss is of one set of weights. */
const together = (text: string): string => text.replace("then min[", "min[");

const plain = ({ shape, data }: HostTensor) => ({ shape, data: [...data] });

test("its losses are the paper's at the same weights", async () => {
  const sources = [{ name: "spec.gan", text: together(readProject(entry)) }];
  const compiled = await compiler.fromSources(sources, "spec.gan", { size: "64", dim: "3" });
  if (isLeft(compiled)) throw new Error(compiled.left);
  const { model } = compiled.right;
  if (model === undefined) throw new Error("it is compiled");
  for (const engine of ["onnx", "tensorflow", "torch"] as const) {
    const session = await compiled.right.open(engine, 3);
    if (isLeft(session)) throw new Error(session.left);
    // Larger than those that training begins with, so that no term vanishes.
    const state = new Map(
      [...(await session.right.getState())].map(([name, { shape, data }]) => [
        name,
        { shape, data: name.startsWith("param/") ? data.map((v) => 6 * v) : data },
      ]),
    );
    await session.right.setState(state);
    const input = inputOf(model, 0);
    const metrics = await session.right.step(input);
    session.right.dispose();
    const weights = model.networks.map(({ name, parameters }) => [
      name,
      parameters.map((one) => plain(state.get(`param/${one.name}`) as HostTensor)),
    ]);
    const { X: x, Y: y, Style: z } = input.batch;
    if (x === undefined || y === undefined || z === undefined) throw new Error("all are drawn");
    const answer = execFileSync(torchPython(), [join(root, "test/torch/munit.py")], {
      input: JSON.stringify({
        weights: Object.fromEntries(weights),
        x: plain(x),
        y: plain(y),
        z: plain(z),
      }),
      encoding: "utf8",
      maxBuffer: 2 ** 28,
    });
    const [forth, back] = JSON.parse(answer) as Readonly<Record<string, number>>[];
    const pairs = {
      "fool(G, D_Y)": forth?.fool,
      "fool(F, D_X)": back?.fool,
      "judge(D_Y, G)": forth?.judge,
      "judge(D_X, F)": back?.judge,
      "image_back(C_X, S_X, A)": forth?.image_back,
      "image_back(C_Y, S_Y, B)": back?.image_back,
      "codes_back(C_X, B, C_Y, S_Y)": forth?.codes_back,
      "codes_back(C_Y, A, C_X, S_X)": back?.codes_back,
    };
    for (const [label, theirs = Number.NaN] of Object.entries(pairs)) {
      expect(Math.abs(theirs)).toBeGreaterThan(0.01);
      expect([engine, label, (metrics[label] ?? 0) / theirs]).toEqual([
        engine,
        label,
        expect.closeTo(1, 4),
      ]);
    }
  }
});
