/**
 * Laying out code in at most `width` columns, with the rules of common formatters: what fits stays
 * on one line, what does not breaks at its outermost brackets first.
 */

export type Doc =
  | string
  | { readonly kind: "concat"; readonly parts: readonly Doc[] }
  | { readonly kind: "group"; readonly body: Doc }
  | { readonly kind: "indent"; readonly body: Doc }
  /** A break, or `flat` where its group fits on the line. */
  | { readonly kind: "line"; readonly flat: string }
  /** Text only where its group is broken. */
  | { readonly kind: "if broken"; readonly text: string };

export const concat = (...parts: readonly Doc[]): Doc => ({ kind: "concat", parts });
export const group = (...parts: readonly Doc[]): Doc => ({ kind: "group", body: concat(...parts) });
export const indent = (...parts: readonly Doc[]): Doc => ({
  kind: "indent",
  body: concat(...parts),
});
export const line: Doc = { kind: "line", flat: " " };
export const softline: Doc = { kind: "line", flat: "" };
const trailingComma: Doc = { kind: "if broken", text: "," };

const separated = (items: readonly Doc[]): Doc =>
  concat(...items.flatMap((item, i) => (i === 0 ? [item] : [",", line, item])));

const bracketed = (open: string, items: readonly Doc[], close: string, inside: Doc): Doc =>
  items.length === 0
    ? open + close
    : group(open, indent(inside, separated(items)), trailingComma, inside, close);

export const array = (items: readonly Doc[]): Doc => bracketed("[", items, "]", softline);
export const object = (items: readonly Doc[]): Doc => bracketed("{", items, "}", line);

/** A call; a sole array or object argument keeps its brackets next to the call's. */
export const call = (callee: string, args: readonly Doc[], hug = false): Doc =>
  hug && args.length === 1
    ? concat(callee, "(", args[0] ?? "", ")")
    : concat(callee, bracketed("(", args, ")", softline));

/** `head` and what it is said to be, on the next line where it does not fit behind it. */
export const arrow = (head: string, body: Doc): Doc => group(head, indent(line, body));

type Mode = "flat" | "broken";
interface Item {
  readonly doc: Doc;
  readonly mode: Mode;
  readonly depth: number;
}

/** Whether all up to the next possible break of what is already broken fits into `room` columns. */
const fits = (first: Item, rest: readonly Item[], room: number): boolean => {
  const stack = [...rest, first];
  let left = room;
  while (left >= 0) {
    const item = stack.pop();
    if (item === undefined) return true;
    const { doc, mode, depth } = item;
    if (typeof doc === "string") left -= doc.length;
    else if (doc.kind === "concat")
      for (const part of [...doc.parts].reverse()) stack.push({ doc: part, mode, depth });
    else if (doc.kind === "group") stack.push({ doc: doc.body, mode, depth });
    else if (doc.kind === "indent") stack.push({ doc: doc.body, mode, depth });
    else if (doc.kind === "line") {
      if (mode === "broken") return true;
      left -= doc.flat.length;
    } else if (mode === "broken") left -= doc.text.length;
  }
  return false;
};

const step = "  ";

/**
 * The text of a document that begins at column `column` (from 0) in a block indented by `depth`
 * steps.
 */
export const layout = (doc: Doc, { width = 100, column = 0, depth = 0 } = {}): string => {
  const out: string[] = [];
  let position = column;
  const stack: Item[] = [{ doc, mode: "broken", depth }];
  for (let item = stack.pop(); item !== undefined; item = stack.pop()) {
    const { doc: current, mode, depth: level } = item;
    if (typeof current === "string") {
      out.push(current);
      position += current.length;
    } else if (current.kind === "concat") {
      for (const part of [...current.parts].reverse())
        stack.push({ doc: part, mode, depth: level });
    } else if (current.kind === "indent") {
      stack.push({ doc: current.body, mode, depth: level + 1 });
    } else if (current.kind === "group") {
      const flat: Item = { doc: current.body, mode: "flat", depth: level };
      const fitting = mode === "flat" || fits(flat, stack, width - position);
      stack.push(fitting ? flat : { ...flat, mode: "broken" });
    } else if (current.kind === "if broken") {
      if (mode === "broken") {
        out.push(current.text);
        position += current.text.length;
      }
    } else if (mode === "flat") {
      out.push(current.flat);
      position += current.flat.length;
    } else {
      out.push(`\n${step.repeat(level)}`);
      position = level * step.length;
    }
  }
  return out.join("");
};
