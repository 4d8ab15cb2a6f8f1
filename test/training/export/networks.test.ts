/**
 * Exported networks: held to the run, of any size where their layers are, whole when they are read
 * again.
 */
import { expect, test } from "@jest/globals";
import { isLeft } from "fp-ts/lib/Either.js";
import { analyse } from "../../../src/compiler/frontend.js";
import type { Session } from "../../../src/contracts/session.js";
import { openProgram } from "../../../src/engines/onnx/runtime.js";
import { onnxTranslation } from "../../../src/engines/onnx/session.js";
import {
  channelsFirst,
  descriptionOf,
  type Exported,
  onnxOf,
  safetensorsOf,
  tolerance,
} from "../../../src/training/export/networks.js";
import { decode } from "../../../src/training/files/safetensors.js";
import { sources } from "../../support/specs.js";

const exportedOf = (
  entry: string,
  name: string,
  set: Readonly<Record<string, string>>,
): Exported => {
  const { result } = analyse(entry, sources(), new Map(Object.entries(set)));
  const network = result?.model.networks.find((one) => one.name === name);
  if (result === undefined || network === undefined) throw new Error(`${entry} has no ${name}`);
  const { model } = result;
  const domain = (of: string) => {
    const found = model.domains.find((one) => one.name === of);
    if (found === undefined) throw new Error(`there is no domain ${of}`);
    return found;
  };
  const domains = network.from.map(domain);
  return {
    ...{ model, network, domains, to: domain(network.to), output: "made" },
    session: onnxTranslation(model, { engine: "onnx", seed: 4, open: openProgram }),
    inputs: domains.map((one) => one.name.toLowerCase()),
    about: { network: name },
  };
};

test.each<[string, string, Record<string, string>, boolean]>([
  ["specs/cyclegan.gan", "G", { size: "32", ngf: "4", ndf: "4", blocks: "1" }, true],
  ["specs/emoji.gan", "F", { size: "32", ngf: "4", ndf: "4", blocks: "1" }, true],
  ["specs/gallery/pix2pix.gan", "G", { ngf: "2", ndf: "2" }, true],
  ["specs/gallery/stargan.gan", "G", { size: "64", ngf: "4", ndf: "2" }, true],
  ["specs/gallery/dcgan.gan", "G", { ngf: "4", ndf: "4" }, false],
])("%s: %s as ONNX gives what the run gives", async (entry, name, set, isOpen) => {
  const exported = exportedOf(entry, name, set);
  const file = await onnxOf(exported);
  exported.session.dispose();
  if (isLeft(file)) throw new Error(file.left);
  expect(file.right.difference).toBeLessThan(tolerance);
  expect(file.right.words[0]?.startsWith("images of any size")).toBe(isOpen);
  if (isOpen) expect(file.right.words[1]).toContain(" and ");
});

test("an ONNX file that differs from the run is not written", async () => {
  const exported = exportedOf("specs/cyclegan.gan", "G", {
    size: "32",
    ngf: "4",
    ndf: "4",
    blocks: "0",
  });
  const { session } = exported;
  const wrong: Session = {
    ...session,
    getState: () => session.getState(),
    translate: async (network, inputs) => {
      const made = await session.translate(network, inputs);
      return { ...made, data: made.data.map((value) => value + 0.002) };
    },
  };
  const file = await onnxOf({ ...exported, session: wrong });
  session.dispose();
  expect(isLeft(file) && file.left).toMatch(/^the ONNX model of G differs from the run by/);
});

test("weights keep their names, and each layer tells which are its own", async () => {
  const exported = exportedOf("specs/cyclegan.gan", "G", {
    size: "32",
    ngf: "4",
    ndf: "4",
    blocks: "1",
  });
  const file = await safetensorsOf(exported);
  exported.session.dispose();
  if (isLeft(file)) throw new Error(file.left);
  const read = decode(Buffer.concat(file.right.bytes));
  if (isLeft(read)) throw new Error(read.left.reason);
  const names = [...read.right.tensors.keys()].sort();
  expect(names).toEqual(exported.network.parameters.map((one) => one.name).sort());
  const { layers, last, inputs } = descriptionOf(exported);
  const weighed = layers.filter(({ weights }) => names.includes(`${weights}.weight`));
  expect(weighed.map(({ kind }) => kind)).toContain("conv_transpose");
  expect(weighed).toHaveLength(names.filter((name) => name.endsWith(".weight")).length);
  expect(layers.at(-1)?.id).toBe(last);
  expect(inputs).toEqual([
    { name: "x", domain: "X", kind: "image", shape: [32, 32, 3], range: [-1, 1] },
  ]);
});

test("channels come first", () => {
  const data = Float32Array.of(1, 2, 3, 4, 5, 6);
  expect(channelsFirst({ shape: [1, 1, 3, 2], data })).toEqual({
    shape: [1, 2, 1, 3],
    data: Float32Array.of(1, 3, 5, 2, 4, 6),
  });
});
