/**
 * The tokens of `.gan`: the one table that the lexer, the parser's messages, the EBNF and the
 * editors' highlighting are made from. A token's LABEL is what a message calls it.
 */
import type { TokenType } from "chevrotain";
import { createToken, Lexer } from "./chevrotain.js";

export const Identifier = createToken({
  name: "Identifier",
  pattern: /[A-Za-z_][A-Za-z0-9_]*/,
  label: "a name",
});

const keyword = (word: string): TokenType =>
  createToken({
    name: word[0]?.toUpperCase() + word.slice(1),
    pattern: new RegExp(word),
    longer_alt: Identifier,
    label: `\`${word}\``,
  });

const symbol = (name: string, text: string): TokenType =>
  createToken({ name, pattern: text, label: `\`${text}\`` });

/** What may stand between any two tokens. */
const blank = "(?:\\s|--[^\\n]*\\n)";

/** `E` is a word of the language only before `[`, so it stays free as a network's name. */
const opensBracket = (name: string, word: string, or = ""): TokenType =>
  createToken({
    name,
    pattern: new RegExp(`${word}(?=${blank}*\\[${or})`),
    longer_alt: Identifier,
    label: `\`${word}[…]\``,
  });

export const Blank = createToken({ name: "Blank", pattern: /\s+/, group: Lexer.SKIPPED });
export const Comment = createToken({ name: "Comment", pattern: /--[^\n]*/, group: "comments" });

export const ParamWord = keyword("param");
export const DomainWord = keyword("domain");
export const LetWord = keyword("let");
export const NetWord = keyword("net");
export const FrozenWord = keyword("frozen");
export const LossWord = keyword("loss");
export const ObjectiveWord = keyword("objective");
export const ExpectWord = keyword("expect");
export const ImportWord = keyword("import");
export const ModuleWord = keyword("module");
export const SolveWord = keyword("solve");
export const TrainWord = keyword("train");
export const WhereWord = keyword("where");
export const InWord = keyword("in");
export const AsWord = keyword("as");
export const AndWord = keyword("and");
export const OrWord = keyword("or");
export const NotWord = keyword("not");
export const TrueWord = keyword("true");
export const FalseWord = keyword("false");
export const ThenWord = keyword("then");
export const RepeatWord = keyword("repeat");

/** Only before a number and a brace, so that it stays free as a name, and as an option's. */
const numberAndBrace = `(?!solve\\b|train\\b)(?:\\d\\w*|[A-Za-z_][\\w.]*|\\([^()]*\\))${blank}*\\{`;
export const EveryWord = createToken({
  name: "EveryWord",
  pattern: new RegExp(`every(?=${blank}+${numberAndBrace})`),
  longer_alt: Identifier,
  label: "`every`",
});

/** Only before a path, so that it stays free as a name. */
export const FromWord = createToken({
  name: "FromWord",
  pattern: new RegExp(`from(?=${blank}*")`),
  longer_alt: Identifier,
  label: "`from`",
});

export const Expectation = opensBracket("Expectation", "E");
/**
 * Before the formal of a network too, as in `min D : b -> Scores` or `min D`: who the loss is for
 * to lower.
 */
const arrow = `:${blank}*(?:\\([^()]*\\)|[A-Za-z_]\\w*)${blank}*->`;
const beforeFormal = `|${blank}+[A-Za-z_]\\w*${blank}*(?:${arrow}|[,)=])`;
export const MinWord = opensBracket("MinWord", "min", beforeFormal);
export const MaxWord = opensBracket("MaxWord", "max", beforeFormal);

export const RealLiteral = createToken({
  name: "RealLiteral",
  pattern: /\d(?:_?\d)*(?:\.\d(?:_?\d)*(?:[eE][+-]?\d+)?|[eE][+-]?\d+)/,
  label: "a number",
});
export const IntLiteral = createToken({
  name: "IntLiteral",
  pattern: /\d(?:_?\d)*/,
  label: "a number",
});
export const StringLiteral = createToken({
  name: "StringLiteral",
  pattern: /"[^"\n]*"/,
  label: "a path in quotes",
});

export const FatArrow = symbol("FatArrow", "=>");
export const Arrow = symbol("Arrow", "->");
export const Compose = symbol("Compose", ">>");
export const Equal = symbol("Equal", "==");
export const Unequal = symbol("Unequal", "!=");
export const AtMost = symbol("AtMost", "<=");
export const AtLeast = symbol("AtLeast", ">=");
export const Less = symbol("Less", "<");
export const Greater = symbol("Greater", ">");
export const Assign = symbol("Assign", "=");
export const Plus = symbol("Plus", "+");
export const Minus = symbol("Minus", "-");
export const Times = symbol("Times", "*");
export const FloorDivide = symbol("FloorDivide", "//");
export const Divide = symbol("Divide", "/");
export const Modulo = symbol("Modulo", "%");
export const Power = symbol("Power", "^");
export const Tilde = symbol("Tilde", "~");
export const Colon = symbol("Colon", ":");
export const Comma = symbol("Comma", ",");
export const Dot = symbol("Dot", ".");
export const LeftParen = symbol("LeftParen", "(");
export const RightParen = symbol("RightParen", ")");
export const LeftBrace = symbol("LeftBrace", "{");
export const RightBrace = symbol("RightBrace", "}");
export const LeftBracket = symbol("LeftBracket", "[");
export const RightBracket = symbol("RightBracket", "]");

/** Words that begin a declaration; a parser that lost its way goes on at the next of them. */
export const declarationWords: readonly TokenType[] = [
  ParamWord,
  DomainWord,
  LetWord,
  FrozenWord,
  NetWord,
  LossWord,
  ObjectiveWord,
  ExpectWord,
  ImportWord,
  ModuleWord,
  SolveWord,
  TrainWord,
];

export const otherWords: readonly TokenType[] = [
  WhereWord,
  InWord,
  AsWord,
  AndWord,
  OrWord,
  NotWord,
  TrueWord,
  FalseWord,
  ThenWord,
  RepeatWord,
  EveryWord,
  FromWord,
];

/**
 * In the order in which the lexer tries them: comments before `-`, words before names, longer
 * symbols first.
 */
export const allTokens: TokenType[] = [
  Blank,
  Comment,
  Expectation,
  MinWord,
  MaxWord,
  ...declarationWords,
  ...otherWords,
  Identifier,
  RealLiteral,
  IntLiteral,
  StringLiteral,
  FatArrow,
  Arrow,
  Compose,
  Equal,
  Unequal,
  AtMost,
  AtLeast,
  Less,
  Greater,
  Assign,
  Plus,
  Minus,
  Times,
  FloorDivide,
  Divide,
  Modulo,
  Power,
  Tilde,
  Colon,
  Comma,
  Dot,
  LeftParen,
  RightParen,
  LeftBrace,
  RightBrace,
  LeftBracket,
  RightBracket,
];
