/** Cycle and identity errors: what can be measured of a run whose test images have no partners. */
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import { reasonOf } from "../data/errors.js";
import { type FixedImages, preview } from "../data/fixed.js";
import type { Dataset } from "../data/source.js";
import type { HostTensor, Session } from "../engines/session.js";
import type { Domain } from "../model/model.js";
import { toUnit } from "../report/baselines.js";
import { type Consistency, consistencyOf } from "../report/consistency.js";
import { applyAll } from "./apply.js";
import type { TrainingError } from "./errors.js";
import { generators, imageDomains, reverse, type SpecProgram } from "./program.js";
import { variable } from "./sample.js";
import {
  classCount,
  imageInputs,
  type Translator,
  tensorsFor,
  translators,
} from "./translators.js";

export interface Consistencies {
  readonly rows: readonly Consistency[];
  /** Of networks of which nothing can be measured without partners: why, a sentence each. */
  readonly remarks: readonly string[];
}

/** Images of a domain at most. */
const measured = 64;

const seed = 0;

type Images = Readonly<Record<string, FixedImages>>;

/** One thing to measure: its name, and what comes back of the images of `domain`. */
interface Measure {
  readonly name: string;
  readonly domain: Domain;
  readonly images: HostTensor;
  readonly compute: () => Promise<HostTensor>;
}

const isAlike = (a: Domain, b: Domain): boolean =>
  a.shape.join() === b.shape.join() && a.range.join() === b.range.join();

/** Of networks of one image each, the one of which leads back: what the second makes of what the first made, and of its own kind. */
const ofPair = (
  session: Session,
  there: Translator,
  back: Translator,
  found: Images,
): readonly Measure[] => {
  const images = found[there.from.name]?.images;
  const others = found[there.to.name]?.images;
  if (images === undefined || others === undefined) return [];
  const [x, y] = [variable(there.from), variable(there.to)];
  const apply = (network: string, of: HostTensor) => applyAll(session, network, [of]);
  const cycle: Measure = {
    name: `${back.network}(${there.network}(${x}))`,
    domain: there.from,
    images,
    compute: async () => apply(back.network, await apply(there.network, images)),
  };
  const identity: Measure = {
    name: `${there.network}(${y})`,
    domain: there.to,
    images: others,
    compute: () => apply(there.network, others),
  };
  return isAlike(there.from, there.to) ? [cycle, identity] : [cycle];
};

/** Of a network that translates to a class: to the image's own, and to the next and back. */
const ofClasses = (
  session: Session,
  translator: Translator,
  { images, classes }: FixedImages,
  count: number,
): readonly Measure[] => {
  if (classes === undefined) return [];
  const { network, from } = translator;
  const x = variable(from);
  const to = (of: HostTensor, only: readonly number[]) =>
    applyAll(
      session,
      network,
      tensorsFor(translator, { images: [of], only, seed, draw: 0, stream: `evaluate/${network}` }),
    );
  const next = classes.map((of) => (of + 1) % count);
  const measure = (name: string, compute: Measure["compute"]): Measure => ({
    name,
    domain: from,
    images,
    compute,
  });
  return [
    measure(`${network}(${network}(${x}, next class), own)`, async () =>
      to(await to(images, next), classes),
    ),
    measure(`${network}(${x}, own class)`, () => to(images, classes)),
  ];
};

/** What there is to measure of one network, or why there is nothing. */
const measuresOf = (
  session: Session,
  translator: Translator,
  all: readonly Translator[],
  found: Images,
): Either<string, readonly Measure[]> => {
  const { network, from, to, inputs } = translator;
  const count = classCount(translator);
  const own = found[from.name];
  if (imageInputs(translator).length > 1)
    return left(`${network} takes several images: what it makes is none of them again.`);
  if (count !== undefined && from.name === to.name && own !== undefined)
    return own.classes === undefined
      ? left(`${network} takes a class, and the images of ${from.name} are not filed by class.`)
      : right(ofClasses(session, translator, own, count));
  if (inputs.length > 1)
    return left(`${network} takes more than an image: nothing leads back from what it makes.`);
  const back = reverse(
    translator,
    all.filter((other) => other.inputs.length === 1),
  );
  const other = all.find((one) => one.network === back?.network);
  return other === undefined
    ? left(`${network} has no network that alone leads back, from ${to.name} to ${from.name}.`)
    : right(ofPair(session, translator, other, found));
};

const measuredOf = async ({ name, domain, images, compute }: Measure): Promise<Consistency> =>
  consistencyOf(
    {
      name,
      what: `${variable(domain)} of ${domain.name}`,
      images: toUnit(images, domain.range),
      returned: toUnit(await compute(), domain.range),
    },
    seed,
  );

const remarkOnGenerators = (program: Pick<SpecProgram, "domains" | "networks">) =>
  generators(program).map(
    ({ network }) => `${network} makes images of no image: there is none that should come back.`,
  );

/** Of up to 64 images of each domain, of the test split where there is one. */
export const measureConsistency = async (
  session: Session,
  program: Pick<SpecProgram, "domains" | "networks">,
  dataset: Dataset,
): Promise<Either<TrainingError, Consistencies>> => {
  const remarks = [...remarkOnGenerators(program)];
  const all = translators(program);
  const needed = imageDomains(program).filter(({ name }) => dataset.train[name] !== undefined);
  try {
    const found = await preview(dataset, needed, measured);
    if (isLeft(found)) return right({ rows: [], remarks });
    const rows: Consistency[] = [];
    for (const translator of all) {
      const measures = measuresOf(session, translator, all, found.right);
      if (isLeft(measures)) remarks.push(measures.left);
      else for (const measure of measures.right) rows.push(await measuredOf(measure));
    }
    return right({ rows, remarks });
  } catch (thrown) {
    const reason = `The images could not be translated and led back: ${reasonOf(thrown)}`;
    return left({ kind: "engine", reason });
  }
};
