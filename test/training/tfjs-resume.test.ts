import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Session } from "../../src/contracts/session.js";
import type { HostTensor } from "../../src/contracts/tensor.js";
import { startsIn } from "../../src/engines/sessions/starts.js";
import { type GeneratedModule, tfjsSession } from "../../src/engines/tfjs/generated-session.js";
import { decode, encode } from "../../src/training/files/safetensors.js";
import { emptyFolder, load } from "../support/generated.js";
import { compileSpec, modelOfSpec, readProject } from "../support/specs.js";
import { useBackend } from "../support/tensorflow.js";
import { draw, tensor } from "./fake.js";

const name = "specs/emoji.gan";
const smallest = { size: "24", ngf: "1", ndf: "1", blocks: "1" };
let module: GeneratedModule;
const sessions: Session[] = [];

beforeAll(async () => {
  await useBackend("tensorflow");
  // A history that fills within the test, and is drawn from before and after the resume
  const text = readProject(name).replaceAll("history: 50", "history: 2");
  const generated = await compileSpec(name, { [name]: text }, smallest);
  module = (await load(emptyFolder("resume"), "small", generated)) as unknown as GeneratedModule;
});

afterAll(() => {
  for (const session of sessions) session.dispose();
});

const open = (seed = 7): Session => {
  const session = tfjsSession(module, {
    engine: "tfjs",
    seed,
    starts: startsIn(modelOfSpec(name, smallest)),
    average: 0.9,
  });
  sessions.push(session);
  return session;
};

const image = (domain: number, step: number): HostTensor =>
  tensor([1, 24, 24, 3], (i) => 2 * draw(domain, step, i) - 1);

const steps = async (session: Session, from: number, to: number): Promise<void> => {
  for (let step = from; step < to; step++)
    await session.step({
      batch: { Noto: image(0, step), Fluent: image(1, step) },
      rate: 0.01,
      step,
    });
};

const fileOf = async (session: Session): Promise<Buffer> =>
  Buffer.concat(encode(await session.getState()));

test("on tfjs 10 steps are 4 steps, a file, a new session and 6 more, bit for bit", async () => {
  const straight = open();
  await steps(straight, 0, 10);
  const before = open();
  await steps(before, 0, 4);
  const file = decode(await fileOf(before));
  if (file._tag === "Left") throw new Error(file.left.reason);
  // Another seed's weights: all that matters must come from the file.
  const after = open(8);
  await after.setState(file.right.tensors);
  // The seed also fixes the draws to come, so the session goes on under its own.
  const resumed = open();
  await resumed.setState(await after.getState());
  await steps(resumed, 4, 10);
  expect((await fileOf(resumed)).equals(await fileOf(straight))).toBe(true);
  expect((await fileOf(before)).equals(await fileOf(straight))).toBe(false);
});

test("every part of the state matters to the steps that follow", async () => {
  const straight = open();
  await steps(straight, 0, 3);
  const state = await straight.getState();
  await steps(straight, 3, 5);
  const reached = await fileOf(straight);
  const resumed = open();
  for (const prefix of ["param/", "adam.m/", "adam.v/", "adam.t/", "history/"]) {
    const changed = new Map(
      [...state].map(([key, { shape, data }]) => [
        key,
        { shape, data: key.startsWith(prefix) ? data.map((x) => x + 0.125) : data },
      ]),
    );
    await resumed.setState(changed);
    await steps(resumed, 3, 5);
    expect((await fileOf(resumed)).equals(reached)).toBe(false);
  }
  await resumed.setState(state);
  await steps(resumed, 3, 5);
  expect((await fileOf(resumed)).equals(reached)).toBe(true);
});

test("the average of the weights follows its formula, and is what translates", async () => {
  const session = open();
  const key = "G.c7s1.conv.weight";
  let expected: readonly number[] = [];
  for (let step = 0; step < 5; step++) {
    await steps(session, step, step + 1);
    const now = (await session.getState()).get(`param/${key}`)?.data ?? new Float32Array();
    const decay = Math.min(0.9, step / (9 + step));
    expected = Array.from(now, (w, i) => decay * (expected[i] ?? 0) + (1 - decay) * w);
  }
  const state = await session.getState();
  const average = state.get(`average/${key}`)?.data ?? new Float32Array();
  expect(average).toHaveLength(expected.length);
  expected.forEach((value, i) => {
    expect(Math.abs((average[i] ?? Number.NaN) - value)).toBeLessThan(1e-6);
  });
  const translated = async (changed: string): Promise<readonly number[]> => {
    const tripled = (tensor: HostTensor): HostTensor => ({
      shape: tensor.shape,
      data: tensor.data.map((x) => 3 * x),
    });
    const changes = [...state].map(
      ([name, tensor]) => [name, name.startsWith(changed) ? tripled(tensor) : tensor] as const,
    );
    await session.setState(new Map(changes));
    return Array.from((await session.translate("G", [image(0, 0)])).data);
  };
  const plain = await translated("nothing");
  expect(await translated("param/")).toEqual(plain);
  expect(await translated("average/")).not.toEqual(plain);
});
