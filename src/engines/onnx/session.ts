/** The onnx engine: a whole training step, forward, backward and update, is one run of one ONNX graph. */

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
 * Numbers held at once, at most, up to which ONNX Runtime may keep memory as it plans to: 64 MB. Shapes left open spare what
 * dead values would keep, but a model with them takes ONNX Runtime several times as long to open.
 */
const muchMemory = 16_000_000;

export const isLarge = (graph: Graph): boolean =>
  peakOf(graph, ordered(graph.outputs.values())) > muchMemory;

const loading =
  (model: Model, open: OnnxRuntime["open"]): Load =>
  (graph, lean = false) =>
    open(onnxModel(graph, model, { openShapes: isLarge(graph) }), { lean });

/** A session of which each program is a model for ONNX Runtime. */
export const onnxSession = (model: Model, { open, ...options }: OnnxOptions): Promise<Session> =>
  graphSession(model, options, loading(model, open));

/** The same of one that only translates. */
export const onnxTranslation = (model: Model, { open, ...options }: OnnxOptions): Session =>
  translationSession(model, options, loading(model, open));
