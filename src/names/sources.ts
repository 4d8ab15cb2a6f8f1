/**
 * From one entry file to the whole program: every file that it imports, each parsed once,
 * dependencies first.
 */
import type { Span } from "../base/source.js";
import { nearest } from "../base/suggest.js";
import { type Diagnostic, diagnostic, misspelt } from "../diagnostics/diagnostic.js";
import { parse } from "../syntax/parse.js";
import { isForeignRoot } from "./foreign-members.js";
import { libraryFile, libraryNames } from "./libraries.js";
import type { Import, SourceFile, SourceSet, Sources } from "./source-set.js";

/** A path of a spec that leads out of the project, where it does. */
export const outsideOf = (
  sources: Sources,
  { entry, file, span }: { readonly entry: string; readonly file: string; readonly span: Span },
): Diagnostic | undefined => {
  const border = sources.outside?.(file, entry);
  if (border === undefined) return undefined;
  return diagnostic("GAN208", span, `\`${file}\` lies outside of the project`, {
    notes: [`The project is ${border}. Copy the file into it, or call ganc with --root FOLDER.`],
  });
};

/**
 * `specs/a/b.gan` and `../c.gan` give `specs/c.gan`; a path from the root, `/c.gan`, is read from
 * there.
 */
export const joinPath = (from: string, path: string): string => {
  const isFromRoot = path.startsWith("/");
  const absolute = isFromRoot || from.startsWith("/");
  const parts = isFromRoot ? [] : from.split("/").slice(0, -1);
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    const climbs = part === ".." && parts.length > 0 && parts[parts.length - 1] !== "..";
    if (climbs) parts.pop();
    else parts.push(part);
  }
  const joined = parts.filter((part) => part !== "").join("/");
  return absolute ? `/${joined}` : joined;
};

/**
 * Files that may import each other in a chain: more than people write, less than the stack holds.
 */
const deepestImports = 200;

export const loadSources = (
  entry: string,
  sources: Sources,
): { readonly sourceSet: SourceSet; readonly diagnostics: readonly Diagnostic[] } => {
  const files = new Map<string, SourceFile>();
  const diagnostics: Diagnostic[] = [];
  const open: string[] = [];

  const noFile = (span: Span, file: string, notes: readonly string[] = []): Diagnostic => {
    const instead = sources.instead?.(file);
    return instead === undefined
      ? diagnostic("GAN204", span, `there is no file \`${file}\``, { notes })
      : diagnostic("GAN204", span, instead.message, { notes: instead.notes });
  };

  const notFound = (declaration: Import, file: string): void => {
    const { text, span } = declaration.target;
    const meant = declaration.form === "library" ? nearest(text, sources.libraries) : undefined;
    const known = `The standard library has ${sources.libraries.join(", ")}.`;
    diagnostics.push(
      declaration.form === "library"
        ? diagnostic("GAN204", span, `there is no library \`${text}\``, {
            ...misspelt(span, meant),
            notes: [
              ...(isForeignRoot(text.split(".")[0] ?? "")
                ? ["What ganc has stands by its own name, without an import."]
                : []),
              known,
            ],
          })
        : noFile(
            span,
            file,
            text.startsWith("/")
              ? []
              : ["The path is read from the folder of the file that imports it."],
          ),
    );
  };

  const follow = (from: string, declaration: Import): string | undefined => {
    const { text, span } = declaration.target;
    const file = declaration.form === "library" ? libraryFile(text) : joinPath(from, text);
    if (open.includes(file)) {
      const circle = [...open.slice(open.indexOf(file)), file].join(" → ");
      diagnostics.push(diagnostic("GAN205", span, `this import leads back to itself: ${circle}`));
      return undefined;
    }
    if (open.length >= deepestImports && !files.has(file)) {
      const notes = [`The chain of imports is ${deepestImports} files long. Import from nearer.`];
      diagnostics.push(diagnostic("GAN409", span, "this import is too deep to follow", { notes }));
      return undefined;
    }
    const outside =
      declaration.form === "library" ? undefined : outsideOf(sources, { entry, file, span });
    if (outside !== undefined) {
      diagnostics.push(outside);
      return undefined;
    }
    if (files.has(file) || load(file)) return file;
    notFound(declaration, file);
    return undefined;
  };

  const load = (file: string): boolean => {
    const text = sources.read(file);
    if (text === undefined) return false;
    open.push(file);
    const parsed = parse({ name: file, text });
    for (const one of parsed.diagnostics) diagnostics.push(one);
    const imports = new Map<Import, string>();
    for (const declaration of parsed.spec.declarations) {
      if (declaration.kind !== "import") continue;
      // What the parser has complained of, on its line, is not what the user meant to import.
      const { start, end } = declaration.span;
      const begin = text.lastIndexOf("\n", start - 1) + 1;
      if (parsed.diagnostics.some((d) => begin <= d.span.start && d.span.start <= end + 1))
        continue;
      const target = follow(file, declaration);
      if (target !== undefined) imports.set(declaration, target);
    }
    open.pop();
    const lastingName = sources.lastingName?.(file) ?? file;
    files.set(file, { spec: parsed.spec, text, lastingName, imports });
    return true;
  };

  if (!load(entry)) {
    const nowhere: Span = { file: entry, start: 0, end: 0 };
    diagnostics.push(noFile(nowhere, entry));
  }
  return { sourceSet: { entry, files, libraryOf: libraryNames(sources) }, diagnostics };
};
