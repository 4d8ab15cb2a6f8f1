/**
 * Compares two models in meaning: params, domains, networks, what each network learns from, the
 * recipe. Names of files, the order of declarations and the way a formula is written do not matter.
 */
import { measureText } from "../../base/sides.js";
import type { Span } from "../../base/source.js";
import type { LayerNode, Model, Network, Player } from "../../program/model.js";
import { writtenDomain } from "../../program/nameless.js";
import { domainsText } from "../../program/naming.js";
import { innerOf } from "../../program/network.js";
import { lossLabel } from "../../program/plan.js";
import { children, type InnerOf, reached, type Term } from "../../program/term.js";
import { layerText, rangeText, shapesText, shapeText } from "../text/words.js";
import { compared } from "./sequences.js";
import { recipeFields } from "./summary.js";

/** A model and the texts that it was compiled from. */
export interface Side {
  readonly model: Model;
  readonly quote: (span: Span) => string;
}

/** A named thing on both sides or, if added or removed, on one. */
export interface Change {
  readonly name: string;
  readonly before?: string;
  readonly after?: string;
}

export interface LayerChange {
  readonly before: readonly string[];
  readonly after: readonly string[];
}

export interface NetworkChange {
  readonly name: string;
  /** `X -> Y`. If only one side has the network, only that side has a type. */
  readonly type: Omit<Change, "name">;
  /** Shapes, number of parameters, receptive field. */
  readonly facts: readonly Change[];
  /** For a network on both sides. */
  readonly layers: readonly LayerChange[];
}

/** A term with its weight, as a network's player minimises or maximises it: `10 * cycle(G, F)`. */
export interface WeightedTerm {
  readonly text: string;
  readonly weight: number;
}

export interface Objective {
  readonly sense: "min" | "max";
  readonly terms: readonly WeightedTerm[];
}

/** The change in what moves a network: the terms whose gradients reach it. */
export interface ObjectiveChange {
  readonly network: string;
  readonly before?: Objective;
  readonly after?: Objective;
  readonly added: readonly WeightedTerm[];
  readonly removed: readonly WeightedTerm[];
  /** Both weights in the sense of `before`. */
  readonly reweighted: readonly {
    readonly text: string;
    readonly before: number;
    readonly after: number;
  }[];
  readonly kept: readonly WeightedTerm[];
}

export interface Difference {
  readonly params: readonly Change[];
  readonly domains: readonly Change[];
  readonly networks: readonly NetworkChange[];
  readonly objectives: readonly ObjectiveChange[];
  /** The order in which a step moves the networks, and how often. */
  readonly step: readonly Change[];
  readonly recipe: readonly Change[];
}

export const isSame = (difference: Difference): boolean =>
  Object.values(difference).every((changes: readonly unknown[]) => changes.length === 0);

type Facts = readonly (readonly [string, string])[];

/** Compares facts by name, in the order of `before`, then those that only `after` has. */
const changes = (before: Facts, after: Facts): readonly Change[] => {
  const [a, b] = [new Map(before), new Map(after)];
  return [...new Set([...a.keys(), ...b.keys()])].flatMap((name) => {
    const [was, is] = [a.get(name), b.get(name)];
    if (was === is) return [];
    return {
      name,
      ...(was === undefined ? {} : { before: was }),
      ...(is === undefined ? {} : { after: is }),
    };
  });
};

const params = ({ params: all }: Model): Facts =>
  all.map(({ name, value }) => [name, String(value)]);

const domains = ({ domains: all }: Model): Facts =>
  all.map(({ name, kind, shape, range }) => [
    writtenDomain(name),
    `${kind}, ${shapeText(shape)}, ${rangeText(range)}`,
  ]);

const networkFacts = (network: Network | undefined): Facts =>
  network === undefined
    ? []
    : [
        ["shapes", shapesText(network)],
        ["parameters", network.size.toLocaleString("en-US")],
        ["receptive field", measureText(network.receptiveField)],
      ];

const typeOf = (network: Network | undefined): string | undefined =>
  network === undefined ? undefined : `${domainsText(network.from)} -> ${network.to}`;

/** Describes a layer by kind and relative inputs, whatever its options and its place. */
const layerKey = (layer: LayerNode): string =>
  `${layer.kind} ${layer.inputs.map((input) => layer.id - input).join(" ")}`;

/**
 * Compares layers. Those of one kind at corresponding places differ only in options; others are
 * added or removed.
 */
const layerChanges = (before: Network, after: Network): readonly LayerChange[] =>
  compared(before.layers, after.layers, layerKey).flatMap((stretch): readonly LayerChange[] => {
    const [was, is] = [stretch.before.map(layerText), stretch.after.map(layerText)];
    if (stretch.kind === "changed") return [{ before: was, after: is }];
    return was.flatMap((text, i) =>
      text === is[i] ? [] : [{ before: [text], after: is.slice(i, i + 1) }],
    );
  });

const networkChanges = (a: Model, b: Model): readonly NetworkChange[] => {
  const names = new Set([...a.networks, ...b.networks].map(({ name }) => name));
  return [...names].flatMap((name) => {
    const [before, after] = [a, b].map((model) => model.networks.find((one) => one.name === name));
    const isInBoth = before !== undefined && after !== undefined;
    const facts = changes(networkFacts(before), networkFacts(after));
    const layers = isInBoth ? layerChanges(before, after) : [];
    const [was, is] = [typeOf(before), typeOf(after)];
    if (was === is && facts.length + layers.length === 0) return [];
    const type = {
      ...(was === undefined ? {} : { before: was }),
      ...(is === undefined ? {} : { after: is }),
    };
    return [{ name, type, facts, layers }];
  });
};

const scalars = (term: Term): string =>
  Object.entries(term)
    .filter(([key, value]) => key !== "name" && /^(string|number|boolean)$/.test(typeof value))
    .map(([key, value]) => `${key}=${value}`)
    .join(" ");

const headOf = (term: Term): string => {
  switch (term.kind) {
    case "constant":
      return String(term.value);
    case "draw":
      return `${term.domain} ${term.slot} ${(term.joint ?? []).join(" ")} ${term.isPartial === true}`;
    case "apply":
      return term.network;
    case "pointwise":
    case "distance":
      return term.of;
    default:
      return scalars(term);
  }
};

/**
 * Returns a key that is equal for formulas of equal value, whatever the names of the losses in
 * them.
 */
const formulaKey = (term: Term): string => {
  switch (term.kind) {
    case "loss":
    case "objective":
      return formulaKey(term.body);
    case "relabel":
      return formulaKey(term.input);
    default:
      return `${term.kind} ${headOf(term)}[${children(term).map(formulaKey).join(", ")}]`;
  }
};

interface Weighted {
  readonly term: Term;
  readonly weight: number;
}

const constantOf = (term: Term): number | undefined =>
  term.kind === "constant" ? term.value : undefined;

/** Splits a loss into terms with weights: takes sums, differences and constant factors apart. */
const weighted = (term: Term, weight: number): readonly Weighted[] => {
  if (term.kind === "objective") return weighted(term.body, weight);
  if (term.kind === "negate") return weighted(term.input, -weight);
  if (term.kind !== "arithmetic") return [{ term, weight }];
  const { operator, left, right } = term;
  const [first, second] = [constantOf(left), constantOf(right)];
  if (operator === "+") return [...weighted(left, weight), ...weighted(right, weight)];
  if (operator === "-") return [...weighted(left, weight), ...weighted(right, -weight)];
  if (operator === "*" && first !== undefined) return weighted(right, weight * first);
  if (operator === "*" && second !== undefined) return weighted(left, weight * second);
  if (operator === "/" && second !== undefined) return weighted(left, weight / second);
  return [{ term, weight }];
};

interface KeyedTerm extends WeightedTerm {
  readonly key: string;
}

interface KeyedObjective extends Objective {
  readonly terms: readonly KeyedTerm[];
}

/** Merges terms of one formula, and adds their weights. */
const merged = (terms: readonly KeyedTerm[]): readonly KeyedTerm[] => {
  const byKey = new Map<string, KeyedTerm>();
  for (const term of terms)
    byKey.set(term.key, { ...term, weight: (byKey.get(term.key)?.weight ?? 0) + term.weight });
  return [...byKey.values()];
};

/** Returns the terms of a player's objective that move one of its networks. */
const termsOf = (
  player: Player,
  network: string,
  quote: Side["quote"],
  inner: InnerOf,
): readonly KeyedTerm[] =>
  merged(
    player.summands
      .flatMap((summand) => weighted(summand.term, 1))
      .filter(({ term }) => reached(term, inner).has(network))
      .map(({ term, weight }) => ({
        key: formulaKey(term),
        text: term.kind === "loss" ? lossLabel(term) : quote(term.span),
        weight,
      })),
  );

/**
 * Returns a network's objective. If several phases train it, the terms of each stay separate, in
 * the sense of the first.
 */
const objectiveOf = ({ model, quote }: Side, network: string): KeyedObjective | undefined => {
  const players = model.players.filter(({ networks }) => networks.includes(network));
  const [first] = players;
  if (first === undefined) return undefined;
  const terms = players.flatMap((player, i) =>
    termsOf(player, network, quote, innerOf(model.networks)).map(({ key, text, weight }) => ({
      key: `${i} ${key}`,
      text,
      weight: player.sense === first.sense ? weight : -weight,
    })),
  );
  return { sense: first.sense, terms };
};

const stepFacts = ({ phases }: Model): Facts => {
  const parts = phases.map(({ times, every = 1, players }) => {
    const networks = players.flatMap((player) => player.networks).sort();
    const often = every > 1 ? ` every ${every} steps` : times === 1 ? "" : ` ${times} times`;
    return networks.join(", ") + often;
  });
  const [only] = phases;
  return [
    [
      "a step moves",
      parts.length === 1 && only?.times === 1 ? "all at once" : parts.join(", then "),
    ],
  ];
};

const plain = ({ text, weight }: WeightedTerm): WeightedTerm => ({ text, weight });

/** Converts weights to the other sense: to maximise a loss is to minimise its negative. */
const inSense = (objective: KeyedObjective, sense: "min" | "max"): KeyedObjective =>
  objective.sense === sense
    ? objective
    : { sense, terms: objective.terms.map((term) => ({ ...term, weight: -term.weight })) };

const objectiveChange = (network: string, a: Side, b: Side): readonly ObjectiveChange[] => {
  const [before, after] = [objectiveOf(a, network), objectiveOf(b, network)];
  const was = before?.terms ?? [];
  const is = after === undefined ? [] : inSense(after, before?.sense ?? after.sense).terms;
  const inBoth = is.flatMap((term) => {
    const earlier = was.find(({ key }) => key === term.key);
    return earlier === undefined ? [] : [{ earlier, term }];
  });
  const added = (after?.terms ?? []).filter(({ key }) => !was.some((term) => term.key === key));
  const removed = was.filter(({ key }) => !is.some((term) => term.key === key));
  const reweighted = inBoth
    .filter(({ earlier, term }) => earlier.weight !== term.weight)
    .map(({ earlier, term }) => ({ text: term.text, before: earlier.weight, after: term.weight }));
  const kept = inBoth.filter(({ earlier, term }) => earlier.weight === term.weight);
  if (added.length + removed.length + reweighted.length === 0) return [];
  return [
    {
      network,
      ...(before === undefined ? {} : { before: { ...before, terms: before.terms.map(plain) } }),
      ...(after === undefined ? {} : { after: { ...after, terms: after.terms.map(plain) } }),
      added: added.map(plain),
      removed: removed.map(plain),
      reweighted,
      kept: kept.map(({ earlier }) => plain(earlier)),
    },
  ];
};

export const difference = (a: Side, b: Side): Difference => {
  const names = new Set([...a.model.networks, ...b.model.networks].map(({ name }) => name));
  return {
    params: changes(params(a.model), params(b.model)),
    domains: changes(domains(a.model), domains(b.model)),
    networks: networkChanges(a.model, b.model),
    objectives: [...names].flatMap((name) => objectiveChange(name, a, b)),
    step: changes(stepFacts(a.model), stepFacts(b.model)),
    recipe: changes(recipeFields(a.model), recipeFields(b.model)),
  };
};
