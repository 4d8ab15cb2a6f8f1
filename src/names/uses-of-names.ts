/** Finds the definition that each use of a name leads to, declaration by declaration. */
import { few } from "../base/few.js";
import type { Span } from "../base/source.js";
import { nearest } from "../base/suggest.js";
import { type Diagnostic, diagnostic, misspelt } from "../diagnostics/diagnostic.js";
import type * as ast from "../syntax/ast.js";
import { expressionsIn } from "../syntax/expressions.js";
import { declaredTwice } from "./declared-twice.js";
import { isForeignRoot, rootOf } from "./foreign-members.js";
import { builtInTypes, type Definition, type FileScope, type Scope, within } from "./scope.js";
import type { Unknowns } from "./unknown.js";

/** Names that stand where only domains can: behind `~`, within its `pairs(…)`, behind `as`. */
const domainPlaces = (root: ast.Expr): readonly { readonly name: string; readonly span: Span }[] =>
  expressionsIn(root).flatMap((expr) => {
    if (expr.kind === "expectation") return expr.binders.flatMap(({ sampler }) => namesOf(sampler));
    return expr.kind === "relabel" && expr.type.kind === "named" ? [expr.type] : [];
  });

const namesOf = (sampler: ast.Expr): readonly { readonly name: string; readonly span: Span }[] => {
  if (sampler.kind === "name") return [sampler];
  const isPairs =
    sampler.kind === "call" && sampler.callee.kind === "name" && sampler.callee.name === "pairs";
  return isPairs ? sampler.args.flatMap(({ value }) => namesOf(value)) : [];
};

/** The value of a `let` without formals, which is the same for every use. */
const constantOf = ({ formals, value }: ast.Binding): ast.Expr | undefined =>
  formals === undefined ? value : undefined;

/** What the names in a field's brackets are to be. */
type BracketKind = "net" | "domain" | "param";

/** Of fields whose brackets name no networks. */
const bracketKinds: Readonly<Record<string, BracketKind>> = {
  augment: "domain",
  schedule: "param",
};

/** Walks declarations, and notes which definition each name leads to. */
export class UsesOfNames {
  readonly uses = new Map<ast.Expr, Definition>();
  readonly typeUses = new Map<ast.TypeExpr, Definition>();
  readonly nameUses = new Map<ast.Name, Definition>();
  readonly locals = new Map<ast.Name, Definition>();
  /** Names that an `E` of the declaration at hand has drawn, wherever it ended. */
  private readonly drawn = new Map<string, Span>();
  private inLoss = false;

  constructor(
    private readonly builtins: ReadonlyMap<string, Definition>,
    private readonly fileScopes: ReadonlyMap<string, FileScope>,
    private readonly unknowns: Unknowns,
    private readonly diagnostics: Diagnostic[],
  ) {}

  declarations(declarations: readonly ast.Declaration[], scope: Scope): void {
    for (const declaration of declarations) this.declaration(declaration, scope);
  }

  private declaration(declaration: ast.Declaration, scope: Scope): void {
    this.drawn.clear();
    this.inLoss = declaration.kind === "loss";
    switch (declaration.kind) {
      case "param":
        if (declaration.type !== undefined) this.type(declaration.type, scope);
        this.expr(declaration.value, scope);
        if (declaration.where !== undefined) this.expr(declaration.where, scope);
        return;
      case "domain":
      case "objective":
        this.expr(declaration.value, scope);
        return;
      case "let":
        this.binding(declaration.binding, scope);
        return;
      case "net":
        this.type(declaration.type, scope);
        this.expr(declaration.value, scope);
        return;
      case "loss": {
        const variables = this.typeVariables(declaration, scope);
        this.expr(declaration.value, this.formals(declaration.formals, variables));
        return;
      }
      case "expect":
        this.expr(declaration.condition, scope);
        return;
      case "module": {
        const own = this.fileScopes
          .get(declaration.span.file)
          ?.definitions.get(declaration.name.text);
        const members = own?.kind === "module" ? own.members : new Map<string, Definition>();
        this.declarations(declaration.body, within(scope, members));
        return;
      }
      case "solve":
        for (const { times, every, clauses } of declaration.phases) {
          if (times !== undefined) this.expr(times, scope);
          if (every !== undefined) this.expr(every, scope);
          for (const clause of clauses) this.clause(clause, scope);
        }
        return;
      case "train":
        for (const field of declaration.fields) {
          for (const name of field.networks ?? [])
            this.bracketed(name, scope, bracketKinds[field.name.text] ?? "net");
          this.expr(field.value, scope);
        }
        return;
      case "import":
        return;
    }
  }

  private clause(clause: ast.Clause, scope: Scope): void {
    for (const quantifier of clause.quantifiers)
      for (const name of quantifier.networks) this.bracketed(name, scope, "net");
    this.expr(clause.objective, scope);
  }

  /** A name in brackets that is to be a network's, a domain's or a param's. */
  private bracketed(name: ast.Name, scope: Scope, kind: BracketKind): void {
    const isMeant = (d: Definition): boolean =>
      d.kind === "declared" && d.declaration.kind === kind;
    const found = scope.get(name.text);
    if (found !== undefined) this.nameUses.set(name, found);
    else if (kind === "domain")
      this.unknowns.type({ kind: "named", name: name.text, span: name.span }, scope, this.inLoss);
    else {
      const meant = new Map([...scope].filter(([, d]) => isMeant(d)));
      const what = kind === "param" ? "param" : "network";
      this.unknowns.name(name.text, name.span, meant, { what, inLoss: this.inLoss });
    }
  }

  private binding(binding: ast.Binding, scope: Scope): void {
    const inner = binding.formals === undefined ? scope : this.formals(binding.formals, scope);
    this.expr(binding.value, inner);
  }

  /**
   * Those of the signature; and where it leaves types to be inferred, small letters that the body
   * draws from or relabels to and that nothing else is called.
   */
  private typeVariables(
    { formals, value }: Extract<ast.Declaration, { kind: "loss" }>,
    scope: Scope,
  ): Scope {
    const variables = new Map<string, Definition>();
    const add = (name: string, span: Span): void => {
      if (/^[a-z]/.test(name) && !variables.has(name))
        variables.set(name, { kind: "type variable", name, span });
    };
    const visit = (type: ast.TypeExpr): void => {
      if (type.kind === "arrow") [type.from, type.to].forEach(visit);
      else if (type.kind === "product") type.items.forEach(visit);
      else add(type.name, type.span);
    };
    for (const formal of formals) if (formal.type !== undefined) visit(formal.type);
    if (formals.every(({ type }) => type !== undefined)) return within(scope, variables);
    const names = new Set(formals.map(({ name }) => name.text));
    for (const { name, span } of domainPlaces(value)) {
      const isNamed = scope.get(name) !== undefined || this.builtins.has(name) || names.has(name);
      if (!isNamed) add(name, span);
    }
    return within(scope, variables);
  }

  /** Default values see what stands outside of the function, not its other formals. */
  private formals(formals: readonly ast.Formal[], scope: Scope): Scope {
    for (const formal of formals) {
      if (formal.type !== undefined) this.type(formal.type, scope);
      if (formal.defaultValue !== undefined) this.expr(formal.defaultValue, scope);
    }
    return this.bind(
      formals.map((formal) => formal.name),
      scope,
    );
  }

  private bind(names: readonly ast.Name[], scope: Scope, value?: ast.Expr): Scope {
    const own = new Map<string, Definition>();
    for (const name of names) {
      const first = own.get(name.text);
      if (first !== undefined) this.diagnostics.push(declaredTwice(name, first));
      const local: Definition = {
        kind: "local",
        name: name.text,
        span: name.span,
        ...(value === undefined ? {} : { value }),
      };
      own.set(name.text, local);
      this.locals.set(name, local);
    }
    return within(scope, own);
  }

  private type(type: ast.TypeExpr, scope: Scope): void {
    switch (type.kind) {
      case "arrow":
        this.type(type.from, scope);
        this.type(type.to, scope);
        return;
      case "product":
        for (const item of type.items) this.type(item, scope);
        return;
      case "named": {
        if (builtInTypes.includes(type.name)) return;
        const found = scope.get(type.name);
        const isDomain = found?.kind === "declared" && found.declaration.kind === "domain";
        if (found !== undefined && (isDomain || found.kind === "type variable"))
          this.typeUses.set(type, found);
        else this.unknowns.type(type, scope, this.inLoss, found);
        return;
      }
    }
  }

  private unknown({ name, span }: Extract<ast.Expr, { kind: "name" }>, scope: Scope): void {
    this.unknowns.name(name, span, scope, { drawn: this.drawn.get(name), inLoss: this.inLoss });
  }

  private expr(expr: ast.Expr, scope: Scope): void {
    switch (expr.kind) {
      case "name": {
        const found = scope.get(expr.name) ?? this.builtins.get(expr.name);
        if (found === undefined) this.unknown(expr, scope);
        else this.uses.set(expr, found);
        return;
      }
      case "call":
        this.expr(expr.callee, scope);
        for (const argument of expr.args) this.expr(argument.value, scope);
        return;
      case "member":
        this.member(expr, scope);
        return;
      case "unary":
        this.expr(expr.operand, scope);
        return;
      case "binary":
        this.expr(expr.left, scope);
        this.expr(expr.right, scope);
        return;
      case "lambda":
        this.expr(expr.body, this.bind(expr.params, scope));
        return;
      case "let":
        this.binding(expr.binding, scope);
        this.expr(expr.body, this.bind([expr.binding.name], scope, constantOf(expr.binding)));
        return;
      case "tuple":
        for (const item of expr.items) this.expr(item, scope);
        return;
      case "expectation": {
        for (const binder of expr.binders) this.sampler(binder.sampler, scope);
        const names = expr.binders.flatMap((binder) => binder.names);
        for (const name of names) this.drawn.set(name.text, name.span);
        this.expr(expr.body, this.bind(names, scope));
        return;
      }
      case "relabel":
        this.expr(expr.value, scope);
        this.type(expr.type, scope);
        return;
      case "int":
      case "real":
      case "bool":
      case "missing":
        return;
    }
  }

  /** Resolves a sampler. An unknown name there is a misspelt domain. */
  private sampler(expr: ast.Expr, scope: Scope): void {
    if (expr.kind === "name" && scope.get(expr.name) === undefined && !this.builtins.has(expr.name))
      this.unknowns.type({ kind: "named", name: expr.name, span: expr.span }, scope, this.inLoss);
    else this.expr(expr, scope);
  }

  private member(expr: Extract<ast.Expr, { kind: "member" }>, scope: Scope): void {
    const root = rootOf(expr);
    const isNamed = (name: string): boolean =>
      scope.get(name) !== undefined || this.builtins.has(name);
    if (root !== undefined && isForeignRoot(root.name) && !isNamed(root.name)) {
      this.unknowns.member(expr);
      return;
    }
    this.expr(expr.object, scope);
    const owner = this.uses.get(expr.object);
    if (owner?.kind !== "module") return;
    const found = owner.members.get(expr.member.text);
    if (found !== undefined) this.uses.set(expr, found);
    else {
      const meant = nearest(expr.member.text, owner.members.keys());
      this.diagnostics.push(
        diagnostic("GAN201", expr.member.span, `\`${owner.name}\` has no \`${expr.member.text}\``, {
          ...misspelt(expr.member.span, meant),
          notes: [`It has ${few([...owner.members.keys()])}.`],
        }),
      );
    }
  }
}
