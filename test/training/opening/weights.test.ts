/** First weights from files: what is there is loaded, and what is not is said by its name. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "@jest/globals";
import type { HostTensor, State } from "../../../src/contracts/tensor.js";
import { describe as describeError } from "../../../src/training/files/errors.js";
import { encode } from "../../../src/training/files/safetensors.js";
import { loadWeights } from "../../../src/training/opening/weights.js";

const folder = mkdtempSync(join(tmpdir(), "ganc-weights-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const tensor = (shape: readonly number[], value: number): HostTensor => ({
  shape,
  data: new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(value),
});

const file = (name: string, tensors: State): string => {
  const path = join(folder, name);
  writeFileSync(path, Buffer.concat(encode(tensors)));
  return path;
};

/** A network P of one layer whose weights are in the file, and G, which has none. */
const programWith = (path: string) => {
  const init = { kind: "normal", mean: 0, std: 0.02 } as const;
  const network = (name: string, weights?: string) => ({
    name,
    from: "X",
    to: "Scores",
    weights,
    parameters: [
      { name: `${name}.conv.weight`, shape: [1, 1, 2, 3], init },
      { name: `${name}.conv.bias`, shape: [3], init },
    ],
  });
  return { networks: [network("G"), network("P", path)] };
};

const fake = () => {
  let state: State = new Map(
    ["G", "P"].flatMap((net) => [
      [`param/${net}.conv.weight`, tensor([1, 1, 2, 3], 0)],
      [`param/${net}.conv.bias`, tensor([3], 0)],
      [`average/${net}.conv.bias`, tensor([3], 0)],
    ]),
  );
  return {
    state: () => state,
    getState: async () => state,
    setState: async (given: State) => {
      state = given;
    },
  };
};

const failure = async (path: string): Promise<string> => {
  const loaded = await loadWeights(programWith(path), fake());
  if (loaded._tag === "Right") throw new Error("it was loaded");
  return describeError(loaded.left);
};

const whole: State = new Map([
  ["param/P.conv.weight", tensor([1, 1, 2, 3], 5)],
  ["param/P.conv.bias", tensor([3], 7)],
  ["param/other.conv.bias", tensor([3], 9)],
]);

test("the network has the file's weights, its average too, and others keep theirs", async () => {
  const session = fake();
  const path = file("whole.safetensors", whole);
  const loaded = await loadWeights(programWith(path), session);
  expect(loaded).toMatchObject({ right: [{ network: "P", path, sha256: expect.any(String) }] });
  const first = Object.fromEntries([...session.state()].map(([name, t]) => [name, t.data[0]]));
  expect(first).toEqual({
    "param/G.conv.weight": 0,
    "param/G.conv.bias": 0,
    "average/G.conv.bias": 0,
    "param/P.conv.weight": 5,
    "param/P.conv.bias": 7,
    "average/P.conv.bias": 7,
  });
});

test("a file that is not there, lacks a weight or has one of another shape is named with what it lacks", async () => {
  const nowhere = join(folder, "nowhere.safetensors");
  expect(await failure(nowhere)).toBe(`${nowhere}: is missing`);
  const half = file("half.safetensors", new Map([...whole].slice(1)));
  expect(await failure(half)).toBe(
    `${half}: lacks weights of P: param/P.conv.weight [1, 1, 2, 3].\nIt has param/P.conv.bias [3], param/other.conv.bias [3].`,
  );
  const odd = file("odd.safetensors", new Map([...whole, ["param/P.conv.bias", tensor([4], 1)]]));
  expect(await failure(odd)).toBe(
    `${odd}: has param/P.conv.bias as [4], and the layer of P takes [3]`,
  );
});

test("running statistics come from the file, which must have them", async () => {
  const withStatistics = (path: string) => ({
    networks: programWith(path).networks.map((one) =>
      one.name === "P" ? { ...one, statistics: [{ name: "P.norm.mean", shape: [3] }] } : one,
    ),
  });
  const session = fake();
  await session.setState(new Map([...session.state(), ["buffer/P.norm.mean", tensor([3], 0)]]));
  const kept = new Map([...whole, ["buffer/P.norm.mean", tensor([3], 4)] as const]);
  await loadWeights(withStatistics(file("kept.safetensors", kept)), session);
  expect(session.state().get("buffer/P.norm.mean")?.data[0]).toBe(4);
  const path = file("bare.safetensors", whole);
  const loaded = await loadWeights(withStatistics(path), session);
  expect(loaded._tag === "Left" && describeError(loaded.left)).toMatch(
    `${path}: lacks weights of P: buffer/P.norm.mean [3].`,
  );
});

test("what is wrong with a file is told with the place of the spec that names it", async () => {
  const path = join(folder, "nowhere.safetensors");
  const { networks } = programWith(path);
  const placed = networks.map((one) => ({ ...one, weightsPlace: "model.gan:3:40" }));
  const loaded = await loadWeights({ networks: placed }, fake());
  expect(loaded._tag === "Left" && describeError(loaded.left)).toBe(
    `${path}: is missing\nThe first weights of P come from it, by \`from\` at model.gan:3:40.`,
  );
});

test("a number that is none, or what is no file, is said and loads nothing", async () => {
  const broken = new Map([...whole, ["param/P.conv.bias", tensor([3], Number.NaN)] as const]);
  const path = file("broken.safetensors", broken);
  expect(await failure(path)).toBe(`${path}: holds NaN in param/P.conv.bias`);
  expect(await failure(folder)).toBe(`${folder}: is a folder, not a file`);
  const pipe = join(folder, "pipe.safetensors");
  spawnSync("mkfifo", [pipe]);
  expect(await failure(pipe)).toBe(`${pipe}: is a named pipe, not a file`);
  const zeros = join(folder, "zeros.safetensors");
  symlinkSync("/dev/zero", zeros);
  expect(await failure(zeros)).toBe(`${zeros}: is a device, not a file`);
});
