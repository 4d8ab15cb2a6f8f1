/**
 * Every construct of the language compiles, and its networks have the parameters that the model
 * says.
 */

import { rmSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import * as tf from "@tensorflow/tfjs";
import { parameters } from "../../src/runtime/index.js";
import { constructs } from "../support/constructs.js";
import { emptyFolder, load } from "../support/generated.js";
import { compileText, modelOf } from "../support/specs.js";

const folder = emptyFolder("constructs");

beforeAll(() => tf.setBackend("cpu"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

for (const [name, text] of Object.entries(constructs)) {
  test(`${name}: parameters and shapes of the built networks are the model's`, async () => {
    const model = modelOf(text);
    const declared = [...text.matchAll(/^(?:frozen )?net (\w+)/gm)].map((match) => match[1]);
    expect(model.networks.map((network) => network.name)).toEqual(declared);
    const { networks } = await load(folder, name, await compileText(text));
    const built = networks();
    expect(Object.keys(built)).toEqual(model.networks.map((network) => network.name));
    for (const network of model.networks) {
      const real = built[network.name] as tf.LayersModel;
      const found = [...parameters(real)].map(([path, v]) => ({ name: path, shape: v.shape }));
      const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1);
      expect(found.sort(byName)).toEqual(network.reads.map((p) => ({ ...p })).sort(byName));
      expect(real.inputs.map(({ shape }) => shape)).toEqual(
        network.inputs.map((shape) => [null, ...shape]),
      );
      expect(real.outputs[0]?.shape).toEqual([null, ...network.output]);
    }
  });
}
