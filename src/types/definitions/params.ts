/** Params: their types, their `where`, and settings from outside. */
import { type Either, left, right } from "fp-ts/lib/Either.js";
import { few } from "../../base/few.js";
import { nearest } from "../../base/suggest.js";
import { replaceWith } from "../../diagnostics/diagnostic.js";
import type { Definition } from "../../names/scope.js";
import type { Declaration } from "../../syntax/ast.js";
import { type Evaluator, topScope } from "../evaluate/evaluator.js";
import { balanced } from "../values/brackets.js";
import type { Context } from "../values/context.js";
import {
  boolValue,
  describeValue,
  intValue,
  realValue,
  unknown,
  type Value,
} from "../values/value.js";

export type ParamDeclaration = Extract<Declaration, { kind: "param" }>;
export type ParamType = "Int" | "Real" | "Bool";

/** Settings by name, as text: `--set size=64`. */
export type Settings = ReadonlyMap<string, string>;

/** The type that was written, or that of the default; nothing where neither is a param's. */
export const paramType = ({ type }: ParamDeclaration, byDefault: Value): ParamType | undefined => {
  if (type === undefined) {
    if (byDefault.kind === "number") return byDefault.int ? "Int" : "Real";
    return byDefault.kind === "bool" ? "Bool" : undefined;
  }
  const name = type.kind === "named" ? type.name : "";
  return name === "Int" || name === "Real" || name === "Bool" ? name : undefined;
};

/** A setting's text read as the literal that it would be in a spec. */
const readSetting = (text: string): Either<string, Value> => {
  const plain = text.trim().replaceAll("_", "");
  if (plain === "true" || plain === "false") return right(boolValue(plain === "true"));
  const number = Number(plain);
  if (/^-?\d+$/.test(plain))
    return Number.isSafeInteger(number)
      ? right(intValue(number))
      : left(`\`${text}\` is beyond 2^53`);
  if (/^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(plain))
    return Number.isFinite(number)
      ? right(realValue(number))
      : left(`\`${text}\` is beyond 1.8e308`);
  return left(`\`${text}\` is not a number, \`true\` or \`false\``);
};

const fits = (type: ParamType, value: Value): boolean =>
  type === "Bool"
    ? value.kind === "bool"
    : value.kind === "number" && (type === "Real" || value.int);

/** An Int that is given where a Real is wanted is one. */
const asType = (type: ParamType, value: Value): Value =>
  type === "Real" && value.kind === "number" ? realValue(value.value) : value;

const withArticle = (type: ParamType): string => (type === "Int" ? "an Int" : `a ${type}`);

/** The param's value before its `where` is asked. */
export const paramValue = (
  context: Context,
  evaluator: Evaluator,
  declaration: ParamDeclaration,
  settings: Settings,
): Value => {
  const { name } = declaration;
  const value = evaluator.evaluate(declaration.value, topScope);
  const type = paramType(declaration, value);
  if (type === undefined) {
    if (declaration.type === undefined && value.kind === "unknown") return unknown;
    const { span } = declaration.type ?? declaration.value;
    return context.report("GAN309", span, "a param is an Int, a Real or a Bool");
  }
  const setting = settings.get(name.text);
  if (setting !== undefined) {
    const read = readSetting(setting);
    const given = read._tag === "Right" ? read.right : unknown;
    if (fits(type, given)) return asType(type, given);
    const why = read._tag === "Left" ? read.left : `\`${setting}\` is ${describeValue(given)}`;
    return context.report(
      "GAN402",
      name.span,
      `\`${name.text}\` takes ${withArticle(type)}, and ${why}`,
      {
        notes: [
          `The setting was \`${name.text}=${setting}\`.`,
          ...(declaration.type === undefined
            ? [
                `Without a type, a param has that of its default. Write \`param ${name.text} : Real = …\` for a Real.`,
              ]
            : []),
        ],
      },
    );
  }
  if (value.kind === "unknown") return value;
  if (fits(type, value)) return asType(type, value);
  const whole =
    type === "Int" &&
    value.kind === "number" &&
    Number.isInteger(value.value) &&
    declaration.value.kind === "real";
  return context.report(
    "GAN402",
    declaration.value.span,
    `\`${name.text}\` is ${withArticle(type)}, and its value is ${describeValue(value)}`,
    {
      fix: whole ? replaceWith(declaration.value.span, String(value.value)) : undefined,
    },
  );
};

/** Whether `where` holds with the params at `values`. */
type Holds = (value: number) => boolean;

/** The nearest Ints below and above that `where` would accept, within reach. */
const neighbours = (value: number, holds: Holds): readonly number[] => {
  const found: number[] = [];
  for (const direction of [-1, 1]) {
    for (let step = 1; step <= 256; step++) {
      const candidate = value + direction * step;
      if (holds(candidate)) {
        found.push(candidate);
        break;
      }
    }
  }
  return found;
};

/** Asks a param's `where`; `holdsAt` answers it for other values of the same param. */
export const checkWhere = (
  context: Context,
  declaration: ParamDeclaration,
  value: Value,
  answer: Value,
  holdsAt: Holds,
): void => {
  const { where, name } = declaration;
  if (where === undefined || answer.kind === "unknown" || value.kind === "unknown") return;
  if (answer.kind !== "bool") {
    context.report("GAN305", where.span, `\`where\` is a condition, not ${describeValue(answer)}`);
    return;
  }
  if (answer.value !== false) return;
  const shown = value.kind === "number" || value.kind === "bool" ? String(value.value) : "?";
  const near =
    value.kind === "number" && value.int && value.value !== undefined
      ? neighbours(value.value, holdsAt)
      : [];
  context.report(
    "GAN406",
    where.span,
    `${name.text} = ${shown} does not satisfy \`${context.quote(balanced(context, where.span))}\``,
    {
      labels: [{ span: name.span, text: "the param is declared here" }],
      notes:
        near.length === 0
          ? []
          : [`The nearest that ${near.length === 1 ? "does is" : "do are"} ${near.join(" and ")}.`],
    },
  );
};

/** Settings must name params of the spec. */
export const checkSettings = (
  context: Context,
  definitions: readonly Definition[],
  settings: Settings,
  file: string,
): void => {
  const params = definitions.flatMap((d) =>
    d.kind === "declared" && d.declaration.kind === "param" ? [d.name] : [],
  );
  for (const [name, value] of settings) {
    if (params.includes(name)) continue;
    const meant = nearest(name, params);
    context.report(
      "GAN407",
      { file, start: 0, end: 0 },
      `the setting \`${name}=${value}\` names no param`,
      {
        notes: [
          ...(meant === undefined ? [] : [`Did you mean \`${meant.name}\`?`]),
          params.length === 0 ? "The spec has no params." : `The params are ${few(params)}.`,
        ],
      },
    );
  }
};
