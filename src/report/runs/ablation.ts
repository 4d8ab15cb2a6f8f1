/** Compares runs of several specs with several seeds each. */

import { measures as table } from "../measures/index.js";
import { studentMean } from "../measures/intervals.js";
import { type MeasureRow, measureTitle } from "../measures/row.js";
import { shownValue } from "../measures/table.js";

/** The measurements of one run. */
export interface RunResult {
  readonly spec: string;
  readonly seed: number;
  /** `last`, and `best` if it is known. */
  readonly checkpoints: readonly {
    readonly checkpoint: string;
    readonly step: number;
    readonly measures: readonly MeasureRow[];
  }[];
}

interface Ends {
  readonly low: number;
  readonly high: number;
}

/** One measure of one network of a spec, over its seeds. */
export interface AblationRow {
  readonly spec: string;
  readonly checkpoint: string;
  readonly network: string;
  readonly name: string;
  readonly better: "lower" | "higher";
  /** Mean over seeds. */
  readonly mean: number;
  /** Number of runs. */
  readonly runs: number;
  /**
   * 95 % interval of the mean by Student's distribution: the effect of other seeds. Null for one
   * run.
   */
  readonly overSeeds: Ends | null;
  /** The mean of the ends of the runs' own intervals: the effect of other images. */
  readonly overImages: Ends;
  /** Number of images behind each run's value. */
  readonly images: number;
}

const average = (values: readonly number[]): number =>
  values.reduce((a, b) => a + b, 0) / values.length;

const rowOf = (
  spec: string,
  checkpoint: string,
  values: readonly MeasureRow[],
): readonly AblationRow[] => {
  const [first] = values;
  if (first === undefined) return [];
  const { network, name, better } = first;
  const interval = studentMean(values.map(({ value }) => value));
  return [
    {
      spec,
      checkpoint,
      network,
      name,
      better,
      mean: interval.mean,
      runs: values.length,
      overSeeds: values.length < 2 ? null : { low: interval.low, high: interval.high },
      overImages: {
        low: average(values.map(({ low }) => low)),
        high: average(values.map(({ high }) => high)),
      },
      images: Math.min(...values.map(({ count }) => count)),
    },
  ];
};

const unique = (values: readonly string[]): readonly string[] => [...new Set(values)];

/**
 * Aggregates results over seeds, in order of first appearance: checkpoints, networks, measures,
 * specs.
 */
export const ablationRows = (results: readonly RunResult[]): readonly AblationRow[] => {
  const states = results.flatMap(({ spec, checkpoints }) =>
    checkpoints.map((state) => ({ spec, ...state })),
  );
  const specs = unique(results.map(({ spec }) => spec));
  const networks = unique(states.flatMap(({ measures }) => measures.map((m) => m.network)));
  return unique(states.map(({ checkpoint }) => checkpoint)).flatMap((checkpoint) =>
    networks.flatMap((network) =>
      table.flatMap(({ name }) =>
        specs.flatMap((spec) => {
          const own = states.filter((one) => one.spec === spec && one.checkpoint === checkpoint);
          const values = own.flatMap(({ measures }) =>
            measures.filter((m) => m.network === network && m.name === name),
          );
          return rowOf(spec, checkpoint, values);
        }),
      ),
    ),
  );
};

interface Block {
  readonly checkpoint: string;
  readonly network: string;
  readonly name: string;
  readonly better: string;
  readonly rows: readonly AblationRow[];
}

/** Groups rows by checkpoint, network and measure, across all specs. */
const blocksOf = (rows: readonly AblationRow[]): readonly Block[] => {
  const blocks = new Map<string, AblationRow[]>();
  for (const row of rows) {
    const key = `${row.checkpoint} ${row.network} ${row.name}`;
    blocks.set(key, [...(blocks.get(key) ?? []), row]);
  }
  return [...blocks.values()].flatMap((all) => {
    const [first] = all;
    return first === undefined ? [] : [{ ...first, rows: all }];
  });
};

const endsText = (ends: Ends | null): string =>
  ends === null ? "-" : `${shownValue(ends.low)} ${shownValue(ends.high)}`;

const meaning = [
  "Over seeds: the 95 % interval of the mean over seeds, by Student's distribution.",
  "Over images: the intervals over images of the single runs, their ends averaged.",
];

/** Writes the table as text of about 80 columns. */
export const renderAblation = (rows: readonly AblationRow[]): string => {
  const wide = Math.max(12, ...rows.map(({ spec }) => spec.length));
  const line = (head: string, mean: string, seeds: string, images: string): string =>
    `${head.padEnd(wide + 2)} ${mean.padStart(9)}   ${seeds.padEnd(17)} ${images}`.trimEnd();
  return [
    ...meaning,
    ...blocksOf(rows).flatMap(({ checkpoint, network, name, better, rows: all }) => [
      "",
      `${measureTitle(name)} of ${network}, ${checkpoint} checkpoint: ${better} is better`,
      line("", "mean", "over seeds", "over images"),
      ...all.map(({ spec, mean, overSeeds, overImages }) =>
        line(`  ${spec}`, shownValue(mean), endsText(overSeeds), endsText(overImages)),
      ),
    ]),
  ].join("\n");
};

/** Writes the mean and half of its interval over seeds. */
const shortOf = ({ mean, overSeeds }: AblationRow): string =>
  overSeeds === null
    ? shownValue(mean)
    : `${shownValue(mean)} ± ${shownValue((overSeeds.high - overSeeds.low) / 2)}`;

/** Escapes the text of a table cell. */
const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("\n", " ");

const markdownRow = (cells: readonly string[]): string => `| ${cells.map(cell).join(" | ")} |`;

const overview = (
  rows: readonly AblationRow[],
  checkpoint: string,
  network: string,
): readonly string[] => {
  const own = rows.filter((row) => row.checkpoint === checkpoint && row.network === network);
  const names = unique(own.map(({ name }) => name));
  const better = (name: string) => own.find((row) => row.name === name)?.better ?? "";
  return [
    "",
    `### ${network}, ${checkpoint} checkpoint`,
    "",
    markdownRow([
      "spec",
      "runs",
      ...names.map((name) => `${measureTitle(name)} (${better(name)})`),
    ]),
    markdownRow(["---", "---", ...names.map(() => "---")]),
    ...unique(own.map(({ spec }) => spec)).map((spec) => {
      const of = own.filter((row) => row.spec === spec);
      const found = names.map((name) => of.find((row) => row.name === name));
      return markdownRow([
        spec,
        String(Math.max(...of.map(({ runs }) => runs))),
        ...found.map((row) => (row === undefined ? "" : shortOf(row))),
      ]);
    }),
  ];
};

export interface AblationFacts {
  /** The command as typed. */
  readonly command: string;
  /** What all runs share, a line each: data, images, budget, seeds. */
  readonly facts: readonly string[];
  /** Runs with their folders. */
  readonly runs: readonly {
    readonly spec: string;
    readonly seed: number;
    readonly folder: string;
  }[];
  /** Runs that failed, and why. */
  readonly failures: readonly string[];
}

/** Writes `report.md`. */
export const ablationMarkdown = (
  rows: readonly AblationRow[],
  { command, facts, runs, failures }: AblationFacts,
): string => {
  const pairs = unique(rows.map(({ checkpoint, network }) => `${checkpoint}\n${network}`));
  return `${[
    "# Ablation",
    "",
    "```",
    command,
    "```",
    "",
    ...facts.map((fact) => `- ${fact}`),
    ...failures.map((failure) => `- ${failure}`),
    "",
    "## Side by side",
    "",
    "A mean over seeds, plus and minus half of its 95 % interval over seeds (Student). Of one seed there is none.",
    ...pairs.flatMap((pair) => {
      const [checkpoint = "", network = ""] = pair.split("\n");
      return overview(rows, checkpoint, network);
    }),
    "",
    "## With both intervals",
    "",
    ...meaning,
    "",
    markdownRow([
      "checkpoint",
      "network",
      "measure",
      "better",
      "spec",
      "mean",
      "over seeds",
      "over images",
      "images",
    ]),
    markdownRow(new Array<string>(9).fill("---")),
    ...rows.map((row) =>
      markdownRow([
        row.checkpoint,
        row.network,
        measureTitle(row.name),
        row.better,
        row.spec,
        shownValue(row.mean),
        endsText(row.overSeeds),
        endsText(row.overImages),
        String(row.images),
      ]),
    ),
    "",
    "## Runs",
    "",
    ...runs.map(({ spec, seed, folder }) => `- ${spec}, seed ${seed}: \`${folder}\``),
  ].join("\n")}\n`;
};
