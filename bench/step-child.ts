/**
 * One side of bench/step.ts, in a process of its own so that its memory is its own: makes a step when it is told to,
 * and otherwise waits.
 */

import { diskSources } from "../src/cli/spec-files.js";
import { noSettings } from "../src/compiler/frontend.js";
import { compile } from "../src/compiler/index.js";
import { loadTensorFlow } from "../src/engines/tensorflow/load.js";
import { loadGenerated } from "../src/engines/tfjs/load.js";
import {
  gancSide,
  imagesOf,
  type Losses,
  plainSide,
  type Side,
  SPEC,
  type Subject,
  subjectOf,
} from "./sides.js";

export type SideName = "ganc" | "plain";

/** To the child. A subject comes first. */
export type Request =
  | { readonly kind: "ganc"; readonly settings: Readonly<Record<string, string>> }
  | { readonly kind: "plain"; readonly subject: Subject }
  | { readonly kind: "step"; readonly number: number };

export interface Ready {
  readonly kind: "ready";
  readonly engine: string;
  readonly subject: Subject;
}

/** What every side says of a step, bench/torch/step.py too. */
export interface Timed {
  readonly kind: "stepped";
  readonly milliseconds: number;
  readonly losses: Losses;
  /** Peak resident set of the process so far, in bytes. */
  readonly peak: number;
}

export interface Stepped extends Timed {
  /** Of tf.memory() after the step. */
  readonly tensors: number;
  readonly bytes: number;
}

export interface Failed {
  readonly kind: "failed";
  readonly reason: string;
}

export type Reply = Ready | Stepped | Failed;

/** Compiles, as `ganc run` does, in the process that trains: what that takes of memory is part of ganc's. */
const gancStart = async (settings: Readonly<Record<string, string>>): Promise<[Subject, Side]> => {
  const { output } = await compile(
    SPEC,
    diskSources,
    new Map([...noSettings, ...Object.entries(settings)]),
  );
  if (output === undefined) throw new Error(`${SPEC} has errors`);
  const subject = subjectOf(output.model);
  return [subject, gancSide(await loadGenerated(output.text), subject)];
};

const start = async (request: Exclude<Request, { kind: "step" }>) => {
  const loaded = await loadTensorFlow();
  if (loaded._tag === "Left") throw new Error(`${loaded.left.reason} ${loaded.left.remedy}`);
  const { tf, version } = loaded.right;
  const [subject, side] =
    request.kind === "ganc"
      ? await gancStart(request.settings)
      : ([request.subject, plainSide(request.subject)] as const);
  return { tf, engine: `libtensorflow ${version}`, subject, side };
};

type Started = Awaited<ReturnType<typeof start>>;

const step = async ({ tf, subject, side }: Started, number: number): Promise<Stepped> => {
  const images = imagesOf(subject, number);
  const begin = performance.now();
  const losses = await side.step(images);
  const milliseconds = performance.now() - begin;
  const { numTensors: tensors, numBytes: bytes } = tf.memory();
  const peak = process.resourceUsage().maxRSS * 1024;
  return { kind: "stepped", milliseconds, losses, tensors, bytes, peak };
};

let started: Promise<Started> | undefined;

const answer = async (request: Request): Promise<Reply> => {
  if (request.kind !== "step") {
    started = start(request);
    const { engine, subject } = await started;
    return { kind: "ready", engine, subject };
  }
  if (started === undefined) throw new Error("a step before its subject");
  return step(await started, request.number);
};

process.on("message", (request: Request) => {
  answer(request).then(
    (reply) => process.send?.(reply),
    (error) => process.send?.({ kind: "failed", reason: String(error) } satisfies Failed),
  );
});
