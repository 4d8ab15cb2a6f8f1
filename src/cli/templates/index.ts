/**
 * Templates of first specs for `ganc init`: sized to the images, complete except for the standard
 * library.
 */
import { isLeft } from "fp-ts/lib/Either.js";
import { impossible } from "../../base/impossible.js";
import { format } from "../../format/format.js";
import { cyclegan } from "./cyclegan.js";
import type { Kind, Start } from "./kind.js";
import { cgan, dcgan } from "./noise.js";
import { pix2pix } from "./pix2pix.js";

export type { Kind, Start } from "./kind.js";

export const kinds: readonly Kind[] = [cyclegan, pix2pix, dcgan, cgan];

/** Writes the spec in the layout of `ganc fmt`. */
export const startingSpec = (kind: Kind, start: Start): string => {
  const result = format({ name: `${kind.name}.gan`, text: kind.spec(start) });
  return isLeft(result) ? impossible("a spec to begin with does not parse") : result.right;
};
