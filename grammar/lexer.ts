import { Lexer } from "./chevrotain.js";
import { allTokens } from "./tokens.js";

/** Offsets only: lines and columns are worked out where a message needs them. */
export const lexer = new Lexer(allTokens, { positionTracking: "onlyOffset" });
