/**
 * `traits.json`: traits of some training images, so that translation can warn of pictures unlike
 * all of them.
 */
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import * as t from "io-ts";
import { recordOf } from "../../base/record.js";
import { missing, readRegularText } from "../../data/files/regular-file.js";
import { toTensor } from "../../data/images/image.js";
import type { Picture } from "../../data/images/picture.js";
import { in8Bits } from "../../data/images/pixels.js";
import { fitDomain, loadFitted } from "../../data/sets/fixed.js";
import type { Dataset, ImageSource } from "../../data/sets/source.js";
import type { Domain } from "../../program/model.js";
import { leastKnown, traits, traitsOf, unlikeness } from "../../report/measures/likeness.js";
import { decodeFormat, decodeSealed, seal } from "../files/decode.js";
import { jsonBytes } from "../files/disk.js";
import { imageInputs, type Translator } from "../program/translators.js";
import type { Manifest } from "./manifest.js";

const Row = t.refinement(
  t.readonlyArray(t.number),
  (row) => row.length === traits.length && row.every(Number.isFinite),
  "Row",
);

const KnownImages = t.type({
  format: t.literal(1),
  run: t.string,
  /** By domain: the traits of each image, at the domain's size, in the order of `traits`. */
  domains: t.record(t.string, t.readonlyArray(Row)),
});

export type KnownImages = t.TypeOf<typeof KnownImages>;

/** Images of each domain to examine, spread evenly. */
const looked = 64;

/** Rounds to the precision that matters. */
const rounded = (value: number): number => Math.round(value * 1e5) / 1e5;

/**
 * Computes the traits of images one after the other, because all together may be large. Skips
 * unreadable ones.
 */
const rowsOf = async (
  source: ImageSource,
  domain: Domain,
): Promise<readonly (readonly number[])[]> => {
  const count = Math.min(source.size, looked);
  const rows: (readonly number[])[] = [];
  for (let k = 0; k < count; k++) {
    const fitted = await loadFitted(source, domain, Math.floor((k * source.size) / count));
    if (isLeft(fitted)) continue;
    const [row = []] = traitsOf(toTensor([fitted.right], domain.range), domain.range);
    rows.push(row.map(rounded));
  }
  return rows;
};

/**
 * Makes the record of a new run's training images, without domains that have too few readable ones.
 */
export const knownImagesOf = async (
  run: string,
  { train }: Pick<Dataset, "train">,
  domains: readonly Domain[],
): Promise<KnownImages> => {
  const known: [string, readonly (readonly number[])[]][] = [];
  for (const domain of domains) {
    const source = train[domain.name];
    if (source === undefined || source.size < leastKnown) continue;
    const rows = await rowsOf(source, domain);
    if (rows.length >= leastKnown) known.push([domain.name, rows]);
  }
  return { format: 1, run, domains: recordOf(known) };
};

export const encodeKnownImages = (known: KnownImages): readonly Uint8Array[] =>
  jsonBytes(seal(known));

const mostBytes = 2 ** 24;

/**
 * Reads the record; undefined for a run without one. The left side completes a sentence that begins
 * with the file's name.
 */
export const readKnownImages = async (
  path: string,
  { run }: Pick<Manifest, "run">,
): Promise<Either<string, KnownImages | undefined>> => {
  const text = await readRegularText(path, mostBytes);
  if (isLeft(text)) return text.left === missing ? right(undefined) : text;
  const format = decodeFormat(text.right, [1]);
  const known = isLeft(format) ? format : decodeSealed(KnownImages, text.right, false);
  if (isLeft(known)) return known;
  return known.right.run === run ? known : left("belongs to another run");
};

/**
 * Words how pictures, in the order of a network's images, differ from the training images of their
 * domains.
 */
export const unlikeWords = (
  known: KnownImages,
  translator: Translator,
  pictures: readonly Picture[],
): readonly string[] => {
  const inputs = imageInputs(translator);
  return inputs.flatMap(({ name, domain }, k) => {
    const picture = pictures[k];
    if (picture === undefined) return [];
    const image = toTensor([fitDomain(in8Bits(picture.pixels), domain)], domain.range);
    const [own = []] = traitsOf(image, domain.range);
    const words = unlikeness(own, known.domains[domain.name] ?? []);
    if (words === undefined) return [];
    const which = inputs.length > 1 ? `its ${name} is ` : "";
    return [`${which}unlike the training images of ${domain.name}: ${words}`];
  });
};
