/** Prose in lines of a given width. */

/** Stands for a blank that no line breaks at. */
const bound = "\u0000";

/** Short code and shapes such as `64 x 64 x 256` stay on one line. */
const together = (text: string): string =>
  text
    .replaceAll(/`[^`]{1,40}`/g, (code) => code.replaceAll(" ", bound))
    .replaceAll(/(\d) x (?=\d)/g, `$1${bound}x${bound}`);

/** Breaks at blanks so that no line is longer than `width`; `first` and `rest` begin the lines. */
export const wrap = (text: string, width: number, first: string, rest: string): string => {
  const lines: string[] = [];
  let current = first;
  let empty = true;
  for (const word of together(text)
    .split(" ")
    .map((w) => w.replaceAll(bound, " "))) {
    if (!empty && current.length + 1 + word.length > width) {
      lines.push(current);
      current = rest;
      empty = true;
    }
    current += empty ? word : ` ${word}`;
    empty = false;
  }
  return [...lines, current].join("\n");
};
