/** Sample grids: a few fixed images, what the networks make of them, and what leads back. */
import { join } from "node:path";
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import { reasonOf } from "../data/errors.js";
import { cycled, hostDraw } from "../data/host-draws.js";
import type { HostTensor, Session } from "../engines/session.js";
import type { Domain } from "../model/model.js";
import { type GridColumn, renderGrid } from "../report/grid.js";
import { type RawDisk, writeAtomically } from "./disk.js";
import type { TrainingError } from "./errors.js";
import { type Direction, directions, generators, reverse, type SpecProgram } from "./program.js";
import type { Position } from "./schedule.js";

/** What an image of a domain is called, as in the paper: `x` for `X`. */
export const variable = ({ name }: Domain): string => name.toLowerCase();

/** `x`, `G(x)` and, where exactly one network leads back, `F(G(x))`. */
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

/** `epoch-0003-step-00001500.png`: epochs that were completed, steps that were made. */
export const sampleName = ({ epoch, step }: Position): string =>
  `epoch-${String(epoch).padStart(4, "0")}-step-${String(step).padStart(8, "0")}.png`;

export interface Sampler {
  readonly program: Pick<SpecProgram, "domains" | "networks">;
  readonly session: Session;
  readonly preview: Readonly<Record<string, HostTensor>>;
  readonly folder: string;
  readonly raw: RawDisk;
}

/** Samples of a network from noise or classes, the same every time. */
const generated = async ({ program, session }: Sampler): Promise<readonly GridColumn[]> => {
  const columns: GridColumn[] = [];
  for (const { network, from, to } of generators(program)) {
    const drawn = from.map((domain, place) =>
      domain.kind === "labels"
        ? cycled(previewCount, domain.shape[2])
        : hostDraw(domain, `sample/${network}/${place}`, previewCount, 0, 0, 0),
    );
    const images = await session.translate(network, drawn);
    columns.push({
      label: `${network}(${from.map(variable).join(", ")})`,
      images,
      range: to.range,
    });
  }
  return columns;
};

/** Images of each domain in a sample grid. */
export const previewCount = 4;

/** Writes the grid of every direction, side by side, and gives its path. */
export const sampleGrid = async (
  { program, session, preview, folder, raw }: Sampler,
  position: Position,
): Promise<Either<TrainingError, string>> => {
  const path = join(folder, sampleName(position));
  const all = directions(program);
  const columns: GridColumn[] = [];
  try {
    for (const direction of all) {
      const images = preview[direction.from.name];
      if (images) columns.push(...(await columnsOf(session, direction, all, images)));
    }
    columns.push(...(await generated({ program, session, preview, folder, raw })));
    const written = await writeAtomically(raw, path, [await renderGrid(columns)]);
    return isLeft(written) ? written : right(path);
  } catch (thrown) {
    return left({ kind: "engine", reason: `${path} could not be made: ${reasonOf(thrown)}` });
  }
};
