/** Networks that make images only one after the other: an encoder and a decoder, a mapping and what draws by it. */
import type { Domain } from "../../program/model.js";
import { generators, type NetworkInfo, type SpecProgram, sourcesOf } from "./program.js";
import { translators } from "./translators.js";

export interface Chain {
  /** An image, noise or uniform numbers. */
  readonly from: Domain;
  /** Each of one input, in the order in which they are applied; at least two. */
  readonly networks: readonly string[];
  readonly to: Domain;
}

type Program = Pick<SpecProgram, "domains" | "networks">;

/** `G(E(x))` */
export const chainText = ({ from, networks }: Chain): string =>
  networks.reduce((inner, name) => `${name}(${inner})`, from.name.toLowerCase());

/** The shortest chain that ends in a network, breadth first; nothing where none leads to it. */
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

/** Networks that make images and take what other networks make: features, or a code that noise is drawn for too. */
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

/** In the order of the networks that they end in. */
export const chains = (program: Program): readonly Chain[] =>
  decoders(program).flatMap((network) => chainTo(network, program) ?? []);

/** Networks that make images of what no sample has: a sentence each, for people. */
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
        `no sample shows what ${name} makes: it takes ${from}, and not all of that is made of an image or of noise by networks of one input.`,
    );
};
