/** What the library of a project knows of its spec, as `src/project.ts` holds it. */
import { recordOf } from "../base/record.js";
import type { Start } from "../engines/sessions/starts.js";
import type { StateForm } from "../engines/sessions/state-fit.js";
import type { SpecProgram } from "../training/program/program.js";

/** The form of the state, as plain data. */
export interface StateFacts {
  readonly tensors: Readonly<Record<string, readonly number[]>>;
  readonly updated: StateForm["updated"];
  readonly histories: StateForm["histories"];
}

export interface ProjectFacts {
  /** Raised when what stands in it is more than before. */
  readonly format: 1;
  /** The version of ganc that wrote it. */
  readonly ganc: string;
  readonly program: SpecProgram;
  /** Random streams of weights and steps. */
  readonly streams: readonly string[];
  readonly state: StateFacts;
  readonly starts: readonly Start[];
}

export const stateFacts = ({ tensors, updated, histories }: StateForm): StateFacts => ({
  tensors: recordOf([...tensors]),
  updated,
  histories,
});

export const formOf = ({ tensors, updated, histories }: StateFacts): StateForm => ({
  tensors: new Map(Object.entries(tensors)),
  updated,
  histories,
});
