/** Builds the model of a checked spec: networks, players and a recipe, with nothing left open. */
import { recordOf } from "../base/record.js";
import type { Model, NamedTerm, Phase, Player } from "../program/model.js";
import { Names, specName } from "../program/naming.js";
import { innerOf, type LayerNode, madeOf, type Network } from "../program/network.js";
import type { Recipe } from "../program/recipe.js";
import { stabilise } from "../program/stable.js";
import { children, type InnerOf, reached, summands, type Term } from "../program/term.js";
import type { Checked, CheckedNet } from "../types/checked.js";
import { domainName, inputsOf } from "../types/values/domain-type.js";
import type { Definitions } from "./definitions.js";
import type { Texts } from "./texts.js";

type CheckedPlayer = Checked["phases"][number]["players"][number];

/** The layer without what says nothing of it. */
const layer = ({ owner, within, isSpectral, equalized, ...node }: LayerNode): LayerNode => ({
  ...node,
  ...(owner === undefined ? {} : { owner }),
  ...(within === undefined ? {} : { within }),
  ...(isSpectral === true ? { isSpectral } : {}),
  ...(equalized === undefined ? {} : { equalized }),
});

const network = ({ net, declaration, inputs, output, nodes, last, field }: CheckedNet): Network => {
  const layers = nodes.map(layer);
  return {
    name: net.name,
    from: inputsOf(net.from).map(domainName),
    to: domainName(net.to),
    inputs,
    output,
    layers,
    last,
    ...madeOf(net.name, layers),
    isFrozen: declaration.isFrozen,
    ...(declaration.weights === undefined
      ? {}
      : { weights: declaration.weights.text, weightsSpan: declaration.weights.span }),
    receptiveField: field,
    span: net.span,
  };
};

/** Lists named terms and expectations that stand outside of losses, the outer before the inner. */
const namedIn = (term: Term, from: number, { format }: Texts): readonly NamedTerm[] => {
  const found: NamedTerm[] = [];
  /**
   * `isSum`: whether it is a sum of summands of the player; else it lies within one. Gives the
   * summand behind it.
   */
  const visit = (t: Term, at: number, isSum: boolean): number => {
    const to = isSum ? at + summands(t).length : at + 1;
    const name = t.kind === "objective" ? t.name : t.kind === "mean" ? format(t.span) : undefined;
    if (name !== undefined) found.push({ name, term: stabilise(t), from: at, to });
    // The name of an objective says enough of an expectation that is all of it.
    const isNamed = t.kind === "objective" && t.body.kind === "mean";
    if (t.kind === "loss" || t.kind === "mean" || isNamed) return to;
    const stays = isSum && (t.kind === "objective" || summands(t).length > 1);
    let next = at;
    for (const child of children(t)) next = visit(child, stays ? next : at, stays);
    return to;
  };
  visit(term, from, true);
  return found;
};

interface Surroundings {
  readonly checked: Checked;
  readonly texts: Texts;
  readonly definitions: Definitions;
  readonly innerOf: InnerOf;
}

const player = (
  of: CheckedPlayer,
  names: Names,
  { checked, texts, definitions, innerOf: inner }: Surroundings,
): Player => {
  const objective = definitions.term(of.objective);
  const aim = checked.aims.get(of);
  return {
    name: names.of(String(of.span.start), `${of.sense}${of.networks.join("")}`),
    sense: of.sense,
    networks: of.networks,
    summands: summands(objective).map((term) => ({
      text: texts.quote(term.span),
      term: stabilise(term),
      reaches: [...reached(term, inner)],
    })),
    named: namedIn(objective, 0, texts),
    ...(aim === undefined ? {} : { aim }),
    place: texts.place(of.span),
    span: of.span,
  };
};

const phasesOf = (around: Surroundings): readonly Phase[] => {
  const names = new Names();
  return around.checked.phases.map(({ times, every, players }) => ({
    times,
    ...(every === 1 ? {} : { every }),
    players: players.map((one) => player(one, names, around)),
  }));
};

/** Without what is of networks that are not part of the model. */
const recipeFor = (recipe: Recipe, networks: readonly Network[]): Recipe => {
  const isPart = new Set(networks.map(({ name }) => name));
  const inits = Object.entries(recipe.inits).filter(([name]) => isPart.has(name));
  return { ...recipe, inits: recordOf(inits) };
};

/** Whether the recipe resizes a domain's images by nearest pixels, so that no value is made up. */
const isNearest = ({ augment }: Recipe, domain: string): boolean =>
  augment[domain]?.some((stage) => stage.kind === "resize" && stage.nearest === true) === true;

/** @param file the spec's name, the same wherever ganc was called */
export const modelOf = (
  checked: Checked,
  file: string,
  texts: Texts,
  definitions: Definitions,
): Model => {
  const networks = checked.networks.map(network);
  const phases = phasesOf({ checked, texts, definitions, innerOf: innerOf(networks) });
  return {
    name: specName(file),
    file,
    params: checked.params.map(({ declaration, type, value }) => ({
      name: declaration.name.text,
      type,
      value,
      span: declaration.name.span,
    })),
    domains: checked.domains.map(({ name, sampler, shape, range, param, schedule, span }) => ({
      name,
      kind: sampler,
      shape,
      range,
      ...(param === undefined ? {} : { param }),
      ...(schedule === undefined ? {} : { schedule }),
      ...(isNearest(checked.recipe, name) ? { nearest: true as const } : {}),
      span,
    })),
    networks,
    phases,
    players: phases.flatMap(({ players }) => players),
    recipe: recipeFor(checked.recipe, networks),
  };
};
