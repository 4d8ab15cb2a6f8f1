/**
 * Kernels registered with tfjs beside its own: a portable form of tfjs operations for every
 * backend, and optionally a form for libtensorflow that calls TensorFlow's kernels directly.
 * Registering a kernel, where `tf.customGrad` would be shorter, keeps gradients lazy: the weight
 * gradient of a discriminator is not computed while the generator trains.
 */
import * as tf from "@tensorflow/tfjs";

export type Inputs = Readonly<Record<string, tf.Tensor>>;

/** An attribute for tfjs-node's addon; `type` is one of the binding's `TF_ATTR_*` numbers. */
interface OpAttribute {
  readonly name: string;
  readonly type: number;
  readonly value: unknown;
}

/** The part of tfjs-node's backend that is used here. */
interface NodeBackend {
  readonly binding: Readonly<Record<string, number>>;
  executeMultipleOutputs(
    op: string,
    attributes: OpAttribute[],
    inputs: tf.Tensor[],
    outputs: number,
  ): tf.Tensor[];
}

/** An attribute's value, tagged with its type in TensorFlow's operator definition. */
export type AttributeValue =
  | { readonly type: "float" | "int" | "bool" | "string"; readonly value: unknown }
  | { readonly type: "dtype"; readonly value: "float32" | "int32" };

/** Runs one TensorFlow operator by name. The current backend must be `tensorflow`. */
export function executeTensorflow(
  op: string,
  attributes: Readonly<Record<string, AttributeValue>>,
  inputs: readonly tf.Tensor[],
  outputs = 1,
): tf.Tensor[] {
  const backend = tf.backend() as unknown as NodeBackend;
  const { binding } = backend;
  const constant = (key: string): number => {
    const value = binding[key];
    if (value === undefined) throw new Error(`tfjs-node's binding has no ${key}`);
    return value;
  };
  const opAttributes = Object.entries(attributes).map(([name, { type, value }]) =>
    type === "dtype"
      ? {
          name,
          type: constant("TF_ATTR_TYPE"),
          value: constant(value === "int32" ? "TF_INT32" : "TF_FLOAT"),
        }
      : { name, type: constant(`TF_ATTR_${type.toUpperCase()}`), value },
  );
  return backend.executeMultipleOutputs(op, opAttributes, [...inputs], outputs);
}

export const float32: AttributeValue = { type: "dtype", value: "float32" };
export const int32: AttributeValue = { type: "dtype", value: "int32" };

type Attributes = tf.NamedAttrMap;

export interface KernelDefinition<A extends object> {
  /** Begins with `Ganc`, so that it does not replace a kernel of tfjs. */
  readonly name: string;
  /** Form made only of tfjs operations, whose intermediates are disposed automatically. */
  readonly portable: Kernel<A>;
  /** Form for libtensorflow. */
  readonly tensorflow?: Kernel<A>;
  /** Names of the inputs that the gradient reads. */
  readonly savesInputs?: readonly string[];
  /** Outputs that the gradient reads. They are saved after the inputs. */
  readonly savesOutputs?: readonly boolean[];
  /**
   * For each input, computes its gradient from that of the first output. Evaluated only if needed.
   */
  readonly gradient: (
    dy: tf.Tensor,
    saved: readonly tf.Tensor[],
    attributes: A,
  ) => Record<string, () => tf.Tensor>;
}

/** Runs a kernel and returns all of its outputs. The caller disposes those that it does not use. */
export type Kernel<A extends object> = (inputs: Inputs, attributes: A) => tf.Tensor[];

let portableOnly = 0;

/**
 * Runs `f` with every kernel in its portable form, on any backend: the reference for the fused
 * forms.
 */
export function withPortableKernels<T>(f: () => T): T {
  portableOnly++;
  try {
    return f();
  } finally {
    portableOnly--;
  }
}

/** Tells whether kernels run in their form for libtensorflow. */
export const onTensorflow = (): boolean => portableOnly === 0 && tf.getBackend() === "tensorflow";

/** Defines a kernel and returns a function that runs it on the current backend. */
export function defineKernel<A extends object>(definition: KernelDefinition<A>): Kernel<A> {
  const { name, portable, tensorflow, savesInputs = [], savesOutputs = [] } = definition;
  if (tf.getGradient(name) == null) {
    tf.registerGradient({
      kernelName: name,
      inputsToSave: [...savesInputs],
      outputsToSave: [...savesOutputs],
      gradFunc: (dy, saved, attributes) =>
        definition.gradient(
          (Array.isArray(dy) ? dy[0] : dy) as tf.Tensor,
          saved,
          attributes as unknown as A,
        ),
    });
  }
  const kernelFunc = ({ inputs, attrs }: { inputs: object; attrs?: object }): tf.Tensor[] => {
    const form = tensorflow !== undefined && onTensorflow() ? tensorflow : portable;
    return tf.tidy(() => form(inputs as Inputs, attrs as A));
  };
  return (inputs, attributes) => {
    const backendName = tf.getBackend();
    if (tf.getKernel(name, backendName) == null) {
      tf.registerKernel({ kernelName: name, backendName, kernelFunc });
    }
    return tf
      .engine()
      .runKernel<tf.Tensor[]>(name, inputs as tf.NamedTensorMap, attributes as Attributes);
  };
}

/**
 * Returns the only output of a kernel.
 * @throws Error if it has another number of outputs
 */
export function only<T extends tf.Tensor>(outputs: readonly tf.Tensor[]): T {
  const [output] = outputs;
  if (output === undefined || outputs.length !== 1) {
    throw new Error(`expected one output, got ${outputs.length}`);
  }
  return output as T;
}

/** Runs one of tfjs's own kernels that its operations do not expose. */
export function runTfjsKernel<T extends tf.Tensor>(
  name: string,
  inputs: Inputs,
  attributes: object,
): T {
  return tf
    .engine()
    .runKernel(name, inputs as tf.NamedTensorMap, attributes as Attributes) as unknown as T;
}
