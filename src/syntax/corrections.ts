/**
 * Corrections of signs that cannot stand where they do: habits of other languages, and signs of
 * papers.
 */
import type { IToken } from "chevrotain";
import { type Span, span } from "../base/source.js";
import { type Details, replaceWith } from "../diagnostics/diagnostic.js";

/** Signs that papers and word processors write, and the language's own for them. */
const spelt: Readonly<Record<string, string>> = {
  "→": "->",
  "⇒": "=>",
  "≫": ">>",
  "×": "*",
  "·": "*",
  "∗": "*",
  "÷": "/",
  "−": "-",
  "–": "-",
  "≥": ">=",
  "≤": "<=",
  "≠": "!=",
  "∼": "~",
};

const curlyPath = /[“”„]([^\n“”"]*)[“”"]/y;

/** Corrects the text from `place.start` on, which the lexer cannot read. */
export const meantByCharacter = (text: string, place: Span): Details => {
  const { file, start } = place;
  const first = String.fromCodePoint(text.codePointAt(start) ?? 0);
  const mark = span(file, start, start + first.length);
  const own = spelt[first];
  if (own !== undefined) return { fix: replaceWith(mark, own) };
  curlyPath.lastIndex = start;
  const path = curlyPath.exec(text)?.[0];
  if (path !== undefined) {
    const quoted = span(file, start, start + path.length);
    return { fix: replaceWith(quoted, `"${path.slice(1, -1)}"`) };
  }
  if (first === ";" && /\([^()\n]*$/.test(text.slice(Math.max(0, start - 100), start)))
    return { notes: ["Arguments are separated by `,`."], fix: replaceWith(mark, ",") };
  if (first === ";" && text.slice(text.lastIndexOf("\n", start - 1) + 1, start).trim() !== "")
    return { notes: ["Nothing stands between declarations."], fix: replaceWith(mark, "") };
  if (first === "#" || first === ";")
    return { notes: ["Comments begin with `--`."], fix: replaceWith(mark, "--") };
  return /\p{L}/u.test(first)
    ? { notes: ["Names are made of the letters a to z and A to Z, digits and `_`."] }
    : {};
};

/** The tokens around the one that the parser does not take. */
interface Place {
  readonly token: IToken;
  readonly before: readonly IToken[];
  readonly after: readonly IToken[];
  readonly spanOf: (token: IToken) => Span;
  /** The parser's message: "expected `)`, found `=`". */
  readonly message: string;
  /** Whether a line begins with it. */
  readonly beginsLine: boolean;
}

const touch = (left: IToken, right: IToken | undefined): boolean =>
  right !== undefined && left.startOffset + left.image.length === right.startOffset;

const between = (from: Span, to: Span): Span => ({ ...from, end: to.end });

/** Corrects a token that the parser does not take. Nothing where no habit is known. */
export const meantByToken = (place: Place): Details => {
  const { token, before, after, spanOf, message } = place;
  const [last, secondLast] = [before[before.length - 1], before[before.length - 2]];
  const here = spanOf(token);
  switch (token.image) {
    case "=":
      return meantByEquals(place, secondLast?.image);
    case ":":
      return meantByColon(place, last, secondLast?.image);
    case ",":
      return message.startsWith("expected `}`")
        ? { notes: ["Fields stand one behind the other."], fix: replaceWith(here, "") }
        : {};
    case "*":
      if (last?.image === "/" && touch(last, token)) return comments;
      return last?.image === "*" && touch(last, token)
        ? { notes: ["Powers are written `^`."], fix: replaceWith(between(spanOf(last), here), "^") }
        : {};
    case "/":
      return touch(token, after[0]) && after[0]?.image === "*" ? comments : {};
    case "in":
      return message.startsWith("expected `~`") ? { fix: replaceWith(here, "~") } : {};
    case "~":
      return { notes: ["An expectation is written `E[x ~ X] …`."] };
    case ".":
      return touch(token, after[0]) && /^\d/.test(after[0]?.image ?? "")
        ? { notes: ["A Real begins with a digit."], fix: replaceWith(here, "0.") }
        : {};
    default:
      return meantByWord(place);
  }
};

const comments: Details = { notes: ["Comments begin with `--` and end with the line."] };

/** `pad = 1` for `pad: 1`, and networks without their type. */
const meantByEquals = (
  { token, after, spanOf, message }: Place,
  word: string | undefined,
): Details => {
  const here = spanOf(token);
  if (word === "net") return { notes: ["A network has a type: `net G : X -> Y = …`."] };
  if (word === "loss" && message.startsWith("expected `(`"))
    return {
      notes: [
        "A loss takes the networks that it is of: `loss gan(G : a -> b, D : b -> Scores) = …`. A sum for one game is an `objective`.",
      ],
    };
  const named = message.startsWith("expected `:`") || message.startsWith("expected `)`");
  if (!named || (word !== "(" && word !== "," && !message.startsWith("expected `:`"))) return {};
  const text = touch(token, after[0]) ? ": " : ":";
  return { notes: ["A name and its value are joined by `:`."], fix: replaceWith(here, text) };
};

/** `let k : Int = 4`, and `loss f(G : a -> b): …` for `=`. */
const meantByColon = (
  { token, after, spanOf, message }: Place,
  last: IToken | undefined,
  word: string | undefined,
): Details => {
  const [type, behind] = after;
  const here = spanOf(token);
  if (last === undefined || type === undefined || !message.startsWith("expected `=`")) return {};
  if (behind?.image !== "=") {
    const space = spanOf(last).end === here.start ? " =" : "=";
    return { notes: ["What a name stands for is behind `=`."], fix: replaceWith(here, space) };
  }
  if (word === undefined || !["let", "objective", "domain"].includes(word)) return {};
  return {
    notes: [`What ${word === "objective" ? "an" : "a"} \`${word}\` names has no type.`],
    fix: replaceWith({ ...here, start: spanOf(last).end, end: spanOf(type).end }, ""),
  };
};

const isNumber = ({ image }: IToken): boolean => /^\d/.test(image);
const isWord = ({ image }: IToken): boolean => /^[A-Za-z_]/.test(image);

/** Two operands side by side: a comma is missing between arguments, elsewhere what joins them. */
const meantByNeighbour = (place: Place): Details => {
  const { token, before, after, spanOf, message } = place;
  const last = before[before.length - 1];
  if (last === undefined || place.beginsLine) return {};
  const isOperand = isNumber(last) || isWord(last) || last.image === ")";
  if (!isOperand || !(isNumber(token) || isWord(token))) return {};
  if (isNumber(last) && touch(last, token))
    return { notes: ["Numbers have no unit; a product is written with `*`: `2 * k`."] };
  if (message.startsWith("expected `)`")) {
    const comma = replaceWith({ ...spanOf(last), start: spanOf(last).end }, ",");
    const separated = "Arguments are separated by `,`.";
    if (isNumber(last) && isWord(token) && after[0]?.image !== ":")
      return { notes: [separated, "A product is written with `*`: `2 * k`."] };
    return { notes: [separated], fix: { ...comma, title: "write `,` between them" } };
  }
  return message.startsWith("expected a declaration")
    ? {
        notes: [
          "Nothing joins these two: architectures stand in a row by `>>`, and between numbers or losses stands `*`, `+` or `-`.",
        ],
      }
    : {};
};

const meantByWord = (place: Place): Details => {
  const { token, before, after, spanOf, message } = place;
  const last = before[before.length - 1];
  if (last?.image === "." && /^\d+$/.test(before[before.length - 2]?.image ?? ""))
    return { notes: ["A Real has digits behind its point."], fix: replaceWith(spanOf(last), ".0") };
  if (!message.startsWith("expected `min[…]`")) return meantByNeighbour(place);
  const [, side] = /^(min|max)(?:imi[sz]e[sd]?|imum)?$/i.exec(token.image) ?? [];
  if (side === undefined) return {};
  return after[0]?.image === "["
    ? { fix: replaceWith(spanOf(token), side.toLowerCase()) }
    : { notes: ["The networks of a player stand in brackets: `min[G] …`."] };
};
