/** Writes measures as a table for people, about 80 columns wide. */
import { wrapped } from "../text/words.js";
import type { Measured, NetworkReadings, Reading } from "./index.js";

/** One measured state of a run. */
export interface Column {
  /** For example `last, step 800`. */
  readonly title: string;
  readonly networks: readonly NetworkReadings[];
}

/** Writes a value with four digits, or four decimals if it is below 1. */
export const shownValue = (value: number): string => {
  const size = Math.abs(value);
  const digits = size < 1 ? 4 : Math.max(0, 3 - Math.floor(Math.log10(size)));
  return value.toFixed(digits);
};

const cell = ({ mean, low, high }: Measured): string =>
  `${shownValue(mean).padStart(8)}  ${`${shownValue(low)} ${shownValue(high)}`.padEnd(15)}`;

const emptyCell = " ".repeat(25);

const titleOf = ({ title }: Reading["measure"], detail: string | undefined): string =>
  detail === undefined ? title : `${title} ${detail}`;

const rowOf = (
  { measure, measured }: Reading,
  detail: string | undefined,
  cells: readonly (Measured | undefined)[],
): readonly string[] => {
  const title = titleOf(measure, detail);
  const head = `${measure.better.padEnd(6)} ${String(measured.count).padStart(5)}`;
  const values = cells.map((one) => (one === undefined ? emptyCell : cell(one)));
  const row = (name: string) => `  ${name.padEnd(19)} ${head} ${values.join(" ")}`.trimEnd();
  // A long title gets a line of its own.
  return title.length <= 19 ? [row(title)] : [`  ${title}`, row("")];
};

const networkRows = (network: NetworkReadings, columns: readonly Column[]): readonly string[] => {
  const same = columns.map(({ networks }) => networks.find(({ name }) => name === network.name));
  const head = `  ${"".padEnd(19)} ${"better".padEnd(6)} ${"n".padStart(5)} `;
  const titles = columns.map(({ title }) => `   ${title}`.padEnd(25)).join(" ");
  return [
    "",
    network.title,
    `${head}${titles}`.trimEnd(),
    ...network.readings.flatMap((reading) => {
      const cells = same.map(
        (one) => one?.readings.find(({ measure }) => measure === reading.measure)?.measured,
      );
      return rowOf(reading, network.details[reading.measure.name], cells);
    }),
  ];
};

/** Lists measurements too uncertain to tell anything, once for each measure and reason. */
export const doubtsOf = (networks: readonly NetworkReadings[]): readonly string[] => {
  const byText = new Map<string, string[]>();
  for (const { name, readings } of networks)
    for (const { measure, measured } of readings) {
      const doubt = measure.doubt(measured);
      if (doubt === undefined) continue;
      const text = `${measure.title}: ${doubt}`;
      byText.set(text, [...(byText.get(text) ?? []), name]);
    }
  return [...byText].map(([text, names]) => `${names.join(", ")}, ${text}`);
};

/** Writes the table. `what` names the images, for example `200 test images`. */
export const renderMeasures = (what: string, columns: readonly Column[]): string => {
  const [first] = columns;
  const networks = first?.networks ?? [];
  return [
    ...wrapped(`Of ${what}, each value with its 95 % interval over images.`, 80),
    ...networks.flatMap((network) => networkRows(network, columns)),
  ].join("\n");
};
