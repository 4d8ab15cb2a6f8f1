/**
 * A line of source as a terminal shows it: tabs, wide characters, and characters that would steer
 * the terminal.
 */

interface Glyph {
  readonly text: string;
  /** Columns that it takes: 1 or 2, and 0 for accents that stand over the character before. */
  readonly width: number;
}

export interface ShownLine {
  readonly glyphs: readonly Glyph[];
  /** For each code unit of the line, and for its end, the column from 0 at which it is shown. */
  readonly columns: readonly number[];
  readonly width: number;
}

const tabStop = 4;

const accent = /^[\p{Mn}\p{Me}]$/u;

/** Control and format characters, which could move the cursor or turn the direction of writing. */
const steering = /^[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]$/u;

/**
 * East Asian wide and full-width characters (Unicode's annex 11), and what is drawn as an emoji.
 */
const wide =
  /^(?:[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|\p{Emoji_Presentation})$/u;

const glyphOf = (character: string, column: number): Glyph => {
  if (character === "\t") {
    const width = tabStop - (column % tabStop);
    return { text: " ".repeat(width), width };
  }
  if (steering.test(character)) return { text: "\ufffd", width: 1 };
  if (accent.test(character)) return { text: character, width: 0 };
  return { text: character, width: wide.test(character) ? 2 : 1 };
};

export const shownLine = (line: string): ShownLine => {
  const glyphs: Glyph[] = [];
  const columns: number[] = [];
  let width = 0;
  for (const character of line) {
    const glyph = glyphOf(character, width);
    glyphs.push(glyph);
    for (let unit = 0; unit < character.length; unit++) columns.push(width);
    width += glyph.width;
  }
  return { glyphs, columns: [...columns, width], width };
};

/** Returns the text in the columns `[from, to)`. Half of a wide character becomes a blank. */
export const columnsBetween = ({ glyphs }: ShownLine, from: number, to: number): string => {
  let column = 0;
  let text = "";
  for (const glyph of glyphs) {
    const end = column + glyph.width;
    if (column >= from && end <= to) text += glyph.text;
    else text += " ".repeat(Math.max(0, Math.min(end, to) - Math.max(column, from)));
    column = end;
  }
  return text;
};

/** Prose with nothing in it that would steer a terminal. */
export const harmless = (text: string): string =>
  [...text].map((c) => (c !== "\n" && steering.test(c) ? "\ufffd" : c)).join("");
