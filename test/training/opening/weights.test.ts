/** First weights from files: what is there is loaded, and what is not is said by its name. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "@jest/globals";
import type { HostTensor, State } from "../../../src/contracts/tensor.js";
import type { Model } from "../../../src/program/model.js";
import { describe as describeError } from "../../../src/training/files/errors.js";
import { encode } from "../../../src/training/files/safetensors.js";
import { loadWeights } from "../../../src/training/opening/weights.js";
import { spotsOf } from "../../../src/weights/fit.js";
import { type Written, writePth } from "../../../src/weights/write-pth.js";
import { modelOf } from "../../support/specs.js";

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

test("missing published weights are told with the command that brings them", async () => {
  const before = process.env.GANC_CACHE;
  process.env.GANC_CACHE = folder;
  const { networks } = programWith("");
  const named = networks.map((one) => ({
    ...one,
    weights: undefined,
    published: "efficientnet-lite0",
  }));
  const loaded = await loadWeights({ networks: named }, fake());
  if (before === undefined) delete process.env.GANC_CACHE;
  else process.env.GANC_CACHE = before;
  expect(loaded._tag === "Left" && describeError(loaded.left)).toMatch(
    /efficientnet-lite0-57934424\.pth: is missing\n`ganc weights get efficientnet-lite0` downloads it\.$/,
  );
});

test("a name that is nearly that of published weights is told theirs, and a path of its own not", async () => {
  expect(await failure(join(folder, "efficientnet-lite"))).toContain(
    'Published weights are named "efficientnet-lite0": are they meant?',
  );
  expect(await failure(join(folder, "mine.safetensors"))).not.toContain("Published");
});

const frozen = (body: string): Model =>
  modelOf(`domain X = image(8)
domain H = features(4, 4, 2)
frozen net P : X -> H = ${body} from "p.pth"
net G : X -> X = conv(3, 3, pad: 1) >> tanh
solve { min[G] E[x ~ X] l2(P(G(x)), P(x)) }
train { optimizer: adam(1e-3) schedule: constant(1) }`);

/** A classifier as PyTorch saves it, its modules in the order in which they were made. */
const classifier = (name: string, columns: number): string => {
  const ramp = (shape: readonly number[]): Written => ({
    shape,
    data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i),
  });
  const path = join(folder, name);
  const state = new Map<string, Written>([
    ["stem.weight", ramp([2, 3, 2, columns])],
    ["norm.weight", ramp([2])],
    ["norm.bias", ramp([2])],
    ["norm.running_mean", ramp([2])],
    ["norm.running_var", ramp([2])],
    ["norm.num_batches_tracked", { shape: [], whole: 7 }],
    ["fc.weight", ramp([10, 2])],
    ["fc.bias", ramp([10])],
  ]);
  writeFileSync(path, Buffer.concat(writePth(state)));
  return path;
};

const ofPth = async (body: string, path: string) => {
  const model = frozen(body);
  let state: State = new Map();
  const infos = model.networks.map((network) => ({
    name: network.name,
    from: "X",
    to: "H",
    weights: network.name === "P" ? path : undefined,
    spots: spotsOf(network),
    parameters: network.parameters,
    statistics: network.buffers,
  }));
  for (const { parameters, statistics } of infos) {
    for (const { name, shape } of parameters)
      state = new Map([...state, [`param/${name}`, tensor(shape, -1)]]);
    for (const { name, shape } of statistics)
      state = new Map([...state, [`buffer/${name}`, tensor(shape, -1)]]);
  }
  const session = {
    getState: async () => state,
    setState: async (given: State) => {
      state = given;
    },
  };
  const loaded = await loadWeights({ networks: infos }, session);
  return { loaded, of: (name: string) => [...(state.get(name)?.data ?? [])] };
};

const stem = "conv(2, 2, stride: 2, bias: false) >> batch_norm(running: true)";

test("a file of PyTorch is fitted in its order, statistics too, and what it has more is said", async () => {
  const path = classifier("net.pth", 2);
  const { loaded, of } = await ofPth(stem, path);
  expect(loaded).toMatchObject({
    right: [
      {
        network: "P",
        path,
        notice: `P takes the first layers of ${path}. What follows, from fc on, is left out.`,
      },
    ],
  });
  // [o, i, row, column] becomes [row, column, i, o].
  expect(of("param/P.conv.weight").slice(0, 4)).toEqual([0, 12, 4, 16]);
  expect(of("param/P.batch_norm.shift")).toEqual([0, 1]);
  expect(of("buffer/P.batch_norm.variance")).toEqual([0, 1]);
  expect(of("param/G.conv.bias")).toEqual([-1, -1, -1]);
});

test("a file of PyTorch that does not fit is refused, with both shapes", async () => {
  const { loaded } = await ofPth(stem, classifier("wide.pth", 3));
  expect(loaded._tag === "Left" && describeError(loaded.left)).toMatch(
    /has stem\.weight as \[2, 3, 2, 3\], and conv of P takes \[2, 3, 2, 2\]/,
  );
  const longer = await ofPth(`${stem} >> conv(1, 2) >> conv(1, 2)`, classifier("short.pth", 2));
  expect(longer.loaded._tag === "Left" && describeError(longer.loaded.left)).toMatch(
    /has fc\.weight as \[10, 2\]/,
  );
});
