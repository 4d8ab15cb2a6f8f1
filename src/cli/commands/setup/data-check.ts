/** `ganc data check`: examines images before training. */
import { basename } from "node:path";
import { Presets, SingleBar } from "cli-progress";
import type { Command } from "commander";
import { type Either, isLeft, isRight, left, right } from "fp-ts/lib/Either.js";
import { printable } from "../../../base/printable.js";
import { type DataError, describeDataError } from "../../../data/files/errors.js";
import type { RawImage } from "../../../data/images/image.js";
import { type Finding, findingsOf, median } from "../../../data/inspect/findings.js";
import { openToInspect } from "../../../data/inspect/found-domains.js";
import { type Group, groupsAlike } from "../../../data/inspect/groups-alike.js";
import {
  type Inspection,
  inspect,
  type Progress,
  type Seen,
} from "../../../data/inspect/inspect.js";
import { openEmoji } from "../../../data/sets/emoji.js";
import type { Dataset } from "../../../data/sets/source.js";
import {
  mostInRow,
  renderSheet,
  type SheetRow,
  thumbnail,
} from "../../../report/pictures/contact-sheet.js";
import { counted } from "../../../report/text/words.js";
import { realDisk, writeAtomically } from "../../../training/files/disk.js";
import { describe } from "../../../training/files/errors.js";
import type { DataOrigin } from "../../../training/run-directory/manifest.js";
import { originOf } from "../options.js";
import { fail } from "../spec-command.js";

interface CheckOptions {
  readonly json?: boolean;
  readonly sheet?: string;
}

const openOrigin = (origin: DataOrigin): Promise<Either<DataError, Dataset>> => {
  switch (origin.kind) {
    case "emoji":
      return openEmoji(["X", "Y"], { size: 64 });
    case "folder":
      return openToInspect(origin.path);
    case "folders":
      return openToInspect(origin.paths);
  }
};

/** Milliseconds between two lines without a terminal. */
const lineInterval = 10_000;

/** Shows progress: a bar on a terminal, occasional lines elsewhere. */
const teller = (): { readonly tell: (progress: Progress) => void; readonly end: () => void } => {
  const { stderr } = process;
  const isTerminal = stderr.isTTY === true;
  const bar = new SingleBar(
    { format: "{what} {bar} {value}/{total}", hideCursor: true, clearOnComplete: true },
    Presets.shades_classic,
  );
  let what: Progress["what"] | undefined;
  let next = performance.now() + lineInterval;
  return {
    tell: (progress) => {
      const isNew = progress.what !== what;
      what = progress.what;
      if (isTerminal && isNew) bar.start(progress.of, progress.done, { what });
      else if (isTerminal) bar.update(progress.done);
      else if (performance.now() >= next) {
        next = performance.now() + lineInterval;
        stderr.write(`${what} ${progress.done} of ${progress.of} images\n`);
      }
    },
    end: () => bar.stop(),
  };
};

interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * Words sizes: `all 64 x 48`; `mostly` and the size of more than half; else the smallest and the
 * largest. Empty without images.
 */
const sizesText = (images: readonly Size[]): string => {
  const text = ({ width, height }: Size): string => `${width} x ${height}`;
  const counts = new Map<string, number>();
  for (const one of images) counts.set(text(one), (counts.get(text(one)) ?? 0) + 1);
  const [[size, count] = ["", 0]] = [...counts].sort(([, a], [, b]) => b - a);
  if (2 * count > images.length) return `${count === images.length ? "all" : "mostly"} ${size}`;
  const [smallest, ...others] = [...images].sort((a, b) => a.width * a.height - b.width * b.height);
  const largest = others.at(-1);
  return smallest === undefined || largest === undefined
    ? ""
    : `from ${text(smallest)} to ${text(largest)}`;
};

/** Collects the facts of each set. */
const factsOf = ({ sets, seen }: Inspection) =>
  sets.map(({ split, domain, source, broken }, at) => {
    const own = seen.filter(({ set }) => set === at);
    return {
      split,
      domain,
      place: source.name,
      images: own.length,
      unusable: broken.length,
      width: median(own.map(({ width }) => width)),
      height: median(own.map(({ height }) => height)),
      grey: own.filter(({ isGrey }) => isGrey).length,
      sizes: sizesText(own),
    };
  });

const setLine = (facts: ReturnType<typeof factsOf>[number]): string => {
  const { split, domain, place, images, unusable, sizes, grey } = facts;
  const colours = grey === 0 ? "" : grey === images ? ", grey" : `, ${grey} of them grey`;
  const bad = unusable === 0 ? "" : `, ${unusable} unusable`;
  return `${split.padEnd(5)} ${domain}: ${counted(images, "image")} in ${printable(place)}${sizes === "" ? "" : `, ${sizes}`}${colours}${bad}`;
};

const findingLine = ({ isFault, says }: Finding): string =>
  `${isFault ? "fault" : "note "} ${printable(says)}`;

const summary = (findings: readonly Finding[]): string => {
  if (findings.length === 0) return "No problems were found.";
  const faults = findings.filter(({ isFault }) => isFault).length;
  return `${counted(faults, "fault")}, ${counted(findings.length - faults, "note")}.`;
};

const unfinishedText = ({ alike: { unfinished } }: Inspection): readonly string[] =>
  unfinished === 0
    ? []
    : [
        `note  ${counted(unfinished, "image")} ${unfinished === 1 ? "looks" : "look"} like very many others: each was compared with the nearest of them only.`,
      ];

const textOf = (inspection: Inspection, findings: readonly Finding[]): string =>
  [
    ...factsOf(inspection).map(setLine),
    ...findings.map(findingLine),
    ...unfinishedText(inspection),
    summary(findings),
  ].join("\n");

const jsonOf = (inspection: Inspection, findings: readonly Finding[]): string =>
  JSON.stringify(
    {
      sets: factsOf(inspection),
      findings: findings.map(({ kind, isFault, says, files }) => ({
        kind,
        level: isFault ? "fault" : "note",
        says,
        files,
      })),
      unfinished: inspection.alike.unfinished,
    },
    undefined,
    2,
  );

const evenly = <A>(all: readonly A[], most: number): readonly A[] =>
  all.length <= most
    ? all
    : Array.from({ length: most }, (_, k) => all[Math.floor((k * all.length) / most)] as A);

/** Most groups of pictures shown. */
const mostGroups = 20;

const drawn = async ({ sets }: Inspection, images: readonly Seen[]): Promise<RawImage[]> => {
  const found: RawImage[] = [];
  for (const { set, index } of images) {
    const loaded = await sets[set]?.source.load(index);
    if (loaded !== undefined && isRight(loaded)) found.push(await thumbnail(loaded.right));
  }
  return found;
};

const groupLabel = ({ sets }: Inspection, { images, isExact }: Group): string =>
  images
    .slice(0, mostInRow)
    .map(({ set, index }) => `${sets[set]?.domain}/${basename(sets[set]?.source.id(index) ?? "")}`)
    .join(isExact ? " = " : " ~ ");

/** Makes rows with some images of each set, then groups that show the same. */
const sheetRows = async (inspection: Inspection): Promise<readonly SheetRow[]> => {
  const rows: SheetRow[] = [];
  for (const [at, { split, domain }] of inspection.sets.entries()) {
    const own = inspection.seen.filter(({ set }) => set === at);
    const images = await drawn(inspection, evenly(own, mostInRow));
    rows.push({ label: `${split} ${domain}: ${counted(own.length, "image")}`, images });
  }
  for (const group of groupsAlike(inspection).slice(0, mostGroups))
    rows.push({
      label: groupLabel(inspection, group),
      images: await drawn(inspection, group.images.slice(0, mostInRow)),
    });
  return rows;
};

/** Writes the sheet if it is requested. The left side says why it could not be written. */
const writeSheet = async (
  inspection: Inspection,
  path: string | undefined,
): Promise<Either<string, void>> => {
  if (path === undefined) return right(undefined);
  const bytes = await renderSheet(await sheetRows(inspection));
  const written = await writeAtomically(realDisk, path, [bytes]);
  return isLeft(written) ? left(describe(written.left)) : right(undefined);
};

const check = async (words: readonly string[], options: CheckOptions): Promise<void> => {
  const origin = originOf(words);
  if (isLeft(origin)) return fail(origin.left);
  const opened = await openOrigin(origin.right);
  if (isLeft(opened)) return fail(describeDataError(opened.left));
  const { tell, end } = teller();
  const inspection = await inspect(opened.right, tell).finally(end);
  const findings = findingsOf(inspection);
  const text = options.json === true ? jsonOf : textOf;
  process.stdout.write(`${text(inspection, findings)}\n`);
  const sheet = await writeSheet(inspection, options.sheet);
  if (isLeft(sheet)) return fail(sheet.left);
  if (findings.some(({ isFault }) => isFault)) process.exitCode = 1;
};

export const registerDataCheck = (data: Command): void => {
  data
    .command("check")
    .argument("<images...>", "a folder, or X=FOLDER Y=FOLDER, as for --data")
    .description(
      "Check images: broken, duplicated, in both training and test, of odd sizes. Exits with 1 for faults.",
    )
    .option("--json", "for programs")
    .option(
      "--sheet <file.png>",
      "write a sheet with some images of each set, and those that show the same",
    )
    .action(check);
};
