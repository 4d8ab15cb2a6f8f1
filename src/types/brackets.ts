/** Places of expressions with the brackets around them: the span of an expression begins and ends within its own. */
import type { Span } from "../base/source.js";
import type { Context } from "./context.js";

/** The place of an expression with the brackets that it opens or closes. */
export const balanced = (context: Context, span: Span): Span => {
  const text = context.textOf(span.file);
  const count = (bracket: string): number =>
    text.slice(span.start, span.end).split(bracket).length - 1;
  const missing = count("(") - count(")");
  let { start, end } = span;
  for (let i = 0; i < missing; i++) end = text.indexOf(")", end) + 1;
  for (let i = 0; i < -missing; i++) start = text.lastIndexOf("(", start - 1);
  return { ...span, start, end };
};

/** The same with the pair of brackets directly around it, where there is one. */
export const enclosed = (context: Context, span: Span): Span => {
  const { file, start, end } = balanced(context, span);
  const text = context.textOf(file);
  return text[start - 1] === "(" && text[end] === ")"
    ? { file, start: start - 1, end: end + 1 }
    : { file, start, end };
};
