/** Networks of scores: who trains them on what, and who plays against them. */
import type { Pull } from "../ranges/pulls.js";
import type { Net } from "../values/domain-type.js";
import type { Player } from "../values/player.js";
import type { Term } from "../values/term.js";
import { keyOf } from "../values/term-key.js";
import { type Apply, applications, outermost, type Sight, trains } from "./judges.js";

/** A network of scores that some player trains, such as a discriminator. */
export interface Judge {
  readonly name: string;
  readonly net: Net;
  readonly trainers: readonly Player[];
  /** Where its own players apply it. */
  readonly seen: readonly Apply[];
  /** Where others do, to values that they make: those play against it. */
  readonly faced: readonly { readonly player: Player; readonly application: Apply }[];
}

/** Networks of scores that objectives apply. */
export const judgesIn = (players: readonly Player[]): readonly Judge[] => {
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

/**
 * Whether values that a network is applied to are drawn apart by its players: features of two
 * domains, say, of which one stands for what is real. Where a pull is not known, they may be.
 */
export const tellsApart = (sights: readonly Sight[]): boolean => {
  const pulls = new Map<string, Set<Pull | undefined>>();
  for (const { application, pull } of sights) {
    const key = application.inputs.map((input) => keyOf(withoutCuts(input))).join();
    pulls.set(key, (pulls.get(key) ?? new Set()).add(pull));
  }
  return new Set([...pulls.values()].map((some) => [...some].toSorted().join())).size > 1;
};

const withoutCuts = (term: Term): Term => (term.kind === "replay" ? withoutCuts(term.input) : term);
