/**
 * What small specs become: source beside output, for reading in review.
 * `npm run -s jest -- test/targets -u` rewrites.
 */
import { expect, test } from "@jest/globals";
import { constructs } from "../support/constructs.js";
import { compileText } from "../support/specs.js";

const shown = [
  "let-in",
  "unet",
  "functions-of-blocks",
  "numbers",
  "words-of-typescript",
  "loss-arithmetic",
  "histories",
  "one-player",
  "accumulated",
  "repeated-phases",
  "optimizer-of-one-network",
  "dense",
  "norms",
] as const;

for (const name of shown) {
  test(name, async () => {
    const text = constructs[name] ?? "";
    expect(`${text}\n${"=".repeat(100)}\n\n${await compileText(text)}`).toMatchSnapshot();
  });
}
