/**
 * Words and signs of other languages, where they cannot stand, and what ganc has for each: one
 * table.
 */
import { type Span, span } from "../base/source.js";
import { type Details, replaceWith } from "../diagnostics/diagnostic.js";

interface Row {
  /** Matches a part of the line. The mistake lies within the match, or at its end. */
  readonly pattern: RegExp;
  /** The parser's message, where that matters. */
  readonly said?: RegExp;
  readonly note: string;
  /** The text that is surely meant in place of the match. */
  readonly write?: (match: readonly string[]) => string;
}

const group = (match: readonly string[], i: number): string => match[i] ?? "";

const declaration = /^expected a declaration/;
const functions = "A function is written `x => …`, of several values `(x, y) => …`.";
const branches = "There are no branches: what differs is a param, or a `let` of its own.";
const texts =
  "There are no texts in a spec: names stand without quotes, and only paths of imports have them.";
const players = "The networks of a player stand in brackets: `min[G, F] …`.";
const imports =
  'Layers, losses and optimizers that ganc has need no import; others are imported by `import std.losses (lsgan)` or `import "./base.gan" (G)`.';

/** `k` and `(a, b)`: what a function takes. */
const taking = (names: string): string =>
  /[,\s]/.test(names.trim()) ? `(${names.trim()})` : names;

const rows: readonly Row[] = [
  {
    pattern: /\blambda\s+(\w+(?:\s*,\s*\w+)*)\s*:/g,
    note: functions,
    write: (m) => `${taking(group(m, 1))} =>`,
  },
  {
    pattern:
      /\\(alpha|beta|gamma|delta|epsilon|eta|theta|lambda|mu|nu|phi|psi|rho|sigma|tau|omega)\b/g,
    note: "Names are written plainly.",
    write: (m) => group(m, 1),
  },
  { pattern: /\\\s*(\w+)\s*->/g, note: functions, write: (m) => `${group(m, 1)} =>` },
  { pattern: /λ\s*(\w+)\s*(?:\.|->|→|:)/g, note: functions, write: (m) => `${group(m, 1)} =>` },
  {
    pattern: /\b(?:fn|fun|func|function)\s*\(?\s*(\w+(?:\s*,\s*\w+)*)\s*\)?\s*=>/g,
    note: functions,
    write: (m) => `${taking(group(m, 1))} =>`,
  },
  {
    pattern: /(=\s*(?:\w+|\(\w+(?:\s*,\s*\w+)*\))\s*)->/g,
    said: /found `->`$/,
    note: `${functions} \`->\` stands in types.`,
    write: (m) => `${group(m, 1)}=>`,
  },
  {
    pattern: /\[[^\]]*\bfor\s+\w+\s+in\b/g,
    note: "There are no lists and no loops: `block * times` repeats an architecture.",
  },
  {
    pattern: /\b(?:for|while)\s+/g,
    note: "There are no loops: `block * times` repeats an architecture.",
  },
  { pattern: /\b(?:if|elif|else)\b\s*/g, note: branches },
  { pattern: /\?[^:]*:?/g, note: branches },
  {
    pattern: /\breturn\s+/g,
    note: "There are no statements: what is given stands behind `=`.",
    write: () => "",
  },
  {
    pattern: /^\s*(?:async\s+)?(?:def|function|fn|fun|func|proc)\b/g,
    note: "A function of numbers or architectures is `let f(k) = …`, and a network `net G : X -> Y = …`.",
  },
  {
    pattern: /^\s*(?:class|struct)\b/g,
    note: "There are no classes: a network is `net G : X -> Y = …`, a block of layers `let block(k) = …`.",
  },
  {
    pattern:
      /^(\s*)(?:const|var|auto|val|define)\s+(?=\w+\s*=\s*(?:image|noise|uniform|labels|features)\s*\()/g,
    note: "What is drawn or made has a domain: `domain X = image(256)`.",
    write: (m) => `${group(m, 1)}domain `,
  },
  {
    pattern: /^(\s*)(?:const|var|auto|val|define)\s+(?=\w+\s*(?:\([^()]*\)\s*)?=)/g,
    note: "What has a name is declared by `let`.",
    write: (m) => `${group(m, 1)}let `,
  },
  {
    pattern: /^\s*(?:int|float|double|bool)\s+\w+/g,
    said: declaration,
    note: "A number that can be set is `param n : Int = 4`, any other `let n = 4`.",
  },
  {
    pattern: /^(\s*)assert\b/g,
    said: declaration,
    note: "What is to hold is told by `expect`.",
    write: (m) => `${group(m, 1)}expect`,
  },
  {
    pattern: /^\s*(?:print|console|with|try|except|raise|pass|break|continue|global|del|yield)\b/g,
    said: declaration,
    note: "There are no statements: a spec declares what is trained, and `ganc run` trains it.",
  },
  {
    pattern: /^(\s*)from\s+(std\.\w+)\s+import\s+(\w+(?:\s*,\s*\w+)*)\s*$/g,
    note: "Names to import stand in brackets behind their library.",
    write: (m) => `${group(m, 1)}import ${group(m, 2)} (${group(m, 3)})`,
  },
  { pattern: /^\s*from\s+\S+\s+import\b/g, note: imports },
  { pattern: /\bimport\s+(?!std\.)\S+\s+as\b/g, note: imports },
  {
    pattern: /\bimport\s+\S+\s+as\b/g,
    note: "What is imported keeps its name: `import std.losses (lsgan)`.",
  },
  {
    pattern: /\bimport\s+'([^'"]*)'/g,
    note: 'Paths stand in `"`.',
    write: (m) => `import "${group(m, 1)}"`,
  },
  {
    pattern: /^\s*\w+(?:\([^()]*\))?\s*[-+*/]=/g,
    note: "Nothing is assigned anew: each name means one thing in the whole of a spec.",
  },
  {
    pattern: /^(\s*)(\w+(?:\([^()]*\))?\s*=)(?![=>])/g,
    said: declaration,
    note: "What has a name is declared by `let`, and what can be set from outside by `param`.",
    write: (m) => `${group(m, 1)}let ${group(m, 2)}`,
  },
  {
    pattern: /^(\s*)(solve|train)\s*[:=]\s*\{/g,
    note: "The braces stand directly behind the word.",
    write: (m) => `${group(m, 1)}${group(m, 2)} {`,
  },
  {
    pattern: /^\s*(?:solve|train)\s*:/g,
    note: "What belongs to `solve` and to `train` stands in braces: `solve { min[G] max[D] L }`.",
  },
  {
    pattern: /"(\w+)"\s*:/g,
    said: /^expected `}`/,
    note: "A field's name stands without quotes.",
    write: (m) => `${group(m, 1)}:`,
  },
  { pattern: /"""|'''/g, note: "Comments begin with `--` and end with the line." },
  {
    pattern: /\w?"[^"]*"|\w?'[^']*'/g,
    said: /^expected (?:an expression|`[)}]`)|means nothing/,
    note: texts,
  },
  {
    pattern: /(\d\.\d+(?:[eE][-+]?\d+)?|\d[eE][-+]?\d+)[fFlL]\b/g,
    note: "Numbers have no suffix.",
    write: (m) => group(m, 1),
  },
  { pattern: /&&/g, note: "Conditions are joined by `and` and `or`.", write: () => "and" },
  {
    pattern: /([\w)]\s*)\|\|/g,
    note: "Conditions are joined by `and` and `or`.",
    write: (m) => `${group(m, 1)}or`,
  },
  {
    pattern: /\|\|.*/g,
    note: "A length is `norm(v)`; the mean of absolute differences is `l1(a, b)`, of squared ones `l2(a, b)`.",
  },
  { pattern: /\|>/g, note: "Layers stand in a row by `>>`.", write: () => ">>" },
  { pattern: /\|.*/g, note: "An absolute value is `abs(v)`, the mean of |a - b| is `l1(a, b)`." },
  { pattern: /!(?!=)\s*/g, note: "The opposite of a condition is `not …`.", write: () => "not " },
  {
    pattern: /\\mathbb\b.*|\bE_\w*\s*\{?|\bE\s*(?:\{|\(\s*\w+\s*~)/g,
    note: "An expectation is written `E[x ~ X] …`.",
  },
  { pattern: /\b(?:min|max)_\w*\s*\{?/g, note: players },
  { pattern: /\b(?:min|max)\s+\w+/g, said: /^expected `\[`/, note: players },
  {
    pattern: /\[/g,
    said: /^expected an expression/,
    note: "There are no lists: layers stand in a row by `>>`, values beside each other in brackets, `(x, y)`.",
  },
  {
    pattern: /[\w)]\[/g,
    said: /found `\[`$/,
    note: "Nothing is indexed: brackets stand behind `E`, `min` and `max`, and in fields such as `optimizer[D]`.",
  },
];

/** How much of a line is looked at on each side of a mistake: some files are one line. */
const reach = 200;

/** Explains a place that the lexer or the parser does not take. Nothing where no habit is known. */
export const meantAbroad = (text: string, place: Span, message: string): Details | undefined => {
  const { file, start } = place;
  const before = text.slice(Math.max(0, start - reach), start);
  const after = text.slice(start, start + reach);
  const at = before.length - (before.lastIndexOf("\n") + 1);
  const line = before.slice(before.length - at) + after.split("\n", 1)[0];
  const begin = start - at;
  for (const { pattern, said, note, write } of rows) {
    if (said?.test(message) === false) continue;
    for (const match of line.matchAll(pattern)) {
      if (match.index > at || at > match.index + match[0].length) continue;
      const from = begin + match.index;
      const whole = span(file, from, from + match[0].length);
      return {
        notes: [note],
        fix: write === undefined ? undefined : replaceWith(whole, write(match)),
      };
    }
  }
  return undefined;
};
