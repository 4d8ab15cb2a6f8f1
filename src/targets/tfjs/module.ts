/** What the parts of one generated module share. */

import { impossible } from "../../base/impossible.js";
import { lineStarts, oneLine, positionAt, type Span } from "../../base/source.js";
import type { Model } from "../../model/model.js";
import type { Program } from "../../names/program.js";
import type { Definition } from "../../names/resolve.js";
import { layers } from "../../operators/layers.js";
import type { Name } from "../../syntax/ast.js";
import type { Checked } from "../../types/values/checked.js";
import { reachable } from "./dependencies.js";
import type { Signature } from "./formals.js";
import { functionsIn } from "./functions.js";
import { camelCase, Identifiers } from "./names.js";

export class Module {
  readonly identifiers: Identifiers;
  /** Names that the module imports from ganc's runtime. */
  readonly imports = new Set<string>();
  /** Functions that a `let … in` binds. */
  readonly localFunctions = new Map<Definition, Signature>();
  private readonly lines = new Map<string, readonly number[]>();

  constructor(
    private readonly program: Program,
    readonly checked: Checked,
    readonly model: Model,
  ) {
    // Of all that is written, and not only of what a network comes to have: `conv(3, 4) * 0` is written too.
    const nets = checked.networks.map((net) => net.declaration.value);
    const used = reachable(checked, nets).filter(({ kind }) => kind === "builtin");
    const terms = model.players.flatMap(({ summands }) => summands.map(({ term }) => term));
    this.identifiers = new Identifiers([
      ...used.flatMap(({ name }) => (layers.has(name) ? [camelCase(name)] : [])),
      ...terms.flatMap(functionsIn),
    ]);
  }

  /** Notes that the runtime's function is used, and gives its name. */
  runtime(name: string): string {
    this.imports.add(name);
    return name;
  }

  /** What a name that binds one defines. */
  local(name: Name): Definition {
    return this.checked.resolved.locals.get(name) ?? impossible(`${name.text} defines nothing`);
  }

  private text(file: string): string {
    return this.program.files.get(file)?.text ?? "";
  }

  /** The source in one line, as comments show it. */
  quote(span: Span): string {
    return oneLine(this.text(span.file), span);
  }

  /** `specs/cyclegan.gan:16` */
  place({ file, start }: Span): string {
    const starts = this.lines.get(file) ?? lineStarts(this.text(file));
    this.lines.set(file, starts);
    const name = this.program.files.get(file)?.lastingName ?? file;
    return `${name}:${positionAt(starts, start).line}`;
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
