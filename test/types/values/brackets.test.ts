/** Places of expressions with the brackets that they open or close. */
import { expect, test } from "@jest/globals";
import { balanced, isEnclosed } from "../../../src/types/values/brackets.js";
import type { Context } from "../../../src/types/values/context.js";

/** Only the text of a context is asked for. */
const contextOf = (text: string): Context => ({ textOf: () => text }) as unknown as Context;

const widened = (text: string, part: string): string => {
  const start = text.indexOf(part);
  const { start: from, end } = balanced(contextOf(text), {
    file: "a.gan",
    start,
    end: start + part.length,
  });
  return text.slice(from, end);
};

test("a bracket that is opened is closed, and one that is closed is opened", () => {
  expect(widened("2 * (a + b) - c", "2 * (a + b")).toBe("2 * (a + b)");
  expect(widened("(a + b) * 2", "a + b) * 2")).toBe("(a + b) * 2");
  expect(widened("(a) * (b)", "a) * (b")).toBe("(a) * (b)");
  expect(widened("((a + b) * c)", "a + b")).toBe("a + b");
});

test("what stands directly in a pair of brackets is enclosed", () => {
  const enclosed = (text: string, part: string): boolean => {
    const start = text.indexOf(part);
    return isEnclosed(contextOf(text), { file: "a.gan", start, end: start + part.length });
  };
  expect(enclosed("f(a + b)", "a + b")).toBe(true);
  expect(enclosed("f(a + b, c)", "a + b")).toBe(false);
});
