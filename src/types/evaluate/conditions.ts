/** Conditions: `and`, `or` and equality of what is known while compiling. */
import type * as ast from "../../syntax/ast.js";
import type { Context } from "../values/context.js";
import { boolValue, describeValue, ofBothAxes, unknown, type Value } from "../values/value.js";

type Binary = Extract<ast.Expr, { kind: "binary" }>;

export const logic = (context: Context, expr: Binary, left: Value, right: Value): Value => {
  for (const [operand, value] of [
    [expr.left, left],
    [expr.right, right],
  ] as const) {
    if (value.kind !== "bool") {
      return context.report(
        "GAN305",
        operand.span,
        `\`${expr.operator}\` takes Bools, not ${describeValue(value)}`,
      );
    }
  }
  const [a, b] = [left, right].map((v) => (v.kind === "bool" ? v.value : undefined));
  if (a === undefined || b === undefined) return boolValue();
  return boolValue(expr.operator === "and" ? a && b : a || b);
};

export const equality = (context: Context, expr: Binary, left: Value, right: Value): Value => {
  const same = (a: Value, b: Value): boolean | undefined => {
    if (a.kind === "number" && b.kind === "number") return a.value === b.value;
    if (a.kind === "bool" && b.kind === "bool") return a.value === b.value;
    if (a.kind !== "tuple" || b.kind !== "tuple" || a.items.length !== b.items.length)
      return undefined;
    const pairs = a.items.map((item, i) => same(item, b.items[i] ?? unknown));
    return pairs.includes(undefined) ? undefined : pairs.every(Boolean);
  };
  const answer = same(left, right);
  if (answer === undefined) {
    return context.report(
      "GAN305",
      expr.span,
      `${describeValue(left)} cannot be compared with ${describeValue(right)}`,
      { notes: [left, right].flatMap(ofBothAxes) },
    );
  }
  return boolValue(expr.operator === "==" ? answer : !answer);
};
