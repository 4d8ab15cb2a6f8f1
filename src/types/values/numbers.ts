/**
 * Arithmetic on Int, Real and Bool. `/` is real, `//` and `%` floor; Int keeps to Int elsewhere.
 */
import { type Either, left, right } from "fp-ts/lib/Either.js";
import type { BinaryOperator } from "../../syntax/ast.js";
import { boolValue, intValue, realValue, type Value } from "./value.js";

type NumberValue = Extract<Value, { kind: "number" }>;

const compute = (operator: BinaryOperator, a: number, b: number): number => {
  switch (operator) {
    case "+":
      return a + b;
    case "-":
      return a - b;
    case "*":
      return a * b;
    case "/":
      return a / b;
    case "//":
      return Math.floor(a / b);
    case "%":
      return a - b * Math.floor(a / b);
    case "^":
      return a ** b;
    default:
      throw new Error(`${operator} is not arithmetic`);
  }
};

const isComparison = (operator: BinaryOperator): boolean =>
  ["==", "!=", "<=", ">=", "<", ">"].includes(operator);

const compare = (operator: BinaryOperator, a: number, b: number): boolean => {
  switch (operator) {
    case "==":
      return a === b;
    case "!=":
      return a !== b;
    case "<=":
      return a <= b;
    case ">=":
      return a >= b;
    case "<":
      return a < b;
    default:
      return a > b;
  }
};

export const dividesByZero = "this divides by 0";

/** The result, or why there is none. */
export const arithmetic = (
  operator: BinaryOperator,
  a: NumberValue,
  b: NumberValue,
): Either<string, Value> => {
  const known = a.value !== undefined && b.value !== undefined;
  if (isComparison(operator)) {
    return right(boolValue(known ? compare(operator, a.value, b.value) : undefined));
  }
  if (["/", "//", "%"].includes(operator) && b.value === 0) return left(dividesByZero);
  const negativePower = operator === "^" && (b.value ?? 0) < 0;
  const int = a.int && b.int && operator !== "/" && !negativePower;
  if (!known) return right(int ? intValue() : realValue());
  const value = compute(operator, a.value, b.value);
  if (!Number.isFinite(value)) return left("the result is not a finite number");
  if (int && !Number.isSafeInteger(value)) return left("the result is too large for an Int");
  return right(int ? intValue(value) : realValue(value));
};
