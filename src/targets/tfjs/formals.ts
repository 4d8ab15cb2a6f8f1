/** Types of the spec's functions and of what they take, from what their names were when they were called. */
import type { Definition } from "../../names/resolve.js";
import * as ast from "../../syntax/ast.js";
import type { Value } from "../../types/values/value.js";
import type { Expressions } from "./expressions.js";
import { type Doc, layout } from "./layout.js";
import type { Module } from "./module.js";
import { refuse } from "./refusal.js";

type Kind = Value["kind"];

/** What TypeScript calls the values of a kind. */
export const typeOfKind = (module: Module, kind: Kind | undefined): string => {
  switch (kind) {
    case "number":
      return "number";
    case "bool":
      return "boolean";
    case "activation":
      return "tf.SymbolicTensor";
    case "block":
    case "builtin":
    case "function":
    case "net":
      return module.runtime("Block");
    default:
      return refuse("this value inside of an architecture");
  }
};

/** `k: number`, `stride = 2`; a formal that `value` does not read begins with `_`. */
export const formalsOf = (
  module: Module,
  expressions: Expressions,
  formals: readonly ast.Formal[],
  value: ast.Expr,
): readonly string[] =>
  formals.map(({ name, defaultValue }) => {
    const variable = expressions.declare(name, value);
    const type = localType(module, name, value);
    if (defaultValue === undefined) return `${variable}: ${type}`;
    const kind = type === "unknown" ? module.checked.kinds.get(defaultValue) : undefined;
    const isNumber = ["number", "boolean"].includes(type) || kind === "number" || kind === "bool";
    const text: Doc = isNumber ? expressions.number(defaultValue) : expressions.value(defaultValue);
    return `${variable}${isNumber ? "" : `: ${type}`} = ${layout(text)}`;
  });

/** Whether an expression uses a local. */
export const isRead = (module: Module, local: Definition, expr: ast.Expr): boolean =>
  module.checked.resolved.uses.get(expr) === local ||
  ast.subexpressions(expr).some((below) => isRead(module, local, below));

/** The kind that a local had where `body` read it last. */
export const kindOfLocal = (module: Module, name: ast.Name, body: ast.Expr): Kind | undefined => {
  const local = module.local(name);
  const { uses } = module.checked.resolved;
  const find = (expr: ast.Expr): Kind | undefined =>
    uses.get(expr) === local
      ? module.checked.kinds.get(expr)
      : ast.subexpressions(expr).reduce<Kind | undefined>((kind, e) => kind ?? find(e), undefined);
  return find(body);
};

/** The type of a formal, or of a lambda's parameter. */
export const localType = (module: Module, name: ast.Name, body: ast.Expr): string => {
  const kind = kindOfLocal(module, name, body);
  if (kind === undefined) return isRead(module, module.local(name), body) ? "number" : "unknown";
  return kind === "function" ? functionType(module, name, body) : typeOfKind(module, kind);
};

/** A function's type, by how `body` calls it or by what it passes it on to. */
const functionType = (module: Module, name: ast.Name, body: ast.Expr): string => {
  const local = module.local(name);
  const { kinds, resolved } = module.checked;
  let type: string | undefined;
  const visit = (expr: ast.Expr): void => {
    if (expr.kind === "call" && resolved.uses.get(expr.callee) === local) {
      if (kinds.get(expr) === "function") refuse("a function that gives one");
      const given = expr.args.map(({ value }) => kinds.get(value));
      const types = given.map((kind, i) => {
        const letter = String.fromCharCode(97 + i);
        return `${letter}: ${typeOfKind(module, kind)}`;
      });
      type ??=
        given.length === 1 && given[0] === "activation"
          ? module.runtime("Block")
          : `(${types.join(", ")}) => ${typeOfKind(module, kinds.get(expr))}`;
    } else if (expr.kind === "call") type ??= passedTo(module, expr, local);
    ast.subexpressions(expr).forEach(visit);
  };
  visit(body);
  return type ?? module.runtime("Block");
};

/** The type of the formal that a call of another function gives the local to. */
const passedTo = (
  module: Module,
  { callee, args }: Extract<ast.Expr, { kind: "call" }>,
  local: Definition,
): string | undefined => {
  const { uses } = module.checked.resolved;
  const target = uses.get(callee);
  const of = target === undefined ? undefined : signatureOf(module, target);
  const index = args.findIndex(({ value }) => uses.get(value) === local);
  const name = args[index]?.name?.text;
  const formal = of?.formals.find((f, i) =>
    name === undefined ? i === index : f.name.text === name,
  );
  return of === undefined || formal === undefined
    ? undefined
    : localType(module, formal.name, of.body);
};

export interface Signature {
  readonly formals: readonly ast.Formal[];
  readonly body: ast.Expr;
}

/** Formals and body of what a binding makes a function, a lambda included. */
export const signature = ({ formals, value }: ast.Binding): Signature | undefined =>
  formals === undefined ? lambdaSignature(value) : { formals, body: value };

export const lambdaSignature = (expr: ast.Expr): Signature | undefined =>
  expr.kind === "lambda"
    ? { formals: expr.params.map((name) => ({ name, span: name.span })), body: expr.body }
    : undefined;

export const signatureOf = (module: Module, definition: Definition): Signature | undefined => {
  if (definition.kind === "declared" && definition.declaration.kind === "let")
    return signature(definition.declaration.binding);
  return module.localFunctions.get(definition);
};
