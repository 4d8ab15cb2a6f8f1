/**
 * Text with places where it may break, and the choice among them: a small pretty-printer in
 * Wadler's manner. A group that fits stands on one line; in one that does not, its lines break, or
 * those of them where what follows would not fit.
 */

export type Doc =
  | string
  | readonly Doc[]
  /**
   * `flat` where its group stands on one line; else it breaks, or, where it may stay, only if what
   * follows does not fit.
   */
  | { readonly kind: "line"; readonly flat: "" | " "; readonly mayStay: boolean }
  | { readonly kind: "hard" }
  /** Ends its line; one that stood on a line of its own begins one too. */
  | { readonly kind: "comment"; readonly text: string; readonly own: boolean }
  /** Lines that begin inside of it begin two columns further to the right. */
  | { readonly kind: "indent"; readonly doc: Doc }
  /** Lines that begin inside of it begin at the column at which it begins. */
  | { readonly kind: "align"; readonly doc: Doc }
  | { readonly kind: "group"; readonly doc: Doc; readonly broken: boolean };

export const softline: Doc = { kind: "line", flat: "", mayStay: false };
export const line: Doc = { kind: "line", flat: " ", mayStay: false };
export const fillLine: Doc = { kind: "line", flat: " ", mayStay: true };
export const hardline: Doc = { kind: "hard" };

/** Columns that a level of indentation takes. */
export const step = 2;

/** Columns that code stays within; comments are left as they are. */
export const width = 100;

/** Whether something inside must break, whatever fits. */
export const mustBreak = (doc: Doc): boolean => {
  if (typeof doc === "string") return false;
  if (isList(doc)) return doc.some(mustBreak);
  switch (doc.kind) {
    case "line":
      return false;
    case "hard":
    case "comment":
      return true;
    case "indent":
    case "align":
      return mustBreak(doc.doc);
    case "group":
      return doc.broken;
  }
};

const isList = (doc: Doc): doc is readonly Doc[] => Array.isArray(doc);

export const group = (doc: Doc): Doc => ({ kind: "group", doc, broken: mustBreak(doc) });
export const indent = (doc: Doc): Doc => ({ kind: "indent", doc });
export const align = (doc: Doc): Doc => ({ kind: "align", doc });

/**
 * A document still to be written, with the margin of its lines, and whether its group fits on one
 * line.
 */
interface Task {
  readonly doc: Doc;
  readonly margin: number;
  readonly flat: boolean;
}

/**
 * Whether what is to come, the tasks from the last on, fits into `room` columns up to where a line
 * may end.
 */
const fits = (tasks: readonly Task[], room: number): boolean => {
  const own: Task[] = [];
  let rest = tasks.length;
  for (let left = room; left >= 0; ) {
    const task = own.pop() ?? tasks[--rest];
    if (task === undefined) return true;
    const { doc, flat } = task;
    if (typeof doc === "string") left -= doc.length;
    else if (isList(doc))
      for (let i = doc.length - 1; i >= 0; i--) own.push({ ...task, doc: doc[i] ?? "" });
    else if (doc.kind === "hard" || doc.kind === "comment") return true;
    else if (doc.kind === "line") {
      if (!flat) return true;
      left -= doc.flat.length;
    } else if (doc.kind === "group") own.push({ ...task, doc: doc.doc, flat: !doc.broken });
    else own.push({ ...task, doc: doc.doc });
  }
  return false;
};

interface Place {
  /** Columns that stand before the text. */
  readonly column: number;
  /** The column at which further lines begin. */
  readonly margin: number;
}

/**
 * The text, from its first character on; further lines bring their indentation with them. No line
 * ends in a blank.
 */
export const render = (doc: Doc, { column, margin }: Place): string => {
  const lines: string[] = [];
  let current = "";
  let start = column;
  let isBlank = false;
  let afterComment = false;
  const tasks: Task[] = [{ doc, margin, flat: false }];
  const newline = (at: number): void => {
    // A line on which nothing stands yet is new already.
    if (!isBlank) lines.push(current.trimEnd());
    [current, start, isBlank, afterComment] = [" ".repeat(at), 0, true, false];
  };
  const write = (text: string, at: number): void => {
    if (text === "") return;
    if (afterComment) newline(at);
    current += isBlank ? text.trimStart() : text;
    isBlank = false;
  };
  for (let task = tasks.pop(); task !== undefined; task = tasks.pop()) {
    const { doc: next, margin: at, flat } = task;
    const used = start + current.length;
    if (typeof next === "string") write(next, at);
    else if (isList(next))
      for (let i = next.length - 1; i >= 0; i--) tasks.push({ ...task, doc: next[i] ?? "" });
    else
      switch (next.kind) {
        case "hard":
          newline(at);
          break;
        case "line": {
          const room = width - used - next.flat.length;
          const stays = !afterComment && (flat || (next.mayStay && fits(tasks, room)));
          if (stays) write(next.flat, at);
          else newline(at);
          break;
        }
        case "comment":
          if (afterComment || (next.own && !isBlank && used > 0)) newline(at);
          write(current.endsWith(" ") || used === 0 || isBlank ? next.text : ` ${next.text}`, at);
          afterComment = true;
          break;
        case "indent":
          tasks.push({ ...task, doc: next.doc, margin: at + step });
          break;
        case "align":
          tasks.push({ ...task, doc: next.doc, margin: afterComment || isBlank ? at : used });
          break;
        case "group": {
          tasks.push({ doc: next.doc, margin: at, flat: !next.broken });
          if (next.broken || flat || fits(tasks, width - used)) break;
          tasks.pop();
          tasks.push({ doc: next.doc, margin: at, flat: false });
        }
      }
  }
  return [...lines, current.trimEnd()].join("\n");
};
