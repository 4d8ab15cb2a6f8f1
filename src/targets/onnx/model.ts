/** An ONNX model as plain data: what the emitter makes, and what is encoded. */
import type { Shape } from "../../graph/graph.js";
import type { OnnxAttribute } from "../../graph/operator.js";

/** A node of the standard domain. */
export interface OnnxNode {
  readonly type: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
}

/** A constant: 32-bit floats or 64-bit integers, row-major. */
export interface OnnxTensor {
  readonly name: string;
  readonly shape: Shape;
  readonly data: Float32Array | BigInt64Array;
}

/** A tensor of 32-bit floats that goes in or comes out. */
export interface OnnxValue {
  readonly name: string;
  readonly shape: Shape;
  /** Names of the axes that are left open, by their places. */
  readonly open?: Readonly<Record<number, string>>;
}

export interface OnnxModel {
  readonly name: string;
  /** Version of the standard operator set. */
  readonly opset: number;
  readonly producer: string;
  /** Written into the model's properties, in this order. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  readonly initializers: readonly OnnxTensor[];
  /** Names of initializers that may be fed: to a runtime they are no constants. */
  readonly defaults: readonly string[];
  /** Each after those whose values it needs. */
  readonly nodes: readonly OnnxNode[];
}
