/** Expressions as people write them, for messages and keys: equal for equal expressions. */
import { type Expr, plainName } from "./expression.js";

const argumentText = (name: string | undefined, value: Expr): string =>
  name === undefined ? exprText(value) : `${name}: ${exprText(value)}`;

/** Writes an operand, in brackets unless it is a single word or call. */
const operandText = (expr: Expr): string => {
  const text = exprText(expr);
  const isPlain = !["binary", "unary", "seq", "lambda", "let"].includes(expr.kind);
  return isPlain ? text : `(${text})`;
};

/** `conv(3, size * 2, stride: 2) >> relu` */
export const exprText = (expr: Expr): string => {
  switch (expr.kind) {
    case "number":
    case "other":
      return expr.text;
    case "bool":
      return String(expr.value);
    case "pair":
      return `(${exprText(expr.height)}, ${exprText(expr.width)})`;
    case "definition":
    case "local":
      return plainName(expr.of);
    case "network":
    case "builtin":
      return expr.name;
    case "call": {
      const args = expr.args.map(({ name, value }) => argumentText(name, value));
      return `${operandText(expr.callee)}(${args.join(", ")})`;
    }
    case "unary":
      return `${expr.operator === "not" ? "not " : "-"}${operandText(expr.operand)}`;
    case "binary":
      return `${operandText(expr.left)} ${expr.operator} ${operandText(expr.right)}`;
    case "seq":
      return expr.blocks.map(operandText).join(" >> ");
    case "lambda": {
      const params = expr.params.map(plainName);
      const head = params.length === 1 ? params.join() : `(${params.join(", ")})`;
      return `${head} => ${exprText(expr.body)}`;
    }
    case "let": {
      const formals = expr.binding.formals?.map(({ local }) => plainName(local));
      const head = `${plainName(expr.local)}${formals === undefined ? "" : `(${formals.join(", ")})`}`;
      return `let ${head} = ${exprText(expr.binding.value)} in ${exprText(expr.body)}`;
    }
  }
};
