/** Writes a model in words and tables: networks, players, and which term reaches which network. */

import { recordOf } from "../../base/record.js";
import { measureText } from "../../base/sides.js";
import { recipeWords } from "../../operators/recipe.js";
import type { Options } from "../../operators/signature.js";
import type {
  AugmentStage,
  ClippingChoice,
  InitChoice,
  LayerNode,
  Model,
  Network,
  OptimizerChoice,
  Phase,
  Player,
  ScheduleStage,
} from "../../program/model.js";
import {
  learnt,
  optionsText,
  shapesText,
  shapeText,
  signatureText,
  thousands,
} from "../text/words.js";

/** Pads columns to one width each; numbers are right-aligned. */
const table = (
  rows: readonly (readonly string[])[],
  right: readonly number[],
): readonly string[] => {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, i) =>
        right.includes(i) ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0),
      )
      .join("  ")
      .trimEnd(),
  );
};

/** Width of the options in the table, with which it fits into 80 columns. */
const optionsWidth = 25;

/** Writes the options, cut to their column. */
const options = (layer: LayerNode): string => {
  const text = optionsText(layer);
  return text.length <= optionsWidth ? text : `${text.slice(0, optionsWidth - 1)}…`;
};

/** A row of a table. Runs of equal blocks, such as R_2 to R_9, fold into one. */
export interface Row {
  readonly cells: readonly string[];
  readonly group: string;
}

/** Splits a block's name: `R_3` and `R` belong to one family of repeated blocks. */
const family = (path: string): { readonly name: string; readonly index: number } => {
  const [, name = "", index] = /^(.*?)(?:_(\d+))?$/.exec(path.split(".")[0] ?? "") ?? [];
  return { name, index: Number(index ?? 1) };
};

/**
 * Lists `[path, options, output, parameters, receptive field]` of each layer. Equal blocks in a row
 * fold into one, with their parameters counted together.
 */
export const layerRows = (network: Network): readonly Row[] => {
  const blocks = new Map<string, LayerNode[]>();
  for (const layer of network.layers) {
    const top = layer.path.split(".")[0] ?? "";
    blocks.set(top, [...(blocks.get(top) ?? []), layer]);
  }
  const signature = (layers: readonly LayerNode[]): string =>
    layers.map((l) => `${l.kind} ${JSON.stringify(l.options)} ${l.shape}`).join("; ");
  const rows: Row[] = [];
  let last: { readonly signature: string; readonly name: string; count: number } | undefined;
  for (const [top, layers] of blocks) {
    const { name } = family(top);
    const isBlock = layers.some((layer) => layer.path.includes("."));
    if (isBlock && last?.signature === signature(layers) && last.name === name) {
      last.count++;
      const previous = rows[rows.length - 1];
      const field = measureText(layers[layers.length - 1]?.field ?? 1);
      if (last.count > 2) rows.pop();
      const size = learnt(layers);
      const before = last.count > 2 ? Number((previous?.cells[3] ?? "0").replaceAll(",", "")) : 0;
      const label = `  ${last.count - 1} more like it`;
      rows.push({
        cells: [
          label,
          "",
          shapeText(layers[layers.length - 1]?.shape ?? []),
          thousands(before + size),
          field,
        ],
        group: top,
      });
      continue;
    }
    for (const layer of layers) {
      const size = learnt([layer]);
      rows.push({
        cells: [
          layer.path,
          options(layer),
          shapeText(layer.shape),
          size === 0 ? "" : thousands(size),
          measureText(layer.field),
        ],
        group: top,
      });
    }
    last = isBlock ? { signature: signature(layers), name, count: 1 } : undefined;
  }
  return rows;
};

const networkTable = (network: Network): string => {
  const head = `${signatureText(network)}   ${shapesText(network)}`;
  const rows = [
    ["layer", "options", "output", "parameters", "field"],
    ...layerRows(network).map((row) => row.cells),
  ];
  const total = `${thousands(network.size)} parameters, receptive field ${measureText(network.receptiveField)}${network.isFrozen ? ", frozen" : ""}`;
  return [head, ...table(rows, [3, 4]).map((line) => `  ${line}`), `  ${total}`].join("\n");
};

/** Writes the tables of networks. Networks with the same layers share one. */
const networks = (model: Model): readonly string[] => {
  const tables = new Map<string, Network[]>();
  for (const network of model.networks) {
    const key = JSON.stringify([
      network.inputs,
      network.layers.map((l) => [l.path, l.options, l.inputs, l.shape]),
    ]);
    tables.set(key, [...(tables.get(key) ?? []), network]);
  }
  return [...tables.values()].map((same) => {
    const [first, ...others] = same;
    if (first === undefined) return "";
    const alike = others.map(signatureText).join(", ");
    return networkTable(first) + (others.length === 0 ? "" : `\n  the same layers: ${alike}`);
  });
};

const playerLines = (player: Player): readonly string[] => [
  `  ${player.sense}[${player.networks.join(", ")}]`,
  ...player.summands.map((summand, i) => `    ${i === 0 ? " " : "+"} ${summand.text}`),
];

/**
 * Words the start of a phase: `then, 5 times with fresh draws:`. Empty if a step is one phase, run
 * once.
 */
const phaseLines = ({ times, every = 1 }: Phase, i: number, count: number): readonly string[] => {
  if (count === 1 && times === 1) return [];
  const first = i === 0 ? "  first" : "  then";
  if (every > 1) return [`${first}, every ${every} steps:`];
  return [times === 1 ? `${first}:` : `${first}, ${times} times with fresh draws:`];
};

const players = ({ phases }: Model): string => {
  const lines = phases.flatMap((phase, i) => [
    ...phaseLines(phase, i, phases.length),
    ...phase.players.flatMap(playerLines),
  ]);
  return ["Players", ...lines].join("\n");
};

/**
 * Writes the table of terms and networks, with a mark where a player moves a network by a term's
 * gradient.
 */
const reach = (model: Model): string => {
  const names = model.networks.map((network) => network.name);
  const rows = model.players.flatMap((player) =>
    player.summands.map((summand) => [
      `${player.sense}[${player.networks.join(", ")}]  ${summand.text}`,
      ...names.map((name) =>
        summand.reaches.includes(name) ? (player.networks.includes(name) ? "x" : "·") : "",
      ),
    ]),
  );
  const lines = table([["term", ...names], ...rows], []).map((line) => `  ${line}`);
  return [
    "Which term reaches which network (x: and trains it, ·: passes through it unchanged)",
    ...lines,
  ].join("\n");
};

/**
 * Writes a word of the recipe: `adam(0.0002, beta1: 0.5)`, the first option bare. `short` leaves
 * out options with their defaults.
 */
const wordText = (kind: string, options: Options, short: boolean): string => {
  const shown = (recipeWords.get(kind)?.options ?? []).flatMap(({ name, defaultValue }, i) => {
    if (short && options[name] === defaultValue) return [];
    return [i === 0 ? String(options[name]) : `${name}: ${options[name]}`];
  });
  return `${kind}(${shown.join(", ")})`;
};

/** Writes `resize(64, 64, nearest: true)`. */
const stageText = ({ kind, ...options }: AugmentStage): string => {
  const shown = Object.entries(options).map(([name, value], i) =>
    i === 0 || name === "width" ? String(value) : `${name}: ${value}`,
  );
  return shown.length === 0 ? kind : `${kind}(${shown.join(", ")})`;
};

/** Writes fields with a value for each network or domain. Equal values share a line. */
const ofEach = (field: string, values: Readonly<Record<string, string>>) => {
  const namesOf = new Map<string, string[]>();
  for (const [name, value] of Object.entries(values))
    namesOf.set(value, [...(namesOf.get(value) ?? []), name]);
  return [...namesOf].map(([value, of]): [string, string] => [`${field}[${of.join(", ")}]`, value]);
};

const mapped = <A>(values: Readonly<Record<string, A>>, text: (value: A) => string) =>
  recordOf(Object.entries(values).map(([name, value]) => [name, text(value)]));

/**
 * Lists the fields of the recipe as a spec writes them, without those that have no meaning here.
 */
export const recipeFields = ({
  recipe: r,
  networks: all,
  domains,
}: Model): readonly (readonly [string, string])[] => {
  const optimizer = ({ kind, options }: OptimizerChoice): string => wordText(kind, options, false);
  const word = ({ kind, options }: InitChoice | ClippingChoice): string =>
    wordText(kind, options, false);
  const schedule = (stages: readonly ScheduleStage[]): string =>
    stages.map(({ kind, options }) => wordText(kind, options, true)).join(" >> ");
  const moving = domains.flatMap(({ param, schedule: stages = [] }) =>
    param === undefined ? [] : [[`schedule[${param}]`, schedule(stages)] as const],
  );
  const augment = mapped(r.augment, (stages) => stages.map(stageText).join(" >> "));
  const [chain = "", ...otherChains] = new Set(Object.values(augment));
  const isCommon = all.some(({ name }) => r.optimizers[name] === undefined);
  return [
    ...(isCommon ? [["optimizer", optimizer(r.optimizer)] as const] : []),
    ...ofEach("optimizer", mapped(r.optimizers, optimizer)),
    ...ofEach("clip_gradient", mapped(r.clipGradient, word)),
    ...ofEach("clip", mapped(r.clip, String)),
    ["schedule", schedule(r.schedule)],
    ...moving,
    ["batch", String(r.batch)],
    ["init", word(r.init)],
    ...ofEach("init", mapped(r.inits, word)),
    ...(otherChains.length > 0 ? ofEach("augment", augment) : [["augment", chain] as const]),
    ...(r.accumulate > 1 ? [["accumulate", String(r.accumulate)] as const] : []),
    ...(r.checkpointActivations ? [["checkpoint_activations", "true"] as const] : []),
    ...((r.stop ?? []).length > 0 ? [["stop", `(${r.stop?.join(", ")})`] as const] : []),
    ...(r.average > 0 ? [["average", String(r.average)] as const] : []),
  ];
};

const recipe = (model: Model): string =>
  ["Recipe", ...table(recipeFields(model), []).map((line) => `  ${line}`)].join("\n");

export const summary = (model: Model): string => {
  const params = model.params.map((p) => `${p.name} = ${p.value}`).join(", ");
  const head = `${model.name}${params === "" ? "" : `: ${params}`}`;
  return `${[head, ...networks(model), players(model), reach(model), recipe(model)].join("\n\n")}\n`;
};
