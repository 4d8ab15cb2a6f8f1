/**
 * What fails in an engine is told in words of the spec, and without those of the engine's sources.
 */
import { afterEach, beforeAll, expect, test } from "@jest/globals";
import * as tf from "@tensorflow/tfjs";
import { lineStarts, positionAt, type Span } from "../../../src/base/source.js";
import type { Program, Session } from "../../../src/contracts/session.js";
import { openProgram } from "../../../src/engines/onnx/runtime.js";
import { onnxSession } from "../../../src/engines/onnx/session.js";
import { failureOf } from "../../../src/engines/sessions/failure.js";
import { tfjsExplicitSession } from "../../../src/engines/tfjs/explicit.js";
import { heldStepPrograms } from "../../../src/lowering/programs.js";
import { modelOf } from "../../support/specs.js";
import { tensor } from "../../training/fake.js";

const text = `domain X = image(16)
domain Y = image(16)
let body = conv(3, 4, pad: 1) >> self_attention >> conv(3, 3, pad: 1) >> tanh
net G : X -> Y = body
net D : Y -> Scores = conv(1, 4)
loss gan(G : a -> b, D : b -> Scores) =
  E[y ~ b] log(sigmoid(D(y))) + E[x ~ a] log(1 - sigmoid(D(G(x))))
solve { min[G] max[D] gan(G, D) }
train { optimizer: adam(2e-4) schedule: constant(1) }
`;

const model = modelOf(text);

const locate = ({ start }: Span): string => {
  const { line, column } = positionAt(lineStarts(text), start);
  return `test.gan:${line}:${column}`;
};

const places = { model, locate };
const [graph] = heldStepPrograms(model).graphs;
const step = graph as NonNullable<typeof graph>;

const arena =
  "/onnxruntime_src/onnxruntime/core/framework/bfc_arena.cc:360 void* onnxruntime::BFCArena::AllocateRawInternal(size_t, bool, onnxruntime::Stream*) ";

const attention = "the layer `self_attention` of G (test.gan:3:34)";
const free =
  /which is not free in the [\d.]+ [GM]iB of this machine: smaller images, a smaller batch or fewer channels need less\.$/;

test.each<readonly [string, string]>([
  [
    `Non-zero status code returned while running FusedMatMul node. Name:'d G.self_attention/MatMul_3/MatmulTransposeFusion/' Status Message: ${arena}Failed to allocate memory for requested buffer of size 262144`,
    `the gradient of ${attention} needs 256 KiB at once, `,
  ],
  [
    `Non-zero status code returned while running Softmax node. Name:'G.self_attention/Softmax' Status Message: ${arena}Failed to allocate memory for requested buffer of size 629407744`,
    `${attention} needs 600 MiB at once, `,
  ],
  ["std::bad_alloc", "the step needs more memory, "],
  ["Array buffer allocation failed", "the step needs more memory, "],
  [
    "Invalid TF_Status: 8; Message: OOM when allocating tensor with shape[1,12544,12544] and type float on /job:localhost/replica:0/task:0/device:CPU:0 by allocator mklcpu",
    "the step needs 600 MiB at once, ",
  ],
])("memory: %s", (words, said) => {
  const { message } = failureOf(new Error(words), step, places);
  expect(message).toMatch(free);
  expect(message.slice(0, said.length)).toBe(said);
});

test.each([
  [
    "Could not find an implementation for Softplus(1) node with name 'G.conv_2/Softplus'",
    "at the layer `conv_2` of G (test.gan:3:52): Could not find an implementation for Softplus(1) node with name 'G.conv_2/Softplus'.",
  ],
  [
    `Non-zero status code returned while running Add node. Name:'D.conv/Add' Status Message: /onnxruntime_src/onnxruntime/core/providers/cpu/math/element_wise_ops.h:560 void onnxruntime::BroadcastIterator::Append(ptrdiff_t, ptrdiff_t) axis == 1 || axis == largest was false. Attempting to broadcast an axis by a dimension other than 1. 3 by 4\n`,
    "at the layer `conv` of D (test.gan:5:23): axis == 1 || axis == largest was false. Attempting to broadcast an axis by a dimension other than 1. 3 by 4.",
  ],
  ["Error: Error: something new", "something new."],
])("%s", (words, said) => {
  expect(failureOf(new Error(words), step, places).message).toBe(said);
  // Whoever has no texts of the spec says the rest.
  const nowhere = failureOf(new Error(words), step, { model }).message;
  expect(nowhere).toBe(said.replaceAll(/ \(test[^)]*\)/g, ""));
});

const batch = { X: tensor([1, 16, 16, 3], () => 0.5), Y: tensor([1, 16, 16, 3], () => 0.1) };

/**
 * What a step and a translation say; a step that fails leaves a session that nothing is asked of
 * any more.
 */
const failing = async (open: () => Promise<Session>): Promise<readonly string[]> => {
  const told: string[] = [];
  const keep = ({ message }: Error): void => {
    told.push(message);
  };
  const [one, other] = [await open(), await open()];
  await one.step({ batch, rate: 0, step: 0 }).catch(keep);
  await other.translate("G", [batch.X]).catch(keep);
  other.dispose();
  return told;
};

test("ONNX Runtime's words are those of its programs, the step and the translation alike", async () => {
  const words = "running Add node. Name:'G.conv/Add' Status Message: too bad";
  const open = async (...args: Parameters<typeof openProgram>): Promise<Program> => ({
    ...(await openProgram(...args)),
    run: () => Promise.reject(new Error(words)),
    dispose: () => undefined,
  });
  const session = () => onnxSession(model, { engine: "onnx", seed: 1, locate, open });
  const said = "at the layer `conv` of G (test.gan:3:12): too bad.";
  expect(await failing(session)).toEqual([said, said]);
  const broken = () => Promise.reject(new Error("no kernel for 'G.self_attention/Exp'"));
  await expect(
    onnxSession(model, { engine: "onnx", seed: 1, locate, open: broken }),
  ).rejects.toThrow(`at ${attention}: no kernel`);
});

const engine = tf.engine();
const runKernel = engine.runKernel.bind(engine);

beforeAll(async () => {
  await tf.setBackend("cpu");
  Object.assign(tf.backend(), { firstUse: false });
});

afterEach(() => {
  engine.runKernel = runKernel;
});

test("tfjs tells of the node at which it failed", async () => {
  const session = () => tfjsExplicitSession(model, { engine: "tfjs", seed: 1, locate });
  engine.runKernel = ((name: string, ...rest: [never, never]) => {
    if (name === "BatchMatMul") throw new RangeError("Array buffer allocation failed");
    return runKernel(name, ...rest);
  }) as typeof engine.runKernel;
  // The first of its products: 256 places by one channel
  const said = expect.stringMatching(
    /^the layer `self_attention` of G \(test\.gan:3:34\) needs 1 KiB at once, /,
  );
  expect(await failing(session)).toEqual([said, said]);
});
