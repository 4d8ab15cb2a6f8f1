/** Makes sample grids: a few fixed images, the networks' results, and their reconstructions. */
import { join } from "node:path";
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import type { Session } from "../../contracts/session.js";
import type { HostTensor } from "../../contracts/tensor.js";
import { cycled, hostDraw, oneHot } from "../../data/batches/host-draws.js";
import { reasonOf } from "../../data/files/errors.js";
import type { Domain } from "../../program/model.js";
import { type GridColumn, renderGrid } from "../../report/pictures/grid.js";
import { attempt, makeAlone, type RawDisk, writeAtomically } from "../files/disk.js";
import type { TrainingError } from "../files/errors.js";
import { chains, chainText } from "../program/chains.js";
import {
  type Direction,
  directions,
  generators,
  reverse,
  type SpecProgram,
} from "../program/program.js";
import type { Position } from "../program/schedule.js";
import {
  classCount,
  classNames,
  draws,
  imageInputs,
  type Translator,
  tensorsFor,
  translators,
} from "../program/translators.js";

/** Names an image of a domain as in the paper: `x` for `X`. */
export const variable = ({ name }: Domain): string => name.toLowerCase();

/** Makes the columns `x`, `G(x)` and, if exactly one network leads back, `F(G(x))`. */
export const columnsOf = async (
  session: Session,
  direction: Direction,
  all: readonly Direction[],
  images: HostTensor,
): Promise<readonly GridColumn[]> => {
  const { network, from, to } = direction;
  const label = variable(from);
  const there = await session.translate(network, [images]);
  const columns: GridColumn[] = [
    { label, images, range: from.range },
    { label: `${network}(${label})`, images: there, range: to.range },
  ];
  const back = reverse(direction, all);
  if (back)
    columns.push({
      label: `${back.network}(${network}(${label}))`,
      images: await session.translate(back.network, [there]),
      range: from.range,
    });
  return columns;
};

/** Names a grid by completed epochs and steps: `epoch-0003-step-00001500.png`. */
export const sampleName = ({ epoch, step }: Position): string =>
  `epoch-${String(epoch).padStart(4, "0")}-step-${String(step).padStart(8, "0")}.png`;

/** What images are made with. */
export interface Maker {
  readonly program: Pick<SpecProgram, "domains" | "networks">;
  readonly session: Session;
  readonly preview: Readonly<Record<string, HostTensor>>;
  /** Class names by domain, if images are filed by class. */
  readonly classes?: Readonly<Record<string, readonly string[]>> | undefined;
}

export interface Sampler extends Maker {
  readonly folder: string;
  readonly raw: RawDisk;
}

/** Most columns for one network's variants. */
const shownVariants = 8;

/** Columns for draws, if a network takes noise. */
const shownDraws = 3;

/**
 * Makes a column for each image input, then one for each class and draw: `x`, `G(x, cat)`, `G(x,
 * dog)`.
 */
const variedColumns = async (
  { session, preview, classes }: Maker,
  translator: Translator,
): Promise<readonly GridColumn[]> => {
  const { network, to, inputs } = translator;
  const taken = imageInputs(translator);
  const found = taken.flatMap(({ domain }) => preview[domain.name] ?? []);
  if (found.length < taken.length) return [];
  const count = Math.min(...found.map(({ shape }) => shape[0] ?? 0));
  // Two images of one domain are paired with each other, not each with itself.
  const images = found.map((of, k) =>
    turned(of, count, taken.slice(0, k).filter((one) => one.domain === taken[k]?.domain).length),
  );
  const columns: GridColumn[] = taken.map(({ name, domain }, k) => ({
    label: name,
    images: images[k] as HostTensor,
    range: domain.range,
  }));
  const names = classNames(classCount(translator) ?? 1, to, classes);
  const repeats = draws(translator) ? shownDraws : 1;
  const variants = names.flatMap((name, only) =>
    Array.from({ length: repeats }, (_, draw) => ({ name, only, draw })),
  );
  for (const { name, only, draw } of variants.slice(0, shownVariants)) {
    const given = { images, only, draw, seed: 0, stream: "sample" };
    const words = inputs.map((input) => {
      if (input.domain.kind === "labels") return name;
      return input.domain.kind === "image" ? input.name : `${input.name}${draw + 1}`;
    });
    columns.push({
      label: `${network}(${words.join(", ")})`,
      images: await session.translate(network, tensorsFor(translator, given)),
      range: to.range,
    });
  }
  return columns;
};

/** Returns `count` samples from number `by` on, wrapping around. */
const turned = ({ shape, data }: HostTensor, count: number, by: number): HostTensor => {
  const size = data.length / Math.max(1, shape[0] ?? 0);
  const turn = new Float32Array(count * size);
  for (let i = 0; i < count; i++) {
    const at = (i + by) % Math.max(1, shape[0] ?? 0);
    turn.set(data.subarray(at * size, (at + 1) * size), i * size);
  }
  return { shape: [count, ...shape.slice(1)], data: turn };
};

/**
 * Makes columns from noise or classes, the same every time; a network with a class input and noise
 * gets a column for each class.
 */
const generated = async ({ program, session, classes }: Maker): Promise<readonly GridColumn[]> => {
  const columns: GridColumn[] = [];
  for (const { network, from, to } of generators(program)) {
    const labels = from.filter(({ kind }) => kind === "labels");
    // From a class alone there is only one image, so classes form a row, not columns.
    const isVaried = labels.length > 0 && labels.length < from.length;
    const count = isVaried ? Math.max(...labels.map(({ shape }) => shape[2])) : 1;
    const names = classNames(count, to, classes).slice(0, shownVariants);
    for (const [of, name] of names.entries()) {
      const drawn = from.map((domain, place) => {
        const { kind, shape } = domain;
        if (kind !== "labels")
          return hostDraw(domain, `sample/${network}/${place}`, previewCount, 0, 0, 0);
        const only = new Array<number>(previewCount).fill(Math.min(of, shape[2] - 1));
        return isVaried ? oneHot(only, shape[2]) : cycled(previewCount, shape[2]);
      });
      const words = from.map((domain) =>
        isVaried && domain.kind === "labels" ? name : variable(domain),
      );
      const images = await session.translate(network, drawn);
      columns.push({ label: `${network}(${words.join(", ")})`, images, range: to.range });
    }
  }
  return columns;
};

/** Makes columns for chains of networks: `x`, `Decoder(Encoder(x))`. */
const chained = async ({ program, session, preview }: Maker): Promise<readonly GridColumn[]> => {
  const columns: GridColumn[] = [];
  for (const chain of chains(program)) {
    const { from, networks, to } = chain;
    const isImage = from.kind === "image";
    const begin = isImage
      ? preview[from.name]
      : hostDraw(from, `sample/${networks[0]}/0`, previewCount, 0, 0, 0);
    if (begin === undefined) continue;
    let images = begin;
    for (const network of networks) images = await session.translate(network, [images]);
    if (isImage) columns.push({ label: variable(from), images: begin, range: from.range });
    columns.push({ label: chainText(chain), images, range: to.range });
  }
  return columns;
};

/** Images of each domain in a sample grid. */
export const previewCount = 4;

/** Tells whether any network of the program makes images from available inputs. */
export const makesImages = (program: Pick<SpecProgram, "domains" | "networks">): boolean =>
  translators(program).length + generators(program).length + chains(program).length > 0;

/** Makes the column of an identity: the network that should leave `x` unchanged, `F(x)`. */
const identityColumn = async (
  session: Session,
  direction: Direction,
  all: readonly Direction[],
  images: HostTensor,
): Promise<readonly GridColumn[]> => {
  const back = reverse(direction, all);
  if (back === undefined || back.from.shape.join() !== back.to.shape.join()) return [];
  const label = `${back.network}(${variable(direction.from)})`;
  const range = back.to.range;
  return [{ label, images: await session.translate(back.network, [images]), range }];
};

/** Makes the columns of one network, in order. */
export const translatorColumns = async (
  sampler: Maker,
  translator: Translator,
  withIdentity = false,
): Promise<readonly GridColumn[]> => {
  const { program, session, preview } = sampler;
  if (translator.inputs.length > 1) return variedColumns(sampler, translator);
  const images = preview[translator.from.name];
  if (images === undefined) return [];
  const all = directions(program);
  return [
    ...(await columnsOf(session, translator, all, images)),
    ...(withIdentity ? await identityColumn(session, translator, all, images) : []),
  ];
};

/** Makes the columns of networks that take only draws, and of chains. */
export const otherColumns = async (sampler: Maker): Promise<readonly GridColumn[]> => [
  ...(await generated(sampler)),
  ...(await chained(sampler)),
];

/**
 * Writes the grid of all networks side by side and returns its path. Undefined if none makes
 * images.
 */
export const sampleGrid = async (
  sampler: Sampler,
  position: Position,
): Promise<Either<TrainingError, string | undefined>> => {
  const { program, folder, raw } = sampler;
  const path = join(folder, sampleName(position));
  const columns: GridColumn[] = [];
  try {
    for (const translator of translators(program))
      columns.push(...(await translatorColumns(sampler, translator)));
    columns.push(...(await otherColumns(sampler)));
    if (columns.length === 0) return right(undefined);
    const made = await attempt(folder, () => makeAlone(folder));
    if (isLeft(made)) return made;
    const written = await writeAtomically(raw, path, [await renderGrid(columns)]);
    return isLeft(written) ? written : right(path);
  } catch (thrown) {
    return left({ kind: "engine", reason: `${path} could not be made: ${reasonOf(thrown)}` });
  }
};
