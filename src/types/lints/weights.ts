/** Weights of terms that are so far apart that one of them alone is felt. */
import type { Span } from "../../base/source.js";
import { balanced } from "../values/brackets.js";
import type { Context } from "../values/context.js";
import { linearForm, type Part } from "../values/linear-form.js";
import type { Player } from "../values/player.js";
import { children, moved, type Term } from "../values/term.js";
import { inWords } from "../values/words.js";
import type { GameLook, Lint } from "./lint.js";

/**
 * Numbers of a step have about seven digits: what weighs less than this part of the rest is rounded
 * away when gradients are added. Published objectives come near, 2e-8 of a total variation beside a
 * distance of 1.
 */
const apart = 1e8;

/** Whether a term sums over many numbers: its weight then says little. */
const isSum = (term: Term): boolean =>
  (term.kind === "function" && term.of.sums === true) || children(term).some(isSum);

const isProduct = (term: Term): boolean =>
  term.kind === "arithmetic" && ["*", "/"].includes(term.operator);

/** Where it is written: with its factor, or as the loss of the library that holds it is called. */
const placeOf = (context: Context, { within, term }: Part): Span => {
  const own = [...within, term].filter(({ span }) => !context.isLibrary(span));
  const place = own.findLast(isProduct) ?? own[own.length - 1] ?? term;
  return isProduct(place) ? balanced(context, place.span) : place.span;
};

const warn = ({ context, report }: GameLook, network: string, heavy: Part, light: Part): void => {
  const [most, least] = [Math.abs(heavy.weight), Math.abs(light.weight)];
  const times = inWords(Number((most / least).toPrecision(3)));
  // The weight that is the farther from 1 is the one that was not meant.
  const isHeavy = Math.abs(Math.log(most)) >= Math.abs(Math.log(least));
  const [at, other] = (isHeavy ? [heavy, light] : [light, heavy]).map((part) =>
    placeOf(context, part),
  ) as [Span, Span];
  const message = isHeavy
    ? `this weighs ${times} times as much as the rest: \`${network}\` does not feel the other`
    : `this weighs less than the rest by ${times} times: \`${network}\` does not feel it`;
  report("GAN611", at, message, {
    labels: [{ span: other, text: isHeavy ? "the lightest" : "the heaviest" }],
    notes: [
      "Numbers of a step have seven digits: what is so much smaller is lost when gradients are added.",
    ],
  });
};

const checkWeights = ({ objective, networks }: Player, look: GameLook): void => {
  const parts = linearForm(objective)
    .filter(({ weight, term }) => weight !== 0 && !isSum(term))
    .map((part) => ({ part, moves: moved(part.term) }));
  for (const network of networks) {
    const felt = parts
      .flatMap(({ part, moves }) => (moves.has(network) ? [part] : []))
      .sort((a, b) => Math.abs(a.weight) - Math.abs(b.weight));
    const [light, heavy] = [felt[0], felt[felt.length - 1]];
    if (light === undefined || heavy === undefined) continue;
    if (Math.abs(heavy.weight / light.weight) >= apart) warn(look, network, heavy, light);
  }
};

export const weights: Lint = { name: "weights", codes: ["GAN611"], player: checkWeights };
