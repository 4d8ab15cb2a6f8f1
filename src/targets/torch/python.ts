/** Expressions of Python as text, with what their operators need to know to place brackets. */
import type { Sides } from "../../base/sides.js";

/** How strongly the outermost operator binds; names, calls and brackets most. */
export const strengths = {
  any: 0,
  or: 1,
  and: 2,
  not: 3,
  comparison: 4,
  sum: 5,
  product: 6,
  sign: 7,
  power: 8,
  atom: 9,
} as const;

export interface Py {
  readonly text: string;
  readonly strength: number;
  /** Whether it is a tuple, of the height and of the width. */
  readonly isPair?: true;
}

export const atom = (text: string): Py => ({ text, strength: strengths.atom });

/** The text where an operator of that strength stands around it. */
export const within = (py: Py, strength: number): string =>
  py.strength < strength ? `(${py.text})` : py.text;

/** `name(a, b)` */
export const call = (name: string, args: readonly (Py | string)[]): Py =>
  atom(`${name}(${args.map((arg) => (typeof arg === "string" ? arg : arg.text)).join(", ")})`);

/** What stands behind a value: `.log()`. */
export const behind = (py: Py, text: string): Py => atom(`${within(py, strengths.atom)}${text}`);

/** A number as Python writes it. */
export const number = (value: number): Py => {
  if (Number.isNaN(value)) return atom('float("nan")');
  if (!Number.isFinite(value)) return value > 0 ? atom("math.inf") : negated(atom("math.inf"));
  const text = String(Math.abs(value));
  return value < 0 || Object.is(value, -0) ? negated(atom(text)) : atom(text);
};

/** `(3, 7)` */
export const pair = (height: Py, width: Py): Py => ({
  ...atom(`(${height.text}, ${width.text})`),
  isPair: true,
});

/** A number for both axes, or a tuple. */
export const sides = (value: Sides): Py =>
  typeof value === "number" ? number(value) : pair(number(value[0]), number(value[1]));

export const bool = (value: boolean): Py => atom(value ? "True" : "False");

/** Two signs in a row, which would look like an operator of other languages, are none. */
export const negated = (py: Py): Py => {
  if (/^-[\w.]+$/.test(py.text)) return atom(py.text.slice(1));
  const text = within(py, strengths.sign);
  return { text: text.startsWith("-") ? `-(${text})` : `-${text}`, strength: strengths.sign };
};

/** Symbols and strengths of the operators of a spec and of its terms. */
const operators: Readonly<Record<string, readonly [symbol: string, strength: number]>> = {
  or: ["or", strengths.or],
  and: ["and", strengths.and],
  "==": ["==", strengths.comparison],
  "!=": ["!=", strengths.comparison],
  "<=": ["<=", strengths.comparison],
  ">=": [">=", strengths.comparison],
  "<": ["<", strengths.comparison],
  ">": [">", strengths.comparison],
  "+": ["+", strengths.sum],
  "-": ["-", strengths.sum],
  "*": ["*", strengths.product],
  "/": ["/", strengths.product],
  "//": ["//", strengths.product],
  "%": ["%", strengths.product],
  "^": ["**", strengths.power],
};

/** `a * b`, with the brackets it needs. Comparisons do not chain, and powers group rightwards. */
export const binary = (operator: string, left: Py, right: Py): Py => {
  const [symbol, strength] = operators[operator] ?? [operator, strengths.any];
  const isPower = strength === strengths.power;
  const isComparison = strength === strengths.comparison;
  const a = within(left, isPower || isComparison ? strength + 1 : strength);
  // A sign may stand behind `**`.
  const b = within(right, isPower ? strengths.sign : strength + 1);
  return { text: `${a} ${symbol} ${b}`, strength };
};

/** Widest line, as the project's own code has it. */
export const width = 100;

/** `"""…"""`, its lines broken at the width; texts of a spec are escaped. */
export const docstring = (paragraphs: readonly string[], indent = "    "): string => {
  const lines = paragraphs.flatMap((text) => wrapped(escaped(text), width - indent.length - 6));
  if (lines.length === 1) return `${indent}"""${closed(lines[0] ?? "")}"""`;
  const [first = "", ...rest] = lines;
  const text = [`${indent}"""${first}`, ...rest.map((line) => `${indent}${line}`)];
  return [...text, `${indent}"""`].join("\n");
};

const escaped = (text: string): string => text.replaceAll("\\", "\\\\").replaceAll('"""', '\\"""');

/** A text may end in the sign that ends the docstring. */
const closed = (text: string): string => (text.endsWith('"') ? `${text} ` : text);

/** Comments, their lines broken at the width. */
export const comment = (text: string, indent: string): string =>
  wrapped(text, width - indent.length - 2)
    .map((line) => `${indent}# ${line}`)
    .join("\n");

const wrapped = (text: string, columns: number): readonly string[] => {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/).filter((part) => part !== "")) {
    if (line !== "" && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
};
