/**
 * Definitions as a spec writes them: what targets that write code for people read, beside the
 * networks and games made of them.
 */
import type { Span } from "../base/source.js";
import type { Expr, Formal, Local, Reference } from "./expression.js";
import type { GenericTerm, Term } from "./term.js";

interface Written {
  /** Unique in its program; `plainName` gives what the spec calls it. */
  readonly id: Reference;
  /** The whole declaration as written, in one line. */
  readonly text: string;
  /** The comment that stands directly above it. */
  readonly doc?: string;
  /** File and line, the same wherever ganc was called: `specs/cyclegan.gan:16`. */
  readonly place: string;
  readonly span: Span;
}

export interface ParamDefinition extends Written {
  readonly kind: "param";
  /** Its type as written. */
  readonly type?: string;
  /** Its default. */
  readonly written: Expr;
  /** Value in this program: the default, or as set from outside. */
  readonly value: number | boolean;
}

export interface DomainDefinition extends Written {
  readonly kind: "domain";
  /**
   * Height, width and channels as the spec writes them; null where the domain's word has a default.
   */
  readonly sides: readonly (Expr | null)[];
}

export interface LetDefinition extends Written {
  readonly kind: "let";
  /** Absent for a plain value; empty for `f() = …`. */
  readonly formals?: readonly Formal[];
  readonly body: Expr;
  /** Present for numbers. */
  readonly value?: number;
}

export interface NetworkDefinition extends Written {
  readonly kind: "network";
  readonly body: Expr;
}

export interface LossFormal {
  readonly local: Local;
  /** Kind of its value: a network or a number. */
  readonly of: "network" | "number";
  /** Role of a network: whether it is meant to lower the loss or to raise it. */
  readonly role?: "min" | "max";
  /** As written. */
  readonly type?: string;
}

export interface LossDefinition extends Written {
  readonly kind: "loss";
  readonly formals: readonly LossFormal[];
  readonly body: GenericTerm;
}

export interface ObjectiveDefinition extends Written {
  readonly kind: "objective";
  readonly body: Term;
}

export type Definition =
  | ParamDefinition
  | DomainDefinition
  | LetDefinition
  | NetworkDefinition
  | LossDefinition
  | ObjectiveDefinition;

export type DefinitionOf<K extends Definition["kind"]> = Extract<Definition, { kind: K }>;
