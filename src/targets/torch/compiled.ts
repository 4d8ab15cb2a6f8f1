/** What torch.compile can take of a module, for those who run it. */
import { layers } from "../../operators/layers.js";
import type { Model } from "../../program/model.js";
import { innerOf, statisticsOf } from "../../program/network.js";
import { type PlayerPlan, planStep } from "../../program/plan.js";
import type { Program } from "../../program/program.js";
import { foldTerm, reached, type Term } from "../../program/term.js";
import { readsDraws } from "../written/formulas.js";
import { PhaseGradients } from "./gradients.js";

/** Gradients written in a term, as values. */
const gradientsIn = (term: Term): readonly Term[] =>
  foldTerm<readonly Term[]>(term, (t, below) =>
    t.kind === "gradient" ? [t, ...below.flat()] : below.flat(),
  );

const termsOf = ({ summands }: PlayerPlan): readonly Term[] => summands.map(({ term }) => term);

/** Networks whose gradient is a value: torch.compile differentiates none twice. */
const differentiatedTwice = ({ networks }: Model, terms: readonly Term[]): ReadonlySet<string> =>
  new Set(
    terms.flatMap(gradientsIn).flatMap((gradient) => [...reached(gradient, innerOf(networks))]),
  );

/**
 * Whether the whole step can be one compiled function, whose graphs hold all of a player's
 * networks and losses. Not where a graph is differentiated a second time, which a compiled one
 * computes whole again, nor where each step draws other numbers in the middle of it.
 */
const isOneFunction = (model: Model, compilable: readonly string[]): boolean => {
  const { phases, players } = planStep(model);
  const [phase] = phases;
  if (phases.length !== 1 || phase === undefined || phase.times > 1) return false;
  const gradients = new PhaseGradients(model, phase);
  return (
    model.recipe.accumulate === 1 &&
    compilable.length === model.networks.length &&
    !players.some((plan) => gradients.isKept(plan)) &&
    !players.flatMap(termsOf).some(readsDraws)
  );
};

/**
 * The parts of a module that torch.compile takes: the whole step, or of its networks those named.
 * Left out are networks that draw masks or note statistics as they are applied, and those that are
 * differentiated twice.
 */
export const compiledParts = ({
  model,
}: Program): { readonly step: boolean; readonly networks: readonly string[] } => {
  const { networks } = model;
  const twice = differentiatedTwice(model, planStep(model).players.flatMap(termsOf));
  const compilable = networks
    .filter(
      ({ name, layers: nodes }) =>
        !twice.has(name) &&
        !nodes.some(
          (node) => layers.get(node.kind)?.isRandom === true || statisticsOf(node).length > 0,
        ),
    )
    .map(({ name }) => name);
  return { step: isOneFunction(model, compilable), networks: compilable };
};
