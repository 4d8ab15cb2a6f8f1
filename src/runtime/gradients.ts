/**
 * Reverse-mode differentiation over tfjs's tape. tfjs's own (`tf.variableGrads`) holds every saved
 * tensor and every gradient until it returns; this one disposes each after its last use, which
 * halves the memory of a training step.
 */
import * as tf from "@tensorflow/tfjs";
import { detachKernel } from "./kernels/detach.js";
import { ownParameters } from "./parameters.js";

/** One recorded operation, as in tfjs-core's tape.ts. */
interface TapeNode {
  readonly kernelName: string;
  readonly outputs: readonly tf.Tensor[];
  readonly inputs: Readonly<Record<string, tf.Tensor>>;
  readonly gradient?: (dys: (tf.Tensor | null)[]) => Record<string, () => tf.Tensor>;
  readonly saved?: readonly tf.Tensor[];
}

/** The recording part of tfjs's engine; public at run time, private in its types. */
interface Recorder {
  readonly state: { gradientDepth: number; activeTape: TapeNode[] | null };
  startTape(): void;
  endTape(): void;
}

/** Values of a step by name, each [n, h, w, c]. */
export type Values<K extends string> = Readonly<Record<K, tf.Tensor4D>>;

/**
 * The result of a player: the value of its objective, the terms to report, and the values to keep
 * under the names `K`.
 */
export interface Objective<K extends string = string> {
  readonly value: tf.Scalar;
  readonly terms?: Readonly<Record<string, tf.Scalar>>;
  /** Tensors used after differentiation, for example fakes to be judged. */
  readonly kept?: Values<K>;
}

export interface Differentiated<K extends string = string> {
  readonly value: tf.Scalar;
  readonly terms: Readonly<Record<string, tf.Scalar>>;
  readonly kept: Values<K>;
  /**
   * By canonical name, one for every parameter of the models; zero if the value does not depend on
   * it.
   */
  readonly gradients: ReadonlyMap<string, tf.Tensor>;
}

/**
 * Evaluates `f` and the gradient of its value for the parameters of `models`; with `maximise` the
 * gradient of minus its value, so that a descending optimizer climbs. The caller owns all returned
 * tensors, and disposes them or calls this within `tf.tidy`; everything else is disposed.
 * @throws Error if the value depends on no parameter of one of the models
 */
export function differentiate<K extends string = string>(
  models: readonly tf.LayersModel[],
  f: () => Objective<K>,
  { maximise = false }: { readonly maximise?: boolean } = {},
): Differentiated<K> {
  const variables = new Map(models.flatMap((model) => [...ownParameters(model)]));
  const { result, tape } = record(f);
  const { value, terms = {}, kept = {} as Values<K> } = result;
  try {
    // tidy disposes what it does not return, and does not look into maps.
    const gradients = tf.tidy(() => {
      const path = pathsBetween(tape, variables.values(), value, disposeSaved);
      const found = backpropagate(path, value, tf.scalar(maximise ? -1 : 1), disposeSaved);
      requireReached(models, found);
      return mapValues(variables, (v) => found.get(v.id) ?? tf.zerosLike<tf.Tensor>(v));
    });
    return { value, terms, kept, gradients: new Map(Object.entries(gradients)) };
  } catch (error) {
    tf.dispose([value, ...Object.values<tf.Tensor>(terms), ...Object.values<tf.Tensor>(kept)]);
    throw error;
  } finally {
    disposeSaved(tape);
  }
}

/**
 * Computes the gradient at `at`, of its shape, of the sum of everything that `f` returns there.
 * Everything else that `f` reads is constant, even `at` itself. Within `differentiate`, or within
 * another `gradient`, the result can be differentiated again.
 */
export function gradient(f: (v: tf.Tensor4D) => tf.Tensor, at: tf.Tensor): tf.Tensor4D {
  const engine = recorder();
  const { state } = engine;
  engine.startTape();
  try {
    return tf.tidy(() => {
      const before = state.activeTape?.length ?? 0;
      const point = at.clone() as tf.Tensor4D;
      const value = tf.sum(f(point));
      // Differentiating the result needs everything that was saved.
      const path = pathsBetween(state.activeTape?.slice(before) ?? [], [point], value, keepSaved);
      const found = backpropagate(path, value, tf.scalar(1), keepSaved);
      return (found.get(point.id) ?? tf.zerosLike(point)) as tf.Tensor4D;
    });
  } finally {
    engine.endTape();
    if (state.gradientDepth === 0) {
      disposeSaved(state.activeTape ?? []);
      state.activeTape = null;
    }
  }
}

const mapValues = <A, B>(map: ReadonlyMap<string, A>, f: (a: A) => B): Record<string, B> =>
  Object.fromEntries([...map].map(([key, a]) => [key, f(a)]));

const recorder = (): Recorder => tf.engine() as unknown as Recorder;

/** Releases tensors saved by operations that are done. */
type Release = (nodes: readonly TapeNode[]) => void;

const disposeSaved: Release = (nodes) => {
  for (const node of nodes) for (const tensor of node.saved ?? []) tensor.dispose();
};

const keepSaved: Release = () => undefined;

/** Runs `f` with the tape on. If it throws, no tensor of it is left. */
function record<K extends string>(
  f: () => Objective<K>,
): { result: Objective<K>; tape: readonly TapeNode[] } {
  const engine = recorder();
  const { state } = engine;
  if (state.gradientDepth > 0) throw new Error("differentiate does not nest");
  engine.startTape();
  try {
    const result = tf.tidy(() => f() as Objective<K> & tf.TensorContainerObject);
    return { result, tape: state.activeTape ?? [] };
  } catch (error) {
    disposeSaved(state.activeTape ?? []);
    throw error;
  } finally {
    engine.endTape();
    state.activeTape = null;
  }
}

interface PathNode {
  readonly node: TapeNode;
  /** The inputs that depend on a source. */
  readonly inputs: readonly (readonly [name: string, input: tf.Tensor])[];
}

/**
 * Sorts the tape so that every operation follows those that compute its inputs. tfjs records the
 * copies of outputs that an operation saves before the operation itself, and then no gradient of a
 * gradient would reach it through them.
 */
function inOrder(tape: readonly TapeNode[]): readonly TapeNode[] {
  const missing = new Set(tape.flatMap(({ outputs }) => outputs.map(({ id }) => id)));
  const ordered: TapeNode[] = [];
  let early: TapeNode[] = [];
  const add = (node: TapeNode): void => {
    ordered.push(node);
    for (const { id } of node.outputs) missing.delete(id);
  };
  const isEarly = ({ inputs }: TapeNode): boolean =>
    Object.values(inputs).some(({ id }) => missing.has(id));
  for (const node of tape) {
    if (isEarly(node)) {
      early.push(node);
      continue;
    }
    add(node);
    early.filter((waiting) => !isEarly(waiting)).forEach(add);
    early = early.filter(isEarly);
  }
  return [...ordered, ...early];
}

/**
 * Returns the operations through which `value` depends on `sources`, in order, and releases what
 * the others saved.
 */
function pathsBetween(
  tape: readonly TapeNode[],
  sources: Iterable<tf.Tensor>,
  value: tf.Tensor,
  release: Release,
): PathNode[] {
  const dependent = new Set<number>();
  for (const source of sources) dependent.add(source.id);
  const forward = inOrder(tape).map((node): PathNode => {
    const inputs = Object.entries(node.inputs).filter(([, input]) => dependent.has(input.id));
    const passes = inputs.length > 0 && node.kernelName !== detachKernel;
    // Booleans and integers have no derivative.
    const real = node.outputs.filter(({ dtype }) => dtype === "float32");
    if (passes) for (const output of real) dependent.add(output.id);
    return { node, inputs };
  });
  const needed = new Set([value.id]);
  const path: PathNode[] = [];
  for (const step of forward.reverse()) {
    const { node, inputs } = step;
    if (inputs.length === 0 || !node.outputs.some((output) => needed.has(output.id))) {
      release([node]);
      continue;
    }
    for (const [, input] of inputs) needed.add(input.id);
    path.unshift(step);
  }
  return path;
}

/**
 * Returns gradients by tensor id, for the tensors that no operation on the path computes: the
 * sources.
 */
function backpropagate(
  path: readonly PathNode[],
  value: tf.Tensor,
  seed: tf.Tensor,
  release: Release,
): ReadonlyMap<number, tf.Tensor> {
  const gradients = new Map([[value.id, seed]]);
  for (const { node, inputs } of [...path].reverse()) {
    const dys = node.outputs.map((output) => gradients.get(output.id) ?? null);
    for (const output of node.outputs) gradients.delete(output.id);
    if (dys.some((dy) => dy !== null)) {
      for (const [input, dx] of gradientsOf(node, inputs, dys)) accumulate(gradients, input, dx);
    }
    for (const dy of dys) dy?.dispose();
    release([node]);
  }
  return gradients;
}

/** Computes the gradients for `inputs`, each in its own tensor. */
function gradientsOf(
  node: TapeNode,
  inputs: PathNode["inputs"],
  dys: readonly (tf.Tensor | null)[],
): (readonly [tf.Tensor, tf.Tensor])[] {
  const { gradient, kernelName } = node;
  if (gradient === undefined) throw new Error(`${kernelName} has no gradient`);
  const results = tf.tidy(() => {
    const perInput = gradient([...dys]);
    // A gradient may be dy itself, or one tensor for two inputs: a clone shares the values and is
    // disposed separately.
    return inputs.map(([name]) => {
      const compute = perInput[name];
      if (compute === undefined) throw new Error(`${kernelName} has no gradient for ${name}`);
      return tf.tidy(() => compute().clone());
    });
  });
  return inputs.map(([, input], i) => [input, results[i] as tf.Tensor]);
}

function accumulate(gradients: Map<number, tf.Tensor>, input: tf.Tensor, dx: tf.Tensor): void {
  const sum = gradients.get(input.id);
  gradients.set(input.id, sum === undefined ? dx : tf.add(sum, dx));
  if (sum !== undefined) tf.dispose([sum, dx]);
}

function requireReached(
  models: readonly tf.LayersModel[],
  gradients: ReadonlyMap<number, tf.Tensor>,
): void {
  for (const model of models) {
    const all = [...ownParameters(model).values()];
    if (all.length > 0 && !all.some((variable) => gradients.has(variable.id))) {
      throw new Error(`the value depends on no parameter of ${model.name}`);
    }
  }
}
