/**
 * The subjects of measuring: each way in which the networks of a spec make images, with their
 * inputs.
 */
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import type { Session } from "../../contracts/session.js";
import type { HostTensor } from "../../contracts/tensor.js";
import { cycled, hostDraw, oneHot } from "../../data/batches/host-draws.js";
import type { FixedImages } from "../../data/sets/fixed.js";
import type { MeasuringImages } from "../../data/sets/measuring.js";
import type { Domain } from "../../program/model.js";
import { applyAll } from "../program/apply.js";
import { type Chain, chains, chainText } from "../program/chains.js";
import { type Generator, generators, type SpecProgram } from "../program/program.js";
import {
  classCount,
  imageInputs,
  shortCall,
  type Translator,
  tensorsFor,
  translators,
  unpairable,
} from "../program/translators.js";
import { variable } from "../translation/sample.js";
import { type Images, type Return, returnOf, returnsOf } from "./returns.js";

export interface Subject {
  /** Name in files: a network, or a chain of networks. */
  readonly name: string;
  /** For example `X -> Y by G`. */
  readonly title: string;
  readonly to: Domain;
  /** Translates unpaired images. Undefined if there are no inputs. */
  readonly make: (() => Promise<HostTensor>) | undefined;
  /**
   * Translates the pairs, row by row. The left side is the reason why results cannot be compared
   * with partners, if it is worth reporting.
   */
  readonly makePaired: Either<string | undefined, () => Promise<HostTensor>>;
  /** Its returns, or the reason why there are none. */
  readonly returns: Either<string, readonly Return[]>;
}

type Program = Pick<SpecProgram, "domains" | "networks">;

/** Selects rows of a tensor, in any order. */
export const rowsAt = ({ shape, data }: HostTensor, at: readonly number[]): HostTensor => {
  const [n = 0, ...rest] = shape;
  const size = n === 0 ? 0 : data.length / n;
  const out = new Float32Array(at.length * size);
  for (const [k, row] of at.entries())
    out.set(data.subarray(row * size, (row + 1) * size), k * size);
  return { shape: [at.length, ...rest], data: out };
};

const counting = (n: number): readonly number[] => Array.from({ length: n }, (_, i) => i);

const countOf = (found: FixedImages | undefined): number => found?.images.shape[0] ?? 0;

/**
 * Chooses classes with the frequencies of the real images if these are filed by class, else in
 * turn.
 */
const classesFor = (real: FixedImages | undefined, n: number, count: number): readonly number[] => {
  const known = real?.classes ?? [];
  return counting(n).map((k) => (known.length > 0 ? (known[k % known.length] ?? 0) : k % count));
};

const unpaired = (session: Session, translator: Translator, found: Images): Subject["make"] => {
  const taken = imageInputs(translator);
  const n = countOf(found[taken[0]?.domain.name ?? ""]);
  if (n === 0 || taken.some(({ domain }) => countOf(found[domain.name]) === 0)) return undefined;
  return () => {
    // Two images of one domain are paired with each other, not each with itself.
    const images = taken.flatMap(({ domain }, place) => {
      const of = found[domain.name];
      const by = taken.slice(0, place).filter((one) => one.domain === domain).length;
      return of === undefined
        ? []
        : rowsAt(
            of.images,
            counting(n).map((k) => (k + by) % countOf(of)),
          );
    });
    const { network, to } = translator;
    const only = classesFor(found[to.name], n, classCount(translator) ?? 1);
    const stream = `evaluate/${network}`;
    const given = tensorsFor(translator, { images, only, seed: 0, draw: 0, stream });
    return applyAll(session, network, given);
  };
};

const paired = (
  session: Session,
  translator: Translator,
  { images, pairs }: MeasuringImages,
): Subject["makePaired"] => {
  const { network, to } = translator;
  const reason = unpairable(translator);
  if (reason !== undefined) return left(reason);
  const rowsOf = (domain: string): readonly number[] => pairs.map((pair) => pair[domain] ?? 0);
  const classes = images[to.name]?.classes;
  const only = rowsOf(to.name).map((row) => classes?.[row] ?? 0);
  if (classCount(translator) !== undefined && classes === undefined)
    return left(
      `${shortCall(translator)} takes a class, and the images of ${to.name} are not filed by class.`,
    );
  return right(() => {
    const found = imageInputs(translator).flatMap(({ domain: { name } }) => {
      const of = images[name];
      return of === undefined ? [] : rowsAt(of.images, rowsOf(name));
    });
    const stream = `evaluate/${network}`;
    const given = tensorsFor(translator, { images: found, only, seed: 0, draw: 0, stream });
    return applyAll(session, network, given);
  });
};

const noImage = (name: string): string =>
  `${name} makes images from draws: there is no image to reconstruct.`;

/**
 * Least number of images from a generator, enough to tell anything. It makes as many as there are
 * real ones, if more.
 */
export const leastMade = 64;

const ofGenerator = (session: Session, generator: Generator, found: Images): Subject => {
  const { network, from, to } = generator;
  const n = Math.max(leastMade, countOf(found[to.name]));
  const make = () => {
    const drawn = from.map((domain, place) => {
      if (domain.kind !== "labels")
        return hostDraw(domain, `evaluate/${network}/${place}`, n, 0, 0, 0);
      const [, , count] = domain.shape;
      const real = found[to.name];
      return real?.classes === undefined
        ? cycled(n, count)
        : oneHot(classesFor(real, n, count), count);
    });
    return applyAll(session, network, drawn);
  };
  const returns = left(noImage(network));
  return {
    name: network,
    title: `${to.name} by ${network}`,
    to,
    make,
    makePaired: left(undefined),
    returns,
  };
};

const ofChain = (session: Session, chain: Chain, found: Images): Subject => {
  const { from, networks, to } = chain;
  const name = chainText(chain);
  const isImage = from.kind === "image";
  const n = isImage ? countOf(found[from.name]) : Math.max(leastMade, countOf(found[to.name]));
  const begin = (): HostTensor | undefined =>
    isImage ? found[from.name]?.images : hostDraw(from, `evaluate/${networks[0]}/0`, n, 0, 0, 0);
  const make = async (): Promise<HostTensor> => {
    let images = begin() ?? { shape: [0], data: new Float32Array() };
    for (const network of networks) images = await applyAll(session, network, [images]);
    return images;
  };
  const images = found[from.name]?.images;
  return {
    name,
    title: `${to.name} by ${name}`,
    to,
    make: n === 0 ? undefined : make,
    makePaired: left(undefined),
    returns:
      images !== undefined && from.name === to.name
        ? right([returnOf("cycle", name, from, images, make)])
        : left(`${name} does not lead back to an image of ${variable(from)}.`),
  };
};

const ofTranslator = (
  session: Session,
  translator: Translator,
  all: readonly Translator[],
  set: MeasuringImages,
): Subject => {
  const { network, from, to } = translator;
  return {
    name: network,
    title: `${from.name} -> ${to.name} by ${shortCall(translator)}`,
    to,
    make: unpaired(session, translator, set.images),
    makePaired: paired(session, translator, set),
    returns: returnsOf(session, translator, all, set.images),
  };
};

/**
 * Lists subjects in the order of the spec: translators, networks that take only draws, and chains.
 */
export const subjectsOf = (
  session: Session,
  program: Program,
  set: MeasuringImages,
): readonly Subject[] => {
  const all = translators(program);
  return [
    ...all.map((translator) => ofTranslator(session, translator, all, set)),
    ...generators(program).map((generator) => ofGenerator(session, generator, set.images)),
    ...chains(program).map((chain) => ofChain(session, chain, set.images)),
  ];
};

/** Lists reasons why some measures do not apply, a sentence each. */
export const obstacles = (
  { returns, makePaired }: Subject,
  hasPairs: boolean,
): readonly string[] => [
  ...(hasPairs && isLeft(makePaired) && makePaired.left !== undefined ? [makePaired.left] : []),
  ...(isLeft(returns) ? [returns.left] : []),
];
