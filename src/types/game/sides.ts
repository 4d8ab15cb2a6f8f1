/** Games in which a discriminator and the networks that it judges miss each other. */

import { keyOf } from "../lints/repeated-terms.js";
import type { Pull } from "../ranges/pulls.js";
import type { Context } from "../values/context.js";
import type { Player } from "../values/player.js";
import { children, networksOf, type Term } from "../values/term.js";
import type { Net } from "../values/value.js";
import {
  type Apply,
  applications,
  listed,
  outermost,
  type Sight,
  type Standpoint,
  trains,
} from "./judges.js";

/** A network of scores that some player trains, such as a discriminator. */
interface Judge {
  readonly name: string;
  readonly net: Net;
  readonly trainers: readonly Player[];
  /** Where its own players apply it. */
  readonly seen: readonly Apply[];
  /** Where others do, to values that they make: those play against it. */
  readonly faced: readonly { readonly player: Player; readonly application: Apply }[];
}

/**
 * Whether what a network answers depends on weights by which a judge's own players move the judge: it is the judge, a part
 * of it, such as the layers whose features are to match, or another head on such a part.
 */
const isOf =
  ({ net: judge, trainers }: Pick<Judge, "net" | "trainers">) =>
  (net: Net): boolean => {
    if (net.name === judge.name) return true;
    const parts = networksOf(judge).filter((part) =>
      trainers.some(({ networks }) => networks.includes(part)),
    );
    return networksOf(net).some((name) => parts.includes(name));
  };

const judges = (players: readonly Player[]): readonly Judge[] => {
  const nets = players
    .flatMap(({ objective }) => applications(objective))
    .flatMap(({ net }) => (net.to.kind === "scores" ? [net] : []));
  return [...new Map(nets.map((net) => [net.name, net])).values()].map((net) => {
    const { name } = net;
    const of = (player: Player): readonly Apply[] =>
      applications(player.objective).filter((application) => application.net.name === name);
    const trainers = players.filter((player) => trains(player, net));
    const faced = players
      .filter((player) => !trainers.includes(player))
      .flatMap((player) =>
        of(player)
          .filter(({ inputs }) => inputs.flatMap(outermost).some((maker) => trains(player, maker)))
          .map((application) => ({ player, application })),
      );
    return { name, net, trainers, seen: trainers.flatMap(of), faced };
  });
};

/** Whether an expectation weighs a network's answers against something else that is drawn, as a classifier's are. */
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

/**
 * Whether values that a network is applied to are drawn apart by its players: features of two domains, say, of which one
 * stands for what is real. Where a pull is not known, they may be.
 */
const tellsApart = (sights: readonly Sight[]): boolean => {
  const pulls = new Map<string, Set<Pull | undefined>>();
  for (const { application, pull } of sights) {
    const key = application.inputs.map((input) => keyOf(withoutCuts(input))).join();
    pulls.set(key, (pulls.get(key) ?? new Set()).add(pull));
  }
  return new Set([...pulls.values()].map((some) => [...some].toSorted().join())).size > 1;
};

const withoutCuts = (term: Term): Term => (term.kind === "replay" ? withoutCuts(term.input) : term);

/** A discriminator that sees one side only has a best answer that is no answer: a constant. */
const checkBothSides = (
  context: Context,
  { name, trainers, seen, faced }: Judge,
  taught: readonly Sight[],
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
  context.report("GAN512", trainer.span, `\`${name}\` never sees ${which} values`, {
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

/** Generators that a discriminator never sees, and those that it judges without their being told. */
const checkOpponents = (
  context: Context,
  judge: Judge,
  players: readonly Player[],
  taught: readonly Sight[],
): void => {
  const { name, trainers, seen, faced } = judge;
  const isOfJudge = isOf(judge);
  const judged = seen.flatMap(({ inputs }) => inputs.flatMap(outermost));
  if (judged.length === 0) return;
  const isJudged = ({ name: maker }: Net): boolean => judged.some((net) => net.name === maker);
  for (const { player, application } of faced) {
    const makers = application.inputs.flatMap(outermost);
    const unseen = makers.filter((maker) => trains(player, maker));
    if (makers.some((maker) => isJudged(maker))) continue;
    context.report(
      "GAN605",
      application.span,
      `\`${name}\` is asked about what ${listed(unseen)} makes, and never sees it in training`,
      {
        about: name,
        labels: [{ span: player.span, text: `this player trains ${listed(unseen)} against it` }],
        notes: [`It is trained on what ${listed(judged)} makes.`],
      },
    );
  }
  const isAllMade = seen.every(({ inputs }) => inputs.flatMap(outermost).length > 0);
  for (const [maker, net] of new Map(judged.map((net) => [net.name, net]))) {
    const player = players.find((other) => trains(other, net) && !trainers.includes(other));
    const trained = players.some(
      (other) =>
        trains(other, net) &&
        applications(other.objective).some(
          (application) =>
            isOfJudge(application.net) &&
            application.inputs.flatMap(applications).some((inner) => inner.net.name === maker),
        ),
    );
    if (player === undefined || trained || (isAllMade && tellsApart(taught))) continue;
    context.report(
      "GAN605",
      player.span,
      `\`${maker}\` is not trained against \`${name}\`, which judges what it makes`,
      {
        about: `${maker} ${name}`,
        labels: seen
          .filter(({ inputs }) => inputs.flatMap(outermost).some(({ name }) => name === maker))
          .slice(0, 1)
          .map(({ span }) => ({ span, text: "it is judged here" })),
        notes: [
          `The objective of \`${maker}\` has no term with \`${name}\` in it, such as \`lsgan.fool(${maker}, ${name})\`.`,
        ],
      },
    );
  }
};

/** @param standpoints of the same players */
export const checkSides = (
  context: Context,
  players: readonly Player[],
  standpoints: readonly Standpoint[],
): void => {
  for (const judge of judges(players)) {
    const taught = standpoints.find(({ net }) => net.name === judge.name)?.taught ?? [];
    checkBothSides(context, judge, taught);
    checkOpponents(context, judge, players, taught);
  }
};
