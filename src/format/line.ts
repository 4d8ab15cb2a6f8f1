/** An expression in one line, as `ganc fmt` lays it out: the name of what has none. */
import { oneLine, type Span } from "../base/source.js";
import { parse } from "../syntax/parse.js";
import type { Doc } from "./doc.js";
import { Expressions } from "./expressions.js";
import { Text } from "./text.js";

const flat = (doc: Doc): string => {
  if (typeof doc === "string") return doc;
  if (!("kind" in doc)) return doc.map(flat).join("");
  switch (doc.kind) {
    case "line":
      return doc.flat;
    case "hard":
      return " ";
    case "comment":
      return doc.text;
    case "indent":
    case "align":
    case "group":
      return flat(doc.doc);
  }
};

/** A span leaves out the brackets around what it ends with: as many are added as it leaves open. */
const closed = (text: string): string => {
  const missing = text.split("(").length - text.split(")").length;
  return text + ")".repeat(Math.max(0, missing));
};

/** Returns the expression at a span, on one line. The text must have no syntax error. */
export const expressionLine = (source: string, span: Span): string => {
  const quoted = closed(oneLine(source, span));
  const name = "line.gan";
  const text = `objective o = ${quoted}`;
  const { spec, diagnostics } = parse({ name, text });
  const [declaration] = spec.declarations;
  if (diagnostics.length > 0 || declaration?.kind !== "objective") return quoted;
  return flat(new Expressions(new Text({ name, text })).of(declaration.value));
};
