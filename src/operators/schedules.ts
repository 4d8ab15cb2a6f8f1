/**
 * Stages of a learning-rate schedule: one entry each, with its options and the share of the rate
 * that an epoch runs at.
 */
import { bool, int, number, type Options, real, type Signature } from "./signature.js";

export interface Schedule {
  readonly name: string;
  /** `epochs` is the first of them. */
  readonly options: Signature;
  readonly doc: string;
  /**
   * Share of the rate in the k-th epoch of a stage, from 1 on, in [0, 1]. `falls` counts how often
   * scores made it fall within the stage.
   */
  readonly share: (k: number, options: Options, falls: number) => number;
  /** Whether it falls where held-out images are no better: it has a `patience`, in epochs. */
  readonly waits?: true;
}

const epochs = (doc: string) => int("epochs", doc, { least: 0 });

const stages: readonly Schedule[] = [
  {
    name: "constant",
    options: [epochs("how many epochs at the full rate")],
    doc: "the rate unchanged",
    share: () => 1,
  },
  {
    name: "linear_to_zero",
    options: [
      epochs("how many epochs of decay"),
      bool("reached", "whether the last of them runs at a rate of 0", { defaultValue: false }),
    ],
    doc: "epoch k of n at 1 - k / (n + 1) of the rate, or at 1 - k / n where zero is reached; `constant(99) >> linear_to_zero(101, reached: true)` are the 100 + 100 epochs of the official CycleGAN code",
    share: (k, o) => 1 - k / (number(o, "epochs") + (o.reached === true ? 0 : 1)),
  },
  {
    name: "step_decay",
    options: [
      epochs("how many epochs in all"),
      real("factor", "what the rate is multiplied by at each step", {
        defaultValue: 0.1,
        least: 0,
        most: 1,
        open: true,
      }),
      int("every", "epochs from one step to the next", { defaultValue: 50, least: 1 }),
    ],
    doc: "the rate times `factor` after each `every` epochs",
    share: (k, o) => Number(o.factor) ** Math.floor((k - 1) / number(o, "every")),
  },
  {
    name: "plateau",
    options: [
      epochs("how many epochs in all"),
      real("factor", "what the rate is multiplied by at each fall", {
        defaultValue: 0.1,
        least: 0,
        most: 1,
        open: true,
      }),
      int("patience", "epochs without a better score until it falls", {
        defaultValue: 10,
        least: 1,
      }),
    ],
    doc: "the rate times `factor` each time that the score of held-out images was no better for `patience` epochs, as PyTorch's ReduceLROnPlateau of a patience of one less; it needs `ganc run --hold-out`",
    share: (_, o, falls) => Number(o.factor) ** falls,
    waits: true,
  },
  {
    name: "cosine",
    options: [epochs("how many epochs of decay")],
    doc: "epoch k of n at (1 + cos(pi (k - 1) / n)) / 2 of the rate",
    share: (k, o) => (1 + Math.cos((Math.PI * (k - 1)) / number(o, "epochs"))) / 2,
  },
  {
    name: "warmup",
    options: [epochs("how many epochs below the full rate")],
    doc: "epoch k of n at k / (n + 1) of the rate, so that what follows begins at the full rate: `warmup(5) >> cosine(95)`",
    share: (k, o) => k / (number(o, "epochs") + 1),
  },
  {
    name: "ramp",
    options: [
      epochs("how many epochs from the one share to the other"),
      real("from", "share of the rate in the first epoch", { least: 0, most: 1 }),
      real("to", "share that the epoch behind the last would have", { least: 0, most: 1 }),
    ],
    doc: "epoch k of n at from + (to - from) (k - 1) / n of the rate, as PyTorch's LinearLR",
    share: (k, o) => {
      const done = (k - 1) / number(o, "epochs");
      // Exact at both ends.
      return number(o, "from") * (1 - done) + number(o, "to") * done;
    },
  },
];

export const schedules: ReadonlyMap<string, Schedule> = new Map(
  stages.map((stage) => [stage.name, stage]),
);
