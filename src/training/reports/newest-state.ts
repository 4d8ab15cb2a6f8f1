/**
 * Makes galleries of the newest state: real, translated, reconstructed and identity side by side.
 */
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import { recordOf } from "../../base/record.js";
import type { Session } from "../../contracts/session.js";
import type { HostTensor } from "../../contracts/tensor.js";
import { reasonOf } from "../../data/files/errors.js";
import { preview } from "../../data/sets/fixed.js";
import type { Dataset } from "../../data/sets/source.js";
import type { Gallery } from "../../report/page/contents.js";
import { type GridColumn, renderGrid } from "../../report/pictures/grid.js";
import { thousands } from "../../report/text/words.js";
import { imageDomains, type SpecProgram, sourcesOf } from "../program/program.js";
import { type Translator, translators } from "../program/translators.js";
import { type Maker, otherColumns, translatorColumns, variable } from "../translation/sample.js";
import { sheetFrom } from "./sheets.js";

export interface Looked {
  readonly session: Session;
  readonly program: SpecProgram;
  /** Undefined if the images cannot be reached. */
  readonly dataset: Dataset | undefined;
  readonly classes: Maker["classes"];
  /** Steps trained up to the state. */
  readonly step: number;
}

/** Rows of a grid. */
const rows = 6;

const imagesOf = async ({
  dataset,
  program,
}: Looked): Promise<Readonly<Record<string, HostTensor>>> => {
  if (dataset === undefined) return {};
  const found = await preview(dataset, imageDomains(program), rows);
  if (isLeft(found)) return {};
  return recordOf(Object.entries(found.right).map(([name, { images }]) => [name, images] as const));
};

const wordsOf = ({ from, inputs }: Translator, labels: readonly string[]): string => {
  const [real = "", fake = "", ...others] = labels;
  if (inputs.length > 1) return `${real} is real; the others are what the network makes of it.`;
  const identity = others.find(
    (label) => label.endsWith(`(${variable(from)})`) && !/\(.*\(/.test(label),
  );
  const again = others.find((label) => label !== identity);
  return [
    `${real} is real, ${fake} is made of it`,
    ...(again === undefined ? [] : [`${again} is led back and should be ${real} again`]),
    ...(identity === undefined ? [] : [`${identity}, the identity, should leave ${real} as it is`]),
  ]
    .join("; ")
    .concat(".");
};

const signature = ({ program }: Looked, { network }: Translator): string => {
  const found = program.networks.find(({ name }) => name === network);
  const from = found === undefined ? "" : sourcesOf(found).join(", ");
  return `${network} : ${from} -> ${found?.to ?? ""}`;
};

const galleryOf = async (
  id: string,
  title: string,
  words: string,
  columns: readonly GridColumn[],
  step: number,
): Promise<Gallery> => ({
  id,
  title,
  words,
  sheets: [await sheetFrom(await renderGrid(columns), `after ${thousands(step)} steps`)],
});

/** Makes a gallery for each network that translates, and one for results from draws. */
export const lookClosely = async (looked: Looked): Promise<Either<string, readonly Gallery[]>> => {
  const { program, session, classes, step } = looked;
  try {
    const images = await imagesOf(looked);
    const sampler = { program, session, preview: images, classes };
    const galleries: Gallery[] = [];
    for (const translator of translators(program)) {
      const columns = await translatorColumns(sampler, translator, true);
      if (columns.length === 0) continue;
      const labels = columns.map(({ label }) => label);
      const title = `${signature(looked, translator)}, looked at closely`;
      const id = `look-${galleries.length + 1}`;
      galleries.push(await galleryOf(id, title, wordsOf(translator, labels), columns, step));
    }
    const made = await otherColumns(sampler);
    if (made.length > 0)
      galleries.push(
        await galleryOf("look-made", "Made of draws", "Draws that stay the same.", made, step),
      );
    return right(galleries);
  } catch (thrown) {
    return left(reasonOf(thrown));
  }
};
