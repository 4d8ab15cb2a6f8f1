/** What an engine offers to training, the same for every engine: a training program with its state. */
import type { Graph } from "../graph/graph.js";
import type { Draws, HostTensor, State, Tensors } from "./tensor.js";

export interface StepInput {
  readonly batch: Draws;
  /** What the second, third, … repetition of a phase draws; all phases share the draws of their k-th. */
  readonly again?: readonly Draws[] | undefined;
  /**
   * The learning rate of this step, by the recipe's `optimizer`; a network with an optimizer of its own moves at the same
   * share of its own rate.
   */
  readonly rate: number;
  /** Number of this step, from 0: with the seed it fixes every draw that the step makes. */
  readonly step: number;
}

/**
 * Values of the step's objectives and of their terms, at the weights held when their phase began (of a repeated one, for
 * the last time); by display name.
 */
export type Metrics = Readonly<Record<string, number>>;

/** A loaded graph. */
export interface Program {
  /**
   * Computes every output. Those named in `into` are written into the arrays given there, of the output's shape, which are among
   * the feeds of the same run only where graph/overwrite.ts allows it; the others are new. Feeds that the program does not have
   * are passed over.
   * @throws Error (rejects) where a feed is missing or a shape is not the program's.
   */
  run(feeds: Tensors, into?: Tensors): Promise<Tensors>;
  dispose(): void;
}

export interface Session {
  /** For example `tfjs on tensorflow 2.21` */
  readonly engine: string;
  /** Why it is this engine, where nobody named one; a few words. */
  readonly why?: string | undefined;
  /** Threads that it computes with on the processor, where that is known. */
  readonly threads?: number | undefined;
  /**
   * Random streams that its weights and steps are drawn from, beside those of the images: `history/D/<slot>`. What is drawn
   * again in a step has a number more behind it.
   */
  readonly streams?: readonly string[] | undefined;
  step(input: StepInput): Promise<Metrics>;
  /**
   * Applies one network to a value of each of its domains, in their order: `[n, h, w, c]` each, to `[n, h', w', c']`. A session
   * that only translates takes other sizes than the domains', as far as the network's layers do.
   */
  translate(network: string, inputs: readonly HostTensor[]): Promise<HostTensor>;
  /**
   * Loads a graph that reads weights of the network, by the names of lowering/names.ts, as translation has them; whatever else
   * it takes is fed. Of a session that only translates.
   */
  prepare?(network: string, graph: Graph): Promise<Program>;
  /**
   * Writes the code that it runs into a folder, which is made, and loads it from there. Of a session over generated code, which
   * makes no step and translates nothing before. Rejects where a file cannot be written.
   */
  writeCode?(folder: string): Promise<void>;
  getState(): Promise<State>;
  /**
   * Replaces the whole state; keys and shapes must be those of `getState`, histories may be shorter. Rejects a state that is
   * not one of this program's, and then keeps the one it has: "it lacks param/G.conv.weight".
   */
  setState(state: State): Promise<void>;
  dispose(): void;
}
