/**
 * Text of nested lists: words, quoted texts and brackets, such as
 * `(layer 3 "a b" (1 2) span: @0:7-9)`. A word that ends in a colon names what stands behind it.
 */
export type Tree =
  /** `conv`, `-0.5`, `span:` */
  | { readonly kind: "word"; readonly text: string; readonly at: number }
  | { readonly kind: "quoted"; readonly text: string; readonly at: number }
  | { readonly kind: "list"; readonly items: readonly Tree[]; readonly at: number };

/** An error of reading, with the place in the text where it begins. */
export class Malformed extends Error {
  constructor(
    message: string,
    readonly at: number,
  ) {
    super(message);
  }
}

/** Makes a word. A tree that was made rather than read has no place. */
export const word = (text: string): Tree => ({ kind: "word", text, at: 0 });
export const quoted = (text: string): Tree => ({ kind: "quoted", text, at: 0 });
export const list = (items: readonly Tree[]): Tree => ({ kind: "list", items, at: 0 });

const width = 100;

const isKey = (tree: Tree | undefined): boolean => tree?.kind === "word" && tree.text.endsWith(":");

/** On one line; undefined where that is longer than `room`. */
const flat = (tree: Tree, room: number): string | undefined => {
  if (tree.kind !== "list") {
    const text = tree.kind === "word" ? tree.text : JSON.stringify(tree.text);
    return text.length <= room ? text : undefined;
  }
  let text = "(";
  for (const item of tree.items) {
    const part = flat(item, room - text.length - 2);
    if (part === undefined) return undefined;
    text += text === "(" ? part : ` ${part}`;
  }
  return `${text})`;
};

/** The parts of a list: each item, a key with what it names. */
const partsOf = (items: readonly Tree[]): readonly (readonly Tree[])[] => {
  const parts: Tree[][] = [];
  let isNamed = false;
  for (const item of items) {
    if (isNamed) parts.at(-1)?.push(item);
    else parts.push([item]);
    isNamed = isKey(item);
  }
  return parts;
};

const textOf = (tree: Tree): string => flat(tree, Number.POSITIVE_INFINITY) ?? "";

/** Writes a part on one line if it fits in `room`. */
const fitting = (part: readonly Tree[], room: number): string | undefined => {
  const texts = part.map((tree) => flat(tree, room));
  return texts.includes(undefined) ? undefined : texts.join(" ");
};

/** The lines of a tree whose first begins behind `before`; the others are indented. */
const lines = (tree: Tree, depth: number, before: string): readonly string[] => {
  const one = flat(tree, width - 2 * depth - before.length - 1);
  if (one !== undefined || tree.kind !== "list") return [`${before}${one ?? textOf(tree)}`];
  // A list of lists has one in a row; all else is filled from left to right.
  const isRows = tree.items.every(({ kind }) => kind === "list");
  const done: string[] = [];
  let current = `${before}(`;
  for (const part of partsOf(tree.items)) {
    const room = width - 2 * (depth + 1) - 1;
    const text = fitting(part, room);
    const isFirst = done.length === 0 && current === `${before}(`;
    const begin = isFirst || current === "" ? current : `${current} `;
    if (!isRows && text !== undefined && begin.length + text.length <= room) {
      current = begin + text;
      continue;
    }
    if (current !== "") done.push(current);
    const value = part.at(-1) as Tree;
    const name = part.length > 1 ? `${textOf(part[0] as Tree)} ` : "";
    const below = lines(value, depth + 1, name);
    done.push(...below.slice(0, -1).map((line) => `  ${line}`));
    current = `  ${below.at(-1)}`;
  }
  return [...done, `${current})`];
};

/** The text of trees, each beginning a line; what does not fit into a line goes on indented. */
export const printTrees = (trees: readonly Tree[]): string =>
  `${trees.map((tree) => lines(tree, 0, "").join("\n")).join("\n")}\n`;

const BLANK = /\s*/y;
const WORD = /[^\s()"]+/y;
const QUOTED = /"(?:[^"\\\n]|\\.)*"/y;

/** The trees of a text. @throws Malformed where brackets or quotes do not match. */
export const readTrees = (text: string): readonly Tree[] => {
  let at = 0;
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    at += found?.length ?? 0;
    return found;
  };
  const open: { readonly items: Tree[]; readonly at: number }[] = [{ items: [], at: 0 }];
  const put = (tree: Tree): void => {
    open.at(-1)?.items.push(tree);
  };
  for (take(BLANK); at < text.length; take(BLANK)) {
    const begin = at;
    const found = take(WORD);
    if (found !== undefined) put({ kind: "word", text: found, at: begin });
    else if (text[at] === "(") {
      open.push({ items: [], at: at++ });
    } else if (text[at] === ")") {
      const done = open.length > 1 ? open.pop() : undefined;
      if (done === undefined) throw new Malformed("nothing is open here", at);
      put({ kind: "list", ...done });
      at++;
    } else {
      const string = take(QUOTED);
      if (string === undefined) throw new Malformed("this text has no end", begin);
      put({ kind: "quoted", text: unquoted(string, begin), at: begin });
    }
  }
  const last = open.pop();
  if (last === undefined || open.length > 0)
    throw new Malformed("this bracket is never closed", last?.at ?? 0);
  return last.items;
};

const unquoted = (text: string, at: number): string => {
  try {
    return JSON.parse(text);
  } catch {
    throw new Malformed(`${text} is not a string of JSON`, at);
  }
};
