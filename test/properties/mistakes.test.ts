/** Random games with one mistake are refused, for that mistake and for no other. */
import { expect, test } from "@jest/globals";
import { dice } from "../fuzz/dice.js";
import { analyseText } from "../support/specs.js";
import { mistakes } from "./mistakes.js";
import { randomGame } from "./random-games.js";
import { limit, seed, told, trials } from "./trial.js";

/** How many games are tried for each mistake, of which not all have a place for it. */
const indices = trials(200);
const wanted = Math.ceil(trials(8, 0.04).length);

test.each(mistakes.map((mistake) => [mistake.name, mistake] as const))(
  "%s is refused",
  (name, { code, make }) => {
    let made = 0;
    for (const index of indices) {
      const text = make(randomGame(seed, index), dice(seed, index));
      if (text === undefined) continue;
      if (made++ >= wanted) break;
      const codes = new Set(analyseText(text).diagnostics.map((each) => each.code));
      const errors = [...codes].filter((each) => each < "GAN600");
      if (errors.join() !== code)
        throw new Error(
          told(index, text, `${name}: ${errors.join(", ") || "nothing"} for ${code}`),
        );
    }
    if (process.env.GANC_ONLY === undefined) expect(made).toBeGreaterThan(0);
  },
  limit,
);
