/**
 * Chains of networks that make images only together, such as an encoder and a decoder, or a mapping
 * and a synthesis network.
 */
import type { Domain } from "../../program/model.js";
import { generators, type NetworkInfo, type SpecProgram, sourcesOf } from "./program.js";
import { translators } from "./translators.js";

export interface Chain {
  /** Domain of an image, noise or uniform numbers. */
  readonly from: Domain;
  /** At least two networks with one input each, in order of application. */
  readonly networks: readonly string[];
  readonly to: Domain;
}

type Program = Pick<SpecProgram, "domains" | "networks">;

/** Writes a chain: `G(E(x))`. */
export const chainText = ({ from, networks }: Chain): string =>
  networks.reduce((inner, name) => `${name}(${inner})`, from.name.toLowerCase());

/** Finds the shortest chain that ends in a network, breadth first. Undefined if there is none. */
const chainTo = (last: NetworkInfo, { domains, networks }: Program): Chain | undefined => {
  const byName = new Map(domains.map((domain) => [domain.name, domain]));
  const to = byName.get(last.to);
  const seen = new Set<string>();
  let open: readonly (readonly NetworkInfo[])[] = [[last]];
  while (to !== undefined && open.length > 0) {
    const longer: (readonly NetworkInfo[])[] = [];
    for (const chain of open) {
      const [source = "", ...others] = sourcesOf(chain[0] as NetworkInfo);
      const from = byName.get(source);
      if (from === undefined || others.length > 0 || seen.has(`${chain.length} ${source}`))
        continue;
      seen.add(`${chain.length} ${source}`);
      const isBeginning = from.kind === "image" || (chain.length > 1 && from.kind !== "features");
      if (isBeginning && from.kind !== "labels" && chain.length > 1)
        return { from, networks: chain.map(({ name }) => name), to };
      if (from.kind === "image") continue;
      const before = networks.filter((one) => one.to === source && !chain.includes(one));
      longer.push(...before.map((one) => [one, ...chain]));
    }
    open = longer;
  }
  return undefined;
};

/**
 * Lists networks that make images from other networks' outputs: features, or a code for which noise
 * is drawn too.
 */
const decoders = ({ domains, networks }: Program): readonly NetworkInfo[] => {
  const kinds = new Map(domains.map(({ name, kind }) => [name, kind]));
  return networks.filter((network) => {
    const sources = sourcesOf(network);
    const isFed = (name: string): boolean =>
      kinds.get(name) === "features" || networks.some(({ to }) => to === name);
    const takesImages = sources.some((name) => kinds.get(name) === "image");
    return kinds.get(network.to) === "image" && !takesImages && sources.some(isFed);
  });
};

/** Lists chains in the order of their last networks. */
export const chains = (program: Program): readonly Chain[] =>
  decoders(program).flatMap((network) => chainTo(network, program) ?? []);

/** Lists networks whose images no sample shows, a sentence each. */
export const unshown = (program: Program): readonly string[] => {
  const shown = new Set([
    ...translators(program, true).map(({ network }) => network),
    ...generators(program).map(({ network }) => network),
    ...chains(program).flatMap(({ networks }) => networks),
  ]);
  const images = new Set(
    program.domains.filter(({ kind }) => kind === "image").map(({ name }) => name),
  );
  return program.networks
    .filter(({ name, to }) => images.has(to) && !shown.has(name))
    .map(
      ({ name, from }) =>
        `no sample shows what ${name} makes: it takes ${from}, and networks of one input cannot make all of that from an image or from noise.`,
    );
};
