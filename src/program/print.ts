/**
 * The text form of a program: its files, its model, and the definitions that it is made of.
 * `parseProgram` reads it back.
 */
import { sentence } from "./codec.js";
import { list, printTrees, word } from "./notation.js";
import type { Program } from "./program.js";
import { type Part, schemaOf } from "./schema.js";

const partsOf = ({ model, definitions }: Program): readonly Part[] => [
  { kind: "program", name: model.name, file: model.file },
  ...model.params.map((param): Part => ({ kind: "set", ...param })),
  ...model.domains.map((domain): Part => ({ kind: "domain", domain })),
  ...model.networks.map((network): Part => ({ kind: "network", network })),
  ...model.phases.map((phase): Part => ({ kind: "phase", ...phase })),
  { kind: "recipe", recipe: model.recipe },
  ...definitions.map((definition): Part => ({ kind: "define", definition })),
];

/** The text of a program. Numbers read back exactly; the same program gives the same text. */
export const printProgram = (program: Program): string => {
  const files = new Map<string, number>();
  const numberOf = (file: string): number => {
    const number = files.get(file) ?? files.size;
    files.set(file, number);
    return number;
  };
  const schema = schemaOf({ numberOf, nameOf: () => undefined });
  const parts = partsOf(program).map(schema.print);
  return printTrees([list([word("files"), ...[...files.keys()].map(sentence.print)]), ...parts]);
};
