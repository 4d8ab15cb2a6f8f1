/** The texts of a program: where they are read from, and what they are once parsed. */
import type { Declaration, Spec } from "../syntax/ast.js";

export interface Instead {
  readonly message: string;
  readonly notes: readonly string[];
}

/** The texts that a compilation may read. Pure: the same name always gives the same text. */
export interface Sources {
  /** The text of a file by its display name, or nothing where there is none. */
  readonly read: (name: string) => string | undefined;
  /** A message and notes for a name that `read` gives nothing for. */
  readonly instead?: (name: string) => Instead | undefined;
  /** Names of the standard library's files without `.gan`, such as `std.losses`. */
  readonly libraries: readonly string[];
  /**
   * The folder that `file` would have to lie in for the spec `entry` to read it, where it does not;
   * absent: all may be.
   */
  readonly outside?: (file: string, entry: string) => string | undefined;
  /**
   * The name of a file in compiled output, the same wherever and however ganc was called. Absent:
   * its own name.
   */
  readonly lastingName?: (file: string) => string;
}

export type Import = Extract<Declaration, { kind: "import" }>;

export interface SourceFile {
  readonly spec: Spec;
  readonly text: string;
  /** Its name in compiled output. */
  readonly lastingName: string;
  /** The file that each import names; absent where it could not be found. */
  readonly imports: ReadonlyMap<Import, string>;
}

export interface SourceSet {
  readonly entry: string;
  /** In the order of dependence: a file stands behind all that it imports. */
  readonly files: ReadonlyMap<string, SourceFile>;
  /** The library that declares a name. */
  readonly libraryOf: (name: string) => string | undefined;
}
