/** Writes losses and games as formulas in MathML, which browsers render themselves. */
import type {
  Argument,
  BinaryOperator,
  Binder,
  Clause,
  Declaration,
  Expr,
  Phase,
} from "../../syntax/ast.js";
import { parse } from "../../syntax/parse.js";
import { type Html, html } from "./html.js";

/** Names that papers write as a Greek letter. */
const greek: Readonly<Record<string, string>> = {
  alpha: "α",
  beta: "β",
  gamma: "γ",
  delta: "δ",
  epsilon: "ε",
  eta: "η",
  theta: "θ",
  lambda: "λ",
  mu: "μ",
  rho: "ρ",
  sigma: "σ",
  tau: "τ",
  phi: "φ",
  psi: "ψ",
  omega: "ω",
};

const word = (text: string): Html => html`<mi>${greek[text] ?? text}</mi>`;

/** Writes a name with its subscript: `D_Y` as D with a small Y. */
const nameOf = (name: string): Html => {
  const [base = "", ...below] = name.split("_");
  return below.length === 0 || base === ""
    ? word(name)
    : html`<msub>${word(base)}<mrow>${word(below.join(" "))}</mrow></msub>`;
};

const sign = (text: string): Html => html`<mo>${text}</mo>`;

const separated = (parts: readonly Html[], by = ","): Html =>
  html`${parts.map((part, i) => (i === 0 ? part : html`${sign(by)}${part}`))}`;

const bracketed = (inner: Html): Html => html`<mrow>${sign("(")}${inner}${sign(")")}</mrow>`;

/** Precedence of binary operators; everything else binds tightest. */
const tight: Readonly<Partial<Record<BinaryOperator, number>>> = {
  or: 1,
  and: 2,
  "==": 3,
  "!=": 3,
  "<": 3,
  ">": 3,
  "<=": 3,
  ">=": 3,
  ">>": 4,
  "+": 5,
  "-": 5,
  "*": 6,
  "//": 6,
  "%": 6,
};

const signs: Readonly<Partial<Record<BinaryOperator, string>>> = {
  "-": "−",
  "*": "·",
  "==": "=",
  "!=": "≠",
  "<=": "≤",
  ">=": "≥",
  ">>": "≫",
  "//": "div",
  "%": "mod",
};

const sumBinds = 5;

const bindsOf = (expr: Expr): number => {
  if (expr.kind === "binary") return tight[expr.operator] ?? 9;
  if (expr.kind === "unary") return sumBinds;
  // An expectation extends to the end of its term.
  if (expr.kind === "expectation") return sumBinds + 0.5;
  return expr.kind === "lambda" || expr.kind === "let" ? 0 : 9;
};

/** Writes an expression, in brackets if it binds less tightly than `least`. */
const within = (expr: Expr, least: number): Html =>
  bindsOf(expr) < least ? bracketed(formula(expr)) : formula(expr);

const argument = ({ name, value }: Argument): Html =>
  name === undefined ? formula(value) : html`${word(name.text)}${sign(":")}${formula(value)}`;

const calleeName = (callee: Expr): string | undefined =>
  callee.kind === "name" ? callee.name : undefined;

const difference = (of: readonly Html[]): Html => separated(of, "−");

const between = (left: string, inner: Html, right: string): Html =>
  html`<mrow>${sign(left)}${inner}${sign(right)}</mrow>`;

/** Functions with a notation of their own, by their arguments. Undefined for other arguments. */
const notations: Readonly<Record<string, (args: readonly Html[]) => Html | undefined>> = {
  l1: (args) => html`<msub>${between("‖", difference(args), "‖")}<mn>1</mn></msub>`,
  l2: (args) => html`<msubsup>${between("‖", difference(args), "‖")}<mn>2</mn><mn>2</mn></msubsup>`,
  norm: ([of]) => of && between("‖", of, "‖"),
  abs: ([of]) => of && between("|", of, "|"),
  sqrt: ([of]) => of && html`<msqrt>${of}</msqrt>`,
  sigmoid: ([of]) => of && html`<mi>σ</mi>${bracketed(of)}`,
  exp: ([of]) => of && html`<msup><mi>e</mi><mrow>${of}</mrow></msup>`,
  square: ([of]) => of && html`<msup>${bracketed(of)}<mn>2</mn></msup>`,
};

const call = (callee: Expr, args: readonly Argument[]): Html => {
  const name = calleeName(callee);
  const isPlain = args.every((one) => one.name === undefined);
  const least = name === "l1" || name === "l2" ? sumBinds + 0.1 : 0;
  const own = name !== undefined && Object.hasOwn(notations, name) ? notations[name] : undefined;
  const made = isPlain ? own?.(args.map(({ value }) => within(value, least))) : undefined;
  if (made !== undefined) return made;
  if (name === "grad" && args.length === 1)
    return html`<mrow>${sign("∇")}${separated(args.map(argument))}</mrow>`;
  const head =
    callee.kind === "name" || callee.kind === "member" ? formula(callee) : within(callee, 9);
  return html`<mrow>${head}${bracketed(separated(args.map(argument)))}</mrow>`;
};

const binder = ({ names, sampler }: Binder): Html => {
  const drawn = separated(names.map(({ text }) => nameOf(text)));
  return html`${names.length === 1 ? drawn : bracketed(drawn)}${sign("∼")}${formula(sampler)}`;
};

const binary = ({ operator, left, right }: Expr & { readonly kind: "binary" }): Html => {
  if (operator === "/")
    return html`<mfrac><mrow>${formula(left)}</mrow><mrow>${formula(right)}</mrow></mfrac>`;
  if (operator === "^") return html`<msup>${within(left, 9)}<mrow>${formula(right)}</mrow></msup>`;
  const binds = tight[operator] ?? 9;
  const first =
    left.kind === "expectation" && operator === "+" ? formula(left) : within(left, binds);
  // The right operand of a difference or a product is one unit.
  const needs = operator === "+" || operator === "and" || operator === "or" ? binds : binds + 0.2;
  return html`${first}${sign(signs[operator] ?? operator)}${within(right, needs)}`;
};

/** Writes any expression; what could not be parsed is an ellipsis. */
const formula = (expr: Expr): Html => {
  switch (expr.kind) {
    case "int":
    case "real":
      return html`<mn>${expr.text}</mn>`;
    case "bool":
      return word(String(expr.value));
    case "name":
      return nameOf(expr.name);
    case "member":
      return expr.object.kind === "name"
        ? word(`${expr.object.name}.${expr.member.text}`)
        : html`${formula(expr.object)}${sign(".")}${word(expr.member.text)}`;
    case "call":
      return call(expr.callee, expr.args);
    case "unary":
      return html`${sign(expr.operator === "-" ? "−" : "not")}${within(expr.operand, sumBinds + 0.2)}`;
    case "binary":
      return html`<mrow>${binary(expr)}</mrow>`;
    case "lambda":
      return html`${separated(expr.params.map(({ text }) => nameOf(text)))}${sign("↦")}${formula(expr.body)}`;
    case "let":
      return html`${formula(expr.body)}<mtext>, where </mtext>${nameOf(expr.binding.name.text)}${sign("=")}${formula(expr.binding.value)}`;
    case "tuple":
      return bracketed(separated(expr.items.map(formula)));
    case "expectation":
      return html`<mrow><msub><mi mathvariant="normal">𝔼</mi><mrow>${separated(expr.binders.map(binder))}</mrow></msub>${between("[", formula(expr.body), "]")}</mrow>`;
    case "relabel":
      return formula(expr.value);
    case "missing":
      return word("…");
  }
};

/** Splits a sum into terms, each with the sign before it. */
const addends = (expr: Expr, before = ""): readonly (readonly [string, Expr])[] =>
  expr.kind === "binary" && (expr.operator === "+" || expr.operator === "-")
    ? [
        ...addends(expr.left, before),
        ...(expr.operator === "+" ? addends(expr.right, "+") : [["−", expr.right] as const]),
      ]
    : [[before, expr]];

/** Writes a long sum with a line for each term, so that it can be read without scrolling. */
const lines = (head: Html, value: Expr): Html => {
  const rows = addends(value).map(([before, term], i) => {
    const isBare = before === "" || term.kind === "expectation";
    const content = isBare ? formula(term) : within(term, sumBinds + 0.1);
    const lead = i === 0 ? head : html``;
    const joined = before === "" ? html`` : html`<mo form="infix">${before}</mo>`;
    return html`<mtr><mtd style="text-align:right">${lead}</mtd><mtd style="text-align:left">${joined}${content}</mtd></mtr>`;
  });
  return html`<math display="block" style="width:max-content"><mtable>${rows}</mtable></math>`;
};

export interface Formula {
  /** For example `cycle(G, F)`, or `The game`. */
  readonly title: string;
  readonly math: Html;
}

const clause = ({ quantifiers, objective }: Clause): Html => {
  const players = quantifiers.map(
    ({ sense, networks }) =>
      html`<munder>${sign(sense)}<mrow>${separated(networks.map(({ text }) => nameOf(text)))}</mrow></munder>`,
  );
  return lines(html`${players}`, objective);
};

const phaseTitle = (phases: readonly Phase[], i: number): string =>
  phases.length === 1 ? "The game" : `The game, phase ${i + 1}`;

const formulasOf = (declaration: Declaration, prefix = ""): readonly Formula[] => {
  switch (declaration.kind) {
    case "loss": {
      const formals = declaration.formals.map(({ name }) => name.text);
      const title = `${prefix}${declaration.name.text}(${formals.join(", ")})`;
      const head = html`<mrow>${word(`${prefix}${declaration.name.text}`)}${bracketed(separated(formals.map(nameOf)))}${sign("=")}</mrow>`;
      return [{ title, math: lines(head, declaration.value) }];
    }
    case "objective":
      return [
        {
          title: declaration.name.text,
          math: lines(
            html`<mrow>${nameOf(declaration.name.text)}${sign("=")}</mrow>`,
            declaration.value,
          ),
        },
      ];
    case "module":
      return declaration.body.flatMap((one) => formulasOf(one, `${declaration.name.text}.`));
    case "solve":
      return declaration.phases.map((phase, i) => ({
        title: phaseTitle(declaration.phases, i),
        math: html`${phase.clauses.map(clause)}`,
      }));
    default:
      return [];
  }
};

const isGame = ({ title }: Pick<Formula, "title">): boolean => title.startsWith("The game");

const wordsIn = (text: string): ReadonlySet<string> => new Set(text.match(/\w+/g) ?? []);

const formulasIn = (file: { readonly name: string; readonly text: string }): readonly Formula[] =>
  parse(file).spec.declarations.flatMap((declaration) => formulasOf(declaration));

/**
 * Collects every formula of a spec, the game first. From imported files it takes only those that
 * the main file names, since a library has many that are not used.
 */
export const specFormulas = (
  files: readonly { readonly name: string; readonly text: string }[],
): readonly Formula[] => {
  const [entry] = files;
  if (entry === undefined) return [];
  const used = wordsIn(entry.text);
  const isUsed = ({ title }: Pick<Formula, "title">): boolean =>
    isGame({ title }) ||
    (/^[\w.]+/.exec(title)?.[0] ?? "").split(".").every((part) => used.has(part));
  const own = formulasIn(entry);
  const others = files.slice(1).flatMap(formulasIn).filter(isUsed);
  const all = [...own, ...others];
  // A game of an imported file is not played here.
  const games = own.some(isGame) ? own.filter(isGame) : others.filter(isGame);
  const rest = all.filter((one) => !isGame(one));
  // A file may redeclare what it imports; its own declaration counts.
  const isFirst = ({ title }: Formula, i: number): boolean =>
    rest.findIndex((one) => one.title === title) === i;
  return [...games, ...rest.filter(isFirst)];
};
