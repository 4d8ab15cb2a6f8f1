/** Projects for PyTorch begin with the weights that the spec names, and keep trained ones. */
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { isLeft } from "fp-ts/lib/Either.js";
import type { State } from "../../src/contracts/tensor.js";
import { readTensors } from "../../src/training/files/read-tensors.js";
import { encode, noise } from "../data/pictures.js";
import { ganc } from "../support/ganc.js";
import { removeTemporary, temporary } from "../training/support.js";

afterAll(removeTemporary);

const spec = (weights = "") => `domain X = image(8)
frozen net P : X -> X = conv(3, 3, pad: 1) >> tanh${weights}
net G : X -> X = conv(3, 3, pad: 1) >> tanh${weights.replace("p.", "g.")}
solve { min[G] E[x ~ X] l1(P(G(x)), x) }
train { optimizer: adam(1e-2) schedule: constant(2) batch: 1 }
`;

const cwd = temporary();
const at = (...path: string[]) => join(cwd, ...path);
const call = (...args: string[]) => {
  const { status, stderr } = ganc(args, { cwd });
  expect([status, status === 0 ? "" : stderr]).toEqual([0, ""]);
};
const checkpoint = (run: string): string => {
  const [name = ""] = readdirSync(at(run, "checkpoints"))
    .filter((one) => one.endsWith(".safetensors"))
    .sort()
    .reverse();
  return at(run, "checkpoints", name);
};
const read = async (path: string): Promise<State> => {
  const tensors = await readTensors(path);
  if (isLeft(tensors)) throw new Error(JSON.stringify(tensors.left));
  return tensors.right.tensors;
};
const parameters = (state: State): readonly string[] =>
  [...state.keys()].filter((name) => name.startsWith("param/")).sort();

beforeAll(async () => {
  mkdirSync(at("X"));
  writeFileSync(at("X", "a.png"), await encode(noise(8, 8, 1)));
  writeFileSync(at("before.gan"), spec());
  writeFileSync(at("spec.gan"), spec(' from "p.safetensors"'));
  call("run", "before.gan", "--data", "X=X", "--out", "before", "--steps", "1");
  for (const name of ["p", "g"]) copyFileSync(checkpoint("before"), at(`${name}.safetensors`));
  call("run", "spec.gan", "--data", "X=X", "--out", "run", "--steps", "2");
});

test("a project of a spec begins with the weights that its networks name", async () => {
  call("compile", "spec.gan", "--target", "torch", "--project", "project");
  const [file, start] = [
    await read(at("p.safetensors")),
    await read(at("project/start.safetensors")),
  ];
  expect(parameters(start)).toHaveLength(4);
  expect([...start.keys()].sort()).toEqual(parameters(file));
  for (const [name, { data }] of start) expect(data).toEqual(file.get(name)?.data);
});

test("an exported project has what was trained, and begins anew as the run began", async () => {
  call("export", "run", "--to", "torch", "-o", "exported");
  const [trained, weights] = [
    await read(checkpoint("run")),
    await read(at("exported/weights.safetensors")),
  ];
  for (const name of parameters(trained))
    expect(weights.get(name)?.data).toEqual(trained.get(name)?.data);
  const start = await read(at("exported/start.safetensors"));
  const file = await read(at("p.safetensors"));
  for (const [name, { data }] of start) expect(data).toEqual(file.get(name)?.data);
  expect(start.get("param/G.conv.weight")?.data).not.toEqual(
    weights.get("param/G.conv.weight")?.data,
  );
  expect(readFileSync(at("exported/README.md"), "utf8")).toContain("weights.safetensors");
});
