/**
 * The types of `ganc/training`, the library that a project written by `ganc compile --project`
 * trains with. They stand alone: the file is copied into projects beside the runtime's types.
 */
import type * as tf from "@tensorflow/tfjs";
import type { HostTensor, ImageHistory, Optimizer } from "../runtime/index.js";

/** Losses by name; each is a scalar that the caller disposes. */
export type Losses = Readonly<Record<string, tf.Scalar>>;

/** What every generated module exports, for the library. */
export interface GeneratedModule {
  /** The domain that each draw is of: `{ x: "X" }`. */
  readonly domains: Readonly<Record<string, string>>;
  /** How often a step draws, where its phases are repeated. */
  readonly repetitions?: number;
  /** Batches of an update, where there are several. */
  readonly accumulate?: number;
  networks(): object;
  memory(): {
    readonly optimizer?: Optimizer;
    readonly optimizers?: Readonly<Record<string, Optimizer>>;
    readonly histories: Readonly<Record<string, ImageHistory>>;
  };
  // biome-ignore lint/suspicious/noExplicitAny: each module has a step of its own types
  readonly step: (...parts: any) => Losses;
}

/** What one step is made of: the arguments of the module's own `step`. */
export interface Step<M extends GeneratedModule> {
  readonly networks: ReturnType<M["networks"]>;
  /** Optimizers with their moments, and histories of generated images. */
  readonly memory: ReturnType<M["memory"]>;
  /**
   * A batch for each draw, `[n, h, w, c]` in the range of its domain; by repetition where phases
   * are repeated.
   */
  readonly draws: Parameters<M["step"]>[2];
  /** The learning rate, as the recipe's schedule has it for this epoch. */
  readonly rate: number;
  /**
   * What else a step draws: images of histories, dropout's masks, places; by repetition, as
   * `draws`.
   */
  readonly chance: Parameters<M["step"]>[4];
  /** Number of the step, from 0: some phases run in some steps only. */
  readonly count: number;
}

/** `src/project.ts`: what the library knows of the spec. `ganc compile --project` writes it. */
export interface Project {
  readonly format: 1;
  readonly ganc: string;
  readonly program: unknown;
  readonly streams: readonly string[];
  readonly state: unknown;
  readonly starts: unknown;
}

export interface TrainingRequest<M extends GeneratedModule> {
  readonly model: M;
  readonly project: Project;
  /**
   * A folder with `trainX` and `trainY`, or a folder, zip or pattern for each domain, by its name,
   * as `ganc run --data` takes them; nothing for a spec that draws no images. With `resume`, where
   * they are now, if they were moved.
   */
  readonly data?: string | Readonly<Record<string, string>>;
  /** The run's folder: a new one, or with `resume` one that holds a run, of `ganc run` too. */
  readonly out: string;
  /** Whether the run in `out` goes on from its newest checkpoint. */
  readonly resume?: boolean;
  /** Of weights, order, crops, flips and histories; a whole number from 0. Default: 0. */
  readonly seed?: number;
}

/** Where a run stands, and what its last step gave. */
export interface Progress {
  /** Steps made, from 1. */
  readonly step: number;
  /** From 0. */
  readonly epoch: number;
  readonly rate: number;
  /** Losses by name. */
  readonly losses: Readonly<Record<string, number>>;
}

export interface TrainRequest<M extends GeneratedModule> {
  /** Makes one step and moves the weights; within `tf.tidy`. */
  readonly step: (parts: Step<M>) => Losses;
  /** The run as a whole ends after so many steps; by default after the schedule. */
  readonly steps?: number;
  /** Steps between two checkpoints. Default: 10 epochs, or 5 minutes. */
  readonly saveEvery?: number;
  /** Called after every step. */
  readonly onStep?: (progress: Progress) => void;
  /** Called with the path of each checkpoint, and of each grid of samples. */
  readonly onFile?: (path: string) => void;
  /** What the user should know, a line each: images that cannot be read, words of monitors. */
  readonly onNotice?: (line: string) => void;
  /** Ends the run after the step that is being made, with a checkpoint. */
  readonly signal?: AbortSignal;
}

/** A run that is held by this process until `close`. */
export interface Training<M extends GeneratedModule> {
  /** The run's folder, which `ganc translate`, `ganc report` and `ganc run --resume` take. */
  readonly folder: string;
  /** For example `tfjs on tensorflow`. */
  readonly engine: string;
  /** What the images are, in a line. */
  readonly data: string;
  /** Steps made before. */
  readonly start: number;
  readonly stepsPerEpoch: number;
  /** What the user should know, a line each. */
  readonly notices: readonly string[];
  /**
   * Trains to the end of the schedule, or as far as is asked, and saves. Gives the steps that the
   * run has behind it.
   * @throws Error in words: a loss that is no number, a disk that is full
   */
  train(request: TrainRequest<M>): Promise<number>;
  close(): Promise<void>;
}

export interface TrainedRequest<M extends GeneratedModule> {
  readonly model: M;
  readonly project: Project;
  /** The folder of a run, of `ganc run` too. */
  readonly run: string;
  /** Which state of it. Default: `last`. */
  readonly checkpoint?: "last" | "best" | number;
}

/** A run with the weights of a checkpoint, or their average where the recipe averages them. */
export interface Trained {
  /** Steps that the checkpoint has behind it. */
  readonly step: number;
  /**
   * Applies a network to a value for each of its inputs, `[n, h, w, c]` in the range of the domain.
   */
  translate(network: string, inputs: readonly HostTensor[]): Promise<HostTensor>;
  /**
   * Writes images that a network makes of noise alone, `0001.png` and so on, and gives their paths.
   */
  generate(
    network: string,
    options: { readonly count: number; readonly folder: string; readonly seed?: number },
  ): Promise<readonly string[]>;
  /**
   * A picture as `[1, height, width, channels]`, brought to the size and into the range of an image
   * domain.
   */
  readImage(path: string, domain: string): Promise<HostTensor>;
  /** Writes images `[1, h, w, c]` of a domain's range as PNG; the folder is made. */
  writeImage(path: string, image: HostTensor, domain: string): Promise<void>;
  close(): void;
}
