/**
 * Writes a model card as Markdown for a README.md: what a trained run is, how it was made, what it
 * is and is not good for.
 */
import { formatDuration, formatMoment } from "../../base/times.js";
import { type MeasureRow, measureTitle } from "../measures/row.js";
import { shownValue } from "../measures/table.js";
import type { MeasuredFacts, MonitorWord } from "../page/contents.js";
import { fenced } from "../text/markdown.js";
import { counted, shapeText, thousands } from "../text/words.js";

export interface CardNetwork {
  readonly name: string;
  /** Name of a domain, or `(X, Y)`. */
  readonly from: string;
  readonly to: string;
  /** Number of learnt parameters. */
  readonly parameters: number;
}

export interface CardDomain {
  readonly name: string;
  readonly shape: readonly number[];
  /** Number of training images; undefined if unknown. */
  readonly images: number | undefined;
}

export interface CardContents {
  readonly name: string;
  readonly networks: readonly CardNetwork[];
  /** Image domains. */
  readonly domains: readonly CardDomain[];
  /** Origin of the images, unless they are a user's own folder. */
  readonly source: string | undefined;
  /** Names of the networks that translate images, and of those that generate images from draws. */
  readonly translators: readonly string[];
  readonly generators: readonly string[];
  /** Text of the main spec file, and the values of its params. */
  readonly spec: string;
  readonly params: string;
  readonly seed: number;
  /** ISO 8601. */
  readonly begun: string;
  readonly steps: number;
  readonly epochs: number;
  /** Milliseconds of training. */
  readonly elapsed: number;
  readonly machine: string | undefined;
  readonly engine: string;
  readonly ganc: string | undefined;
  readonly measured: readonly MeasuredFacts[];
  readonly doubts: readonly string[];
  readonly monitors: readonly MonitorWord[];
  /** Steps of the networks exported beside the card; undefined if there are none. */
  readonly exported: number | undefined;
  /** A picture beside the card. */
  readonly picture: { readonly path: string; readonly words: string } | undefined;
}

/** Distinguishes a card made by ganc from a file that a person wrote. */
export const cardMark = "<!-- Made by `ganc report --card`, which writes it anew. -->";

/** Escapes text for a line of Markdown. */
const plain = (text: string): string =>
  text.replaceAll(/[\r\n]+/g, " ").replaceAll(/[\\`*_[\]<>|#]/g, (sign) => `\\${sign}`);

/** Writes inline code with any content. */
const inCode = (text: string): string => {
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const ticks = "`".repeat(longest + 1);
  const pad = longest > 0 ? " " : "";
  return `${ticks}${pad}${text.replaceAll(/[\r\n]+/g, " ")}${pad}${ticks}`;
};

const front = ({ name, translators }: CardContents): string =>
  [
    "---",
    "library_name: ganc",
    `pipeline_tag: ${translators.length > 0 ? "image-to-image" : "unconditional-image-generation"}`,
    "tags:",
    "  - gan",
    `  - ${JSON.stringify(name)}`,
    "---",
  ].join("\n");

/** Below this many images a network tends to memorise them. */
const few = 200;

const signature = ({ name, from, to }: CardNetwork): string => inCode(`${name} : ${from} -> ${to}`);

const useOf = ({ networks, domains, translators, generators }: CardContents): readonly string[] => {
  const size = (name: string): string => {
    const domain = domains.find((one) => one.name === name);
    return domain === undefined ? "" : ` of ${shapeText(domain.shape)}`;
  };
  return networks.flatMap((network) => {
    if (translators.includes(network.name))
      return `- ${signature(network)} translates an image of ${plain(network.from)} into one of ${plain(network.to)}${size(network.to)}.`;
    return generators.includes(network.name)
      ? `- ${signature(network)} makes images of ${plain(network.to)}${size(network.to)} from random draws.`
      : [];
  });
};

const networkTable = ({ networks }: CardContents): string =>
  [
    "| network | parameters |",
    "|---|---:|",
    ...networks.map((network) => `| ${signature(network)} | ${thousands(network.parameters)} |`),
  ].join("\n");

const dataTable = ({ domains }: CardContents): string =>
  [
    "| domain | height x width x channels | images to train on |",
    "|---|---|---:|",
    ...domains.map(
      ({ name, shape, images }) =>
        `| ${plain(name)} | ${shapeText(shape)} | ${images === undefined ? "not recorded" : thousands(images)} |`,
    ),
  ].join("\n");

const measureRow = ({ network, name, value, low, high, count, better }: MeasureRow): string =>
  `| ${plain(measureTitle(name))} | ${inCode(network)} | ${shownValue(value)} | ${shownValue(low)} to ${shownValue(high)} | ${count} | ${better} |`;

const measureTable = ({ title, rows }: MeasuredFacts): string =>
  [
    `${plain(title)}:`,
    "",
    "| measure | network | value | 95 % interval | images | better |",
    "|---|---|---:|---:|---:|---|",
    ...rows.map(measureRow),
  ].join("\n");

/** Says which state is beside the card, and whether the figures describe it. */
const exportedWords = ({ exported, measured }: CardContents): readonly string[] => {
  if (exported === undefined) return [];
  const isMeasured = measured.length === 0 || measured.some(({ step }) => step === exported);
  const state = `The networks beside this card are those after ${counted(exported, "step")}.`;
  return isMeasured
    ? [state]
    : [`${state} The figures are of other states of the same run, not of these.`];
};

const figures = (contents: CardContents): readonly string[] => {
  const { measured, doubts } = contents;
  return [
    ...exportedWords(contents),
    ...(measured.length === 0
      ? ["Nothing was measured: `ganc evaluate` does that."]
      : [...measured.map(measureTable), ...doubts.map((doubt) => `- ${plain(doubt)}`)]),
  ];
};

const limits = ({ domains, measured, monitors, translators }: CardContents): readonly string[] => {
  const small = domains.filter(({ images }) => images !== undefined && images < few);
  return [
    ...(translators.length > 0
      ? [
          "- It was trained on images of its domains only. On others its results mean little, and it gives no warning.",
          "- Such a model learns to change colour and texture. It hardly changes geometry.",
          "- It may add or take away what was in an image: its results are no evidence of anything, and no basis for decisions about people.",
        ]
      : ["- Its results resemble the images that it was trained on, and may repeat some of them."]),
    "- What is rare or missing among the training images is also rare or missing among its results.",
    ...small.map(
      ({ name, images }) =>
        `- ${plain(name)} has ${counted(images ?? 0, "image")} to train on: it may memorise some of so few.`,
    ),
    ...(measured.length === 0 ? ["- Nobody has measured how good it is."] : []),
    ...monitors.map(
      ({ when, saw, means }) =>
        `- While it trained (${when}) a monitor saw: ${plain(saw)} ${plain(means)}`,
    ),
  ];
};

const training = (contents: CardContents): readonly string[] => {
  const { steps, epochs, elapsed, begun, machine, engine, ganc, seed, params } = contents;
  return [
    `- ${counted(steps, "step")}, ${counted(epochs, "epoch")} begun, ${formatDuration(elapsed)} of training`,
    `- begun ${formatMoment(begun)}, seed ${seed}`,
    `- ${plain([engine, machine, ganc === undefined ? undefined : `ganc ${ganc}`].flatMap((one) => one ?? []).join("; "))}`,
    `- params: ${params === "" ? "none" : inCode(params)}`,
  ];
};

/** Writes the card as the text of a file. */
export const renderCard = (contents: CardContents): string => {
  const { name, spec, picture } = contents;
  const parts: readonly (string | undefined)[] = [
    front(contents),
    cardMark,
    `# ${plain(name)}`,
    "## Intended use",
    useOf(contents).join("\n") || "It makes no images.",
    picture && `![${plain(picture.words)}](<${picture.path.replaceAll(/[<>\r\n]/g, "")}>)`,
    "## Limits",
    limits(contents).join("\n"),
    "## Data",
    dataTable(contents),
    contents.source === undefined ? undefined : plain(contents.source),
    "## Figures",
    ...figures(contents),
    "## Networks",
    networkTable(contents),
    "## Training",
    training(contents).join("\n"),
    "The spec, in ganc's language:",
    fenced("gan", spec.trimEnd()),
  ];
  return `${parts.filter((part) => part !== undefined).join("\n\n")}\n`;
};
