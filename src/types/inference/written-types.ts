/** Types that were found out, as their author would have written them. */
import type { Definition } from "../../names/scope.js";
import type * as ast from "../../syntax/ast.js";
import { type Open, settled, type Type } from "./open-types.js";

/** Names for domains that nothing names: `a`, `b` … without those that are taken. */
export const letters = (taken: ReadonlySet<string>): (() => string) => {
  let next = 0;
  return () => {
    for (;;) {
      const k = next++;
      const name = String.fromCharCode(97 + (k % 26)) + (k < 26 ? "" : String(Math.floor(k / 26)));
      if (!taken.has(name)) return name;
    }
  };
};

/** Writes types as their author would have, at the place of the formal. */
export class Writing {
  readonly uses = new Map<ast.TypeExpr, Definition>();
  private readonly invented = new Map<Open, Definition>();

  constructor(private readonly letter: () => string) {}

  type(of: Type, formal: ast.Formal): ast.TypeExpr {
    const at = settled(of);
    const { span } = formal.name;
    if (at.kind === "net") {
      const items = at.from.map((item) => this.type(item, formal));
      const [only] = items;
      const from: ast.TypeExpr =
        only !== undefined && items.length === 1 ? only : { kind: "product", items, span };
      return { kind: "arrow", from, to: this.type(at.to, formal), span };
    }
    if (at.kind === "domain" && at.definition === "Scores")
      return { kind: "named", name: "Scores", span };
    const definition =
      at.kind === "domain" && at.definition !== "Scores"
        ? at.definition
        : this.variable(at as Open, formal);
    const named: ast.TypeExpr = { kind: "named", name: definition.name, span };
    this.uses.set(named, definition);
    return named;
  }

  private variable(cell: Open, { name }: ast.Formal): Definition {
    const known = this.invented.get(cell);
    if (known !== undefined) return known;
    const made: Definition = { kind: "type variable", name: this.letter(), span: name.span };
    this.invented.set(cell, made);
    return made;
  }
}
