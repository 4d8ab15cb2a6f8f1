/** The words of `domain` and `train`: what each takes and which field accepts it. */
import { augmentStages } from "./augmentations.js";
import { clippings } from "./clippings.js";
import { inits } from "./inits.js";
import { stopWords } from "./monitors.js";
import { optimizers } from "./optimizers.js";
import { schedules } from "./schedules.js";
import { int, real, type Signature } from "./signature.js";

export type RecipeKind =
  | "domain"
  | "optimizer"
  | "clipping"
  | "schedule"
  | "init"
  | "augment"
  | "monitor";

/**
 * Sources of a domain's samples: folders, the host's random numbers, none, or the schedule of a
 * param.
 */
export const domainKinds = [
  "image",
  "noise",
  "uniform",
  "labels",
  "features",
  "scheduled",
] as const;
export type DomainKind = (typeof domainKinds)[number];

/** Channels that most image files are read with: grey and colour. */
export const fileChannels: readonly number[] = [1, 3];

export interface RecipeWord {
  readonly name: string;
  readonly kind: RecipeKind;
  readonly options: Signature;
  readonly doc: string;
}

const channels = (doc: string) => int("channels", doc, { least: 1 });
const place = (name: string) => int(name, "places along it", { defaultValue: 1, least: 1 });
const side = (name: string, rest: object = {}) => int(name, "pixels", { least: 1, ...rest });

export const recipeWords: ReadonlyMap<string, RecipeWord> = new Map(
  (
    [
      {
        name: "image",
        kind: "domain",
        options: [
          side("height"),
          side("width", { sameAs: "height" }),
          int("channels", "1 for grey, 3 for colour, others of TIFF and .npy files", {
            defaultValue: 3,
            least: 1,
            most: 64,
          }),
          real("low", "value of black", { defaultValue: -1 }),
          real("high", "value of white", { defaultValue: 1 }),
        ],
        doc: "images of one size, values in [low, high]",
      },
      {
        name: "noise",
        kind: "domain",
        options: [
          channels("how many numbers"),
          place("height"),
          side("width", { sameAs: "height" }),
        ],
        doc: "standard normal numbers",
      },
      {
        name: "uniform",
        kind: "domain",
        options: [
          channels("how many numbers"),
          real("low", "the least value", { defaultValue: 0 }),
          real("high", "values stay below it", { defaultValue: 1 }),
          place("height"),
          side("width", { sameAs: "height" }),
        ],
        doc: "uniform numbers in [low, high)",
      },
      {
        name: "labels",
        kind: "domain",
        options: [int("classes", "how many there are", { least: 2 })],
        doc: "one of several classes: 1 in its channel, 0 in the others",
      },
      {
        name: "features",
        kind: "domain",
        options: [
          side("height"),
          side("width", { sameAs: "height" }),
          int("channels", "numbers at each place", { least: 1 }),
        ],
        doc: "real numbers that networks make; nothing is drawn from it",
      },
      ...[...optimizers.values()].map(
        ({ name, options, doc }): RecipeWord => ({ name, kind: "optimizer", options, doc }),
      ),
      ...[...clippings.values()].map(
        ({ name, options, doc }): RecipeWord => ({ name, kind: "clipping", options, doc }),
      ),
      ...[...schedules.values()].map(
        ({ name, options, doc }): RecipeWord => ({ name, kind: "schedule", options, doc }),
      ),
      ...[...inits.values()].map(
        ({ name, options, doc }): RecipeWord => ({ name, kind: "init", options, doc }),
      ),
      ...[...augmentStages.values()].map(
        ({ name, options, doc }): RecipeWord => ({ name, kind: "augment", options, doc }),
      ),
      ...stopWords.map(
        ({ name, doc }): RecipeWord => ({ name, kind: "monitor", options: [], doc }),
      ),
    ] as readonly RecipeWord[]
  ).map((word) => [word.name, word]),
);
