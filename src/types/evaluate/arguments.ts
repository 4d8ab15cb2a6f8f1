/**
 * Arguments to formals: by position, then by name; the same rules for built-ins, functions and
 * losses.
 */
import { type Sides, sidesOf } from "../../base/sides.js";
import type { Span } from "../../base/source.js";
import { nearest } from "../../base/suggest.js";
import { type Details, misspelt, replaceWith } from "../../diagnostics/diagnostic.js";
import { optionElsewhere } from "../../operators/elsewhere-calls.js";
import {
  type Option,
  type Options,
  type OptionValue,
  type Signature,
  sidesNames,
} from "../../operators/signature.js";
import type * as ast from "../../syntax/ast.js";
import { expressionsIn } from "../../syntax/expressions.js";
import type { Context } from "../values/context.js";
import { isMoving, whereItMoves } from "../values/moving.js";
import { describeValue, type Value } from "../values/value.js";

export interface Call {
  readonly callee: string;
  readonly args: readonly ast.Argument[];
  readonly span: Span;
}

const listed = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(", ");

/** Explains an option that does not exist: another library's, or a misspelt one. */
const meantByOption = (
  context: Context,
  { value, span }: ast.Argument,
  name: ast.Name,
  formals: readonly string[],
): Details => {
  const { own, two, says } = optionElsewhere(name.text, formals);
  if (says !== undefined) return { notes: [says] };
  if (own !== undefined) return misspelt(name.span, { name: own, isSure: true });
  if (two === undefined) return misspelt(name.span, nearest(name.text, formals, "option"));
  const notes = [`These are two options: \`${two[0]}: …, ${two[1]}: …\`.`];
  const items = value.kind === "tuple" ? value.items : [];
  const [first, second] = items.map((item) => context.quote(item.span));
  return items.length === 2
    ? { notes, fix: replaceWith(span, `${two[0]}: ${first}, ${two[1]}: ${second}`) }
    : { notes };
};

/** Which argument each formal gets; `complete` is false where something was reported. */
export const matchArguments = (
  context: Context,
  { callee, args }: Call,
  formals: readonly string[],
): { readonly matched: ReadonlyMap<string, ast.Argument>; readonly complete: boolean } => {
  const matched = new Map<string, ast.Argument>();
  let complete = true;
  const refuse = (...report: Parameters<Context["report"]>): void => {
    complete = false;
    context.report(...report);
  };
  const takes = formals.length === 0 ? "It takes no arguments." : `It takes ${listed(formals)}.`;
  let named = false;
  args.forEach((argument, i) => {
    const name = argument.name?.text ?? formals[i];
    if (argument.name === undefined && named) {
      // Behind an option that there is not, it may be the colon that is wrong.
      if (!complete) return;
      refuse("GAN405", argument.span, "a positional argument stands behind a named one", {
        notes: ["Positional arguments come first."],
      });
    } else if (argument.name !== undefined && !formals.includes(argument.name.text)) {
      const { notes = [], ...edit } = meantByOption(context, argument, argument.name, formals);
      refuse(
        "GAN401",
        argument.name.span,
        `\`${callee}\` has no option \`${argument.name.text}\``,
        { ...edit, notes: [...notes, takes] },
      );
    } else if (name === undefined) {
      refuse(
        "GAN405",
        argument.span,
        `\`${callee}\` takes ${formals.length === 0 ? "no arguments" : `at most ${formals.length} argument${formals.length === 1 ? "" : "s"}`}`,
        {
          notes: formals.length === 0 ? [] : [takes],
        },
      );
    } else if (matched.has(name)) {
      refuse("GAN405", argument.span, `\`${name}\` is given twice`);
    } else matched.set(name, argument);
    named ||= argument.name !== undefined;
  });
  return { matched, complete };
};

const divides = (expr: ast.Expr): boolean =>
  expressionsIn(expr).some((one) => one.kind === "binary" && one.operator === "/");

/** Explains how to get a number from a value that stands where a number is wanted. */
const otherNumber = (
  context: Context,
  { name, doc, perAxis }: Option,
  expr: ast.Expr,
  value: Value,
): Details => {
  const notes = [`\`${name}\`: ${doc}.`];
  if (value.kind === "term" && isMoving(value.term)) return { notes: [...notes, whereItMoves] };
  if (value.kind === "number") {
    if (divides(expr))
      return { notes: ["`/` gives a Real; `//` divides and rounds down to an Int."] };
    const isWhole = expr.kind === "real" && Number.isInteger(value.value);
    return { notes, fix: isWhole ? replaceWith(expr.span, String(value.value)) : undefined };
  }
  if (value.kind !== "tuple" || expr.kind !== "tuple") return { notes };
  if (perAxis === true)
    return {
      notes: [...notes, "One number is of both axes, `(3, 7)` of the height and the width."],
    };
  // Windows and steps of other libraries have two sides.
  const [first, ...others] = expr.items.map(({ span }) => context.quote(span));
  const isSquare = first !== undefined && others.every((other) => other === first);
  if (isSquare)
    return { notes: ["One number is of both sides."], fix: replaceWith(expr.span, first) };
  const isWindow = sidesNames.has(name);
  return { notes: [...notes, ...(isWindow ? ["Here one number is of both axes."] : [])] };
};

/** Whether a value may be one of the height and one of the width: `(3, 7)`. */
const isPair = (value: Value): value is Extract<Value, { kind: "tuple" }> =>
  value.kind === "tuple" &&
  value.items.length === 2 &&
  value.items.every((item) => item.kind === "number");

/** An option's value for each axis; nothing where one was refused or is not known yet. */
const pairValue = (
  context: Context,
  callee: string,
  option: Option,
  { value: expr, ...argument }: ast.Argument,
  { items }: Extract<Value, { kind: "tuple" }>,
): Sides | undefined => {
  const [height, width] = items.map((item, i) => {
    const written = expr.kind === "tuple" ? (expr.items[i] ?? expr) : expr;
    return optionValue(context, callee, option, { ...argument, value: written }, item);
  });
  return typeof height === "number" && typeof width === "number"
    ? sidesOf([height, width])
    : undefined;
};

/** One option's value, or nothing where it was refused or is not known yet. */
export const optionValue = (
  context: Context,
  callee: string,
  option: Option,
  argument: ast.Argument,
  value: Value,
): OptionValue | undefined => {
  const at = argument.value.span;
  const title = `\`${option.name}\` of \`${callee}\``;
  if (value.kind === "unknown") return undefined;
  if (option.perAxis === true && isPair(value))
    return pairValue(context, callee, option, argument, value);
  if (option.type === "Bool") {
    if (value.kind === "bool") return value.value;
    context.report("GAN402", at, `${title} takes a Bool, not ${describeValue(value)}`);
    return undefined;
  }
  if (value.kind !== "number" || (option.type === "Int" && !value.int)) {
    const what = option.type === "Int" ? "an Int" : "a Real";
    context.report(
      "GAN402",
      at,
      `${title} takes ${what}, not ${describeValue(value)}`,
      otherNumber(context, option, argument.value, value),
    );
    return undefined;
  }
  if (value.value === undefined) return undefined;
  if (!checkRange(context, title, option, at, value.value)) return undefined;
  warnOfUnusual(context, title, option, argument, value.value);
  return value.value;
};

const warnOfUnusual = (
  context: Context,
  title: string,
  { usual }: Option,
  { value: { kind, span } }: ast.Argument,
  value: number,
): void => {
  if (usual === undefined) return;
  const { least = -Infinity, most = Infinity } = usual;
  if (least <= value && value <= most) return;
  const isWritten = kind === "int" || kind === "real";
  context.report("GAN411", span, `${title} is ${value}, where ${usual.value} is usual`, {
    notes: [usual.why],
    suggestion: isWritten ? replaceWith(span, String(usual.value)) : undefined,
  });
};

const checkRange = (
  context: Context,
  title: string,
  option: Option,
  at: Span,
  value: number,
): boolean => {
  const { least = -Infinity, most = Infinity, open = false } = option;
  const low = open ? value > least : value >= least;
  if (low && value <= most) return true;
  const bounds = [
    ...(Number.isFinite(least) ? [open ? `more than ${least}` : `at least ${least}`] : []),
    ...(Number.isFinite(most) ? [`at most ${most}`] : []),
  ];
  context.report("GAN403", at, `${title} must be ${bounds.join(" and ")}, and this is ${value}`);
  return false;
};

/** Where the options of a call are written, by name. */
export const placesOf = ({ args }: Call, signature: Signature): ReadonlyMap<string, Span> =>
  new Map(
    args.map(({ name, value }, i) => [name?.text ?? signature[i]?.name ?? "", value.span] as const),
  );

/** How the options of a call are written, by name. */
export const writtenIn = ({ args }: Call, signature: Signature): ReadonlyMap<string, ast.Expr> =>
  new Map(
    args.map(({ name, value }, i) => [name?.text ?? signature[i]?.name ?? "", value] as const),
  );

/** All options of a built-in, or nothing where one is missing, refused or not known yet. */
export const bindOptions = (
  context: Context,
  call: Call,
  signature: Signature,
  evaluate: (expr: ast.Expr) => Value,
): Options | undefined => {
  const { matched, complete } = matchArguments(
    context,
    call,
    signature.map((option) => option.name),
  );
  const options: Record<string, OptionValue> = {};
  let known = complete;
  for (const option of signature) {
    const argument = matched.get(option.name);
    const fallback = option.sameAs === undefined ? option.defaultValue : options[option.sameAs];
    const value =
      argument === undefined
        ? fallback
        : optionValue(context, call.callee, option, argument, evaluate(argument.value));
    if (value !== undefined) options[option.name] = value;
    else {
      known = false;
      const inheritsUnknown = option.sameAs !== undefined && !(option.sameAs in options);
      if (argument === undefined && complete && !inheritsUnknown)
        missing(context, call, option, signature);
    }
  }
  return known ? options : undefined;
};

const missing = (context: Context, call: Call, option: Option, signature: Signature): void => {
  const shown = signature
    .map((o) => (o.defaultValue === undefined && o.sameAs === undefined ? o.name : `${o.name}: …`))
    .join(", ");
  context.report(
    "GAN404",
    call.span,
    `\`${call.callee}\` needs \`${option.name}\`: ${option.doc}`,
    {
      notes: [`It is written \`${call.callee}(${shown})\`.`],
    },
  );
};
