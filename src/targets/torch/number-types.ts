/** Python's types of the numbers that functions take. */
import { equalizedOptions } from "../../operators/equalized.js";
import { layers } from "../../operators/layers.js";
import type { OptionType } from "../../operators/signature.js";
import type { Definition } from "../../program/definitions.js";
import {
  allExprs,
  type Expr,
  type ExprOf,
  type Local,
  plainName,
  type Reference,
} from "../../program/expression.js";

const pythonTypes: Readonly<Record<OptionType, string>> = {
  Int: "int",
  Real: "float",
  Bool: "bool",
};

/** Whether a local was a number for each axis. */
export const isPair = (local: Local, body: Expr): boolean =>
  allExprs(body).some((one) => one.kind === "local" && one.of === local && one.type === "pair");

export class NumberTypes {
  constructor(private readonly definitions: ReadonlyMap<Reference, Definition>) {}

  /** By the options that it is given to: a number that counts somewhere is an int. */
  of(local: Local, body: Expr): string {
    if (isPair(local, body)) return "tuple[int, int]";
    const found = this.optionTypes(local, body);
    const type = (["Int", "Bool", "Real"] as const).find((one) => found.has(one));
    return pythonTypes[type ?? "Int"];
  }

  private optionTypes(local: Local, body: Expr): ReadonlySet<OptionType> {
    const found = new Set<OptionType>();
    for (const expr of allExprs(body)) {
      if (expr.kind !== "call") continue;
      expr.args.forEach(({ name, value }, i) => {
        if (allExprs(value).some((one) => one.kind === "local" && one.of === local))
          for (const type of this.argumentTypes(expr, name, i)) found.add(type);
      });
    }
    return found;
  }

  private argumentTypes(
    { callee }: ExprOf<"call">,
    name: string | undefined,
    place: number,
  ): Iterable<OptionType> {
    if (callee.kind === "builtin") {
      const options = layers.get(callee.name)?.options ?? [];
      if (equalizedOptions.some((option) => option.name === name) && options.length === 0)
        return ["Real"];
      const option = name === undefined ? options[place] : options.find((o) => o.name === name);
      return option === undefined ? [] : [option.type];
    }
    const of = callee.kind === "definition" ? this.definitions.get(callee.of) : undefined;
    if (of?.kind !== "let") return [];
    const formal = of.formals?.find(({ local }, i) =>
      name === undefined ? i === place : plainName(local) === name,
    );
    return formal === undefined ? [] : this.optionTypes(formal.local, of.body);
  }
}
