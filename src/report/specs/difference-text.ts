/** Words a difference between specs, for 80 columns. */

import { counted, wrapped } from "../text/words.js";
import type {
  Change,
  Difference,
  LayerChange,
  NetworkChange,
  ObjectiveChange,
  WeightedTerm,
} from "./difference.js";

const columns = 80;

/** Most changed layers shown of one network; the rest are counted. */
const shownLayers = 12;

const termText = ({ text, weight }: WeightedTerm): string => {
  if (weight === 1) return text;
  const isSum = /[-+]/.test(text) && !/^[\w.]+\([^()]*\)$/.test(text);
  const term = isSum ? `(${text})` : text;
  return weight === -1 ? `-${term}` : `${weight} * ${term}`;
};

const listText = (items: readonly string[]): string =>
  items.length < 2 ? items.join() : `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`;

const termList = (terms: readonly WeightedTerm[]): string =>
  listText(terms.map((term) => together(termText(term))));

const verbs = {
  min: { now: "minimises", once: "minimised" },
  max: { now: "maximises", once: "maximised" },
} as const;

/** Words what stays, and what changes its weight. */
const remainder = ({ reweighted, kept }: ObjectiveChange): readonly string[] => [
  ...reweighted.map((one) => `the weight of ${one.text} is ${one.after}, no longer ${one.before}`),
  ...(kept.length === 0 ? [] : [`${termList(kept)} ${kept.length === 1 ? "stays" : "stay"}`]),
];

/** Words an objective's change: `G minimises A and 5 * B, no longer C; 10 * D stays.` */
const sentence = (change: ObjectiveChange): string => {
  const { network, before, after, added, removed } = change;
  if (after === undefined || after.terms.length === 0)
    return `${network} is no longer trained${before === undefined ? "" : `; it ${verbs[before.sense].once} ${termList(before.terms)}`}.`;
  const { now } = verbs[after.sense];
  if (before === undefined || before.terms.length === 0)
    return `${network} ${now} ${termList(after.terms)}; nothing trained it before.`;
  const others = remainder(change);
  if (others.length === 0 || before.sense !== after.sense)
    return `${network} ${now} ${termList(after.terms)}; it ${verbs[before.sense].once} ${termList(before.terms)}.`;
  const gained = added.length === 0 ? [] : [`${now} ${termList(added)}`];
  const lost =
    removed.length === 0
      ? []
      : [`no longer ${added.length > 0 ? "" : `${now} `}${termList(removed)}`];
  const first = [...gained, ...lost].join(", ");
  if (first === "") return `For ${network}, ${others.join("; ")}.`;
  return `${[`${network} ${first}`, ...others].join("; ")}.`;
};

/** Stands for a blank at which no line breaks. */
const bound = "\u0000";

const together = (text: string): string => text.replaceAll(" ", bound);

/** Wraps text to 80 columns; further lines are indented more. */
const paragraph = (text: string, margin = 2): readonly string[] =>
  wrapped(text, columns - margin - 2).map(
    (line, i) => " ".repeat(i === 0 ? margin : margin + 2) + line.replaceAll(bound, " "),
  );

const changeText = ({ name, before, after }: Change): string => {
  if (before === undefined) return `${name}: ${after}, new`;
  if (after === undefined) return `${name}: gone, was ${before}`;
  return `${name}: ${after}, was ${before}`;
};

/** Folds equal neighbours into one, with their number. */
const folded = (texts: readonly string[]): readonly string[] => {
  const runs: { readonly text: string; count: number }[] = [];
  for (const text of texts) {
    const last = runs.at(-1);
    if (last?.text === text) last.count++;
    else runs.push({ text, count: 1 });
  }
  return runs.map(({ text, count }) => (count === 1 ? text : `${text}, ${count} times`));
};

const pipeline = (layers: readonly string[]): string => layers.map(together).join(" >> ");

const layerText = ({ before, after }: LayerChange): string => {
  if (before.length === 0) return `adds ${pipeline(after)}`;
  if (after.length === 0) return `leaves out ${pipeline(before)}`;
  return `${pipeline(after)} for ${pipeline(before)}`;
};

const headText = ({ name, type }: NetworkChange): string =>
  type.before === type.after
    ? `${name} : ${type.after}`
    : changeText({ name: `${name} :`, ...type }).replace(" ::", " :");

/** Words networks with equal changes together. */
const networkLines = (alike: readonly NetworkChange[]): readonly string[] => {
  const [first] = alike;
  const heads = alike.flatMap((change) => paragraph(headText(change)));
  if (first === undefined || first.type.after === undefined) return heads;
  const texts = folded(first.layers.map(layerText));
  const rest = texts.length - shownLayers;
  const isNew = first.type.before === undefined;
  const facts = first.facts.map(({ name, before, after }) =>
    isNew ? `${name}: ${after}` : `${name}: ${after}, was ${before}`,
  );
  return [
    ...heads,
    ...[...facts, ...texts.slice(0, shownLayers)].flatMap((text) => paragraph(text, 4)),
    ...(rest > 0 ? [`    and ${counted(rest, "more change")} of layers`] : []),
  ];
};

const networkGroups = (all: readonly NetworkChange[]): readonly (readonly NetworkChange[])[] => {
  const groups = new Map<string, readonly NetworkChange[]>();
  for (const change of all) {
    const isInBoth = change.type.before !== undefined && change.type.after !== undefined;
    const key = JSON.stringify([isInBoth, change.facts, change.layers]);
    groups.set(key, [...(groups.get(key) ?? []), change]);
  }
  return [...groups.values()];
};

const section = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : [[title, ...lines].join("\n")];

/** Words a difference in paragraphs, or in one line if there is none. */
export const differenceText = (difference: Difference): string => {
  const { params, domains, networks, objectives, step, recipe } = difference;
  const sections = [
    ...section(
      "Params",
      params.flatMap((change) => paragraph(changeText(change))),
    ),
    ...section(
      "Domains",
      domains.flatMap((change) => paragraph(changeText(change))),
    ),
    ...section("Networks", networkGroups(networks).flatMap(networkLines)),
    ...section(
      "Objectives",
      objectives.flatMap((change) => paragraph(sentence(change))),
    ),
    ...section(
      "Step",
      step.flatMap((change) => paragraph(changeText(change))),
    ),
    ...section(
      "Recipe",
      recipe.flatMap((change) => paragraph(changeText(change))),
    ),
  ];
  return sections.length === 0 ? "The same in meaning.\n" : `${sections.join("\n\n")}\n`;
};
