/**
 * Cycles and identities, whose results should equal their inputs. They can be measured without
 * partners.
 */
import { type Either, left, right } from "fp-ts/lib/Either.js";
import type { Session } from "../../contracts/session.js";
import type { HostTensor } from "../../contracts/tensor.js";
import type { FixedImages } from "../../data/sets/fixed.js";
import type { Domain } from "../../program/model.js";
import { toUnit } from "../../report/measures/baselines.js";
import type { Returned } from "../../report/measures/index.js";
import { applyAll } from "../program/apply.js";
import { reverse } from "../program/program.js";
import { classCount, imageInputs, type Translator, tensorsFor } from "../program/translators.js";
import { variable } from "../translation/sample.js";

/** Images by domain name. */
export type Images = Readonly<Record<string, FixedImages>>;

export interface Return {
  readonly kind: "cycle" | "identity";
  /** For example `F(G(x)) to x`. */
  readonly text: string;
  /** Result with intensities in [0, 1]. */
  compute(): Promise<Returned>;
}

const isAlike = (a: Domain, b: Domain): boolean =>
  a.shape.join() === b.shape.join() && a.range.join() === b.range.join();

export const returnOf = (
  kind: Return["kind"],
  name: string,
  domain: Domain,
  images: HostTensor,
  returned: () => Promise<HostTensor>,
): Return => ({
  kind,
  text: `${name} to ${variable(domain)}`,
  compute: async () => ({
    images: toUnit(images, domain.range),
    returned: toUnit(await returned(), domain.range),
  }),
});

/** Lists the returns of two networks with one image input each, the second of which leads back. */
const ofPair = (
  session: Session,
  there: Translator,
  back: Translator,
  found: Images,
): readonly Return[] => {
  const images = found[there.from.name]?.images;
  const others = found[there.to.name]?.images;
  const [x, y] = [variable(there.from), variable(there.to)];
  const apply = (network: string, of: HostTensor) => applyAll(session, network, [of]);
  const cycles =
    images === undefined
      ? []
      : [
          returnOf(
            "cycle",
            `${back.network}(${there.network}(${x}))`,
            there.from,
            images,
            async () => apply(back.network, await apply(there.network, images)),
          ),
        ];
  if (others === undefined || !isAlike(there.from, there.to)) return cycles;
  const name = `${there.network}(${y})`;
  const identity = returnOf("identity", name, there.to, others, () => apply(there.network, others));
  return [...cycles, identity];
};

/**
 * Lists the returns of a network that translates to a class: to the next class and back, and to the
 * image's own.
 */
const ofClasses = (
  session: Session,
  translator: Translator,
  { images, classes = [] }: FixedImages,
  count: number,
): readonly Return[] => {
  const { network, from } = translator;
  const x = variable(from);
  const stream = `evaluate/${network}`;
  const to = (of: HostTensor, only: readonly number[]) =>
    applyAll(
      session,
      network,
      tensorsFor(translator, { images: [of], only, seed: 0, draw: 0, stream }),
    );
  const next = classes.map((of) => (of + 1) % count);
  return [
    returnOf("cycle", `${network}(${network}(${x}, next class), own)`, from, images, async () =>
      to(await to(images, next), classes),
    ),
    returnOf("identity", `${network}(${x}, own class)`, from, images, () => to(images, classes)),
  ];
};

/** Lists the returns of one network, or the reason why there are none. */
export const returnsOf = (
  session: Session,
  translator: Translator,
  all: readonly Translator[],
  found: Images,
): Either<string, readonly Return[]> => {
  const { network, from, to, inputs } = translator;
  const count = classCount(translator);
  const own = found[from.name];
  if (imageInputs(translator).length > 1)
    return left(`${network} takes several images: its result reproduces none of them.`);
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
