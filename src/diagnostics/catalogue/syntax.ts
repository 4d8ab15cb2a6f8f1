/** GAN1xx: texts that are no spec. */
import { error } from "./entry.js";

export const syntax = {
  GAN101: error({
    title: "the text is not a `.gan` spec",
    means:
      "The text cannot be read from this place on: a sign is missing or superfluous, a bracket is not closed, or a word of another language stands where one of ganc's is expected.",
    mend: "Look at the marked word and the one before it. The message says what could stand here; the whole grammar is in `grammar/gan.ebnf`.",
    example: {
      wrong: "let block(k) conv(3, k, pad: 1) >> relu",
      mended: "let block(k) = conv(3, k, pad: 1) >> relu",
    },
  }),
  GAN102: error({
    title: "a character that the language does not know",
    means:
      "The character begins no word, number or sign of the language. Often it begins a comment of another language, or came along when text was copied.",
    mend: "Remove it. Comments begin with `--` and end with the line.",
    example: {
      wrong: "# a small block\nlet block(k) = conv(3, k, pad: 1) >> relu",
      mended: "-- a small block\nlet block(k) = conv(3, k, pad: 1) >> relu",
    },
  }),
  GAN103: error({
    title: "the left side of `=>` is not a list of names",
    means:
      "`x => …` is a function of `x`: to the left of the arrow stand only names of what it takes.",
    mend: "Write one name, or several in brackets. To compare, write `>=`.",
    example: {
      wrong: "let twice = 2 * x => x + x",
      mended: "let twice = x => x + x",
    },
  }),
} as const;
