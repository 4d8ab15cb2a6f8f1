/**
 * All of chevrotain that ganc uses. The build bundles this file: chevrotain's seven hundred
 * modules, its dependencies among them, take longer to find and read than a whole compilation.
 */
export { CstParser, createToken, EOF, Lexer } from "chevrotain";
