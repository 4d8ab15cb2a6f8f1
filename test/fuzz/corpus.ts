/** What is mutated: the project's specs, and one small spec for each construct of the language. */
import { constructs } from "../support/constructs.js";
import { readProject, specNames } from "../support/specs.js";

export const corpus: readonly string[] = [
  ...specNames.map(readProject),
  ...Object.values(constructs),
];
