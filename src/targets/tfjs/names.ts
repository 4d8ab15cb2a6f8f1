/**
 * TypeScript identifiers for what a spec names: its own names wherever TypeScript and the imports
 * leave them free.
 */
import { Identifiers } from "../written/identifiers.js";

/** Words that TypeScript keeps, and names that every generated module has. */
export const taken: ReadonlySet<string> = new Set(
  (
    "break case catch class const continue debugger default delete do else enum export extends false finally for " +
    "function if import in instanceof new null return super switch this throw true try typeof var void while with " +
    "yield let static implements interface package private protected public await eval arguments undefined NaN " +
    "Infinity Math Object Record Readonly ReturnType tf " +
    "networks domains step repetitions accumulate memory chance rate nets draws kept histories objective value terms " +
    "Block Chance Draws Histories ImageHistory Memory Networks Values Adam AdamW Sgd RmsProp Objective Sides " +
    "abs apply at block network dropping training spectralNorm equalized powerStep moveStatistics repeat residual seq shared detach differentiate gradient l1 l2 logOneMinusSigmoid " +
    "logSigmoid mean add concat mul sub softplus initialise parameters clip clippedByNorm clippedByValue repeated accumulated"
  ).split(" "),
);

/** `std.x` and `a_b` as they stand; dots, which module members have, join in camel case. */
const camel = (name: string): string =>
  name.replaceAll(/\.(\w)/g, (_, letter: string) => letter.toUpperCase());

/**
 * `conv_transpose` is `convTranspose` in TypeScript: the layer as a function of the runtime, and so
 * with options.
 */
export const camelCase = (name: string): string =>
  name.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

/** Names of a module, beyond what every one has those that it imports. */
export const moduleNames = (imported: Iterable<string>): Identifiers =>
  new Identifiers([...taken, ...imported], camel);

/** The key of an entry of an object: written plainly, `__proto__: x` would set the prototype. */
export const keyOf = (property: string): string => {
  if (property === "__proto__") return '["__proto__"]';
  return /^[A-Za-z_]\w*$/.test(property) ? property : JSON.stringify(property);
};

/** A property and the variable that it is read into or written from. */
export const bound = (property: string, variable: string): string =>
  property === variable ? property : `${keyOf(property)}: ${variable}`;
