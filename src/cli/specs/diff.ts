/** Writes a unified diff of two texts, for people and for `patch`. */

interface Line {
  readonly sign: " " | "-" | "+";
  readonly text: string;
}

/**
 * Computes the length of the longest common subsequence of the lines from `i` and from `j` on, for
 * all pairs.
 */
const common = (a: readonly string[], b: readonly string[]): readonly (readonly number[])[] => {
  const lengths = Array.from({ length: a.length + 1 }, () =>
    new Array<number>(b.length + 1).fill(0),
  );
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--) {
      const row = lengths[i] ?? [];
      const next = lengths[i + 1] ?? [];
      row[j] = a[i] === b[j] ? (next[j + 1] ?? 0) + 1 : Math.max(next[j] ?? 0, row[j + 1] ?? 0);
    }
  return lengths;
};

const compared = (a: readonly string[], b: readonly string[]): readonly Line[] => {
  const lengths = common(a, b);
  const lines: Line[] = [];
  for (let i = 0, j = 0; i < a.length || j < b.length; ) {
    const [old, fresh] = [a[i], b[j]];
    if (old !== undefined && old === fresh) {
      lines.push({ sign: " ", text: old });
      i++;
      j++;
    } else if (
      old !== undefined &&
      (fresh === undefined || (lengths[i + 1]?.[j] ?? 0) >= (lengths[i]?.[j + 1] ?? 0))
    ) {
      lines.push({ sign: "-", text: old });
      i++;
    } else {
      lines.push({ sign: "+", text: fresh ?? "" });
      j++;
    }
  }
  return lines;
};

/** Unchanged lines shown around a change. */
const context = 3;

const range = (from: number, count: number): string =>
  `${count === 0 ? from : from + 1}${count === 1 ? "" : `,${count}`}`;

/** Escapes of control characters within quotes, as in C. */
const escapes: Readonly<Record<string, string>> = {
  "\x07": "\\a",
  "\b": "\\b",
  "\t": "\\t",
  "\n": "\\n",
  "\v": "\\v",
  "\f": "\\f",
  "\r": "\\r",
  '"': '\\"',
  "\\": "\\\\",
};

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what has to be escaped
const special = /[\x00-\x1f\x7f"\\]/g;

/**
 * Writes a file's name as `diff` does, and `patch` and `git apply` read it: followed by a tab if it
 * has blanks, which would otherwise end it, and quoted if it has special characters.
 */
const written = (name: string): string => {
  const escaped = name.replaceAll(
    special,
    (letter) => escapes[letter] ?? `\\${letter.charCodeAt(0).toString(8).padStart(3, "0")}`,
  );
  if (escaped !== name || /^\s/.test(name)) return `"${escaped}"`;
  return /\s/.test(name) ? `${name}\t` : name;
};

const noBreak = "\\ No newline at end of file\n";

/**
 * Splits a text into lines with their breaks. A last line without a break differs from the same
 * line with one. An empty text has no line.
 */
const linesOf = (text: string): readonly string[] =>
  text.split(/(?<=\n)/).filter((line) => line !== "");

const shown = ({ sign, text }: Line): string =>
  text.endsWith("\n") ? `${sign}${text}` : `${sign}${text}\n${noBreak}`;

/** Writes the diff; empty if the texts are equal. */
export const unifiedDiff = (name: string, before: string, after: string): string => {
  const lines = compared(linesOf(before), linesOf(after));
  const near = lines.map((_, at) =>
    lines.slice(Math.max(0, at - context), at + context + 1).some(({ sign }) => sign !== " "),
  );
  const hunks: string[] = [];
  for (let at = 0, old = 0, fresh = 0; at < lines.length; ) {
    let end = at;
    while (end < lines.length && near[end] === near[at]) end++;
    const part = lines.slice(at, end);
    const removed = part.filter(({ sign }) => sign !== "+").length;
    const added = part.filter(({ sign }) => sign !== "-").length;
    if (near[at] === true) {
      hunks.push(`@@ -${range(old, removed)} +${range(fresh, added)} @@\n`);
      hunks.push(part.map(shown).join(""));
    }
    old += removed;
    fresh += added;
    at = end;
  }
  return hunks.length === 0 ? "" : `--- ${written(name)}\n+++ ${written(name)}\n${hunks.join("")}`;
};
