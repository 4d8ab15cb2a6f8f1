/** Reading the text form that `printProgram` writes. */
import { type Either, left, right } from "fp-ts/lib/Either.js";
import { lineStarts, positionAt } from "../base/source.js";
import { items, sentence } from "./codec.js";
import { Malformed, readTrees, type Tree } from "./notation.js";
import type { Program } from "./program.js";
import { type Part, schemaOf } from "./schema.js";

type PartOf<K extends Part["kind"]> = Extract<Part, { readonly kind: K }>;

const filesOf = (tree: Tree | undefined): readonly string[] => {
  const [head, ...files] = tree === undefined ? [] : items(tree);
  if (head?.kind !== "word" || head.text !== "files")
    throw new Malformed("a program begins with its files", tree?.at ?? 0);
  return files.map(sentence.read);
};

const read = (text: string): Program => {
  const [first, ...rest] = readTrees(text);
  const files = filesOf(first);
  const schema = schemaOf({ numberOf: () => 0, nameOf: (number) => files[number] });
  const parts = rest.map(schema.read);
  const all = <K extends Part["kind"]>(kind: K): readonly PartOf<K>[] =>
    parts.filter((part): part is PartOf<K> => part.kind === kind);
  const only = <K extends Part["kind"]>(kind: K): PartOf<K> => {
    const [one, more] = all(kind);
    if (one === undefined || more !== undefined)
      throw new Malformed(`a program has one (${kind} …)`, 0);
    return one;
  };
  const plain = <A extends Part>({ kind: _, ...said }: A): Omit<A, "kind"> => said;
  const phases = all("phase").map(plain);
  const model = {
    ...plain(only("program")),
    params: all("set").map(plain),
    domains: all("domain").map(({ domain }) => domain),
    networks: all("network").map(({ network }) => network),
    phases,
    players: phases.flatMap(({ players }) => players),
    recipe: only("recipe").recipe,
  };
  return { model, definitions: all("define").map(({ definition }) => definition) };
};

/**
 * The program of a text, or why there is none, beginning with the place:
 * `line 3, column 7: expected a number`. Whether what it says fits together is for `verifyProgram`
 * to say.
 */
export const parseProgram = (text: string): Either<string, Program> => {
  try {
    return right(read(text));
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    const { line, column } = positionAt(lineStarts(text), error.at);
    return left(`line ${line}, column ${column}: ${error.message}`);
  }
};
