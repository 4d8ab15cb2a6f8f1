import { expect, test } from "@jest/globals";
import { printable, someOf } from "../../src/base/printable.js";

test("control characters, turned writing and halves of characters are written out", () => {
  expect(printable("\x1b[31mred\x07\n\x9b2J\u202egnp.jpg\u2028\ud800")).toBe(
    "\\x1b[31mred\\x07\\x0a\\x9b2J\\u202egnp.jpg\\u2028\\ud800",
  );
});

test("letters of every writing stay as they are", () => {
  const names = "é e\u0301 ほ 🐴 👩‍🌾 עברית a b";
  expect(printable(names)).toBe(names);
});

test("of many names the first few are said, and how many more there are", () => {
  const names = Array.from({ length: 15 }, (_, i) => `${i}.png`);
  expect(someOf(names)).toBe("0.png, 1.png, 2.png and 12 more");
  expect(someOf(names.slice(0, 4))).toBe("0.png, 1.png, 2.png, 3.png");
  expect(someOf(["a\nb"])).toBe("a\\x0ab");
  expect(someOf([])).toBe("");
});
