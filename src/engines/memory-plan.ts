/**
 * Estimates the memory of a training step from the model alone. It loads nothing and allocates
 * nothing of the planned sizes.
 */
import { recordOf } from "../base/record.js";
import { type MemoryPart, type MemoryPlan, memoryParts } from "../contracts/memory.js";
import { type Graph, inputName, type Node, nodesOf, type Shape, sizeOf } from "../graph/graph.js";
import { isView } from "../graph/operators/index.js";
import { heldAtPeak, type Storage, schedule } from "../graph/schedule.js";
import * as names from "../lowering/names.js";
import { heldStepPrograms, stepPrograms } from "../lowering/programs.js";
import type { Model } from "../program/model.js";
import { planStep } from "../program/plan.js";
import { emitOnnx } from "../targets/onnx/emit.js";
import { type OnnxMemory, onnxMemory } from "./onnx/memory.js";
import { sumsOf, tensorsOf } from "./sessions/bookkeeping.js";
import { inPlace } from "./sessions/graph-session.js";
import { layerCalled, type Places } from "./sessions/places.js";

const FLOAT = 4;

const bytesOf = (shapes: Iterable<Shape>): number =>
  [...shapes].reduce((sum, shape) => sum + FLOAT * sizeOf(shape), 0);

export type PlannedEngine = "onnx" | "webgpu" | "cuda" | "torch" | "tensorflow" | "cpu";

/** Whether the plan is of the engine itself: of the others it is what ONNX Runtime would take. */
export const isPlanned = (engine: PlannedEngine): boolean =>
  engine !== "webgpu" && engine !== "cuda" && engine !== "torch";

// Measured with `npm run bench:plan` on Linux; other systems differ by some ten MB.
const PROCESS = { onnx: 145e6, tensorflow: 450e6, cpu: 200e6 } as const;
/** Bytes for a node of a program: in ONNX Runtime, and for its graph. */
const NODE = 6e3;

type State = Pick<
  Record<MemoryPart, number>,
  "weights" | "optimizer" | "average" | "history" | "sums"
>;

const stateOf = (model: Model): State => {
  const tensors = [...tensorsOf(model)];
  const group = (...prefixes: readonly string[]): number =>
    bytesOf(
      tensors
        .filter(([name]) => prefixes.some((prefix) => name.startsWith(prefix)))
        .map(([, shape]) => shape),
    );
  const all = bytesOf(tensors.map(([, shape]) => shape));
  const weights = group(names.parameterName(""), names.bufferName(""));
  const average = group(names.averageName(""));
  return {
    weights,
    average,
    optimizer: all - weights - average,
    history: historiesOf(model),
    sums: bytesOf(sumsOf(model).values()),
  };
};

/** Returns the bytes of generated images kept between steps. */
const historiesOf = (model: Model): number =>
  planStep(model).histories.reduce(
    (sum, { size, replay }) =>
      sum +
      size * model.recipe.batch * model.recipe.accumulate * imageBytes(model, replay.inputs[0]),
    0,
  );

const imageBytes = (
  { networks, domains }: Model,
  made: { readonly network?: string | undefined; readonly domain?: string | undefined } | undefined,
): number => {
  const network = networks.find(({ name }) => name === made?.network);
  const domain = domains.find(({ name }) => name === made?.domain);
  return FLOAT * sizeOf(network?.output ?? domain?.shape ?? [0]);
};

const storage: Storage = { isView };

const valueName = ({ provenance, label }: Node): string => {
  if (label !== undefined) return label;
  const derived = (provenance?.derivatives ?? []).map(() => "d ").join("");
  return `${derived}${provenance?.at ?? ""}`;
};

/**
 * Splits a value's name, such as `d G.R_3.conv/Gather_2`, into its layer `G.R_3.conv` and whether
 * it is part of a derivative.
 */
const partOf = (value: string): { readonly key: string; readonly isDerived: boolean } => {
  const key = value.replace(/^(?:d )+/, "");
  return { key: key.replace(/\/[^/]*$/, ""), isDerived: key !== value };
};

/** Adds up the values held at the peak: what is kept for the backward pass, and by which layers. */
const kept = (held: ReadonlyMap<string, number>, places: Places) => {
  const layers = new Map<string, number>();
  let activations = 0;
  for (const [name, bytes] of held) {
    const { key, isDerived } = partOf(name);
    const layer = layerCalled(key, places);
    if (layer === undefined) continue;
    layers.set(layer, (layers.get(layer) ?? 0) + bytes);
    if (!isDerived) activations += bytes;
  }
  const largest = [...layers]
    .map(([layer, bytes]) => ({ layer, bytes }))
    .sort((a, b) => b.bytes - a.bytes)
    .slice(0, 5);
  return { activations, largest };
};

const sum = (numbers: Iterable<number>): number => [...numbers].reduce((a, b) => a + b, 0);

/** Bytes from the engine that V8 leaves uncollected for a while. */
const UNCOLLECTED = 2 ** 26;

/** Sorts the parts as they are printed. */
const inOrder = (parts: MemoryPlan["parts"]): MemoryPlan["parts"] =>
  recordOf(
    (Object.keys(memoryParts) as MemoryPart[]).map((part) => [part, parts[part]]),
  ) as MemoryPlan["parts"];

const planned = (parts: MemoryPlan["parts"], largest: MemoryPlan["largest"]): MemoryPlan => {
  const { weights, optimizer, average, copies, sums, program, process, history } = parts;
  return {
    peak: sum(Object.values(parts)),
    parts: inOrder(parts),
    saving: weights + optimizer + average + history,
    fixed: weights + optimizer + average + copies + sums + program + process,
    largest,
  };
};

/** Returns the bytes that a step is fed besides the state: images, masks, rates. */
const fedOf = (graph: Graph, state: ReadonlyMap<string, Shape>): number =>
  bytesOf(graph.inputs.filter((node) => !state.has(inputName(node))).map(({ shape }) => shape));

/** Plans ONNX Runtime on the processor: each phase is a program that keeps memory of its own. */
const planOnnx = (model: Model, places: Places): MemoryPlan => {
  const { graphs } = heldStepPrograms(model);
  const info = { producer: "ganc", metadata: {} };
  const programs = graphs.map((graph): OnnxMemory => onnxMemory(emitOnnx(graph, info)));
  const shapes = new Map([...tensorsOf(model), ...sumsOf(model)]);
  const rewritten = inPlace(graphs, [...shapes.keys()]);
  const copied = [...shapes].filter(([name]) => !rewritten.has(name)).map(([, shape]) => shape);
  const live = ({ held }: OnnxMemory): number => sum(held.values());
  const most = programs.reduce((a, b) => (live(b) > live(a) ? b : a));
  const { activations, largest } = kept(most.held, places);
  const outputs = Math.max(...programs.map((program) => program.outputs));
  return planned(
    {
      ...stateOf(model),
      copies: bytesOf(copied),
      activations,
      gradients: live(most) - activations + Math.max(...graphs.map((g) => fedOf(g, shapes))),
      workspace: sum(programs.map(({ taken }) => taken)) - live(most),
      results: outputs + Math.min(outputs, UNCOLLECTED),
      constants: sum(programs.map(({ constants }) => constants)),
      program: NODE * sum(programs.map(({ nodes }) => nodes)),
      process: PROCESS.onnx,
    },
    largest,
  );
};

/** Plans tfjs, which computes node by node and frees each value after its last use. */
const planTfjs = (model: Model, backend: "tensorflow" | "cpu", places: Places): MemoryPlan => {
  const graphs = stepPrograms(model, { exact: true, without: ["batch", "memory-scheduling"] });
  const shapes = new Map([...tensorsOf(model), ...sumsOf(model)]);
  const lives = graphs.map((graph) => heldAtPeak(graph, schedule(graph, storage), storage));
  const live = (held: ReadonlyMap<Node, number>): number => FLOAT * sum(held.values());
  const most = lives.reduce((a, b) => (live(b) > live(a) ? b : a));
  const named = new Map(
    [...most].map(([node, size], i) => [`${valueName(node)}/${i}`, FLOAT * size] as const),
  );
  const { activations, largest } = kept(named, places);
  return planned(
    {
      ...stateOf(model),
      // Old tensors are freed as new ones are made.
      copies: 0,
      activations,
      gradients: live(most) - activations + Math.max(...graphs.map((g) => fedOf(g, shapes))),
      workspace: 0,
      results: 0,
      constants: 0,
      program: NODE * sum(graphs.map((graph) => nodesOf(graph).length)),
      process: PROCESS[backend],
    },
    largest,
  );
};

/**
 * Plans a step of generated code. Its tape holds what operations save beside the values themselves:
 * measured on CycleGAN of 256 pixels, about as much again as the activations.
 */
export const planCode = (
  model: Model,
  backend: "tensorflow" | "cpu",
  places: Places = { model },
): MemoryPlan => {
  const { parts, largest } = planTfjs(model, backend, places);
  return planned({ ...parts, activations: 2 * parts.activations }, largest);
};

/**
 * Plans one process that trains the model on an engine. On a graphics card the values are in the
 * card's memory.
 */
export const planMemory = (
  model: Model,
  engine: PlannedEngine = "onnx",
  places: Places = { model },
): MemoryPlan =>
  engine === "tensorflow" || engine === "cpu"
    ? planTfjs(model, engine, places)
    : planOnnx(model, places);
