/** The onnx engine: a whole training step, forward, backward and update, is one run of one ONNX graph. */
import type { Model } from "../../model/model.js";
import { onnxModel } from "../../targets/onnx/model-file.js";
import { type GraphOptions, graphSession } from "../graph-session.js";
import type { Session } from "../session.js";
import type { OnnxRuntime } from "./runtime.js";

export interface OnnxOptions extends GraphOptions {
  /** Makes a model runnable. */
  readonly open: OnnxRuntime["open"];
}

/** A session of which each program is a model for ONNX Runtime. */
export const onnxSession = (model: Model, { open, ...options }: OnnxOptions): Promise<Session> =>
  graphSession(model, options, (graph) => open(onnxModel(graph, model, { openShapes: true })));
