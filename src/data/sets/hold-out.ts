/**
 * Holds images out of training for measuring. Only their names decide, so images added later change
 * nothing, partners of one name are held out together, and every machine and seed holds out the
 * same.
 */
import { createHash } from "node:crypto";
import { type Either, left, right } from "fp-ts/lib/Either.js";
import { recordOf } from "../../base/record.js";
import type { DataError } from "../files/errors.js";
import { stemOf } from "./pairing.js";
import type { Dataset, ImageSource } from "./source.js";

/** A number of images of each domain, or a share of them between 0 and 1. */
export type HoldOut = { readonly count: number } | { readonly share: number };

/** Reads `20` or `10%`. The left side says what is allowed. */
export const parseHoldOut = (text: string): Either<string, HoldOut> => {
  const [, digits = "", percent] = /^\s*(\d+(?:\.\d+)?)\s*(%?)\s*$/.exec(text) ?? [];
  const value = Number(digits);
  if (digits !== "" && percent === "%" && value > 0 && value < 100)
    return right({ share: value / 100 });
  return digits !== "" && percent === "" && Number.isSafeInteger(value) && value > 0
    ? right({ count: value })
    : left(`"${text}" is not a number of images: write for example "20", or a share as "10%"`);
};

/** Returns a number in [0, 1) computed from the name without its ending. */
const lotOf = (id: string): number => {
  const digest = createHash("sha256")
    .update(`hold out ${stemOf(id)}`)
    .digest();
  return digest.readUIntBE(0, 6) / 2 ** 48;
};

/**
 * Chooses the images of a source to hold out, ascending. A share too small for one image holds out
 * one.
 */
const chosenIn = (source: ImageSource, wanted: HoldOut): readonly number[] => {
  const lots = Array.from({ length: source.size }, (_, i) => ({ i, lot: lotOf(source.id(i)) }));
  const ordered = lots.sort((a, b) => a.lot - b.lot || a.i - b.i);
  const below =
    "share" in wanted
      ? Math.max(1, ordered.filter(({ lot }) => lot < wanted.share).length)
      : wanted.count;
  return ordered
    .slice(0, below)
    .map(({ i }) => i)
    .sort((a, b) => a - b);
};

/** Makes a source of some images of another, in its order. */
const part = (source: ImageSource, at: readonly number[], isTrain: boolean): ImageSource => {
  const { classOf, file } = source;
  const own = (i: number): number => at[i] ?? 0;
  return {
    name: source.name,
    size: at.length,
    id: (i) => source.id(own(i)),
    ...(source.classes === undefined ? {} : { classes: source.classes }),
    ...(classOf === undefined ? {} : { classOf: (i: number) => classOf(own(i)) }),
    ...(file === undefined ? {} : { file: (i: number) => file(own(i)) }),
    load: (i) => source.load(own(i)),
    // What lies beside the images is reported once.
    ...(isTrain && source.passed !== undefined ? { passed: source.passed } : {}),
    ...(isTrain && source.since !== undefined ? { since: source.since } : {}),
    ...(isTrain && source.beside !== undefined ? { beside: source.beside } : {}),
  };
};

const tooMany = (domain: string, { size, name }: ImageSource, held: number) =>
  left<DataError>({
    kind: "empty-folder",
    path: name,
    reason: `its ${size} images are too few to hold out ${held} of them: none would be left to train ${domain} on`,
    hint: "Hold out fewer, or add images.",
  });

/**
 * Holds out some images of each domain. `known`: the images, by domain, that a run has held out
 * since it began; for these domains no others are.
 */
export const holdOut = (
  dataset: Dataset,
  wanted: HoldOut,
  known: Readonly<Record<string, readonly string[]>> = {},
): Either<DataError, Dataset> => {
  const train: [string, ImageSource][] = [];
  const held: [string, ImageSource][] = [];
  for (const [domain, source] of Object.entries(dataset.train)) {
    const names = known[domain] === undefined ? undefined : new Set(known[domain]);
    const all = Array.from({ length: source.size }, (_, i) => i);
    const chosen = new Set(
      names === undefined ? chosenIn(source, wanted) : all.filter((i) => names.has(source.id(i))),
    );
    if (chosen.size >= source.size) return tooMany(domain, source, chosen.size);
    train.push([
      domain,
      part(
        source,
        all.filter((i) => !chosen.has(i)),
        true,
      ),
    ]);
    held.push([domain, part(source, [...chosen], false)]);
  }
  const counts = held.map(([domain, { size }]) => `${domain} ${size}`).join(", ");
  return right({
    ...dataset,
    train: recordOf(train),
    held: recordOf(held),
    describe: () => `${dataset.describe()}\nheld out of training, chosen by name: ${counts}`,
  });
};
