/**
 * One side of bench/step.ts, in a separate process for a separate memory measurement. Loads only
 * what that side needs, makes a step on request, and otherwise waits.
 */
import { diskSources } from "../src/cli/specs/spec-files.js";
import { analyse, noSettings } from "../src/compiler/frontend.js";
import type { Model } from "../src/program/model.js";
import { peakBytes } from "./memory.js";
import { wordsOf } from "./reported.js";
import { imagesOf, type Losses, type Side, SPEC, type Subject, subjectOf } from "./sides.js";

type Settings = Readonly<Record<string, string>>;

/** Requests to the child, the start first. */
export type Start =
  | { readonly kind: "onnx"; readonly settings: Settings }
  | { readonly kind: "halves"; readonly settings: Settings }
  | OnTensorFlow;

type OnTensorFlow =
  | { readonly kind: "tfjs" | "explicit"; readonly settings: Settings }
  | { readonly kind: "plain"; readonly subject: Subject };

export type Request = Start | { readonly kind: "step"; readonly number: number };

export interface Ready {
  readonly kind: "ready";
  readonly engine: string;
}

/** A side's report of a step; bench/torch/step.py sends it too. */
export interface Timed {
  readonly kind: "stepped";
  readonly milliseconds: number;
  readonly losses: Losses;
  /** Peak resident set of the process so far, in bytes. */
  readonly peak: number;
  /** tf.memory() after the step, on sides of tfjs. */
  readonly held?: Held;
}

export interface Held {
  readonly tensors: number;
  readonly bytes: number;
}

export interface Failed {
  readonly kind: "failed";
  readonly reason: string;
}

export type Reply = Ready | Timed | Failed;

interface Started {
  readonly engine: string;
  readonly subject: Subject;
  readonly side: Side;
  readonly held?: () => Held;
}

// Each of ganc's sides compiles in the process that trains, as `ganc run` does, so the memory for
// that counts.

const modelOf = (settings: Settings): Model => {
  const { result } = analyse(
    SPEC,
    diskSources,
    new Map([...noSettings, ...Object.entries(settings)]),
  );
  if (result === undefined) throw new Error(`${SPEC} has errors`);
  return result.model;
};

const generatedSide = async (settings: Settings): Promise<readonly [Subject, Side]> => {
  const { compile } = await import("../src/compiler/index.js");
  const { loadGenerated } = await import("../src/engines/tfjs/generated-module.js");
  const { gancSide } = await import("./tfjs-sides.js");
  const given = new Map([...noSettings, ...Object.entries(settings)]);
  const { output } = await compile(SPEC, diskSources, given);
  if (output === undefined) throw new Error(`${SPEC} has errors`);
  const subject = subjectOf(output.model);
  return [subject, gancSide(await loadGenerated(output.text), subject)];
};

const tfjsSide = async (request: OnTensorFlow) => {
  if (request.kind === "tfjs") return generatedSide(request.settings);
  const { explicitSide, plainSide } = await import("./tfjs-sides.js");
  if (request.kind === "plain") return [request.subject, plainSide(request.subject)] as const;
  const model = modelOf(request.settings);
  return [subjectOf(model), await explicitSide(model)] as const;
};

const startTensorFlow = async (request: OnTensorFlow): Promise<Started> => {
  const { loadTensorFlow } = await import("../src/engines/tensorflow/load.js");
  const loaded = await loadTensorFlow();
  if (loaded._tag === "Left") throw new Error(`${loaded.left.reason} ${loaded.left.remedy}`);
  const { tf, version } = loaded.right;
  const [subject, side] = await tfjsSide(request);
  const held = (): Held => {
    const { numTensors: tensors, numBytes: bytes } = tf.memory();
    return { tensors, bytes };
  };
  return { engine: `libtensorflow ${version}`, subject, side, held };
};

const startOnnx = async (settings: Settings): Promise<Started> => {
  const { onnxSide } = await import("./onnx-side.js");
  const model = modelOf(settings);
  return { ...(await onnxSide(model)), subject: subjectOf(model) };
};

const startHalves = async (settings: Settings): Promise<Started> => {
  const { halvesSide } = await import("./split-side.js");
  const model = modelOf(settings);
  return { ...(await halvesSide(model)), subject: subjectOf(model) };
};

const start = (request: Start): Promise<Started> => {
  if (request.kind === "onnx") return startOnnx(request.settings);
  return request.kind === "halves" ? startHalves(request.settings) : startTensorFlow(request);
};

const step = async ({ subject, side, held }: Started, number: number): Promise<Timed> => {
  const images = imagesOf(subject, number);
  const begin = performance.now();
  const losses = await side.step(images);
  const milliseconds = performance.now() - begin;
  return {
    kind: "stepped",
    milliseconds,
    losses,
    peak: peakBytes(),
    ...(held === undefined ? {} : { held: held() }),
  };
};

let started: Promise<Started> | undefined;

const answer = async (request: Request): Promise<Reply> => {
  if (request.kind !== "step") {
    started = start(request);
    const { engine } = await started;
    return { kind: "ready", engine };
  }
  if (started === undefined) throw new Error("a step before its start");
  return step(await started, request.number);
};

process.on("message", (request: Request) => {
  answer(request).then(
    (reply) => process.send?.(reply),
    (error) => process.send?.({ kind: "failed", reason: wordsOf(error) } satisfies Failed),
  );
});
