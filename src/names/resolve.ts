/** What every name means: the definition that each use leads to, found once for all later rooms. */
import { few } from "../base/few.js";
import type { Span } from "../base/source.js";
import { nearest } from "../base/suggest.js";
import { type Diagnostic, diagnostic, misspelt } from "../diagnostics/diagnostic.js";
import type * as ast from "../syntax/ast.js";
import { expressionsIn } from "../syntax/expressions.js";
import { tooDeepChain } from "./depth.js";
import { isForeignRoot, rootOf } from "./foreign-members.js";
import { fieldKey, type Resolved } from "./resolved.js";
import { builtInTypes, type Definition, type Named, type Scope, within } from "./scope.js";
import type { SourceFile, SourceSet } from "./source-set.js";
import { Unknowns } from "./unknown.js";

interface FileNames {
  readonly definitions: Map<string, Definition>;
  /** Those that an importing file sees: its own, and what it imports by path. */
  readonly exported: Map<string, Definition>;
  solve: Resolved["solve"];
  readonly train: Map<string, ast.Field>;
  trainSpan: Span | undefined;
  readonly imported: Map<Definition, Span>;
  readonly expects: Extract<ast.Declaration, { kind: "expect" }>[];
}

/** What a field's value is of, by the keys of `Resolved.train`, and where each is written. */
const fieldKeys = (field: ast.Field): readonly (readonly [string, Span, ast.Field])[] =>
  field.networks === undefined
    ? [[field.name.text, field.name.span, field]]
    : field.networks.map(({ text, span }) => [fieldKey(field.name.text, text), span, field]);

const isNamed = (declaration: ast.Declaration): declaration is Named => "name" in declaration;

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

/** Of a name that stands for one value, whoever asks. */
const constantOf = ({ formals, value }: ast.Binding): ast.Expr | undefined =>
  formals === undefined ? value : undefined;

class Resolver {
  readonly diagnostics: Diagnostic[] = [];
  readonly uses = new Map<ast.Expr, Definition>();
  readonly typeUses = new Map<ast.TypeExpr, Definition>();
  readonly nameUses = new Map<ast.Name, Definition>();
  readonly locals = new Map<ast.Name, Definition>();
  readonly files = new Map<string, FileNames>();

  /** Names that an `E` of the declaration at hand has drawn, wherever it ended. */
  private readonly drawn = new Map<string, Span>();
  private readonly unknowns: Unknowns;
  private inLoss = false;

  constructor(
    private readonly builtins: ReadonlyMap<string, Definition>,
    sourceSet: SourceSet,
  ) {
    this.unknowns = new Unknowns(this.diagnostics, builtins, sourceSet, this.files);
  }

  private declareTwice(name: ast.Name, first: Definition): void {
    const labels =
      first.kind === "builtin"
        ? []
        : [{ span: first.span, text: `\`${name.text}\` is declared here first` }];
    this.diagnostics.push(
      diagnostic("GAN202", name.span, `\`${name.text}\` is declared twice`, {
        labels,
        notes: [
          "Every name of a spec, imported ones included, means one thing: give one of them another name.",
        ],
      }),
    );
  }

  private collect(
    declarations: readonly ast.Declaration[],
    into: Map<string, Definition>,
  ): readonly Definition[] {
    return declarations.filter(isNamed).flatMap((declaration): readonly Definition[] => {
      const { name } = declaration;
      if (declaration.kind === "domain" && builtInTypes.includes(name.text)) {
        this.diagnostics.push(
          diagnostic("GAN202", name.span, `\`${name.text}\` is a type of the language`, {
            notes: [`Give the domain another name, such as \`${name.text}s\`.`],
          }),
        );
        return [];
      }
      const first = into.get(name.text);
      if (first !== undefined) {
        this.declareTwice(name, first);
        return [];
      }
      const definition: Definition =
        declaration.kind === "module"
          ? {
              kind: "module",
              name: name.text,
              span: name.span,
              members: this.members(declaration.body),
            }
          : { kind: "declared", name: name.text, span: name.span, declaration };
      into.set(name.text, definition);
      return [definition];
    });
  }

  private members(body: readonly ast.Declaration[]): ReadonlyMap<string, Definition> {
    const members = new Map<string, Definition>();
    this.collect(body, members);
    return members;
  }

  private importInto(
    names: FileNames,
    declaration: Extract<ast.Declaration, { kind: "import" }>,
    target: FileNames,
  ) {
    const wanted =
      declaration.names ??
      [...target.exported.keys()].map((text) => ({ text, span: declaration.target.span }));
    for (const name of wanted) {
      const definition = target.exported.get(name.text);
      const first = names.definitions.get(name.text);
      if (definition === undefined) {
        const meant = nearest(name.text, target.exported.keys());
        for (const text of [name.text, meant?.name ?? name.text])
          this.unknowns.excuse(name.span.file, text);
        this.diagnostics.push(
          diagnostic(
            "GAN206",
            name.span,
            `\`${declaration.target.text}\` declares no \`${name.text}\``,
            {
              ...misspelt(name.span, meant),
              notes: [`It declares ${few([...target.exported.keys()])}.`],
            },
          ),
        );
      } else if (first !== undefined && first !== definition) {
        this.declareTwice(name, first);
      } else {
        names.definitions.set(name.text, definition);
        if (declaration.names !== undefined) names.imported.set(definition, name.span);
        if (declaration.form === "path") names.exported.set(name.text, definition);
      }
    }
    if (declaration.form !== "path" || declaration.names !== undefined) return;
    names.solve = target.solve ?? names.solve;
    names.trainSpan = target.trainSpan ?? names.trainSpan;
    for (const [field, value] of target.train) names.train.set(field, value);
    for (const expect of target.expects) names.expects.push(expect);
  }

  file(name: string, { spec, imports }: SourceFile): void {
    const names: FileNames = {
      definitions: new Map(),
      exported: new Map(),
      solve: undefined,
      train: new Map(),
      trainSpan: undefined,
      imported: new Map(),
      expects: [],
    };
    this.files.set(name, names);
    for (const [declaration, target] of imports) {
      const found = this.files.get(target);
      if (found !== undefined) this.importInto(names, declaration, found);
    }
    for (const definition of this.collect(spec.declarations, names.definitions)) {
      names.exported.set(definition.name, definition);
    }
    this.walkDeclarations(spec.declarations, names.definitions);
    this.gameAndRecipe(spec, names);
  }

  private gameAndRecipe(spec: ast.Spec, names: FileNames): void {
    let own: { solve?: Span; train?: Span } = {};
    for (const declaration of spec.declarations) {
      if (declaration.kind === "expect") names.expects.push(declaration);
      if (declaration.kind !== "solve" && declaration.kind !== "train") continue;
      const first = own[declaration.kind];
      if (first !== undefined) {
        this.diagnostics.push(
          diagnostic("GAN202", declaration.span, `a file has one \`${declaration.kind}\``, {
            labels: [{ span: first, text: "the first is here" }],
          }),
        );
        continue;
      }
      own = { ...own, [declaration.kind]: declaration.span };
      if (declaration.kind === "solve") names.solve = declaration;
      else {
        names.trainSpan = declaration.span;
        const seen = new Map<string, Span>();
        for (const [key, at, field] of declaration.fields.flatMap(fieldKeys)) {
          const earlier = seen.get(key);
          if (earlier !== undefined)
            this.diagnostics.push(
              diagnostic("GAN202", at, `\`${key}\` is given twice`, {
                labels: [{ span: earlier, text: "the first is here" }],
              }),
            );
          seen.set(key, at);
          names.train.set(key, field);
        }
      }
    }
  }

  private walkDeclarations(declarations: readonly ast.Declaration[], scope: Scope): void {
    for (const declaration of declarations) this.walkDeclaration(declaration, scope);
  }

  private walkDeclaration(declaration: ast.Declaration, scope: Scope): void {
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
        const own = this.files.get(declaration.span.file)?.definitions.get(declaration.name.text);
        const members = own?.kind === "module" ? own.members : new Map<string, Definition>();
        this.walkDeclarations(declaration.body, within(scope, members));
        return;
      }
      case "solve":
        for (const { times, clauses } of declaration.phases) {
          if (times !== undefined) this.expr(times, scope);
          for (const clause of clauses) this.clause(clause, scope);
        }
        return;
      case "train":
        for (const field of declaration.fields) {
          for (const name of field.networks ?? [])
            this.bracketed(name, scope, field.name.text === "augment" ? "domain" : "net");
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

  /** A name in brackets that is to be a network's or a domain's. */
  private bracketed(name: ast.Name, scope: Scope, kind: "net" | "domain"): void {
    const isNet = (d: Definition): boolean => d.kind === "declared" && d.declaration.kind === "net";
    const found = scope.get(name.text);
    if (found !== undefined) this.nameUses.set(name, found);
    else if (kind === "domain")
      this.unknowns.type({ kind: "named", name: name.text, span: name.span }, scope, this.inLoss);
    else {
      const nets = new Map([...scope].filter(([, d]) => isNet(d)));
      this.unknowns.name(name.text, name.span, nets, { what: "network", inLoss: this.inLoss });
    }
  }

  private binding(binding: ast.Binding, scope: Scope): void {
    const inner = binding.formals === undefined ? scope : this.formals(binding.formals, scope);
    this.expr(binding.value, inner);
  }

  /**
   * Those of the signature; and where it leaves types to be inferred, small letters that the body draws from or relabels
   * to and that nothing else is called.
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
      if (first !== undefined) this.declareTwice(name, first);
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

  /** What stands behind `~`: a name that nothing has is a domain's that is misspelt. */
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

/** Resolves the whole program. A loss's type variables are in scope as samplers too: `y ~ b`. */
export const resolve = (
  sourceSet: SourceSet,
  builtinNames: Iterable<string>,
): { readonly resolved: Resolved; readonly diagnostics: readonly Diagnostic[] } => {
  const builtins = new Map(
    [...builtinNames].map((name) => [name, { kind: "builtin", name } as Definition]),
  );
  const resolver = new Resolver(builtins, sourceSet);
  for (const [name, file] of sourceSet.files) resolver.file(name, file);
  const entry = resolver.files.get(sourceSet.entry);
  const resolved: Resolved = {
    uses: resolver.uses,
    typeUses: resolver.typeUses,
    nameUses: resolver.nameUses,
    locals: resolver.locals,
    definitions: [...(entry?.definitions.values() ?? [])],
    expects: entry?.expects ?? [],
    solve: entry?.solve,
    train: entry?.train ?? new Map(),
    trainSpan: entry?.trainSpan,
    imported: entry?.imported ?? new Map(),
  };
  const declared = resolved.definitions.flatMap((d) => (d.kind === "declared" ? [d] : []));
  const deep = tooDeepChain(declared, resolved);
  const diagnostics = deep === undefined ? resolver.diagnostics : [...resolver.diagnostics, deep];
  return { resolved, diagnostics };
};
