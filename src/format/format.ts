/** Formats a spec, from text to text. Its meaning and its comments stay. */
import { type Either, left, right } from "fp-ts/lib/Either.js";
import { impossible } from "../base/impossible.js";
import type { SourceFile } from "../base/source.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import type { Spec } from "../syntax/ast.js";
import { parse } from "../syntax/parse.js";
import { Declarations } from "./declarations.js";
import { Text } from "./text.js";

/** The declarations without their places: equal for texts of one meaning. */
export const meaning = ({ declarations }: Spec): string =>
  JSON.stringify(declarations, (key, value: unknown) => (key === "span" ? undefined : value));

const layout = (spec: Spec, source: SourceFile): string => {
  const lines = new Declarations(new Text(source)).spec(spec, source.text.length);
  return lines.map((text) => `${text}\n`).join("");
};

/**
 * A break that is kept as the author's may make another needless: so often a layout is laid out
 * again.
 */
const mostRounds = 5;

/**
 * The text as `ganc fmt` writes it, or the mistakes of syntax for which there is none. Formatting
 * once more changes nothing. The author's breaks behind `=`, at operators and between arguments
 * stay; where a line would be longer than 100 columns there are more. Comments stay in their order,
 * each behind or above what it stands behind or above, and of blank lines one at a time.
 */
export const format = (source: SourceFile): Either<readonly Diagnostic[], string> => {
  const { spec, diagnostics } = parse(source);
  if (diagnostics.length > 0) return left(diagnostics);
  const wanted = meaning(spec);
  let text = layout(spec, source);
  for (let round = 0; round < mostRounds; round++) {
    const again = parse({ ...source, text });
    if (again.diagnostics.length > 0 || meaning(again.spec) !== wanted)
      impossible(`formatting ${source.name} would change what it means`);
    const next = layout(again.spec, { ...source, text });
    if (next === text) break;
    text = next;
  }
  return right(text);
};
