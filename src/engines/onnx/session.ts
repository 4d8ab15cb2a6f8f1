/**
 * The onnx engine: a whole training step, forward, backward and update, is one run of one ONNX
 * graph.
 */

import type { Session } from "../../contracts/session.js";
import { type Graph, ordered } from "../../graph/graph.js";
import { peakOf } from "../../graph/schedule.js";
import type { Model } from "../../program/model.js";
import { onnxModel } from "../../targets/onnx/model-file.js";
import { type GraphOptions, graphSession, type Load } from "../sessions/graph-session.js";
import { translationSession } from "../sessions/translation-session.js";
import type { OnnxRuntime } from "./runtime.js";

export interface OnnxOptions extends GraphOptions {
  /** Makes a model runnable. */
  readonly open: OnnxRuntime["open"];
}

/**
 * Most numbers held at once with which ONNX Runtime may plan its memory: 64 MB. Open shapes save
 * what dead values would keep, but such a model takes ONNX Runtime several times as long to open.
 */
const muchMemory = 16_000_000;

export const isLarge = (graph: Graph): boolean =>
  peakOf(graph, ordered(graph.outputs.values())) > muchMemory;

const loading =
  (model: Model, open: OnnxRuntime["open"]): Load =>
  (graph, lean = false) =>
    open(onnxModel(graph, model, { openShapes: isLarge(graph) }), { lean });

/** Opens a session whose programs are models for ONNX Runtime. */
export const onnxSession = (model: Model, { open, ...options }: OnnxOptions): Promise<Session> =>
  graphSession(model, options, loading(model, open));

/** Opens such a session for translation only. */
export const onnxTranslation = (model: Model, { open, ...options }: OnnxOptions): Session =>
  translationSession(model, options, loading(model, open));
