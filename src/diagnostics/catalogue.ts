/**
 * Every diagnostic that the compiler can give: a stable code, how grave it is, and what it is
 * about.
 */
import { calls } from "./catalogue/calls.js";
import type { Entry } from "./catalogue/entry.js";
import { game } from "./catalogue/game.js";
import { meaning } from "./catalogue/meaning.js";
import { names } from "./catalogue/names.js";
import { syntax } from "./catalogue/syntax.js";
import { types } from "./catalogue/types.js";

export type { Severity } from "./catalogue/entry.js";

/**
 * All codes, in order. A new code is an entry in the file of its hundred; `test/diagnostics` tries
 * its example.
 */
export const catalogue = {
  ...syntax,
  ...names,
  ...types,
  ...calls,
  ...game,
  ...meaning,
} as const satisfies Readonly<Record<string, Entry>>;

export type Code = keyof typeof catalogue;
