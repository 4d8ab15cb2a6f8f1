/**
 * A spec as somebody might have left it: the same tokens, with other breaks, blanks and comments
 * between them.
 */
import type { IToken } from "chevrotain";
import { lexer } from "../../grammar/lexer.js";
import { stream } from "../../src/base/random.js";

const between = (dice: number, i: number): string => {
  if (dice < 0.6) return " ";
  if (dice < 0.7) return "   ";
  if (dice < 0.85) return "\n";
  if (dice < 0.93) return ` -- note ${i}\n  `;
  return `\n\n-- note ${i}\n-- and more of it\n`;
};

const endOf = ({ startOffset, image }: IToken): number => startOffset + image.length;

export const disorder = (text: string, seed: number): string => {
  const { tokens } = lexer.tokenize(text);
  const dice = stream(seed, "disorder");
  const parts = tokens.flatMap((token, i) => {
    const written = text.slice(endOf(token), tokens[i + 1]?.startOffset);
    const isKept = written === "" && dice(2 * i + 1) < 0.8;
    return [token.image, isKept ? written : between(dice(2 * i), i)];
  });
  return `${parts.join("")}\n`;
};
