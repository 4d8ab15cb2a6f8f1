/** Reports pictures unlike the training images: the first few one by one, the others counted. */
import { printable } from "../../base/printable.js";
import { counted } from "./progress-text.js";

/** Pictures reported one by one. */
const shown = 5;

export interface UnlikeNotes {
  /** Reports one picture and how it differs. */
  add(input: string, words: string): void;
  /** Reports the rest. */
  end(): void;
}

export const unlikeNotes = (tell: (text: string) => void): UnlikeNotes => {
  const pictures = new Set<string>();
  return {
    add: (input, words) => {
      pictures.add(input);
      if (pictures.size <= shown) tell(`${printable(input)}: ${words}.`);
    },
    end: () => {
      if (pictures.size === 0) return;
      const rest = pictures.size - shown;
      if (rest > 0) tell(`So ${rest === 1 ? "is" : "are"} ${counted(rest, "more picture")}.`);
      tell(
        "A network knows images like those it learnt from: look at what it made of these before you use it.",
      );
    },
  };
};
