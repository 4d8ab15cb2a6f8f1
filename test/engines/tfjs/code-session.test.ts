/**
 * What a session over generated code holds before its code is loaded; test/cli/code trains with it.
 */
import { expect, test } from "@jest/globals";
import * as tf from "@tensorflow/tfjs";
import type { HostTensor } from "../../../src/contracts/tensor.js";
import { codeSession } from "../../../src/engines/tfjs/code-session.js";
import { tfjsExplicitSession } from "../../../src/engines/tfjs/explicit.js";
import { averaging } from "../../support/batches.js";
import { constructs } from "../../support/constructs.js";
import { modelOf } from "../../support/specs.js";

test.each(Object.keys(constructs))(
  "%s: it begins with the state and the streams of the graph",
  async (name) => {
    await tf.setBackend("cpu");
    const model = modelOf(averaging(constructs[name] as string));
    const options = { engine: "code", seed: 3, name, text: "" };
    const code = await codeSession(model, options);
    const graph = await tfjsExplicitSession(model, options);
    const [own, other] = [await code.getState(), await graph.getState()];
    expect([...own.keys()].sort()).toEqual([...other.keys()].sort());
    for (const [key, tensor] of own) expect([key, tensor]).toEqual([key, other.get(key)]);
    expect(code.streams).toEqual(graph.streams);
    graph.dispose();
  },
);

test("it refuses a state that is not its own, and keeps the one that it has", async () => {
  const model = modelOf(constructs.histories as string);
  const session = await codeSession(model, { engine: "code", seed: 3, name: "one", text: "" });
  const before = await session.getState();
  const [weight = ""] = [...before.keys()].filter((key) => key.startsWith("param/"));
  const without = new Map(before);
  without.delete(weight);
  await expect(session.setState(without)).rejects.toThrow(`it lacks ${weight}`);
  const { shape } = before.get(weight) as HostTensor;
  const wider = { shape: [...shape, 2], data: new Float32Array(2) };
  await expect(session.setState(new Map([...before, [weight, wider]]))).rejects.toThrow(weight);
  expect(await session.getState()).toBe(before);
});
