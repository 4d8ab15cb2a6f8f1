/** Discriminators that see one side only. */
import { type Apply, applications, listed, outermost, type Sight } from "../game/judges.js";
import { type Judge, judgesIn, tellsApart } from "../game/scorers.js";
import { children, type Term } from "../values/term.js";
import type { Lint, Report } from "./lint.js";
import { roles } from "./roles.js";

/**
 * Whether an expectation weighs a network's answers against something else that is drawn, as a
 * classifier's are.
 */
const hasOtherDraws = (term: Term, name: string): boolean => {
  if (term.kind === "apply" && term.net.name === name) return false;
  return term.kind === "draw" || children(term).some((child) => hasOtherDraws(child, name));
};

const expectationsOf = (term: Term, name: string): readonly Term[] =>
  term.kind === "mean"
    ? applications(term).some(({ net }) => net.name === name)
      ? [term]
      : []
    : children(term).flatMap((child) => expectationsOf(child, name));

/** Who made each of the values that a network is applied to; nobody where it is drawn. */
const makersByPlace = ({ inputs }: Apply): string =>
  inputs.map((input) => listed(outermost(input))).join(", ");

/** A discriminator that sees one side only has a best answer that is no answer: a constant. */
const checkSides = (
  { name, trainers, seen, faced }: Judge,
  taught: readonly Sight[],
  report: Report,
): void => {
  const [trainer] = trainers;
  const others = trainers
    .flatMap(({ objective }) => expectationsOf(objective, name))
    .some((expectation) => hasOtherDraws(expectation, name));
  if (trainer === undefined || others || seen.length === 0 || faced.length === 0) return;
  const made = seen.filter(({ inputs }) => inputs.flatMap(outermost).length > 0);
  if (made.length > 0 && made.length < seen.length) return;
  // Pairs have sides too: (x, E(x)) against (G(z), z), of which neither is drawn as a whole.
  const sides = new Set(seen.filter(({ inputs }) => inputs.length > 1).map(makersByPlace));
  if (sides.size > 1 || (made.length > 0 && tellsApart(taught))) return;
  const [which, example] = made.length === 0 ? ["generated", "D(G(x))"] : ["real", "D(y)"];
  report("GAN512", trainer.span, `\`${name}\` never sees ${which} values`, {
    about: name,
    labels: [
      ...seen.slice(0, 2).map(({ span }) => ({ span, text: "this is all that it sees" })),
      ...faced.slice(0, 1).map(({ player }) => ({
        span: player.span,
        text: `this player is to deceive \`${name}\``,
      })),
    ],
    notes: [
      `What only ever sees one side answers the same to everything. Its objective needs a term of ${which} values too, such as one of \`${example}\`; \`lsgan.judge(D, G)\` has both.`,
    ],
  });
};

export const oneSidedJudges: Lint = {
  name: "one-sided-judges",
  codes: ["GAN512"],
  // Another loss was meant than the one whose role is not kept.
  supersedes: [{ lint: roles, at: "place" }],
  game: ({ game, report }) => {
    for (const judge of judgesIn(game.players)) {
      const sight = game.standpoints.find(({ net }) => net.name === judge.name);
      checkSides(judge, sight?.taught ?? [], report);
    }
  },
};
