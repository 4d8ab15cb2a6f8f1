/** Names that parts of a program may use. */
import type { Definition } from "../definitions.js";
import type { Network } from "../network.js";
import type { Program } from "../program.js";

export interface Known {
  readonly program: Program;
  readonly definitions: ReadonlyMap<string, Definition>;
  readonly networks: ReadonlyMap<string, Network>;
  /** Names of the domains, and `Scores`. */
  readonly domains: ReadonlySet<string>;
}

export const knownOf = (program: Program): Known => ({
  program,
  definitions: new Map(program.definitions.map((definition) => [definition.id, definition])),
  networks: new Map(program.model.networks.map((network) => [network.name, network])),
  domains: new Set([...program.model.domains.map(({ name }) => name), "Scores"]),
});

/** Names that stand more than once. */
export const repeated = (names: readonly string[]): readonly string[] => [
  ...new Set(names.filter((name, i) => names.indexOf(name) !== i)),
];

/** A problem of a part, behind what that is called. */
export const of =
  (part: string) =>
  (problem: string): string =>
    `${part}: ${problem}`;
