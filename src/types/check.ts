/**
 * Checking a whole program: from resolved names to networks, players and a recipe with every size
 * known.
 */
import type { Span } from "../base/source.js";
import { type Diagnostic, hasErrors } from "../diagnostics/diagnostic.js";
import type { Resolved } from "../names/resolved.js";
import type { Recipe } from "../program/recipe.js";
import type { Checked, CheckedNet, CheckedParam } from "./checked.js";
import { checkExpects, checkWheres } from "./definitions/asserted.js";
import { Definitions } from "./definitions/definitions.js";
import { checkSettings, paramType, type Settings } from "./definitions/params.js";
import { aimsOf } from "./game/aims.js";
import {
  drawnWithoutName,
  jointDraws,
  jointEverywhere,
  trainedBy,
  withImages,
} from "./game/draws.js";
import { checkGame, playingNetworks } from "./game/game.js";
import { sightsOf } from "./game/judges.js";
import {
  lints as allLints,
  type Facts,
  type Lint,
  runLints,
  runLintsOfSound,
} from "./lints/index.js";
import { nodeRanges, outputRanges } from "./ranges/network-ranges.js";
import { TermRanges } from "./ranges/term-ranges.js";
import type { Images } from "./recipe/augment.js";
import { checkRecipe } from "./recipe/recipe.js";
import { SizeTrials } from "./sizes/size-trials.js";
import type { NamedDomain } from "./values/domains.js";
import type { Phase } from "./values/player.js";

/** Whether all params have values that can be used. */
const areParamsSound = (definitions: Definitions): boolean => {
  for (const param of definitions.declared("param")) definitions.valueOf(param);
  checkWheres(definitions);
  return !hasErrors(definitions.context.diagnostics);
};

const evaluateAll = (definitions: Definitions): void => {
  for (const definition of definitions.resolved.definitions) {
    if (definition.kind !== "declared") continue;
    const value = definitions.valueOf(definition);
    if (value.kind === "loss") definitions.evaluator.checkLoss(value.declaration);
  }
};

/**
 * Reports networks and domains that imported names need and that are not imported by name
 * themselves: data and players are named by them.
 */
const checkHidden = (definitions: Definitions): void => {
  const needed = definitions
    .evaluated()
    .flatMap(([definition, value]) =>
      !definitions.isVisible(definition) && (value.kind === "net" || value.kind === "domain")
        ? [definition]
        : [],
    );
  const [first] = needed;
  if (first === undefined) return;
  const names = needed.map(({ name }) => name).join(", ");
  definitions.context.report(
    "GAN207",
    first.span,
    `what is imported from here needs ${names}, not imported ${needed.length === 1 ? "itself" : "themselves"}`,
    { notes: ["Add to the names in the brackets of the import, or import the whole file."] },
  );
};

const declaredDomains = (definitions: Definitions): readonly NamedDomain[] =>
  definitions.declared("domain").flatMap((definition) => {
    const value = definitions.valueOf(definition);
    return value.kind === "domain" && value.domain.kind === "domain" ? [value.domain] : [];
  });

/** The phases of the game; nothing where there is none, or one with mistakes. */
const phasesOf = (definitions: Definitions, entry: Span): readonly Phase[] | undefined => {
  const { context, evaluator, resolved } = definitions;
  if (resolved.solve !== undefined) return checkGame(evaluator, resolved.solve, entry.file);
  context.report("GAN506", entry, "this spec has no `solve`, so there is nothing to train", {
    notes: ["For example: `solve { min[G] max[D] L }`."],
  });
  return undefined;
};

const recipeOf = (
  { evaluator, resolved: { solve, train, trainSpan } }: Definitions,
  entry: Span,
  phases: readonly Phase[] | undefined,
  images: Images,
): Recipe | undefined => {
  // Without a game, what is missing is more than the recipe.
  if (solve === undefined && train.size === 0) return undefined;
  const place = trainSpan ?? solve?.span ?? entry;
  return checkRecipe(evaluator, train, {
    place,
    entry: entry.file,
    images,
    trained: trainedBy(phases),
  });
};

/**
 * The networks that play. An importing file may leave players of the imported game out: an ablation
 * is a difference.
 */
const playing = (definitions: Definitions, phases: readonly Phase[]): readonly CheckedNet[] => {
  const names = playingNetworks(phases.flatMap(({ players }) => players));
  const declared = definitions.declared("net");
  const players = declared.filter(({ name }) => names.has(name));
  // What a network is made of belongs to it, even without parameters that would tell.
  const inside = new Set(players.flatMap((net) => [...definitions.uses.behind(net)]));
  const plays = new Set([...names, ...[...inside].map(({ name }) => name)]);
  /** Made of networks that play, and of nothing else that learns: a sampler, say. */
  const isUse = ({ net: { learns, inner = [] } }: CheckedNet): boolean =>
    learns === false && inner.length > 0 && inner.every((name) => plays.has(name));
  return declared.flatMap((definition) => {
    const checked = definitions.traced.get(definition.name);
    if (checked === undefined) return [];
    const isPart = inside.has(definition) && checked.net.learns === false;
    return names.has(definition.name) || isPart || isUse(checked) ? [checked] : [];
  });
};

const paramsOf = (definitions: Definitions): readonly CheckedParam[] =>
  definitions.declared("param").flatMap((definition) => {
    const value = definitions.valueOf(definition);
    const known = value.kind === "number" || value.kind === "bool" ? value.value : undefined;
    const { declaration } = definition;
    if (declaration.kind !== "param" || known === undefined) return [];
    const type = paramType(declaration, value);
    return type === undefined ? [] : [{ declaration, type, value: known }];
  });

/** Collects the facts that lints may ask. */
const factsOf = (
  definitions: Definitions,
  entry: Span,
  known: Pick<Facts, "domains" | "recipe" | "isGameSound">,
  phases: readonly Phase[] | undefined,
  joint: Images["joint"],
): Facts => {
  const { context, settings, uses } = definitions;
  const { solve, train } = definitions.resolved;
  const networks = [...definitions.traced.values()];
  const nodes = new Map(networks.map((network) => [network.net.name, nodeRanges(network)]));
  const ranges = new TermRanges(networks, outputRanges(networks, nodes));
  const players = phases?.flatMap((phase) => phase.players) ?? [];
  const standpoints = sightsOf(players, ranges);
  const game =
    solve === undefined || phases === undefined
      ? undefined
      : { solve, phases, players, joint, standpoints };
  return {
    ...known,
    context,
    entry: entry.file,
    isSet: settings.size > 0,
    networks,
    nodeRanges: nodes,
    ranges,
    game,
    train,
    uses,
  };
};

/** Everything but `expect`s, which are about the defaults. */
const checkAll = (
  definitions: Definitions,
  entry: Span,
  lints: readonly Lint[],
): Checked | undefined => {
  const { context, evaluator, resolved } = definitions;
  const isSound = (): boolean => !hasErrors(context.diagnostics);
  evaluateAll(definitions);
  checkWheres(definitions);
  checkHidden(definitions);
  const declared = declaredDomains(definitions);
  const phases = phasesOf(definitions, entry);
  const isGameSound = isSound();
  const images = { domains: withImages(declared, phases), joint: jointDraws(phases) };
  const recipe = recipeOf(definitions, entry, phases, images);
  const domains = [...declared, ...drawnWithoutName(phases ?? [], declared)];
  const known = { domains, recipe, isGameSound };
  const facts = factsOf(definitions, entry, known, phases, jointEverywhere(phases));
  runLints(lints, facts);
  const { solve, train } = resolved;
  if (isSound()) new SizeTrials(definitions, { solve, train, images }).check();
  if (isSound()) runLintsOfSound(lints, facts);
  if (phases === undefined || recipe === undefined || facts.game === undefined || !isSound())
    return undefined;
  const { players, standpoints } = facts.game;
  return {
    resolved,
    params: paramsOf(definitions),
    domains,
    networks: playing(definitions, phases),
    phases,
    recipe,
    aims: aimsOf(players, standpoints, facts.ranges),
    valueOf: (definition) => definitions.valueOf(definition),
    kinds: evaluator.kinds,
    genericLoss: (declaration) => evaluator.genericLoss(declaration),
    formalTypes: (declaration) => evaluator.formals.of(declaration).types,
  };
};

export interface CheckResult {
  readonly checked: Checked | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Errors of `expect`s at the defaults of params, where no other diagnostic stands at their place.
 */
const wrongByDefault = (
  resolved: Resolved,
  textOf: (file: string) => string,
  told: readonly Diagnostic[],
): readonly Diagnostic[] => {
  const definitions = new Definitions(resolved, new Map(), textOf);
  if (areParamsSound(definitions)) checkExpects(definitions);
  const isOfExpect = ({ span }: Diagnostic): boolean =>
    resolved.expects.some(
      ({ condition: { span: of } }) =>
        of.file === span.file && of.start <= span.start && span.end <= of.end,
    );
  const isTold = ({ span }: Diagnostic): boolean =>
    told.some((other) => other.span.file === span.file && other.span.start === span.start);
  return definitions.context.diagnostics.filter((one) => isOfExpect(one) && !isTold(one));
};

/** `expect`s hold at the params' defaults, whatever is set from outside. */
export const check = (
  resolved: Resolved,
  settings: Settings,
  entry: Span,
  textOf: (file: string) => string,
  lints: readonly Lint[] = allLints,
): CheckResult => {
  const definitions = new Definitions(resolved, settings, textOf);
  const { context } = definitions;
  checkSettings(context, resolved.definitions, settings, entry.file);
  // A refused size would be refused once more by every layer that it does not fit.
  const isUsable = areParamsSound(definitions);
  const checked = isUsable ? checkAll(definitions, entry, lints) : undefined;
  if (isUsable && settings.size === 0) checkExpects(definitions);
  const diagnostics =
    settings.size === 0
      ? context.diagnostics
      : [...context.diagnostics, ...wrongByDefault(resolved, textOf, context.diagnostics)];
  return { checked: hasErrors(diagnostics) ? undefined : checked, diagnostics };
};
