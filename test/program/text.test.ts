/**
 * The closed program of every spec and of every construct: plain data that prints, parses back,
 * verifies and compiles the same.
 */
import { expect, test } from "@jest/globals";
import { isLeft, isRight } from "fp-ts/lib/Either.js";
import { analyse } from "../../src/compiler/frontend.js";
import { print } from "../../src/graph/print.js";
import { stepPrograms } from "../../src/lowering/programs.js";
import { parseProgram } from "../../src/program/parse.js";
import { printProgram } from "../../src/program/print.js";
import type { Program } from "../../src/program/program.js";
import { verifyProgram } from "../../src/program/verify/verify.js";
import { emitTfjs } from "../../src/targets/tfjs/emit.js";
import { constructs } from "../support/constructs.js";
import { sources, specNames } from "../support/specs.js";

const programOf = (entry: string, text?: string): Program | undefined =>
  analyse(entry, sources(text === undefined ? {} : { [entry]: text })).result?.program;

/** All that trains something: libraries are no games of their own. */
const games = specNames.filter((name) => !name.startsWith("specs/std/"));

const programs: ReadonlyMap<string, Program | undefined> = new Map([
  ...games.map((name) => [name, programOf(name)] as const),
  ...Object.entries(constructs).map(([name, text]) => [name, programOf("test.gan", text)] as const),
]);

const program = (name: string): Program => {
  const found = programs.get(name);
  if (found === undefined) throw new Error(`${name} is in error`);
  return found;
};

const parsed = (name: string, text: string): Program => {
  const back = parseProgram(text);
  if (isLeft(back)) throw new Error(`${name}: ${back.left}`);
  return back.right;
};

/** What is no record, list, text, number or truth value, by its path. */
const strangers = (value: unknown, path: string): readonly string[] => {
  if (value === null || ["string", "number", "boolean"].includes(typeof value)) return [];
  if (typeof value !== "object") return [`${path} is ${typeof value}`];
  const above: unknown = Object.getPrototypeOf(value);
  if (Array.isArray(value)) return value.flatMap((item, i) => strangers(item, `${path}[${i}]`));
  return above === null || above === Object.prototype
    ? Object.entries(value).flatMap(([key, of]) => strangers(of, `${path}.${key}`))
    : [`${path} is of a class`];
};

/** JSON has no word for what has no end: a text that no name of a spec is. */
const endless = ["∞", "-∞"] as const;

const toJson = (value: unknown): string =>
  JSON.stringify(value, (_, of) =>
    of === Infinity ? endless[0] : of === -Infinity ? endless[1] : of,
  );

const fromJson = (text: string): unknown =>
  JSON.parse(text, (_, of) => (of === endless[0] ? Infinity : of === endless[1] ? -Infinity : of));

const names = [...programs.keys()];

test("there are programs to speak of", () => {
  expect(names.length).toBeGreaterThan(60);
});

test.each(names)("%s: a program is plain data, and JSON keeps it", (name) => {
  expect(strangers(program(name), "program")).toEqual([]);
  expect(fromJson(toJson(program(name)))).toEqual(program(name));
});

test.each(names)("%s: its text reads back as the same program", (name) => {
  const text = printProgram(program(name));
  const back = parsed(name, text);
  expect(back).toEqual(program(name));
  expect(printProgram(back)).toBe(text);
  expect(text.split("\n").filter((line) => line.endsWith(" "))).toEqual([]);
});

test.each(names)("%s: nothing is wrong with it", (name) => {
  expect(verifyProgram(program(name))).toEqual([]);
});

test.each(names)("%s: what was read back compiles to the same TypeScript", (name) => {
  const back = parsed(name, printProgram(program(name)));
  expect(emitTfjs(back)).toBe(emitTfjs(program(name)));
});

test.each(Object.keys(constructs))("%s: what was read back lowers to the same graph", (name) => {
  const back = parsed(name, printProgram(program(name)));
  const graphs = ({ model }: Program): readonly string[] =>
    stepPrograms(model, { exact: true }).map(print);
  expect(graphs(back)).toEqual(graphs(program(name)));
});

const cyclegan = (): string => printProgram(program("specs/cyclegan.gan"));

test.each([
  ["", "line 1, column 1: a program begins with its files"],
  ["(files) (program", "line 1, column 9: this bracket is never closed"],
  ["(files))", "line 1, column 8: nothing is open here"],
  ['(files "a', "line 1, column 8: this text has no end"],
  [
    '(files)\n(progam "a" "b")',
    "line 2, column 2: expected one of program, set, domain, network, phase, recipe, define",
  ],
  [
    "(files)\n(set a Int 3 span: @0:1-2)",
    "line 2, column 20: expected a place, as in @0:120-140, of a file of the list",
  ],
  ['(files "f")\n(set a Int x span: @0:1-2)', "line 2, column 12: expected a number"],
  ['(files "f")\n(set a Int 3)', "line 2, column 1: expected span:"],
  [
    '(files "f")\n(set a Int 3 span: @0:1-2 spam: 3)',
    "line 2, column 27: nothing of this kind stands here",
  ],
  ["(files)", "line 1, column 1: a program has one (program …)"],
])("%j is no program, and says where", (text, why) => {
  const back = parseProgram(text);
  expect(isRight(back) ? "a program" : back.left).toBe(why);
});

test("its text shows layers, formulas and definitions line by line", () => {
  const text = cyclegan();
  expect(text).toContain(
    "(2 c7s1.conv conv (kernel: 7 filters: 64 stride: 1 pad: 0 groups: 1 bias: true dilation: 1)",
  );
  expect(text).toContain(
    '(let c7s1 text: "let c7s1(k) = reflect_pad(3) >> conv(7, k) >> instance_norm >> relu"',
  );
  expect(text.split("\n").filter((line) => line.length > 100 && !line.includes('"'))).toEqual([]);
});
