/** Whether a program is what those who read it may rely on. */
import { clippings } from "../../operators/clippings.js";
import { inits } from "../../operators/inits.js";
import { stopNames } from "../../operators/monitors.js";
import { optimizers } from "../../operators/optimizers.js";
import { schedules } from "../../operators/schedules.js";
import type { Options, Signature } from "../../operators/signature.js";
import type { Definition } from "../definitions.js";
import { plainName } from "../expression.js";
import type { Player } from "../model.js";
import { innerOf } from "../network.js";
import type { Program } from "../program.js";
import { foldTerm, type GenericTerm, reached } from "../term.js";
import { defaultProblems, exprProblems, type Scope, within } from "./expressions.js";
import { type Known, knownOf, of, repeated } from "./names.js";
import { networkProblems, optionProblems } from "./networks.js";
import { genericProblems, termProblems } from "./terms.js";

/** The numbers that a formula is written with. */
const writtenProblems = (term: GenericTerm, scope: Scope, known: Known): readonly string[] =>
  foldTerm<readonly string[]>(term, (t, below) => {
    const numbers = [
      ...(t.kind === "constant" ? [t.written] : []),
      ...(t.kind === "loss" ? Object.values(t.numbers).map(({ written }) => written) : []),
      ...(t.kind === "replay" && typeof t.size !== "number" ? [t.size] : []),
    ];
    return [...numbers.flatMap((expr) => exprProblems(expr, scope, known)), ...below.flat()];
  });

const definitionProblems = (
  definition: Definition,
  before: ReadonlySet<string>,
  known: Known,
): readonly string[] => {
  const scope: Scope = { locals: new Set(), before };
  switch (definition.kind) {
    case "param":
      return exprProblems(definition.written, scope, known);
    case "domain":
      return [
        ...(known.domains.has(definition.id) ? [] : [`there is no domain ${definition.id}`]),
        ...definition.sides.flatMap((side) =>
          side === null ? [] : exprProblems(side, scope, known),
        ),
      ];
    case "let": {
      const { formals = [], body } = definition;
      const inner = within(
        scope,
        formals.map(({ local }) => local),
      );
      return [...defaultProblems(formals, scope, known), ...exprProblems(body, inner, known)];
    }
    case "network":
      return [
        ...(known.networks.has(definition.id) ? [] : [`there is no network ${definition.id}`]),
        ...exprProblems(definition.body, scope, known),
      ];
    case "loss": {
      const networks = definition.formals.flatMap(({ local, of: what }) =>
        what === "network" ? [plainName(local)] : [],
      );
      return [
        ...writtenProblems(definition.body, { before }, known),
        ...genericProblems(definition.body, new Set(networks), known),
      ];
    }
    case "objective":
      return [
        ...writtenProblems(definition.body, { before }, known),
        ...termProblems(definition.body, known),
      ];
  }
};

const definitionsProblems = (known: Known): readonly string[] => {
  const before = new Set<string>();
  const { definitions, model } = known.program;
  const problems = definitions.flatMap((definition) => {
    const found = definitionProblems(definition, before, known);
    before.add(definition.id);
    return found.map(of(`${definition.kind} ${definition.id}`));
  });
  const unwritten = model.networks.filter(
    ({ name }) => known.definitions.get(name)?.kind !== "network",
  );
  return [
    ...problems,
    ...repeated(definitions.map(({ id }) => id)).map((id) => `two definitions are ${id}`),
    ...unwritten.map(({ name }) => `network ${name}: no definition says how it is written`),
  ];
};

const playerProblems = (player: Player, known: Known): readonly string[] => {
  const inner = innerOf(known.program.model.networks);
  const scope: Scope = { before: new Set(known.definitions.keys()) };
  const terms = [...player.summands, ...player.named].map(({ term }) => term);
  const isLoss = terms.every(({ type }) => type.kind === "loss");
  return [
    ...player.networks
      .filter((name) => !known.networks.has(name))
      .map((name) => `there is no network ${name}`),
    ...(isLoss ? [] : ["what it trains is a loss"]),
    ...terms.flatMap((term) => [
      ...writtenProblems(term, scope, known),
      ...termProblems(term, known),
    ]),
    ...player.summands
      .filter(({ term, reaches }) => [...reached(term, inner)].join() !== reaches.join())
      .map(({ text }) => `${text} reaches other networks than is said`),
    ...player.named
      .filter(({ from, to }) => from < 0 || from >= to || to > player.summands.length)
      .map(({ name }) => `${name} is made of summands that there are not`),
  ];
};

const phasesProblems = (known: Known): readonly string[] => {
  const { phases, players } = known.program.model;
  const names = players.map(({ name }) => name);
  const listed = phases.flatMap((phase) => phase.players.map(({ name }) => name));
  return [
    ...phases
      .filter(({ times }) => !Number.isInteger(times) || times < 1)
      .map(({ times }) => `a phase runs ${times} times`),
    ...players.flatMap((player) => playerProblems(player, known).map(of(`player ${player.name}`))),
    ...repeated(names).map((name) => `two players are ${name}`),
    ...(names.join() === listed.join() ? [] : ["the players are not those of the phases"]),
  ];
};

/** What is wrong with a word of the recipe, of a table. */
const wordProblems =
  (entries: ReadonlyMap<string, { readonly options: Signature }>, what: string) =>
  ({ kind, options }: { readonly kind: string; readonly options: Options }): readonly string[] => {
    const entry = entries.get(kind);
    return entry === undefined
      ? [`there is no ${what} ${kind}`]
      : optionProblems(entry.options, options).map(of(kind));
  };

const recipeProblems = ({ program: { model }, networks, domains }: Known): readonly string[] => {
  const { recipe } = model;
  const whole = (name: string, value: number): readonly string[] =>
    Number.isInteger(value) && value >= 1 ? [] : [`${name} is ${value}`];
  const lacking = (names: readonly string[], has: ReadonlySet<string>, what: string) =>
    names.filter((name) => !has.has(name)).map((name) => `there is no ${what} ${name}`);
  const named = [recipe.optimizers, recipe.clip, recipe.clipGradient, recipe.inits].flatMap((of) =>
    Object.keys(of),
  );
  return [
    ...[recipe.optimizer, ...Object.values(recipe.optimizers)].flatMap(
      wordProblems(optimizers, "optimizer"),
    ),
    ...Object.values(recipe.clipGradient).flatMap(wordProblems(clippings, "clipping")),
    ...[recipe.init, ...Object.values(recipe.inits)].flatMap(wordProblems(inits, "init")),
    ...recipe.schedule.flatMap(wordProblems(schedules, "schedule")),
    ...lacking(named, new Set(networks.keys()), "network"),
    ...lacking(Object.keys(recipe.augment), domains, "domain"),
    ...lacking(recipe.stop ?? [], new Set(stopNames), "monitor"),
    ...whole("batch", recipe.batch),
    ...whole("accumulate", recipe.accumulate),
    ...(recipe.average >= 0 && recipe.average < 1 ? [] : [`average is ${recipe.average}`]),
  ].map(of("recipe"));
};

const nameProblems = ({ model }: Program): readonly string[] => [
  ...repeated(model.params.map(({ name }) => name)).map((name) => `two params are ${name}`),
  ...repeated(model.domains.map(({ name }) => name)).map((name) => `two domains are ${name}`),
];

/**
 * All that is wrong with a program, one sentence each; none in a sound one. Every name is defined,
 * before it is used where definitions need each other; layers have the options, weights and shapes
 * that the tables say; parameters' names are unique; terms have the types that follow from what
 * they are made of; players train networks that there are; the recipe names what the tables have.
 */
export const verifyProgram = (program: Program): readonly string[] => {
  const known = knownOf(program);
  return [
    ...nameProblems(program),
    ...networkProblems(known),
    ...definitionsProblems(known),
    ...phasesProblems(known),
    ...recipeProblems(known),
  ];
};
