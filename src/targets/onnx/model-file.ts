/** The file of an ONNX model that says what spec it came from. */
import type { Graph } from "../../graph/graph.js";
import type { Model } from "../../program/model.js";
import { emitOnnx, type OnnxOptions } from "./emit.js";
import { encodeOnnx } from "./encode.js";

/**
 * A program of the model as the bytes of an ONNX model; its properties name the spec and the values
 * of its params.
 */
export const onnxModel = (graph: Graph, model: Model, options: OnnxOptions = {}): Uint8Array => {
  const params = Object.fromEntries(model.params.map((p) => [p.name, p.value]));
  const metadata = { spec: model.file, program: graph.name, params: JSON.stringify(params) };
  return encodeOnnx(emitOnnx(graph, { producer: "ganc", metadata }, options));
};
