/**
 * Places of expressions with the brackets around them: the span of an expression begins and ends
 * within its own.
 */
import type { Span } from "../../base/source.js";
import type { Context } from "./context.js";

/**
 * How many brackets are closed and not opened in a text, and how many opened and not closed: `a) or
 * (b` has one of each.
 */
const unmatched = (text: string): readonly [closed: number, opened: number] => {
  let [closed, opened] = [0, 0];
  for (const letter of text) {
    if (letter === "(") opened++;
    else if (letter === ")" && opened > 0) opened--;
    else if (letter === ")") closed++;
  }
  return [closed, opened];
};

/** The place of an expression with the brackets that it opens or closes. */
export const balanced = (context: Context, span: Span): Span => {
  const text = context.textOf(span.file);
  const [closed, opened] = unmatched(text.slice(span.start, span.end));
  let { start, end } = span;
  for (let i = 0; i < opened; i++) end = text.indexOf(")", end) + 1;
  for (let i = 0; i < closed; i++) start = text.lastIndexOf("(", start - 1);
  return { ...span, start, end };
};

/** Whether a pair of brackets stands directly around it. */
export const isEnclosed = (context: Context, { file, start, end }: Span): boolean => {
  const text = context.textOf(file);
  return text[start - 1] === "(" && text[end] === ")";
};
