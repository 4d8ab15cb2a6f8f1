/**
 * Chooses the images that measure a run: test images, else held-out images, else training images.
 */
import { recordOf } from "../../base/record.js";
import { type MeasuringImages, measuringImages } from "../../data/sets/measuring.js";
import { type Matches, matchByName } from "../../data/sets/pairing.js";
import type { Dataset, ImageSource } from "../../data/sets/source.js";
import type { Split } from "../logs/evaluation.js";
import { imageDomains, type SpecProgram } from "../program/program.js";

type Program = Pick<SpecProgram, "domains" | "draws">;

type Sources = Readonly<Record<string, ImageSource>>;

export const splitOf = ({ test, held }: Dataset): Split =>
  test !== undefined ? "test" : held !== undefined ? "held" : "train";

/** Lists the image domains that the spec draws as partners of each other. */
const drawnTogether = ({ domains, draws = [] }: Program): readonly string[] => {
  const images = new Set(domains.filter(({ kind }) => kind === "image").map(({ name }) => name));
  const joint = draws.filter(
    ({ domain, joint: partners = [] }) =>
      images.has(domain) &&
      draws.some(
        (other) =>
          other.domain !== domain && images.has(other.domain) && partners.includes(other.key),
      ),
  );
  return [...new Set(joint.map(({ domain }) => domain))];
};

/**
 * Pairs images by equal names, in domains that the spec declares to be partners. In other domains
 * equal names may mean nothing.
 */
export const pairsDrawn = (sources: Sources, program: Program): Dataset["pairs"] => {
  const names = drawnTogether(program).filter((name) => sources[name] !== undefined);
  if (names.length < 2) return [];
  const { pairs } = matchByName(names.map((name) => sources[name] as ImageSource));
  return pairs.map((pair) => recordOf(names.map((name, d) => [name, pair[d] ?? 0] as const)));
};

/**
 * Pairs test images by equal names if the data have no pairing of their own. Also returns images
 * without a partner.
 */
export const withPartners = (
  dataset: Dataset,
  program: Program,
): { readonly dataset: Dataset; readonly alone: Matches["alone"] } => {
  const domains = imageDomains(program);
  const sources = domains.flatMap(({ name }) => dataset.test?.[name] ?? []);
  if (dataset.pairs !== undefined || sources.length < domains.length || sources.length < 2)
    return { dataset, alone: [] };
  const { pairs, alone } = matchByName(sources);
  if (pairs.length === 0) return { dataset, alone: [] };
  const byDomain = (pair: readonly number[]) =>
    recordOf(domains.map(({ name }, d) => [name, pair[d] ?? 0] as const));
  return { dataset: { ...dataset, pairs: pairs.map(byDomain) }, alone };
};

export interface MeasuringSet extends MeasuringImages {
  readonly split: Split;
}

/** Loads up to `most` images of each domain, fewer if they would fill the memory. */
export const measuringSet = async (
  dataset: Dataset,
  program: Program,
  most: number,
  split: Split = splitOf(dataset),
): Promise<MeasuringSet> => {
  const sources = dataset[split] ?? dataset.train;
  const pairs = (split === "test" ? dataset.pairs : pairsDrawn(sources, program)) ?? [];
  return { split, ...(await measuringImages(sources, pairs, imageDomains(program), most)) };
};
