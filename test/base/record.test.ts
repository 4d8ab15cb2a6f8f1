import { expect, test } from "@jest/globals";
import { recordOf } from "../../src/base/record.js";

const inherited = Object.getOwnPropertyNames(Object.prototype);

test.each(inherited)("nothing is found under `%s` where nothing was put", (name) => {
  expect(recordOf<number>([["G", 1]])[name]).toBeUndefined();
});

test.each(inherited)("what was put under `%s` is found and listed", (name) => {
  const record = recordOf([[name, 1]]);
  expect(record[name]).toBe(1);
  expect(Object.keys(record)).toEqual([name]);
});
