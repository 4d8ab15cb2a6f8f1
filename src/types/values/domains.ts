/**
 * Domains as their words describe them, `image(64)` or `noise(100)`, declared or drawn from
 * directly.
 */
import type { Span } from "../../base/source.js";
import type { Shape } from "../../operators/layer.js";
import { number } from "../../operators/signature.js";
import { namelessName } from "../../program/nameless.js";
import type { Context } from "./context.js";
import type { DomainType } from "./domain-type.js";
import { drawsIn, type Term } from "./term.js";
import type { RecipeStage } from "./value.js";

export type NamedDomain = Extract<DomainType, { kind: "domain" }>;

/** Shape, range, and how it is drawn. */
const describe = ({
  word,
  options,
}: RecipeStage): Pick<NamedDomain, "sampler" | "shape" | "range"> => {
  const of = (name: string): number => number(options, name);
  const sides = (channels: string): Shape => [of("height"), of("width"), of(channels)];
  const every = [-Infinity, Infinity] as const;
  switch (word.name) {
    case "noise":
      return { sampler: "noise", shape: sides("channels"), range: every };
    case "uniform":
      return { sampler: "uniform", shape: sides("channels"), range: [of("low"), of("high")] };
    case "labels":
      return { sampler: "labels", shape: [1, 1, of("classes")], range: [0, 1] };
    case "features":
      return { sampler: "features", shape: sides("channels"), range: every };
    default:
      return { sampler: "image", shape: sides("channels"), range: [of("low"), of("high")] };
  }
};

/**
 * The domain that a stage of the recipe describes; nothing where a mistake was reported at `at`.
 */
export const domainOfStage = (
  context: Context,
  stage: RecipeStage,
  name: string,
  span: Span,
  at: Span,
): NamedDomain | undefined => {
  const described = describe(stage);
  const [low, high] = described.range;
  if (low < high) return { kind: "domain", name, ...described, span };
  context.report(
    "GAN403",
    at,
    `\`low\` must be less than \`high\`, and they are ${low} and ${high}`,
  );
  return undefined;
};

/**
 * The domain of `t ~ uniform(1)`: numbers that ganc draws need no declaration. Images and labels
 * do: their folders are named by it.
 */
export const drawnDirectly = (
  context: Context,
  stage: RecipeStage,
  at: Span,
): NamedDomain | undefined => {
  if (stage.word.name === "noise" || stage.word.name === "uniform")
    return domainOfStage(context, stage, namelessName(stage.word.name, stage.options), at, at);
  context.report("GAN311", at, `nothing is drawn from \`${context.quote(at)}\` without a name`, {
    notes: [`Declare it: \`domain X = ${context.quote(at)}\`, and draw from X.`],
  });
  return undefined;
};

/** The domains that a term draws from. */
export const domainsIn = (term: Term): readonly NamedDomain[] =>
  drawsIn(term).flatMap(({ domain }) => (domain.kind === "domain" ? [domain] : []));
