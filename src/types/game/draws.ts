/** The domains that the players of a game draw from, and the networks that they train. */

import { domainName } from "../values/domain-type.js";
import { domainsIn, type NamedDomain } from "../values/domains.js";
import type { Phase } from "../values/player.js";
import { type Draw, drawnDomains, drawsIn } from "../values/term.js";

/** Domains that players draw from without that they are declared, each once. */
export const drawnWithoutName = (
  phases: readonly Phase[],
  declared: readonly NamedDomain[],
): readonly NamedDomain[] => {
  const known = new Set(declared.map(({ name }) => name));
  const drawn = phases.flatMap(({ players }) =>
    players.flatMap(({ objective }) => domainsIn(objective)),
  );
  return [...new Map(drawn.map((domain) => [domain.name, domain])).values()].filter(
    ({ name }) => !known.has(name),
  );
};

/**
 * The domains whose images come from folders: those that a player draws, or all where the game is
 * in error.
 */
export const withImages = (
  domains: readonly NamedDomain[],
  phases: readonly Phase[] | undefined,
): readonly NamedDomain[] => {
  const players = phases?.flatMap((phase) => phase.players);
  const drawn = new Set(players?.flatMap(({ objective }) => drawnDomains(objective)));
  return domains.filter(
    ({ name, sampler }) => sampler === "image" && (players === undefined || drawn.has(name)),
  );
};

const jointIn = (
  phases: readonly Phase[] | undefined,
  counts: (draw: Draw) => boolean,
): readonly (readonly string[])[] =>
  (phases ?? []).flatMap(({ players }) =>
    players.flatMap(({ objective }) =>
      drawsIn(objective)
        .filter(counts)
        .flatMap(({ joint }) => (joint === undefined ? [] : [joint.map(domainName)])),
    ),
  );

/** Domains whose images are drawn together in some terms, by their names. */
export const jointDraws = (phases: readonly Phase[] | undefined): readonly (readonly string[])[] =>
  jointIn(phases, () => true);

/** Domains that are drawn together in all terms. */
export const jointEverywhere = (
  phases: readonly Phase[] | undefined,
): readonly (readonly string[])[] => jointIn(phases, ({ isPartial }) => isPartial !== true);

/** Names of the networks that players train; nothing where the game is in error. */
export const trainedBy = (phases: readonly Phase[] | undefined): ReadonlySet<string> | undefined =>
  phases && new Set(phases.flatMap(({ players }) => players.flatMap(({ networks }) => networks)));
