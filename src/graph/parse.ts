/** Reading the text form that `print` writes. */
import { type Either, left, right } from "fp-ts/lib/Either.js";
import type { Attribute, Attributes, Graph, Node } from "./graph.js";

/** Why a line cannot be read; `parse` puts its number before it. */
class Malformed extends Error {}

/** Reads a line from the left, passing over blanks. */
interface Reader {
  /**
   * The text that the sticky pattern matches here, which is passed over; absent where it does not
   * match.
   */
  readonly take: (pattern: RegExp) => string | undefined;
  /** As `take`. @throws Malformed where it does not match; `what` was expected. */
  readonly need: (pattern: RegExp, what: string) => string;
  /** Whether the text stands here; then it is passed over. */
  readonly skip: (text: string) => boolean;
  /** @throws Malformed where the text does not stand here. */
  readonly expect: (text: string) => void;
  /** What is left of the line. */
  readonly rest: () => string;
}

const readerOf = (line: string): Reader => {
  let at = 0;
  const blanks = (): void => {
    while (line[at] === " ") at++;
  };
  const take = (pattern: RegExp): string | undefined => {
    blanks();
    pattern.lastIndex = at;
    const found = pattern.exec(line)?.[0];
    at += found?.length ?? 0;
    return found;
  };
  const skip = (text: string): boolean => {
    blanks();
    const here = line.startsWith(text, at);
    if (here) at += text.length;
    return here;
  };
  const expected = (what: string): Malformed => {
    blanks();
    return new Malformed(`expected ${what} at ${JSON.stringify(line.slice(at, at + 20))}`);
  };
  const need = (pattern: RegExp, what: string): string => {
    const found = take(pattern);
    if (found === undefined) throw expected(what);
    return found;
  };
  const expect = (text: string): void => {
    if (!skip(text)) throw expected(text);
  };
  return { take, need, skip, expect, rest: () => line.slice(at) };
};

const WORD = /\w+/y;
const ID = /%\d+/y;
const COUNT = /\d+/y;
const NUMBER = /-?(?:Infinity|NaN|\d+(?:\.\d+)?(?:e[+-]?\d+)?)/y;
const STRING = /"(?:[^"\\]|\\.)*"/y;
const FLAG = /true\b|false\b/y;

const unquoted = (text: string): string => {
  try {
    return JSON.parse(text);
  } catch {
    throw new Malformed(`${text} is not a string of JSON`);
  }
};

const string = (reader: Reader): string => unquoted(reader.need(STRING, "a quoted name"));

/** One item or more, with commas between them. */
const separated = <T>(reader: Reader, item: () => T): readonly T[] => {
  const items = [item()];
  while (reader.skip(",")) items.push(item());
  return items;
};

/** Items, or none, up to the closing text, which is passed over. */
const listed = <T>(reader: Reader, closing: string, item: () => T): readonly T[] => {
  if (reader.skip(closing)) return [];
  const items = separated(reader, item);
  reader.expect(closing);
  return items;
};

/** A list of numbers after its bracket; `0 x 12` stands for twelve zeros. */
const numbers = (reader: Reader): readonly number[] =>
  listed(reader, "]", () => {
    const value = Number(reader.need(NUMBER, "a number"));
    const count = reader.skip("x") ? Number(reader.need(COUNT, "a count")) : 1;
    return new Array<number>(count).fill(value);
  }).flat();

const attribute = (reader: Reader): Attribute => {
  if (reader.skip("[")) return numbers(reader);
  const quoted = reader.take(STRING);
  if (quoted !== undefined) return unquoted(quoted);
  const flag = reader.take(FLAG);
  if (flag !== undefined) return flag === "true";
  return Number(reader.need(NUMBER, "a number, a list, a string, true or false"));
};

const attributes = (reader: Reader): Attributes =>
  Object.fromEntries(
    !reader.skip("{")
      ? []
      : listed(reader, "}", () => {
          const name = reader.need(WORD, "the name of an attribute");
          reader.expect(":");
          return [name, attribute(reader)] as const;
        }),
  );

const ended = (reader: Reader): void => {
  const rest = reader.rest().trim();
  if (rest !== "")
    throw new Malformed(`nothing should follow, but there is ${JSON.stringify(rest)}`);
};

const label = (reader: Reader): string | undefined => {
  if (!reader.skip("--")) {
    ended(reader);
    return undefined;
  }
  const text = reader.rest().trim();
  return text.startsWith('"') ? unquoted(text) : text;
};

type Nodes = Map<string, Node>;

const reference = (reader: Reader, nodes: Nodes): Node => {
  const id = reader.need(ID, "a node, as in %3,");
  const node = nodes.get(id);
  if (node === undefined) throw new Malformed(`${id} is not defined before it`);
  return node;
};

/** `%12 = conv(%3, %5) {stride: 1, pad: 0} : [1, 64, 32, 32]  -- G.R_3.conv_2` */
const defineNode = (reader: Reader, nodes: Nodes): void => {
  const id = reader.need(ID, "a node, as in %3,");
  if (nodes.has(id)) throw new Malformed(`${id} is defined twice`);
  reader.expect("=");
  const operator = reader.need(WORD, "an operator");
  reader.expect("(");
  const inputs = listed(reader, ")", () => reference(reader, nodes));
  const given = attributes(reader);
  reader.expect(":");
  reader.expect("[");
  const shape = numbers(reader);
  nodes.set(id, { operator, inputs, attributes: given, shape, label: label(reader) });
};

interface Header {
  name?: string;
  inputs?: readonly Node[];
  readonly outputs: Map<string, Node>;
}

const readHeader = (reader: Reader, nodes: Nodes, header: Header): void => {
  const word = reader.take(WORD);
  if (word === "graph" && header.name === undefined) header.name = string(reader);
  else if (word === "inputs" && header.inputs === undefined) {
    const none = reader.rest().trim() === "";
    header.inputs = none ? [] : separated(reader, () => reference(reader, nodes));
  } else if (word === "output") {
    const name = string(reader);
    if (header.outputs.has(name)) throw new Malformed(`the output ${name} is defined twice`);
    reader.expect("=");
    header.outputs.set(name, reference(reader, nodes));
  } else throw new Malformed("expected graph or inputs, once each, output, or a node, as in %3");
  ended(reader);
};

/** Calls `read` with each line; where it throws Malformed, the line's number and why. */
const eachLine = (
  lines: readonly { readonly text: string; readonly number: number }[],
  read: (reader: Reader) => void,
): string | undefined => {
  for (const { text, number } of lines)
    try {
      read(readerOf(text));
    } catch (error) {
      if (error instanceof Malformed) return `line ${number}: ${error.message}`;
      throw error;
    }
  return undefined;
};

/**
 * The graph of a text, or why there is none, beginning with the number of the line. Whether its
 * operators, shapes and attributes are right is for `verify` to say.
 */
export const parse = (text: string): Either<string, Graph> => {
  const lines = text
    .split(/\r?\n/)
    .map((content, i) => ({ text: content, number: i + 1 }))
    .filter((line) => line.text.trim() !== "");
  const isNode = (line: { readonly text: string }) => line.text.trimStart().startsWith("%");
  const nodes: Nodes = new Map();
  const header: Header = { outputs: new Map() };
  const problem =
    eachLine(lines.filter(isNode), (reader) => defineNode(reader, nodes)) ??
    eachLine(
      lines.filter((line) => !isNode(line)),
      (reader) => readHeader(reader, nodes, header),
    );
  if (problem !== undefined) return left(problem);
  const { name, inputs, outputs } = header;
  if (name === undefined || inputs === undefined)
    return left(`line 1: a graph begins with its name and its inputs`);
  return right({ name, inputs, outputs });
};
