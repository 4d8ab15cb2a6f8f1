/** What a benchmark could not do is told once, in words. */
import { expect, test } from "@jest/globals";
import { wordsOf } from "../../bench/reported.js";

test("however many processes hand on an error, its words are its own", () => {
  const first = new RangeError("no such size");
  const handed = new Error(String(new Error(String(first))));
  expect([first, handed, String(first), "no such size"].map(wordsOf)).toEqual(
    Array.from({ length: 4 }, () => "no such size"),
  );
  expect(wordsOf(new Error("the side tfjs cannot run: Error in the spec"))).toBe(
    "the side tfjs cannot run: Error in the spec",
  );
});
