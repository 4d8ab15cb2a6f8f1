/**
 * Sessions that only translate: what a training session makes, on every engine, and at the sizes of
 * other images.
 */
import { beforeAll, expect, test } from "@jest/globals";
import type { Session } from "../../src/contracts/session.js";
import type { HostTensor } from "../../src/contracts/tensor.js";
import { openProgram } from "../../src/engines/onnx/runtime.js";
import { onnxSession, onnxTranslation } from "../../src/engines/onnx/session.js";
import { tfjsTranslation } from "../../src/engines/tfjs/translation.js";
import type { Model } from "../../src/program/model.js";
import { modelOf } from "../support/specs.js";
import { useBackend } from "../support/tensorflow.js";

beforeAll(() => useBackend("cpu"));

const seed = 3;

const text = `param size : Int = 16 where size % 4 == 0 and size >= 8
domain X = image(size)
net G : X -> X = reflect_pad(1) >> conv(3, 4, stride: 2) >> instance_norm >> relu >>
  residual(conv(3, 4, pad: 1) >> instance_norm) >>
  conv_transpose(3, 4, stride: 2, pad: 1, output_pad: 1) >> relu >> conv(3, 3, pad: 1) >> tanh
net D : X -> Scores = conv(4, 4, stride: 2, pad: 1) >> leaky_relu(0.2) >> conv(4, 1, pad: 1)
solve {
  min[D] E[x ~ X] softplus(-D(x)) + E[x ~ X] softplus(D(stop(G(x))))
  then min[G] E[x ~ X] softplus(-D(G(x)))
}
train { optimizer: adam(1e-2) schedule: constant(1) batch: 1 average: 0.9 }`;

const sized = (size: number): Model => modelOf(text, { size: String(size) });

const difference = (a: HostTensor, b: HostTensor): number => {
  expect(a.shape).toEqual(b.shape);
  return Math.max(...a.data.map((x, i) => Math.abs(x - (b.data[i] ?? Number.NaN))));
};

const image = (height: number, width: number): HostTensor => ({
  shape: [1, height, width, 3],
  data: Float32Array.from({ length: height * width * 3 }, (_, i) => Math.sin(i * 0.37)),
});

const opened: Readonly<Record<string, (model: Model) => Session>> = {
  onnx: (model) => onnxTranslation(model, { engine: "onnx", seed, open: openProgram }),
  tfjs: (model) => tfjsTranslation(model, { engine: "tfjs", seed }),
};

test.each(Object.keys(opened))("%s translates as training does, at both sizes", async (name) => {
  const small = opened[name]?.(sized(16));
  if (small === undefined) throw new Error(`no ${name}`);
  for (const size of [16, 24]) {
    const training = await onnxSession(sized(size), { engine: "onnx", seed, open: openProgram });
    await small.setState(await training.getState());
    const x = image(size, size);
    const [own, other] = [await training.translate("G", [x]), await small.translate("G", [x])];
    expect(difference(own, other)).toBeLessThan(1e-4);
    training.dispose();
  }
  expect((await small.translate("G", [image(28, 40)])).shape).toEqual([1, 28, 40, 3]);
  await expect(small.translate("G", [image(27, 40)])).resolves.toMatchObject({
    shape: [1, 28, 40, 3],
  });
  await expect(small.translate("D", [image(2, 2)])).rejects.toThrow(
    "D does not take images of this size: conv_2: its window",
  );
  await expect(small.step({ batch: {}, rate: 1, step: 0 })).rejects.toThrow("only translates");
  small.dispose();
});

test("a state that is none of this program's is refused", async () => {
  const session = opened.onnx?.(sized(16));
  await expect(session?.setState(new Map())).rejects.toThrow("it lacks average/G.");
  session?.dispose();
});
