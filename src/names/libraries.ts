/** Names of the standard library that a file does not know, and how it imports them. */
import type { Fix } from "../diagnostics/diagnostic.js";
import { parse } from "../syntax/parse.js";
import type { Import, SourceFile, Sources } from "./source-set.js";

export const libraryFile = (library: string): string => `${library.replaceAll(".", "/")}.gan`;

/** The library that declares a name; they are read when the first name is asked for. */
export const libraryNames = (sources: Sources): ((name: string) => string | undefined) => {
  let known: ReadonlyMap<string, string> | undefined;
  const read = (): ReadonlyMap<string, string> =>
    new Map(
      sources.libraries.flatMap((library) => {
        const file = libraryFile(library);
        const { spec } = parse({ name: file, text: sources.read(file) ?? "" });
        return spec.declarations.flatMap((declaration) =>
          "name" in declaration ? [[declaration.name.text, library] as const] : [],
        );
      }),
    );
  return (name) => {
    known ??= read();
    return known.get(name);
  };
};

/** Where a declaration begins, with the comments directly above it. */
const beginOf = (text: string, start: number): number => {
  let begin = text.lastIndexOf("\n", start - 1) + 1;
  for (;;) {
    const above = text.lastIndexOf("\n", begin - 2) + 1;
    if (begin === 0 || !/^\s*--/.test(text.slice(above, begin))) return begin;
    begin = above;
  }
};

/** Adding a name to an import of its library, or an import to the file. */
export const importing = ({ spec, text }: SourceFile, library: string, name: string): Fix => {
  const imports = spec.declarations.filter(
    (declaration): declaration is Import => declaration.kind === "import",
  );
  const same = imports.find(({ target, names }) => target.text === library && names !== undefined);
  const last = same?.names?.[same.names.length - 1];
  if (last !== undefined)
    return {
      title: `import \`${name}\` too`,
      edits: [{ span: { ...last.span, start: last.span.end }, text: `, ${name}` }],
    };
  const line = `import ${library} (${name})`;
  const first = spec.declarations[0]?.span ?? { file: spec.file, start: 0, end: 0 };
  const begin = imports.length > 0 ? first.start : beginOf(text, first.start);
  return {
    title: `write \`${line}\``,
    edits: [{ span: { ...first, start: begin, end: begin }, text: `${line}\n` }],
  };
};
