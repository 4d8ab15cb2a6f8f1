/** Cycles that only one of their players is trained by. */
import type * as ast from "../../syntax/ast.js";
import type { Solve } from "../game/game.js";
import { domainName } from "../values/domain-type.js";
import { children, type Term } from "../values/term.js";
import type { GameLook, Lint } from "./lint.js";

/**
 * The networks of each way from a draw through several of them back to its own domain, in the order
 * in which they are written: `F(G(x))` is F, G, and `G(F(y))` another way.
 */
const roundTrips = (term: Term): readonly (readonly string[])[] => {
  const networks: string[] = [];
  let inner = term;
  while (inner.kind === "apply") {
    networks.push(inner.net.name);
    const [only, ...others] = inner.inputs;
    if (only === undefined || others.length > 0) break;
    inner = only;
  }
  const returns =
    term.kind === "apply" &&
    inner.kind === "draw" &&
    new Set(networks).size > 1 &&
    domainName(term.net.to) === domainName(inner.domain);
  const below = children(term).flatMap(roundTrips);
  return returns ? [networks, ...below] : below;
};

/** `F(G(…))` */
const written = (cycle: string): string =>
  cycle.split(", ").reduceRight((inner, name) => `${name}(${inner})`, "…");

/** Where each network is trained first. */
const trainersIn = ({ phases }: Solve): ReadonlyMap<string, ast.Name> => {
  const names = phases.flatMap(({ clauses }) =>
    clauses.flatMap(({ quantifiers }) => quantifiers.flatMap(({ networks }) => networks)),
  );
  return new Map(names.toReversed().map((name) => [name.text, name]));
};

/**
 * A cycle in one player's objective only trains that player to undo what the other is free to
 * change.
 */
const checkSides = ({ game, report }: GameLook): void => {
  const { players } = game;
  const trainedBy = trainersIn(game.solve);
  const cycles = players.map(
    ({ objective }) => new Set(roundTrips(objective).map((trip) => trip.join(", "))),
  );
  players.forEach((player, i) => {
    for (const cycle of cycles[i] ?? []) {
      for (const name of new Set(cycle.split(", "))) {
        const trainers = players.flatMap(({ networks }, k) => (networks.includes(name) ? [k] : []));
        const place = trainedBy.get(name);
        if (trainers.length === 0 || place === undefined) continue;
        if (trainers.some((other) => other === i || cycles[other]?.has(cycle))) continue;
        report(
          "GAN601",
          place.span,
          `\`${name}\` is not trained by the cycle \`${written(cycle)}\``,
          {
            labels: [{ span: player.span, text: "only this player's objective has that cycle" }],
            notes: ["A cycle holds both ways only where all of its networks are trained by it."],
          },
        );
      }
    }
  });
};

export const oneSidedCycles: Lint = {
  name: "one-sided-cycles",
  codes: ["GAN601"],
  game: checkSides,
};
