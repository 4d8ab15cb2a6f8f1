/** State that the parts of one generated module share. */

import { layers } from "../../operators/layers.js";
import type { Definition } from "../../program/definitions.js";
import type { Reference } from "../../program/expression.js";
import type { Model } from "../../program/model.js";
import type { Program } from "../../program/program.js";
import { reachable } from "../written/dependencies.js";
import type { Identifiers } from "../written/identifiers.js";
import { Forms } from "./forms.js";
import { functionsIn } from "./functions.js";
import { camelCase, moduleNames } from "./names.js";
import { Signatures } from "./signatures.js";
import { Types } from "./types.js";

export class Module {
  readonly identifiers: Identifiers;
  readonly model: Model;
  readonly definitions: ReadonlyMap<Reference, Definition>;
  readonly signatures: Signatures;
  readonly types: Types;
  /** Forms that can be written as the spec writes them. */
  readonly forms: Forms;
  /** Names that the module imports from ganc's runtime. */
  readonly imports = new Set<string>();

  constructor(readonly program: Program) {
    const { model, definitions } = program;
    this.model = model;
    this.definitions = new Map(definitions.map((definition) => [definition.id, definition]));
    this.signatures = new Signatures(program);
    this.types = new Types(this.signatures);
    this.forms = new Forms(model, this.definitions, this.signatures, this.types);
    // Of all that is written, and not only of what a network comes to have: `conv(3, 4) * 0` is
    // written too.
    const nets = definitions.flatMap((d) => (d.kind === "network" ? [d.body] : []));
    const { builtins } = reachable(this.definitions, nets);
    const terms = model.players.flatMap(({ summands }) => summands.map(({ term }) => term));
    this.identifiers = moduleNames([
      ...[...builtins].flatMap((name) => (layers.has(name) ? [camelCase(name)] : [])),
      ...terms.flatMap(functionsIn),
    ]);
  }

  /** Notes that the runtime's function is used, and gives its name. */
  runtime(name: string): string {
    this.imports.add(name);
    return name;
  }
}

const width = 100;

/** A JSDoc comment of the lines, as one line where it fits. */
export const comment = (lines: readonly string[], indent = ""): string => {
  const safe = lines.map((line) => line.replaceAll("*/", "*\u200b/"));
  const one = `${indent}/** ${safe.join(" ")} */`;
  if (safe.length === 1 && one.length <= width) return one;
  const wrapped = safe.flatMap((line) => wrap(line, width - indent.length - 3));
  return [`${indent}/**`, ...wrapped.map((line) => `${indent} * ${line}`), `${indent} */`].join(
    "\n",
  );
};

const wrap = (text: string, room: number): readonly string[] => {
  const lines: string[] = [];
  let current = "";
  for (const word of text.split(" ")) {
    if (current !== "" && current.length + 1 + word.length > room) {
      lines.push(current);
      current = word;
    } else current = current === "" ? word : `${current} ${word}`;
  }
  return [...lines, current];
};
