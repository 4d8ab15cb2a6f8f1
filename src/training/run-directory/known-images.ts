/**
 * `traits.json`: what some training images of a run are like, so that pictures which are unlike all of them are told of as they
 * are translated.
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

/** Images of each domain that are looked at, spread evenly. */
const looked = 64;

/** Enough to tell apart what matters. */
const rounded = (value: number): number => Math.round(value * 1e5) / 1e5;

/** One image after the other, for all together may be large; those that cannot be read are left out. */
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

/** What a new run notes down of its training images; a domain of which too few can be read is left out. */
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

/** Nothing of a run that noted none down. The reason completes a sentence that begins with the file's name. */
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

/** Of pictures in the order of a network's images, what tells each apart from the training images of its domain, in words. */
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
