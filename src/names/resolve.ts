/** Resolves every name to its definition, once for all later rooms. */
import { few } from "../base/few.js";
import type { Span } from "../base/source.js";
import { nearest } from "../base/suggest.js";
import { type Diagnostic, diagnostic, misspelt } from "../diagnostics/diagnostic.js";
import type * as ast from "../syntax/ast.js";
import { declaredTwice } from "./declared-twice.js";
import { tooDeepChain } from "./depth.js";
import { fieldKey, type Resolved } from "./resolved.js";
import { builtInTypes, type Definition, type Named } from "./scope.js";
import type { SourceFile, SourceSet } from "./source-set.js";
import { Unknowns } from "./unknown.js";
import { UsesOfNames } from "./uses-of-names.js";

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

/** The keys of a field in `Resolved.train`, and where each is written. */
const fieldKeys = (field: ast.Field): readonly (readonly [string, Span, ast.Field])[] =>
  field.networks === undefined
    ? [[field.name.text, field.name.span, field]]
    : field.networks.map(({ text, span }) => [fieldKey(field.name.text, text), span, field]);

const isNamed = (declaration: ast.Declaration): declaration is Named => "name" in declaration;

/** Collects what files declare and import, and resolves the names in them. */
class Resolver {
  readonly diagnostics: Diagnostic[] = [];
  readonly files = new Map<string, FileNames>();

  private readonly unknowns: Unknowns;
  readonly names: UsesOfNames;

  constructor(builtins: ReadonlyMap<string, Definition>, sourceSet: SourceSet) {
    this.unknowns = new Unknowns(this.diagnostics, builtins, sourceSet, this.files);
    this.names = new UsesOfNames(builtins, this.files, this.unknowns, this.diagnostics);
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
        this.diagnostics.push(declaredTwice(name, first));
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
        this.diagnostics.push(declaredTwice(name, first));
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
    this.names.declarations(spec.declarations, names.definitions);
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
    uses: resolver.names.uses,
    typeUses: resolver.names.typeUses,
    nameUses: resolver.names.nameUses,
    locals: resolver.names.locals,
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
