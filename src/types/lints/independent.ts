/**
 * Targets that know nothing of the input: what a network makes of one draw, held against another
 * that is drawn alone.
 */

import { domainName, sameDomain, showDomain } from "../values/domain-type.js";
import { children, type Draw, drawsIn, type Term } from "../values/term.js";
import type { Around, Game, GameLook, Lint } from "./lint.js";

const isApplied = (term: Term): boolean => term.kind === "apply" || children(term).some(isApplied);

/** A draw as it is, perhaps under another domain's name. */
const plainDraw = (term: Term): Draw | undefined => {
  if (term.kind === "relabel") return plainDraw(term.input);
  return term.kind === "draw" ? term : undefined;
};

/**
 * Whether a target is noise that no network was to give: labels with noise in them are what they
 * are for every input.
 */
const isNoisyLabel = ({ domain }: Draw, { type }: Term): boolean =>
  domain.kind === "domain" &&
  (domain.sampler === "noise" || domain.sampler === "uniform") &&
  !(type.kind === "sample" && sameDomain(type.domain, domain));

/** The two values that a distance compares. Nothing of other terms. */
const compared = (term: Term): readonly [Term, Term] | undefined => {
  if (term.kind === "distance") return [term.left, term.right];
  if (term.kind !== "function" || term.of.compares !== true) return undefined;
  const [left, right] = term.inputs;
  return left === undefined || right === undefined ? undefined : [left, right];
};

const partial = ({ isPartial, joint = [] }: Draw): string | undefined =>
  isPartial === true ? [...joint].map(domainName).sort().join() : undefined;

/** Whether a step draws the two together: what is a pair in one term is one in all. */
const areDrawnTogether = (a: Draw, b: Draw, joint: Game["joint"]): boolean => {
  // A few pairs among many images are drawn apart from what is drawn over all images.
  if (partial(a) !== undefined || partial(b) !== undefined)
    return partial(a) === partial(b) && a.slot === b.slot;
  const [one, other] = [domainName(a.domain), domainName(b.domain)];
  if (one === other) return a.slot === b.slot;
  if (a.slot !== 0 || b.slot !== 0) return false;
  return joint.some((names) => names.includes(one) && names.includes(other));
};

const check = (
  term: Term,
  [made, wanted]: readonly [Term, Term],
  { game, report }: GameLook,
): void => {
  const target = plainDraw(wanted);
  const sources = drawsIn(made);
  if (target === undefined || sources.length === 0 || !isApplied(made)) return;
  if (sources.some((source) => areDrawnTogether(source, target, game.joint))) return;
  if (isNoisyLabel(target, made)) return;
  const [source] = sources.map(({ name }) => name);
  report("GAN606", term.span, `\`${target.name}\` is drawn without regard to \`${source}\``, {
    labels: [
      { span: wanted.span, text: `any other ${showDomain(target.domain)} might stand here` },
    ],
    notes: [
      "What is nearest to all targets is their mean, whatever the input: that is what is learnt.",
      `Partners are drawn by \`pairs\`: \`E[(${source}, ${target.name}) ~ pairs(…)]\`.`,
    ],
  });
};

const checkTerm = (term: Term, _around: Around, look: GameLook): void => {
  const sides = compared(term);
  if (sides === undefined) return;
  const [left, right] = sides;
  check(term, [left, right], look);
  check(term, [right, left], look);
};

export const independentTargets: Lint = {
  name: "independent-targets",
  codes: ["GAN606"],
  term: checkTerm,
};
