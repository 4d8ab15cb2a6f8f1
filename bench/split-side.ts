/**
 * A variant of bench/step.ts that splits the step into several graphs. What depends on one draw
 * alone runs on one thread, the first of these parts in the session's and each other one in a
 * worker; what joins them follows on all threads.
 */
import { createRequire } from "node:module";
import { Worker } from "node:worker_threads";
import type { Program, Session } from "../src/contracts/session.js";
import type { HostTensor, Tensors } from "../src/contracts/tensor.js";
import { openProgram } from "../src/engines/onnx/runtime.js";
import { graphSession } from "../src/engines/sessions/graph-session.js";
import { type Graph, inputName, sizeOf } from "../src/graph/graph.js";
import * as names from "../src/lowering/names.js";
import type { Model } from "../src/program/model.js";
import { onnxModel } from "../src/targets/onnx/model-file.js";
import { SEED, type Side, sessionSide } from "./sides.js";
import { type DrawOf, split } from "./split.js";

/**
 * Code of a worker. Each message transfers the arrays there and back, since ONNX Runtime accepts no
 * shared ones.
 */
const WORKER = `
const { parentPort, workerData: { library, model } } = require("node:worker_threads");
const ort = require(library);
const tensors = (all) =>
  Object.fromEntries([...all].map(([name, { shape, data }]) => [name, new ort.Tensor("float32", data, shape)]));
const opened = ort.InferenceSession.create(model, {
  executionProviders: ["cpu"], enableMemPattern: false, logSeverityLevel: 3, intraOpNumThreads: 1,
});
parentPort.on("message", async ({ feeds, into }) => {
  try {
    await (await opened).run(tensors(feeds), tensors(into));
    parentPort.postMessage({ feeds, into }, [...feeds.values(), ...into.values()].map(({ data }) => data.buffer));
  } catch (error) {
    parentPort.postMessage({ failure: String(error) });
  }
});`;

const zeros = (all: Iterable<readonly [string, readonly number[]]>): Tensors =>
  new Map(
    [...all].map(([name, shape]) => [name, { shape, data: new Float32Array(sizeOf(shape)) }]),
  );

const inputsOf = (graph: Graph): Tensors =>
  zeros(graph.inputs.map((node) => [inputName(node), node.shape] as const));

const outputsOf = (graph: Graph): Tensors =>
  zeros([...graph.outputs].map(([name, { shape }]) => [name, shape] as const));

const copy = (from: Tensors, to: Tensors): void => {
  for (const [name, { data }] of to) data.set(from.get(name)?.data ?? []);
};

type Reply = { readonly feeds: Tensors; readonly into: Tensors } | { readonly failure: string };

/** A part in a worker, with its own arrays. */
class Remote {
  private readonly worker: Worker;

  constructor(
    private feeds: Tensors,
    private into: Tensors,
    model: Uint8Array,
  ) {
    const library = createRequire(import.meta.url).resolve("onnxruntime-node");
    this.worker = new Worker(WORKER, { eval: true, workerData: { library, model } });
    this.worker.unref();
  }

  /** Starts a run and returns a promise of all outputs, which stay valid until the next run. */
  run(feeds: Tensors): Promise<Tensors> {
    copy(feeds, this.feeds);
    const arrays = [...this.feeds.values(), ...this.into.values()].map(({ data }) => data.buffer);
    const answer = new Promise<Tensors>((resolve, reject) => {
      // Only an awaited run keeps the process alive.
      this.worker.ref();
      this.worker.once("error", reject);
      this.worker.once("message", (reply: Reply) => {
        this.worker.unref();
        this.worker.off("error", reject);
        if ("failure" in reply) return reject(new Error(reply.failure));
        this.feeds = reply.feeds;
        this.into = reply.into;
        resolve(reply.into);
      });
    });
    this.worker.postMessage({ feeds: this.feeds, into: this.into }, arrays as ArrayBuffer[]);
    return answer;
  }

  dispose(): void {
    void this.worker.terminate();
  }
}

class Parts implements Program {
  constructor(
    private readonly first: Program,
    private readonly crossing: Tensors,
    private readonly others: readonly Remote[],
    private readonly rest: Program,
  ) {}

  async run(feeds: Tensors, into: Tensors = new Map()): Promise<Tensors> {
    const running = Promise.all(this.others.map((other) => other.run(feeds)));
    const here = await this.first.run(feeds, new Map([...this.crossing, ...into]));
    const made = new Map([here, ...(await running)].flatMap((tensors) => [...tensors]));
    const joined = await this.rest.run(new Map([...feeds, ...made]), into);
    for (const [name, { data }] of made) {
      const target = into.get(name);
      if (target !== undefined && target.data !== data) target.data.set(data);
    }
    return new Map([...made, ...joined, ...into]);
  }

  dispose(): void {
    for (const program of [this.first, ...this.others, this.rest]) program.dispose();
  }
}

/**
 * Returns the draw of an input. A history belongs to the images that it replaces, so it needs no
 * draw of its own.
 */
export const drawOf: DrawOf = (input) =>
  input.startsWith(names.batchName("")) ? input : undefined;

/** Opens a step as its parts, or as one program if none can run in parallel. */
const openParts = async (graph: Graph, model: Model): Promise<Program> => {
  const { parts, rest } = split(graph, drawOf);
  const [first, ...others] = parts.values();
  if (first === undefined || others.length === 0) return openProgram(onnxModel(graph, model));
  const remotes = others.map(
    (part) => new Remote(inputsOf(part), outputsOf(part), onnxModel(part, model)),
  );
  const crosses = (entry: readonly [string, HostTensor]): boolean => !graph.outputs.has(entry[0]);
  const crossing = new Map([...outputsOf(first)].filter(crosses));
  const here = await openProgram(onnxModel(first, model), { threads: 1 });
  return new Parts(here, crossing, remotes, await openProgram(onnxModel(rest, model)));
};

export const halvesSession = (model: Model): Promise<Session> => {
  // Joined applications would depend on several draws.
  const passes = { without: ["batch", "memory-scheduling"] };
  return graphSession(model, { engine: "ONNX Runtime, parts", seed: SEED, passes }, (graph) =>
    openParts(graph, model),
  );
};

export const halvesSide = async (
  model: Model,
): Promise<{ readonly engine: string; readonly side: Side }> => {
  const session = await halvesSession(model);
  return { engine: session.engine, side: sessionSide(session) };
};
