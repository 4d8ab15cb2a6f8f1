/**
 * Random games, well typed by construction: the checker accepts them, their gradients are those of
 * finite differences, passes change no number, every engine computes what the float64 evaluator
 * does, and formatting keeps what they mean.
 */
import { rmSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import * as tf from "@tensorflow/tfjs";
import { isLeft } from "fp-ts/lib/Either.js";
import { lexer } from "../../grammar/lexer.js";
import { compile } from "../../src/compiler/index.js";
import type { Session } from "../../src/contracts/session.js";
import { format } from "../../src/format/format.js";
import { evaluate } from "../../src/graph/evaluate.js";
import type { Tensor } from "../../src/graph/operator.js";
import { print } from "../../src/graph/print.js";
import * as names from "../../src/lowering/names.js";
import { stepPrograms } from "../../src/lowering/programs.js";
import type { Model } from "../../src/program/model.js";
import { feedsOf } from "../lowering/feeds.js";
import { differences, passedPrograms, slopesOf } from "../lowering/slopes.js";
import { batchOf } from "../support/batches.js";
import { emptyFolder, load } from "../support/generated.js";
import { analyseText, render, sources } from "../support/specs.js";
import { useBackend } from "../support/tensorflow.js";
import { disorder } from "./disorder.js";
import { disagreements, explicit, onnx, tape } from "./engines.js";
import { gameText, randomGame } from "./random-games.js";
import { holds, limit, seed, trials, within } from "./trial.js";

const folder = emptyFolder("games");
beforeAll(() => useBackend("tensorflow"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Sound {
  readonly index: number;
  readonly text: string;
  readonly model: Model;
}

const sound: Sound[] = [];

const accept = (): void => {
  for (const index of trials(150)) {
    const text = gameText(randomGame(seed, index));
    const { diagnostics, result } = analyseText(text);
    // Well typed, and nevertheless hardly meant: GAN314 says so of a softmax of probabilities.
    const errors = diagnostics.filter(
      ({ code, severity }) => severity === "error" && code !== "GAN314",
    );
    holds(index, text, errors.length > 0 ? [render(errors, { "test.gan": text })] : []);
    if (result !== undefined) sound.push({ index, text, model: result.model });
  }
};

test("what is well typed is accepted", accept, limit);

/** So many of the specs, the first ones. */
const some = (count: number, share: number): readonly Sound[] => {
  const chosen = new Set(trials(count, share));
  return sound.filter(({ index }) => chosen.has(index));
};

const drawsOf = (model: Model): Map<string, Tensor> =>
  new Map(
    Object.entries(batchOf(model, 0)).map(([key, { shape, data }]) => [
      names.batchName(key),
      { shape, data: Float64Array.from(data) },
    ]),
  );

const commentsOf = (text: string): readonly string[] =>
  (lexer.tokenize(text).groups.comments ?? []).map(({ image }) => image.trimEnd());

const laidOut = (text: string): string => {
  const result = format({ name: "test.gan", text });
  if (isLeft(result)) throw new Error(JSON.stringify(result.left));
  return result.right;
};

const programsOf = (text: string): readonly string[] => {
  const { diagnostics, result } = analyseText(text);
  if (result === undefined) throw new Error(render(diagnostics, { "test.gan": text }));
  return stepPrograms(result.model).map(print);
};

const layOut = (): void => {
  for (const { index, text } of some(40, 1)) {
    const disordered = disorder(text, index);
    const once = laidOut(disordered);
    const wrong = [
      ...(laidOut(once) === once ? [] : ["laid out again, it is another"]),
      ...(commentsOf(once).join() === commentsOf(disordered).join() ? [] : ["comments are lost"]),
      ...(programsOf(once).join() === programsOf(text).join() ? [] : ["it means something else"]),
    ];
    holds(index, `${disordered}\n\nlaid out as\n\n${once}`, wrong);
  }
};

test("formatting keeps what they mean, and every comment", layOut, limit);

/** How far an objective may bend within a difference, beside what rounding makes of its value. */
const bend = 2e-4;

const differentiate = (): void => {
  const slopes: number[] = [];
  for (const { index, text, model } of some(60, 1))
    for (const phase of model.phases.keys())
      for (const slope of slopesOf(model, phase, drawsOf(model))) {
        const { player, gradient, difference, value } = slope;
        const slack = bend * Math.abs(difference) + 1e-7 * (1 + Math.abs(value));
        const wrong = `${player} has a slope of ${gradient}, and its differences say ${difference}`;
        holds(index, text, Math.abs(gradient - difference) < slack ? [] : [wrong]);
        slopes.push(Math.abs(difference));
      }
  // Slopes of nothing would agree with anything.
  expect(slopes.filter((slope) => slope > 1e-4).length).toBeGreaterThan(0.8 * slopes.length);
};

test("gradients are those of finite differences", differentiate, limit);

/** Whether all is 0 but for rounding, as the gradient of a bias that a norm takes away again. */
const isNothing = (tensor: Tensor | undefined): boolean =>
  tensor?.data.every((value) => Math.abs(value) < 1e-12) === true;

const pass = (): void => {
  for (const { index, text, model } of some(60, 1))
    for (const phase of model.phases.keys()) {
      const [plain, ...passed] = passedPrograms(model, phase);
      const feeds = new Map([...feedsOf(plain, 3), ...drawsOf(model)]);
      for (const graph of passed) {
        const off = [...differences(plain, graph, feeds)].filter(([, by]) => !(by < 1e-8));
        const values = off.length === 0 ? [] : [evaluate(plain, feeds), evaluate(graph, feeds)];
        const far = off.filter(([name]) => !values.every((of) => isNothing(of.get(name))));
        const problems = far.map(([name, by]) => `${name} is off by ${by}`);
        holds(index, text, problems);
      }
    }
};

test("passes change no number beyond rounding", pass, limit);

/** Two steps on each engine, which leave nothing behind. */
const train = async (
  { index, text, model }: Sound,
  open: () => Promise<Readonly<Record<string, Session>>>,
): Promise<void> => {
  const held = tf.memory().numTensors;
  const problems = await within(index, text, async () => {
    const engines = await open();
    const found = await disagreements(model, engines, 2);
    for (const engine of Object.values(engines)) engine.dispose();
    return found;
  });
  const left = tf.memory().numTensors - held;
  holds(index, text, left === 0 ? problems : [...problems, `${left} tensors are left behind`]);
};

const onGraphs = async (): Promise<void> => {
  for (const each of some(40, 1)) {
    const { model } = each;
    await train(each, async () => ({ onnx: await onnx(model), explicit: await explicit(model) }));
  }
};

test("ONNX Runtime and tfjs compute what float64 does", onGraphs, limit);

const onTape = async (): Promise<void> => {
  for (const each of some(12, 0.2)) {
    const { index, text, model } = each;
    const { diagnostics, output } = await within(index, text, () =>
      compile("t.gan", sources({ "t.gan": text })),
    );
    const errors = diagnostics.filter(({ severity }) => severity === "error");
    if (output === undefined) {
      holds(index, text, [render(errors, { "t.gan": text })]);
      continue;
    }
    const module = await load(folder, `game-${index}`, output.text);
    await train(each, async () => ({ tape: await tape(model, module) }));
  }
};

test("so does the readable form", onTape, limit);
