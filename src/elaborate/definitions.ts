/** Collects the definitions that networks and games are made from, as the spec writes them. */
import { impossible } from "../base/impossible.js";
import type { Span } from "../base/source.js";
import type { Declared } from "../names/parts.js";
import type { Definition, LossDefinition, LossFormal } from "../program/definitions.js";
import { stabilise } from "../program/stable.js";
import type { Term } from "../program/term.js";
import type * as ast from "../syntax/ast.js";
import type { LossDeclaration } from "../syntax/ast.js";
import type { Checked } from "../types/checked.js";
import type { Term as CheckedTerm } from "../types/values/term.js";
import { Expressions, sidesOf } from "./expressions.js";
import { Identities } from "./identities.js";
import { Terms } from "./terms.js";
import type { Texts } from "./texts.js";

type DeclarationOf<K extends ast.Declaration["kind"]> = Extract<ast.Declaration, { kind: K }>;

export class Definitions {
  /** Each behind those that it needs. */
  private readonly made = new Map<ast.Declaration, Definition>();
  private readonly identities: Identities;
  private readonly expressions: Expressions;
  private readonly terms: Terms;

  constructor(
    private readonly checked: Checked,
    private readonly texts: Texts,
  ) {
    const visible = checked.resolved.definitions.flatMap((definition) =>
      definition.kind === "declared" ? [definition.declaration] : [],
    );
    this.identities = new Identities(visible);
    this.expressions = new Expressions(checked, this.identities, texts, (d) => this.add(d));
    this.terms = new Terms(this.expressions, this.identities, (loss) => this.addLoss(loss));
  }

  get all(): readonly Definition[] {
    return [...this.made.values()];
  }

  /** Returns a player's term, and adds all definitions that it uses. */
  term(term: CheckedTerm): Term {
    return this.terms.known(term);
  }

  add(definition: Declared): void {
    const { declaration } = definition;
    this.put(declaration, () => this.make(definition, declaration));
  }

  private make(definition: Declared, declaration: Declared["declaration"]): Definition {
    switch (declaration.kind) {
      case "param":
        return this.param(definition, declaration);
      case "domain":
        return this.domain(declaration);
      case "let":
        return this.binding(definition, declaration);
      case "objective":
        return this.objective(definition, declaration);
      case "net":
        return this.network(declaration);
      case "loss":
        return this.loss(declaration);
    }
  }

  addNetwork(declaration: DeclarationOf<"net">): void {
    this.put(declaration, () => this.network(declaration));
  }

  private addLoss(declaration: LossDeclaration): void {
    this.put(declaration, () => this.loss(declaration));
  }

  private put(declaration: ast.Declaration, make: () => Definition): void {
    if (this.made.has(declaration)) return;
    const made = make();
    this.made.set(declaration, made);
  }

  private common(declaration: ast.Declaration & { readonly name: ast.Name }) {
    const { span } = declaration;
    const doc = this.texts.doc(span);
    return {
      id: this.identities.definition(declaration),
      text: this.texts.quote(span),
      ...(doc === undefined ? {} : { doc }),
      place: this.texts.place(span),
      span,
    };
  }

  private typeText(type: { readonly span: Span } | undefined): { readonly type?: string } {
    return type === undefined ? {} : { type: this.texts.quote(type.span) };
  }

  private param(definition: Declared, declaration: DeclarationOf<"param">): Definition {
    const known = this.checked.valueOf(definition);
    const value = known.kind === "number" || known.kind === "bool" ? known.value : undefined;
    return {
      kind: "param",
      ...this.common(declaration),
      ...this.typeText(declaration.type),
      written: this.expressions.of(declaration.value),
      value: value ?? impossible(`${declaration.name.text} has no value`),
    };
  }

  private domain(declaration: DeclarationOf<"domain">): Definition {
    const sides = sidesOf(declaration.value).map((side) =>
      side === undefined ? null : this.expressions.of(side),
    );
    return { kind: "domain", ...this.common(declaration), sides };
  }

  private binding(definition: Declared, declaration: DeclarationOf<"let">): Definition {
    const { formals, value: body } = this.expressions.binding(declaration.binding);
    const known = formals === undefined ? this.checked.valueOf(definition) : undefined;
    return {
      kind: "let",
      ...this.common(declaration),
      ...(formals === undefined ? {} : { formals }),
      body,
      ...(known?.kind === "number" && known.value !== undefined ? { value: known.value } : {}),
    };
  }

  private network(declaration: DeclarationOf<"net">): Definition {
    const body = this.expressions.of(declaration.value);
    return { kind: "network", ...this.common(declaration), body };
  }

  private formal(declaration: LossDeclaration, formal: ast.Formal): LossFormal {
    const type = this.checked.formalTypes(declaration).get(formal);
    return {
      local: this.expressions.local(formal.name),
      of: type?.kind === "arrow" ? "network" : "number",
      ...(formal.role === undefined ? {} : { role: formal.role }),
      ...this.typeText(formal.type),
    };
  }

  private loss(declaration: LossDeclaration): LossDefinition {
    const value = this.checked.genericLoss(declaration);
    if (value.kind !== "term") return impossible(`${declaration.name.text} is no loss`);
    return {
      kind: "loss",
      ...this.common(declaration),
      formals: declaration.formals.map((formal) => this.formal(declaration, formal)),
      body: stabilise(this.terms.generic(value.term)),
    };
  }

  private objective(definition: Declared, declaration: DeclarationOf<"objective">): Definition {
    const value = this.checked.valueOf(definition);
    if (value.kind !== "term") return impossible(`${declaration.name.text} is no objective`);
    return {
      kind: "objective",
      ...this.common(declaration),
      body: stabilise(this.term(value.term)),
    };
  }
}
