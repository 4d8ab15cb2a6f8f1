/** Values of a step as people write them: `G(F(y))`, `D(mix(x, G(z), s))`. */

import type { Forward } from "./forward.js";
import { writtenDomain } from "./nameless.js";
import { lowerFirst } from "./naming.js";
import { children, type Term } from "./term.js";

/**
 * `x`, and `x'` for a second one of the domain in one expectation; `uniform(1)` of a domain without
 * a name.
 */
export const drawText = (domain: string, slot = 0): string =>
  `${lowerFirst(writtenDomain(domain))}${"'".repeat(slot)}`;

export const applicationText = (network: string, inputs: readonly string[]): string =>
  `${network}(${inputs.join(", ")})`;

const replayText = (input: string, size: number | undefined): string =>
  size === 0 ? `stop(${input})` : `past ${input}`;

/** `G(F(y))`, `past G(x)` */
export const forwardText = (forward: Forward): string => {
  const inputs = forward.inputs.map(forwardText);
  switch (forward.kind) {
    case "draw":
      return drawText(forward.domain ?? forward.name, forward.slot);
    case "apply":
      return applicationText(forward.network ?? "", inputs);
    case "replay":
      return replayText(inputs.join(", "), forward.size);
  }
};

/** Writes an operand, a sum or a product in parentheses. */
const operandText = (term: Term, points: ReadonlyMap<number, string>): string => {
  const text = valueText(term, points);
  return term.kind === "arithmetic" ? `(${text})` : text;
};

/**
 * Equal for equal values. `points` are the texts of the values at which gradients around the term
 * are taken, by how many stand around them.
 */
export const valueText = (term: Term, points: ReadonlyMap<number, string> = new Map()): string => {
  const below = (): readonly string[] => children(term).map((child) => valueText(child, points));
  switch (term.kind) {
    case "constant":
      return String(term.value);
    case "draw":
      return drawText(term.domain, term.slot);
    case "variable":
      return points.get(term.depth) ?? "·";
    case "apply":
      return applicationText(term.network, below());
    case "replay":
      return replayText(below().join(), term.size);
    case "gradient":
      return gradientText(term, points);
    case "arithmetic":
      return `${operandText(term.left, points)} ${term.operator} ${operandText(term.right, points)}`;
    case "negate":
      return `-${operandText(term.input, points)}`;
    case "pointwise":
    case "distance":
    case "function":
      return `${term.of}(${below().join(", ")})`;
    case "concat":
      return `concat(${below().join(", ")})`;
    case "relabel":
    case "mean":
    case "loss":
    case "objective":
      return below().join();
  }
};

/** `grad D(x)` */
const gradientText = (
  { depth, body, at }: Extract<Term, { kind: "gradient" }>,
  points: ReadonlyMap<number, string>,
): string => {
  const point = valueText(at, points);
  return `grad ${valueText(body, new Map([...points, [depth, point]]))}`;
};
