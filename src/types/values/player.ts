/** Who plays for what in a game. */
import type { Span } from "../../base/source.js";
import type { Term } from "./term.js";

export interface Player {
  readonly sense: "min" | "max";
  /** Names of the networks that it trains. */
  readonly networks: readonly string[];
  readonly objective: Term;
  readonly span: Span;
}

/** Players that are differentiated together. */
export interface Phase {
  /** How many times a step runs it, at least 1. */
  readonly times: number;
  /** It runs in every n-th step, the first among them; at least 1. */
  readonly every: number;
  readonly players: readonly Player[];
}
