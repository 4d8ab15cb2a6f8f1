/**
 * What is made from the grammar and checked in beside it: the EBNF for readers, the highlighting
 * for editors.
 */
import type { ISerializedGast, TokenType } from "chevrotain";
import { GanParser } from "./parser.js";
import * as t from "./tokens.js";

interface Production {
  readonly type: string;
  readonly name?: string;
  readonly label?: string;
  readonly pattern?: string;
  readonly definition?: readonly Production[];
  readonly separator?: Production;
}

/** Tokens that are not one text but a class of texts. */
const classes: readonly TokenType[] = [
  t.Identifier,
  t.IntLiteral,
  t.RealLiteral,
  t.StringLiteral,
  t.Comment,
];

const spelled = new Map(
  t.allTokens.map((token) => [token.name, (token.LABEL ?? token.name).replaceAll("`", "")]),
);

const terminal = ({ name = "" }: Production): string => {
  if (classes.some((token) => token.name === name)) return name;
  // `min[…]` is the word `min` where a bracket follows.
  return `"${(spelled.get(name) ?? name).replace("[…]", "")}"`;
};

/** How tightly a written production binds: 0 an alternation, 1 a sequence, 2 a single thing. */
interface Written {
  readonly text: string;
  readonly binds: 0 | 1 | 2;
}

const bracketed = ({ text, binds }: Written): string => (binds === 2 ? text : `(${text})`);

const sequence = (items: readonly Production[]): Written => {
  const written = items.map(write);
  const [only] = written;
  if (written.length === 1 && only !== undefined) return only;
  const text = written.map((item) => (item.binds === 0 ? `(${item.text})` : item.text)).join(" ");
  return { text, binds: 1 };
};

const write = (production: Production): Written => {
  const { type, name = "", definition = [], separator } = production;
  switch (type) {
    case "Terminal":
      return { text: terminal(production), binds: 2 };
    case "NonTerminal":
      return { text: name, binds: 2 };
    case "Alternation": {
      const choices = definition.map((choice) => sequence(choice.definition ?? []).text);
      return { text: [...new Set(choices)].join(" | "), binds: 0 };
    }
    case "Option":
      return { text: `${bracketed(sequence(definition))}?`, binds: 2 };
    case "Repetition":
      return { text: `${bracketed(sequence(definition))}*`, binds: 2 };
    case "RepetitionMandatory":
      return { text: `${bracketed(sequence(definition))}+`, binds: 2 };
    case "RepetitionWithSeparator":
    case "RepetitionMandatoryWithSeparator": {
      const item = bracketed(sequence(definition));
      const many = `${item} ("${separator === undefined ? "" : spelled.get(separator.name ?? "")}" ${item})*`;
      return type === "RepetitionWithSeparator"
        ? { text: `(${many})?`, binds: 2 }
        : { text: many, binds: 1 };
    }
    default:
      return sequence(definition);
  }
};

/** Alternatives of a rule stand below each other where one line is too short. */
const rule = ({ name = "", definition = [] }: Production): string => {
  const [only] = definition;
  const { text } = sequence(definition);
  const line = `${name} ::= ${text}`;
  if (line.length <= 100 || definition.length !== 1 || only?.type !== "Alternation") return line;
  const choices = (only.definition ?? []).map((choice) => sequence(choice.definition ?? []).text);
  const indent = " ".repeat(name.length + 3);
  return [`${name} ::= ${choices[0]}`, ...choices.slice(1).map((c) => `${indent}| ${c}`)].join(
    "\n",
  );
};

const pattern = ({ PATTERN }: TokenType): string =>
  PATTERN instanceof RegExp ? PATTERN.source : String(PATTERN);

/** Words that can be no names. */
const reserved: readonly string[] = t.allTokens
  .map(pattern)
  .filter((source) => /^[a-z]+$/.test(source));

/** The grammar in the notation of W3C's EBNF; classes of tokens as regular expressions. */
export const ebnf = (): string => {
  const productions = new GanParser().getSerializedGastProductions() as readonly ISerializedGast[];
  const rules = (productions as readonly Production[]).map(rule);
  const tokens = classes.map((token) => `${token.name} ::= /${pattern(token)}/`);
  return [
    "/* The grammar of .gan, made from grammar/parser.ts and grammar/tokens.ts. Blanks and comments stand anywhere.",
    `   Reserved: ${reserved.join(", ")}.`,
    '   "E" is a word of the language only before "[", "min" and "max" before "[" and before a formal,',
    '   "from" before a string, "every" before a number and a brace. */',
    "",
    ...rules,
    "",
    ...tokens,
    "",
  ].join("\n");
};

const words = (tokens: readonly TokenType[]): string =>
  `\\b(?:${tokens.map(pattern).join("|")})\\b`;

const operators: readonly TokenType[] = t.allTokens.filter(
  (token) => typeof token.PATTERN === "string" && !/^[(){}[\],.:]$/.test(String(token.PATTERN)),
);

const escaped = (text: string): string => text.replaceAll(/[\^$.*+?()[\]{}|\\/]/g, "\\$&");

/** Highlighting for editors that read TextMate grammars. */
export const tmLanguage = (): string => {
  const truths = [t.TrueWord, t.FalseWord];
  const rest = t.otherWords.filter((token) => !truths.includes(token));
  const named = [t.ParamWord, t.DomainWord, t.LetWord, t.NetWord, t.LossWord, t.ObjectiveWord];
  const patterns = [
    { name: "comment.line.double-dash.gan", match: pattern(t.Comment) },
    { name: "string.quoted.double.gan", match: pattern(t.StringLiteral) },
    {
      match: `\\b(${[...named, t.ModuleWord].map(pattern).join("|")})\\s+(${pattern(t.Identifier)})`,
      captures: {
        "1": { name: "keyword.declaration.gan" },
        "2": { name: "entity.name.function.gan" },
      },
    },
    { name: "keyword.declaration.gan", match: words(t.declarationWords) },
    { name: "keyword.control.gan", match: words(rest) },
    {
      name: "keyword.control.gan",
      match: [t.MinWord, t.MaxWord, t.Expectation].map((token) => `\\b${pattern(token)}`).join("|"),
    },
    { name: "constant.language.gan", match: words(truths) },
    { name: "support.type.gan", match: "\\b(?:Int|Real|Bool|Scores)\\b" },
    {
      name: "constant.numeric.gan",
      match: `\\b(?:${pattern(t.RealLiteral)}|${pattern(t.IntLiteral)})`,
    },
    {
      match: `(${pattern(t.Identifier)})(?=\\()`,
      captures: { "1": { name: "entity.name.function.call.gan" } },
    },
    { name: "variable.parameter.gan", match: `${pattern(t.Identifier)}(?=\\s*:)` },
    {
      name: "keyword.operator.gan",
      match: operators.map((token) => escaped(String(token.PATTERN))).join("|"),
    },
  ];
  const grammar = { name: "gan", scopeName: "source.gan", fileTypes: ["gan"], patterns };
  return `${JSON.stringify(grammar, undefined, 2)}\n`;
};
