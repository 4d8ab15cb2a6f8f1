/** What an engine offers to training, the same for every engine: a training program with its state. */

/** A dense float32 tensor, row-major; images are NHWC in the range of their domain. */
export interface HostTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/**
 * The canonical state, the same for every engine. Keys:
 * `param/<net>.<layer path>.<weight|bias>` (convolutions HWIO, transposed ones HWOI), `average/<param>` where the recipe
 * averages weights, `adam.m/<param>`, `adam.v/<param>`,
 * `adam.t/<net>` (one number: updates made), `history/<player>/<term>/<batch slot>` ([images held, h, w, c]).
 */
export type State = ReadonlyMap<string, HostTensor>;

export interface StepInput {
  /** One draw for each domain, by domain name: `[batch, h, w, c]`. */
  readonly batch: Readonly<Record<string, HostTensor>>;
  /** The learning rate of this step. */
  readonly rate: number;
  /** Number of this step, from 0: with the seed it fixes every draw that the step makes. */
  readonly step: number;
}

/** Values of the step's objectives and of their terms, at the weights held when the step began; by display name. */
export type Metrics = Readonly<Record<string, number>>;

export interface Session {
  /** For example `tfjs on tensorflow 2.21` */
  readonly engine: string;
  /** Why it is this engine, where nobody named one; a few words. */
  readonly why?: string | undefined;
  step(input: StepInput): Promise<Metrics>;
  /** Applies one network: `[n, h, w, c]` to `[n, h', w', c']`. */
  translate(network: string, images: HostTensor): Promise<HostTensor>;
  getState(): Promise<State>;
  /** Replaces the whole state; keys and shapes must be those of `getState`, histories may be shorter. */
  setState(state: State): Promise<void>;
  dispose(): void;
}
