/** Names that nothing has: what was probably meant, and why they are unknown. */
import { few } from "../base/few.js";
import { oneLine, type Span } from "../base/source.js";
import { nearest } from "../base/suggest.js";
import {
  type Details,
  type Diagnostic,
  diagnostic,
  type Edit,
  misspelt,
  replaceWith,
} from "../diagnostics/diagnostic.js";
import { elsewhere } from "../operators/elsewhere.js";
import type * as ast from "../syntax/ast.js";
import { foreignMember } from "./foreign-members.js";
import { importing } from "./libraries.js";
import { builtInTypes, type Definition, type FileScope, type Scope } from "./scope.js";
import type { SourceSet } from "./source-set.js";

/** Names that other languages have for a Real. */
const realTypes: ReadonlySet<string> = new Set(["float", "double", "number", "Float", "Double"]);

/** Past so many mistakes nobody reads what was meant. */
const mostSuggestions = 100;

/** So many names are looked through for what was meant, which takes less than a second. */
const mostComparisons = 200_000;

/** A fix that writes the name that was meant in every place of `edits`. */
const everywhere = ({ fix, suggestion, ...details }: Details, edits: readonly Edit[]): Details => ({
  ...details,
  ...(fix === undefined ? {} : { fix: { ...fix, edits } }),
  ...(suggestion === undefined ? {} : { suggestion: { ...suggestion, edits } }),
});

/** The place of a name. */
export interface Place {
  /** The word for what is wanted there, "name" by default. */
  readonly what?: "name" | "network" | "param";
  /** Where an `E` that has ended drew it. */
  readonly drawn?: Span | undefined;
  readonly inLoss: boolean;
}

type NamedType = Extract<ast.TypeExpr, { kind: "named" }>;

const whyUnknown = (
  visible: readonly string[],
  { what, drawn, inLoss }: Place,
): readonly string[] => {
  if (drawn !== undefined)
    return [
      "`E[…]` takes the product that follows it and stops at `+` or `-`; brackets hold more together.",
    ];
  if ((what === "network" || what === "param") && visible.length > 0)
    return [`The ${what}s are ${few(visible)}.`];
  return inLoss ? ["A loss draws its values: `E[x ~ a] …`."] : [];
};

/** Reports unknown names, each once for all of its places, into `diagnostics`. */
export class Unknowns {
  /**
   * Where unknown names were reported, for their other uses, and the edits of what was meant, which
   * grow with them.
   */
  private readonly reported = new Map<string, { readonly at: number; readonly edits: Edit[] }>();
  private comparisons = 0;
  private readonly meant = new Map<string, ReturnType<typeof nearest>>();
  /**
   * Names that a wrong name of an import stands for: that they are missing is no second mistake.
   */
  private readonly excused = new Set<string>();

  constructor(
    private readonly diagnostics: Diagnostic[],
    private readonly builtins: ReadonlyMap<string, Definition>,
    private readonly sourceSet: SourceSet,
    private readonly files: ReadonlyMap<string, FileScope>,
  ) {}

  excuse(file: string, name: string): void {
    this.excused.add(`${file} ${name}`);
  }

  /** Whether what can be said of one more unknown name is worth gathering. */
  private get isHelpful(): boolean {
    return this.diagnostics.length <= mostSuggestions && this.comparisons < mostComparisons;
  }

  /** Where it is not worth to look again, what the same name was meant to be before. */
  private nearest(name: string, candidates: () => Iterable<string>): ReturnType<typeof nearest> {
    if (!this.isHelpful) return this.meant.get(name);
    const names = [...candidates()];
    this.comparisons += names.length;
    const meant = nearest(name, names);
    this.meant.set(name, meant);
    return meant;
  }

  /** A name that nothing has. */
  name(name: string, span: Span, scope: Scope, place: Place): void {
    const { what = "name", drawn } = place;
    // Domains stand in types and behind `~`, where nobody writes a value's name.
    const isDomain = (d: Definition): boolean =>
      d.kind === "declared" && d.declaration.kind === "domain";
    const visible = this.isHelpful
      ? [...scope].filter(([, d]) => !isDomain(d)).map(([key]) => key)
      : [];
    if (this.inComment(span)) return;
    const library = drawn === undefined ? this.fromLibrary(name, span) : undefined;
    const instead = library === undefined ? elsewhere(name) : undefined;
    const isMisspelt = drawn === undefined && library === undefined && instead === undefined;
    const meant = isMisspelt
      ? this.nearest(name, () => [
          ...visible.toReversed(),
          ...this.builtins.keys(),
          "true",
          "false",
        ])
      : undefined;
    const edits = this.firstUnknown(name, span, meant?.name);
    if (edits === undefined) return;
    const known = instead === undefined ? [] : [`ganc has no \`${name}\`. ${instead}`];
    this.diagnostics.push(
      diagnostic("GAN201", span, `there is no ${what} \`${name}\`${drawn ? " here" : ""}`, {
        labels: drawn === undefined ? [] : [{ span: drawn, text: "this draws it" }],
        notes: [...known, ...whyUnknown(visible, place)],
        ...everywhere(misspelt(span, meant), edits),
        ...library,
      }),
    );
  }

  /**
   * Whether it stands on a line that begins with `//`: a comment of another language, which divides
   * what stands above.
   */
  private inComment(span: Span): boolean {
    const text = this.sourceSet.files.get(span.file)?.text ?? "";
    // Not all of a file that is one line.
    const near = text.slice(Math.max(0, span.start - 200), span.start);
    const begin = span.start - near.length + near.lastIndexOf("\n") + 1;
    const [, blank, slashes] = /^([ \t]*)(\/\/)/.exec(text.slice(begin, span.start)) ?? [];
    if (blank === undefined || slashes === undefined) return false;
    const start = begin + blank.length;
    const mark = { ...span, start, end: start + slashes.length };
    if (this.firstUnknown(`// ${start}`, mark, undefined) === undefined) return true;
    const said = "`//` divides and rounds down; comments begin with `--`";
    this.diagnostics.push(diagnostic("GAN101", mark, said, { fix: replaceWith(mark, "--") }));
    return true;
  }

  /**
   * Explains how to import a name of the standard library. Imports of an imported file are its own.
   */
  private fromLibrary(name: string, span: Span): Details | undefined {
    const library = this.sourceSet.libraryOf(name);
    const file = this.sourceSet.files.get(span.file);
    if (library === undefined || file === undefined) return undefined;
    const edit = importing(file, library, name);
    const between = [...file.imports].find(([{ form }, target]) => {
      const own = form === "path" ? this.files.get(target) : undefined;
      return own?.definitions.has(name) === true && !own.exported.has(name);
    });
    if (between === undefined)
      return { notes: [`${library} has it: \`import ${library} (${name})\`.`], suggestion: edit };
    const [{ target }] = between;
    const notes = [
      `\`${target.text}\` imports it from ${library} for itself. Import it here too: \`import ${library} (${name})\`.`,
    ];
    return { notes, fix: edit };
  }

  /**
   * One misspelling is one mistake, in however many places it stands; its fix mends all of them.
   *
   * @returns the edits of its first place, to which those of the others are added; nothing where it
   * has been reported
   */
  private firstUnknown(name: string, span: Span, meant: string | undefined): Edit[] | undefined {
    if (this.excused.has(`${span.file} ${name}`)) return undefined;
    const key = `${span.file} ${name} ${meant ?? ""}`;
    const edit: Edit = { span, text: meant ?? "" };
    const first = this.reported.get(key);
    const known = first === undefined ? undefined : this.diagnostics[first.at];
    if (first === undefined || known === undefined) {
      const edits = [edit];
      this.reported.set(key, { at: this.diagnostics.length, edits });
      return edits;
    }
    first.edits.push(edit);
    if (known.labels.length < 3) {
      const labels = [...known.labels, { span, text: "and here" }];
      this.diagnostics[first.at] = { ...known, labels };
    }
    return undefined;
  }

  /** A type that no domain has; `found` is what else is called so. */
  type(type: NamedType, scope: Scope, inLoss: boolean, found?: Definition): void {
    const isDomain = (d: Definition): boolean =>
      d.kind === "declared" && d.declaration.kind === "domain";
    const isHelpful = this.isHelpful;
    const domains = isHelpful
      ? [...scope].filter(([, d]) => isDomain(d)).map(([name]) => name)
      : [];
    const meant = realTypes.has(type.name)
      ? { name: "Real", isSure: true }
      : this.nearest(type.name, () => [...domains, ...builtInTypes]);
    const edits = this.firstUnknown(type.name, type.span, meant?.name);
    if (edits === undefined) return;
    const message =
      found === undefined
        ? `there is no domain \`${type.name}\``
        : `\`${type.name}\` is not a domain`;
    const { fix, suggestion } = everywhere(misspelt(type.span, meant), edits);
    const declared =
      domains.length === 0 ? "No domain is declared." : `The domains are ${few(domains)}.`;
    const notes = [
      ...(isHelpful ? [declared] : []),
      ...(inLoss ? ["Type variables, as in `G : a -> b`, begin with a small letter."] : []),
    ];
    this.diagnostics.push(
      diagnostic(found === undefined ? "GAN201" : "GAN309", type.span, message, {
        notes,
        fix,
        suggestion,
      }),
    );
  }

  /** Each member once, with what ganc has for it. */
  member(expr: Extract<ast.Expr, { kind: "member" }>): void {
    const { file, start, end } = expr.span;
    const name = oneLine(this.sourceSet.files.get(file)?.text ?? "", expr.span);
    if (this.firstUnknown(name, { file, start, end }, undefined) === undefined) return;
    const details = foreignMember(expr, [...this.builtins.keys()]);
    this.diagnostics.push(diagnostic("GAN201", expr.span, `there is no name \`${name}\``, details));
  }
}
