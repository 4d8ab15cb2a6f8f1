/** Every layer, its slopes and the slopes of these, as the kernels of tfjs compute their graph. */
import { beforeAll, describe, test } from "@jest/globals";
import * as tf from "@tensorflow/tfjs";
import { executable } from "../../../src/engines/tfjs/execute.js";
import { evaluate } from "../../../src/graph/evaluate.js";
import type { Tensor } from "../../../src/graph/operator.js";
import { expectNear } from "../../graph/tensors.js";
import { fedTo, programOf } from "../../operators/layer-programs.js";
import { layerExamples } from "../../support/layers.js";
import { backends, useBackend } from "../../support/tensorflow.js";

const known = layerExamples.filter(({ value }) => value !== undefined);

describe.each(backends)("on %s", (backend) => {
  beforeAll(() => useBackend(backend));

  test.each(known.map((example) => [example.text, example] as const))("%s", (_, example) => {
    const [program, feeds] = [programOf(example), fedTo(example)];
    const expected = evaluate(program, feeds);
    const executed = executable(program);
    const fed = new Map(
      [...feeds].map(([name, { shape, data }]) => [name, tf.tensor([...data], [...shape])]),
    );
    const outputs = executed.run(fed);
    for (const [name, tensor] of outputs) {
      const data = Float64Array.from(tensor.dataSync());
      expectNear({ shape: tensor.shape, data }, expected.get(name) as Tensor, 2e-4);
    }
    tf.dispose([...outputs.values(), ...fed.values()]);
    executed.dispose();
  });
});
