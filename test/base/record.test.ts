import { readdirSync } from "node:fs";
import { expect, test } from "@jest/globals";
import * as t from "io-ts";
import { recordOf } from "../../src/base/record.js";
import { decodeJson } from "../../src/training/files/decode.js";
import { readProject } from "../support/specs.js";

const inherited = Object.getOwnPropertyNames(Object.prototype);

test.each(inherited)("nothing is found under `%s` where nothing was put", (name) => {
  expect(recordOf<number>([["G", 1]])[name]).toBeUndefined();
});

test.each(inherited)("what was put under `%s` is found and listed", (name) => {
  const record = recordOf([[name, 1]]);
  expect(record[name]).toBe(1);
  expect(Object.keys(record)).toEqual([name]);
});

test.each(inherited)("what JSON has of `%s` is found, and nothing else", (name) => {
  const read = (text: string): unknown =>
    decodeJson(t.type({ params: t.record(t.string, t.number) }), text);
  expect(read('{"params":{}}')).toMatchObject({ right: { params: {} } });
  const { params } = (read('{"params":{}}') as { right: { params: Record<string, number> } }).right;
  expect(params[name]).toBeUndefined();
  const given = read(`{"params":{${JSON.stringify(name)}:3}}`);
  expect((given as { right: { params: Record<string, number> } }).right.params[name]).toBe(3);
});

/** Of these the keys are ganc's own, or what another library takes. */
const ownKeys = [
  "src/base/record.ts",
  "src/data/sets/emoji.ts",
  "src/engines/onnx/runtime.ts",
  "src/engines/tfjs/layers-model.ts",
  "src/graph/parse.ts",
  "src/lowering/network.ts",
  "src/report/translator/browser/alone.ts",
  "src/targets/onnx/model-file.ts",
  "src/training/files/errors.ts",
];

test("no other record is made of entries than one without a prototype", () => {
  const files = readdirSync("src", { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts") && !name.startsWith("runtime/"))
    .map((name) => `src/${name}`);
  const made = files.filter((name) => readProject(name).includes("Object.fromEntries("));
  expect(made.sort()).toEqual(ownKeys);
});
