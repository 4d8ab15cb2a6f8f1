/** The interface of every engine to training: a training program with its state. */
import type { Graph } from "../graph/graph.js";
import type { Draws, HostTensor, State, Tensors } from "./tensor.js";

export interface StepInput {
  readonly batch: Draws;
  /**
   * Draws of the second, third, … repetition of a phase. All phases share the draws of their k-th
   * repetition.
   */
  readonly again?: readonly Draws[] | undefined;
  /**
   * Learning rate of this step, for the recipe's `optimizer`. A network with an optimizer of its
   * own uses the same share of its own rate.
   */
  readonly rate: number;
  /** Where its batch stands among all, for those who draw it elsewhere too. */
  readonly place?: { readonly epoch: number; readonly stepInEpoch: number } | undefined;
  /** Number of this step, from 0. With the seed it determines every draw of the step. */
  readonly step: number;
}

/**
 * Values of the step's objectives and terms by display name, at the weights when their phase began
 * (for a repeated phase, its last run).
 */
export type Metrics = Readonly<Record<string, number>>;

/** A loaded graph. */
export interface Program {
  /**
   * Computes every output. Outputs named in `into` are written into the arrays given there, which
   * have the output's shape and may be feeds of the same run only where graph/overwrite.ts allows
   * it; the others are new arrays. Ignores feeds that the program does not have.
   * @throws Error (rejects) if a feed is missing or a shape differs from the program's
   */
  run(feeds: Tensors, into?: Tensors): Promise<Tensors>;
  dispose(): void;
}

export interface Session {
  /** For example `tfjs on tensorflow 2.21`. */
  readonly engine: string;
  /** Reason for this engine in a few words, if it was chosen automatically. */
  readonly why?: string | undefined;
  /** Processor threads in use, if known. */
  readonly threads?: number | undefined;
  /**
   * Random streams of weights and steps, besides those of the images: `history/D/<slot>`. Repeated
   * draws in a step append a number.
   */
  readonly streams?: readonly string[] | undefined;
  step(input: StepInput): Promise<Metrics>;
  /**
   * Applies one network to a value of each of its domains in order, `[n, h, w, c]` each, and
   * returns `[n, h', w', c']`. A session that only translates accepts sizes other than the domains'
   * if the network's layers do.
   */
  translate(network: string, inputs: readonly HostTensor[]): Promise<HostTensor>;
  /**
   * Loads a graph that reads the network's weights for translation, by the names of
   * lowering/names.ts; everything else is fed. Only in sessions for translation.
   */
  prepare?(network: string, graph: Graph): Promise<Program>;
  /**
   * Writes the code that it runs into a folder, which it makes, and loads it from there. Only in
   * sessions over generated code, which must not step or translate before. Rejects if a file cannot
   * be written.
   */
  writeCode?(folder: string): Promise<void>;
  getState(): Promise<State>;
  /**
   * Replaces the whole state. Keys and shapes must be those of `getState`; histories may be
   * shorter. Rejects a state that does not fit this program and keeps the current one: "it lacks
   * param/G.conv.weight".
   */
  setState(state: State): Promise<void>;
  dispose(): void;
}

/** How PyTorch computes networks, where it is not in float32 as they are written. */
export interface Precision {
  /**
   * Products and convolutions in bfloat16; weights, norms, losses and updates stay in float32.
   */
  readonly bf16: boolean;
  /** Networks go through `torch.compile`. */
  readonly compiled: boolean;
  /** Images of graphics cards are laid out as [n, h, w, c]. */
  readonly channelsLast: boolean;
}

/** Writes how PyTorch computes, for the name of an engine: `bfloat16, compiled`. */
export const precisionText = (precision: Precision | undefined): string =>
  [
    ...(precision?.bf16 === true ? ["bfloat16"] : []),
    ...(precision?.compiled === true ? ["compiled"] : []),
    ...(precision?.channelsLast === true ? ["channels last"] : []),
  ].join(", ") || "float32";
