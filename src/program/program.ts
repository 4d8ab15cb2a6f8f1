/**
 * The closed program: all that is known of a checked spec, as plain data. What follows, lowering,
 * targets and engines, reads nothing else; it can be printed, parsed back and verified.
 */
import type { Definition } from "./definitions.js";
import type { Model } from "./model.js";

export interface Program {
  /** The program as instantiated: every size known, every parameter named. */
  readonly model: Model;
  /**
   * The program as written: the definitions that the model is made from, each after those that it
   * needs.
   */
  readonly definitions: readonly Definition[];
}
