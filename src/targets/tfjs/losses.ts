/** Losses as functions that look like their formulas. */

import { stabilise } from "../../model/stable.js";
import type { Definition } from "../../names/resolve.js";
import * as ast from "../../syntax/ast.js";
import { children, type Term } from "../../types/term.js";
import type { LossDeclaration } from "../../types/value.js";
import { Expressions } from "./expressions.js";
import { byBinder, type DrawName, forwardOf } from "./forward.js";
import { array, arrow, call, type Doc, layout, object } from "./layout.js";
import { comment, type Module } from "./module.js";
import { bound, type Identifiers } from "./names.js";

type LossTerm = Extract<Term, { kind: "loss" }>;

const operators: Readonly<Record<string, string>> = {
  "+": "tf.add",
  "-": "tf.sub",
  "*": "tf.mul",
  "/": "tf.div",
  "^": "tf.pow",
};

/** The forward values that a formula reads, in the order in which it does, each once. */
export const leaves = (term: Term, drawName: DrawName): ReadonlyMap<string, Term> => {
  const found = new Map<string, Term>();
  const visit = (t: Term): void => {
    const forward = forwardOf(t, drawName);
    if (forward === undefined) children(t).forEach(visit);
    else if (!found.has(forward.name)) found.set(forward.name, t);
  };
  visit(term);
  return found;
};

/** The same places of two terms of one shape, where the first has a forward value. */
const correspondences = (generic: Term, concrete: Term): readonly (readonly [string, Term])[] => {
  const forward = forwardOf(generic, byBinder);
  if (forward !== undefined) return [[forward.name, concrete]];
  const others = children(concrete);
  return children(generic).flatMap((child, i) => {
    const other = others[i];
    return other === undefined ? [] : correspondences(child, other);
  });
};

/** How a formula refers to a forward value, and how it writes the losses that it calls. */
interface Writer {
  readonly leaf: (term: Term) => string | undefined;
  readonly loss: (term: LossTerm) => Doc;
  readonly names: Identifiers;
}

export class Losses {
  /** Functions emitted, in the order in which they are needed. */
  readonly statements: string[] = [];
  private readonly functions = new Map<
    LossDeclaration,
    { readonly id: string; readonly generic: Term | undefined }
  >();

  constructor(private readonly module: Module) {}

  /** A formula over forward values. Constants that only a loss's own formals know are written as their values. */
  formula(term: Term, writer: Writer): Doc {
    const leaf = writer.leaf(term);
    if (leaf !== undefined) return leaf;
    const go = (t: Term): Doc => this.formula(t, writer);
    switch (term.kind) {
      case "constant":
        // A name that a `let … in` binds is nothing to the code around it; what it stands for is known.
        if (term.value !== undefined && this.readsLocal(term.expr)) return String(term.value);
        return new Expressions(this.module, writer.names).number(term.expr);
      case "pointwise":
        return call(this.function(term.of.tfjs), [go(term.input)]);
      case "distance":
        // A distance is symmetric, and its first argument in the runtime is a tensor.
        return call(
          this.function(term.of.tfjs),
          term.left.kind === "constant"
            ? [go(term.right), go(term.left)]
            : [go(term.left), go(term.right)],
        );
      case "negate":
        return call("tf.neg", [go(term.input)]);
      case "arithmetic":
        return this.arithmetic(term, go);
      case "mean":
        // Distances are means over the batch already.
        return term.body.type.kind === "per sample"
          ? go(term.body)
          : call(this.module.runtime("mean"), [go(term.body)]);
      case "objective":
        return go(term.body);
      case "loss":
        return writer.loss(term);
      default:
        throw new Error(`a ${term.kind} is a forward value, not a formula`);
    }
  }

  private readsLocal(expr: ast.Expr): boolean {
    const { uses } = this.module.checked.resolved;
    return (
      uses.get(expr)?.kind === "local" ||
      ast.subexpressions(expr).some((below) => this.readsLocal(below))
    );
  }

  private function(name: string): string {
    return name.startsWith("tf.") ? name : this.module.runtime(name);
  }

  private arithmetic(term: Extract<Term, { kind: "arithmetic" }>, go: (t: Term) => Doc): Doc {
    const terms = term.operator === "+" ? summandsOf(term) : [];
    if (terms.length > 2 && terms.every((t) => t.kind !== "constant"))
      return call("tf.addN", [array(terms.map(go))], true);
    return call(operators[term.operator] ?? "tf.add", [go(term.left), go(term.right)]);
  }

  /** The function of a loss, emitted on first use; its parameters are the values that its formula reads. */
  functionOf(term: LossTerm): { readonly id: string; readonly generic: Term | undefined } {
    const known = this.functions.get(term.declaration);
    if (known !== undefined) return known;
    const { declaration } = term;
    const value = this.module.checked.genericLoss(declaration);
    const generic = value.kind === "term" ? stabilise(value.term) : undefined;
    const id = this.module.identifiers.fresh(term.name);
    const entry = { id, generic };
    this.functions.set(declaration, entry);
    if (generic === undefined) return entry;
    const names = this.module.identifiers.inner();
    const read = [...leaves(generic, byBinder).keys()];
    const numbers = this.numericFormals(declaration, generic).map((name) => {
      const local = this.module.checked.resolved.locals.get(name);
      return local === undefined ? name.text : names.of(local);
    });
    // A binder may have a name that TypeScript or the module has taken.
    const local = new Map(read.map((name) => [name, names.fresh(name)]));
    const leaf = (t: Term): string | undefined => {
      const name = forwardOf(t, byBinder)?.name;
      return name === undefined ? undefined : (local.get(name) ?? name);
    };
    const body = this.formula(generic, {
      names,
      leaf,
      loss: (inner) => this.callOf(inner, (t) => leaf(t) ?? "", names),
    });
    const fields = read.map((name) => JSON.stringify(name)).join(" | ");
    const values = `{ ${read.map((name) => bound(name, local.get(name) ?? name)).join(", ")} }: ${this.module.runtime("Values")}<${fields}>`;
    const params = [values, ...numbers.map((n) => `${n}: number`)];
    const flat = `export const ${id} = (${params.join(", ")}): tf.Scalar =>`;
    const broken = `export const ${id} = (\n${params.map((p) => `  ${p},\n`).join("")}): tf.Scalar =>`;
    const doc = comment([
      `${this.module.quote(declaration.span).replace(/^loss /, "")}. ${this.module.place(declaration.span)}`,
    ]);
    const tail = broken.slice(broken.lastIndexOf("\n") + 1);
    const definition =
      flat.length <= 100
        ? layout(arrow(flat, body))
        : broken.slice(0, -tail.length) + layout(arrow(tail, body));
    this.statements.push(`${doc}\n${definition};`);
    return entry;
  }

  /** Numbers among a loss's formals that its formula, and not only a replay, reads. */
  private numericFormals(declaration: LossDeclaration, generic: Term): readonly ast.Name[] {
    const { uses, locals } = this.module.checked.resolved;
    const read = new Set<Definition>();
    const visit = (expr: ast.Expr): void => {
      const definition = uses.get(expr);
      if (definition !== undefined) read.add(definition);
      ast.subexpressions(expr).forEach(visit);
    };
    for (const expr of constantsIn(generic)) visit(expr);
    return declaration.formals.flatMap(({ name }) => {
      const local = locals.get(name);
      return local !== undefined && read.has(local) ? [name] : [];
    });
  }

  /** `cycle({ FGx: f.FGx, … })`: the function on the values of this use. */
  callOf(term: LossTerm, leaf: (term: Term) => string, names: Identifiers): Doc {
    const { id, generic } = this.functionOf(term);
    if (generic === undefined) return id;
    const fields = new Map(
      correspondences(generic, term.body).map(([name, value]) => [name, leaf(value)]),
    );
    const written = [...fields].map(([name, value]) => bound(name, value));
    const numbers = this.numericFormals(term.declaration, generic).map((name) => {
      const expr = term.numbers.get(name.text);
      return expr === undefined ? "0" : new Expressions(this.module, names).number(expr);
    });
    return call(id, [object(written), ...numbers], numbers.length === 0);
  }
}

const constantsIn = (term: Term): readonly ast.Expr[] =>
  term.kind === "constant" ? [term.expr] : children(term).flatMap(constantsIn);

const summandsOf = (term: Term): readonly Term[] =>
  term.kind === "arithmetic" && term.operator === "+"
    ? [...summandsOf(term.left), ...summandsOf(term.right)]
    : [term];
