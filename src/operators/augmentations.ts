/** The stages of an augmentation. */
import { bool, int, real, type Signature } from "./signature.js";

export interface Augmentation {
  readonly name: string;
  readonly options: Signature;
  /**
   * Whether pixels change their places, so that partners must go through the same. Their draws are
   * one stream for all partners.
   */
  readonly moves: boolean;
  /** Whether it works on grey and colour images only. */
  readonly isOfColours?: true;
  readonly doc: string;
}

const side = (name: string, rest: object = {}) => int(name, "pixels", { least: 1, ...rest });
const sides = [side("height"), side("width", { sameAs: "height" })];
const nearest = bool("nearest", "whether each pixel is one of the image's, as label maps need it", {
  defaultValue: false,
});
const strength = (name: string, doc: string, most?: number) =>
  real(name, doc, { defaultValue: 0, least: 0, ...(most === undefined ? {} : { most }) });

export const augmentStages: ReadonlyMap<string, Augmentation> = new Map(
  (
    [
      {
        name: "resize",
        options: [...sides, nearest],
        moves: true,
        doc: "bicubic resize, whatever the aspect",
      },
      { name: "random_crop", options: sides, moves: true, doc: "a window drawn uniformly" },
      {
        name: "random_flip",
        options: [],
        moves: true,
        doc: "left and right swapped every other time",
      },
      {
        name: "random_rotation",
        options: [
          real("degrees", "the greatest angle, to either side", { least: 0, most: 180 }),
          bool("fill", "whether black comes in at the border, which is mirrored otherwise", {
            defaultValue: false,
          }),
          nearest,
        ],
        moves: true,
        doc: "turned about the middle by an angle drawn uniformly, bilinear, in the same frame",
      },
      {
        name: "color_jitter",
        options: [
          strength("brightness", "greatest change of the factor 1 of all levels"),
          strength("contrast", "the same of the distance to the mean grey"),
          strength("saturation", "the same of the distance to grey"),
          strength("hue", "greatest turn of the circle of hues", 0.5),
          bool("shared", "whether partners are changed alike", { defaultValue: false }),
        ],
        moves: false,
        isOfColours: true,
        doc: "brightness, contrast, saturation and hue changed in an order drawn anew, as torchvision's ColorJitter does, rounded to levels once",
      },
      {
        name: "cutout",
        options: [int("size", "side of the square, in pixels", { least: 1 })],
        moves: false,
        doc: "a square about a place drawn uniformly made grey, level 128 of 255 (DeVries and Taylor 2017); of partners at the same place",
      },
    ] as readonly Augmentation[]
  ).map((word) => [word.name, word]),
);
