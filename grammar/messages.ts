/** What the parser says, in the user's words: what was expected, what stands there instead. */
import type { IParserErrorMessageProvider, IToken, TokenType } from "chevrotain";
import { EOF } from "./chevrotain.js";
import { RightBrace } from "./tokens.js";

/**
 * Rules that a reader knows by a name of their own; others are described by the tokens that may
 * begin them.
 */
const ruleNames: Readonly<Record<string, string>> = {
  declaration:
    "a declaration (`param`, `domain`, `let`, `net`, `loss`, `objective`, `expect`, `import`, `module`, `solve` or `train`)",
  expression: "an expression",
  factor: "an expression",
  signed: "an expression",
  atom: "an expression",
  quantifier: "`min[…]` or `max[…]`",
  clause: "`min[…]` or `max[…]`",
  solve: "`min[…]` or `max[…]`",
  phase: "`min[…]` or `max[…]`",
  simpleType: "a type, such as `Int`, `X` or `a -> b`",
  importation: "a library such as `std.losses`, or a path in quotes",
  binder: "a name, as in `E[x ~ X]`",
};

export const describe = (token: IToken): string =>
  token.tokenType === EOF ? "the end of the file" : `\`${token.image}\``;

const label = (type: TokenType): string => type.LABEL ?? type.name;

const list = (words: readonly string[]): string => {
  const unique = [...new Set(words)];
  const last = unique.pop() ?? "";
  return unique.length === 0 ? last : `${unique.join(", ")} or ${last}`;
};

const found = (actual: readonly IToken[]): string => {
  const token = actual[0];
  return token === undefined ? "the end of the file" : describe(token);
};

export const messages: IParserErrorMessageProvider = {
  buildMismatchTokenMessage: ({ expected, actual, ruleName }) => {
    // Between phases, of which a step may have any number, stands a word.
    const between = ruleName === "solve" && expected === RightBrace ? "`then` or " : "";
    const what = expected === EOF ? ruleNames.declaration : `${between}${label(expected)}`;
    return `expected ${what}, found ${describe(actual)}`;
  },
  buildNotAllInputParsedMessage: ({ firstRedundant }) =>
    `expected ${ruleNames.declaration}, found ${describe(firstRedundant)}`,
  buildNoViableAltMessage: ({ expectedPathsPerAlt, actual, ruleName }) => {
    const first = expectedPathsPerAlt.flatMap((paths) => paths.flatMap((path) => path.slice(0, 1)));
    return `expected ${ruleNames[ruleName] ?? list(first.map(label))}, found ${found(actual)}`;
  },
  buildEarlyExitMessage: ({ expectedIterationPaths, actual, ruleName }) => {
    const first = expectedIterationPaths.flatMap((path) => path.slice(0, 1));
    return `expected ${ruleNames[ruleName] ?? list(first.map(label))}, found ${found(actual)}`;
  },
};
