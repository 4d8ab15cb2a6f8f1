/**
 * Every size: whether networks and game fit at every value of an Int param that its `where` admits,
 * not only at the one that it has. They are checked again with the param at few other values, which
 * decide all.
 *
 * Why few are enough. Call p the param and let all others stay as they are. Heights, widths and
 * channels on the way through a network are made of p and of constants by adding, by multiplying
 * with constants, and by dividing by constants with rounding down: `//`, `%`, and the strides of
 * windows, floor((side + 2 pad - kernel) / stride) + 1. Let M be the product of the divisors on one
 * way. For p = r + M t with r fixed, a division by a divisor of M leaves no remainder that depends
 * on t, so by induction along the way every side is a + b t, with a and b of this class r alone.
 * What a layer asks is either that two sides are equal or that one is not greater than another:
 *
 * - equal: a + b t = a' + b' t holds for one t, for none or for all; where it holds for two, it
 *   holds for all;
 * - not greater: what holds at the least and at the greatest t of a class holds between them, for
 *   it is linear in t.
 *
 * So the least and the greatest value of each class that `where` admits, and one more, decide the
 * class. The greatest is the greatest below `limit`, or below what `where` says. `where` itself may
 * be anything: it is only asked.
 *
 * The same holds of the game, where it asks that two shapes are equal, and of two params that
 * change together: a side is a + b s + c t in a class of each, equal sides are equal at three
 * corners or not, and what is not greater at all corners of a rectangle is not greater in it.
 *
 * What this does not decide is checked at the same values, which finds what is wrong nearly
 * everywhere: three params that change together; a `where` that ties two, which are tried near
 * their values; products of params; a divisor or a stride that is made of a param; a repetition of
 * blocks that halve the size; augmentations; more classes than `classes`.
 */
import { type Axis as ImageAxis, axes as imageAxes } from "../../base/sides.js";
import type { Span } from "../../base/source.js";
import type { Diagnostic, Fix, Label } from "../../diagnostics/diagnostic.js";
import type { Shape, Window } from "../../operators/layer.js";
import { layers } from "../../operators/layers.js";
import type { LayerNode } from "../../program/network.js";
import type * as ast from "../../syntax/ast.js";
import { expressionsIn } from "../../syntax/expressions.js";
import type { ParamDeclaration } from "../definitions/params.js";
import type { CheckedNet } from "../shapes/checked-net.js";
import { balanced } from "../values/brackets.js";
import type { Context } from "../values/context.js";

/**
 * The greatest value asked of a param that has no bound: sides beyond it do not fit into memory.
 */
const limit = 4096;
/** Residue classes looked at, at most. */
const classes = 256;
/** Values walked through when a bound is looked for. */
const reach = 320;

/** The networks, and their errors, with the param at another value. */
export interface Trial {
  /**
   * Whether something refuses the value itself, which then is no size: an image of 0 pixels, more
   * layers than there may be.
   */
  readonly refused: boolean;
  readonly failures: readonly Diagnostic[];
  readonly networks: readonly CheckedNet[];
}

export interface SizeParam {
  readonly declaration: ParamDeclaration;
  readonly value: number;
  /** Whether `where`, of this param and of others, admits the value. */
  readonly admits: (value: number) => boolean;
  readonly trial: (value: number) => Trial;
  /** Divisors written in what is looked at. */
  readonly divisors: readonly number[];
  /** Residue classes looked at, at most, if fewer than `classes`. */
  readonly classes?: number | undefined;
}

/** The result of trying one param. */
export interface Decided {
  readonly param: SizeParam;
  /** The values asked, the nearest to its own first. */
  readonly values: readonly number[];
  /** Whether heights, widths or channels on the way through networks are others with it. */
  readonly moves: ReadonlySet<Axis>;
}

type Axis = "height" | "width" | "channels";

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));
const lcm = (a: number, b: number): number => (a / gcd(a, b)) * b;

const remainder = (value: number, divisor: number): number =>
  ((value % divisor) + divisor) % divisor;

/** A value on the way through a network. */
interface Reached {
  /** What divides the side on the way to it, or the least common multiple of that over all ways. */
  readonly divisor: number;
  /** Whether the param moves that side on the way. */
  readonly moves: boolean;
}

const windowOf = (
  { kind, options }: LayerNode,
  axis: ImageAxis,
): Pick<Window, "stride" | "upsampling"> =>
  layers.get(kind)?.window(options, axis) ?? { stride: 1, upsampling: 1 };

/**
 * The least common multiple, over all ways through a network, of what divides the height, or the
 * width, on the way: the strides that see a side which the param moves, and that stay as they are.
 * A stride that moves itself, as of a pool over the whole image, divides into no classes. What is
 * multiplied again, by upsampling, is divided by less: twice a + b t / 4 is 2 a + b t / 2.
 *
 * @param other the network at another value of the param, nothing where it has other layers
 */
const stridesAlong = (
  network: CheckedNet,
  other: CheckedNet | undefined,
  axis: ImageAxis,
): number => {
  const isMoved = (here: Shape, there: Shape | undefined): boolean => here[axis] !== there?.[axis];
  const reached: Reached[] = network.inputs.map((shape, i) => ({
    divisor: 1,
    moves: isMoved(shape, other?.inputs[i]),
  }));
  const divisors: number[] = [];
  for (const [i, node] of network.nodes.entries()) {
    const there = other?.nodes[i];
    const seen = node.inputs.flatMap((input) => reached[input] ?? []);
    const moves = seen.some((value) => value.moves);
    const { stride, upsampling } = windowOf(node, axis);
    const far = there && windowOf(there, axis);
    const counts = moves && (far === undefined || far.stride === stride);
    const divided = seen.map(({ divisor }) => divisor).reduce(lcm, 1) * (counts ? stride : 1);
    divisors.push(divided);
    reached[node.id] = {
      divisor: far?.upsampling === upsampling ? divided / gcd(divided, upsampling) : divided,
      moves: moves || isMoved(node.shape, there?.shape),
    };
  }
  return divisors.reduce(lcm, 1);
};

const strides = (network: CheckedNet, other: CheckedNet | undefined): number =>
  imageAxes.map((axis) => stridesAlong(network, other, axis)).reduce(lcm);

/** The same of several networks; those that the trial left out are like some that it shows. */
const allStrides = (networks: readonly CheckedNet[], trial: Trial | undefined): number => {
  const isWhole = trial !== undefined && !trial.refused && trial.failures.length === 0;
  const others = new Map(trial?.networks.map((one) => [one.net.name, one]));
  return networks
    .filter(({ net }) => !isWhole || others.has(net.name))
    .map((one) => {
      const other = others.get(one.net.name);
      const isAlike = other?.nodes.length === one.nodes.length;
      return strides(one, isAlike ? other : undefined);
    })
    .reduce(lcm, 1);
};

const axes: readonly Axis[] = ["height", "width", "channels"];

/** Which sides some value has, along each axis. */
const sides = (networks: readonly CheckedNet[]): readonly ReadonlySet<number>[] =>
  axes.map(
    (_, i) => new Set(networks.flatMap(({ nodes }) => nodes.map(({ shape }) => shape[i] ?? 0))),
  );

/**
 * Along which axes the param moves sides, by its next values. Networks that fail show no sides:
 * they may have moved all.
 */
const movesOf = (param: SizeParam, networks: readonly CheckedNet[]): ReadonlySet<Axis> => {
  const known = sides(networks);
  const found = new Set<Axis>();
  for (const v of nextAdmitted(param, 2)) {
    const { networks: tried } = param.trial(v);
    const now = sides(tried);
    for (const [i, axis] of axes.entries()) {
      const isNew = [...(now[i] ?? [])].some((side) => known[i]?.has(side) !== true);
      if (isNew || (tried.length === 0 && networks.length > 0)) found.add(axis);
    }
  }
  return found;
};

/** Ints written in a condition: where what it admits begins and ends. */
const literals = (expr: ast.Expr): readonly number[] =>
  expressionsIn(expr).flatMap((one) => (one.kind === "int" ? [one.value] : []));

const around = (value: number, below: number, above: number): readonly number[] =>
  Array.from({ length: below + above + 1 }, (_, i) => value - below + i);

/**
 * Divisors of the remainders that a condition asks for: what it admits repeats itself after their
 * multiples.
 */
const periods = (expr: ast.Expr): readonly number[] =>
  expressionsIn(expr).flatMap((one) =>
    one.kind === "binary" && one.operator === "%" && one.right.kind === "int"
      ? [Math.max(1, one.right.value)]
      : [],
  );

/** Values that `where` admits, near where it may begin and end and near the given one. */
const candidates = ({ declaration, value, admits }: SizeParam, modulus: number) => {
  const { where } = declaration;
  const starts = where === undefined ? [] : literals(where);
  // Each class has its members in every period that is whole for `where` too.
  const period = Math.min(
    where === undefined ? modulus : periods(where).reduce(lcm, modulus),
    reach,
  );
  const far = where === undefined ? 64 : 24;
  const asked = new Set([
    ...around(value, period, 2 * period),
    ...around(0, 0, 2 * period + far),
    ...starts.flatMap((start) => around(start, modulus, 2 * modulus)),
    ...around(limit, period, 0),
  ]);
  return [...asked].filter((v) => v >= 0 && v !== value && admits(v)).sort((a, b) => a - b);
};

/** Values to try of each class: the least, the greatest, and the two nearest to the given value. */
const deciding = (param: SizeParam, modulus: number): readonly number[] => {
  const { value, trial } = param;
  const byClass = new Map<number, number[]>();
  for (const v of candidates(param, modulus)) {
    const key = remainder(v, modulus);
    byClass.set(key, [...(byClass.get(key) ?? []), v]);
  }
  const near = (v: number): number => Math.abs(v - value) + (v < value ? 0.5 : 0);
  // Values that are refused are at the ends, if anywhere: one step inwards is as far as it is worth
  // going.
  const counted = (members: readonly number[]): number | undefined =>
    members.slice(0, 2).find((v) => !trial(v).refused);
  const chosen = [...byClass.values()].flatMap((members) => {
    const [first, second] = [...members].sort((a, b) => near(a) - near(b));
    return [first, second, counted(members), counted([...members].reverse())];
  });
  return [...new Set(chosen)]
    .filter((v): v is number => v !== undefined)
    .sort((a, b) => near(a) - near(b));
};

/** The next values above the given one that are admitted, as many as are within reach. */
const nextAdmitted = ({ value, admits }: SizeParam, count: number): readonly number[] => {
  const found: number[] = [];
  for (let v = value + 1; v <= value + classes && found.length < count; v++)
    if (admits(v)) found.push(v);
  return found;
};

/** By how much a param must change so that every side on the way changes by whole steps. */
const modulusOf = (
  param: SizeParam,
  networks: readonly CheckedNet[],
  moves: ReadonlySet<Axis>,
): number => {
  const written = param.divisors.reduce(lcm, 1);
  // A param that moves no side of any image, such as a number of channels, meets no stride.
  const meetsStrides = moves.has("height") || moves.has("width");
  // Far enough away that what follows the param shows, however often it was divided.
  const far = nextAdmitted(param, classes).at(-1);
  const trial = far === undefined || !meetsStrides ? undefined : param.trial(far);
  const modulus = lcm(written, meetsStrides ? allStrides(networks, trial) : 1);
  return Math.min(modulus, param.classes ?? classes);
};

/**
 * Finds the value nearest to the given one that `where` admits and that does not fit, and reports
 * it; gives nothing then.
 */
export const checkSizes = (
  context: Context,
  asked: SizeParam,
  networks: readonly CheckedNet[],
): Decided | undefined => {
  const trials = new Map<number, Trial>();
  const trial = (v: number): Trial => {
    const known = trials.get(v) ?? asked.trial(v);
    trials.set(v, known);
    return known;
  };
  const param = { ...asked, trial };
  const moves = movesOf(param, networks);
  const modulus = modulusOf(param, networks, moves);
  const values = deciding(param, modulus);
  const witness = values.find((v) => trial(v).failures.length > 0);
  const failure = witness === undefined ? undefined : trial(witness).failures[0];
  if (witness === undefined || failure === undefined) return { param, values, moves };
  const { name, where } = asked.declaration;
  const admitted: Label =
    where === undefined
      ? { span: name.span, text: `\`${name.text}\` may be any Int` }
      : { span: where.span, text: `this admits ${witness}` };
  const suggestion = context.isLibrary(name.span)
    ? undefined
    : narrowed(context, param, modulus, values);
  context.report("GAN315", failure.span, `at ${name.text} = ${witness}, ${failure.message}`, {
    labels: [admitted, ...failure.labels],
    notes: [
      ...failure.notes,
      `At ${name.text} = ${asked.value} all fits. Whoever trains the spec may set what ${where === undefined ? "a `where` does not refuse" : "`where` admits"}.`,
    ],
    suggestion,
  });
  return undefined;
};

/** How near its own value a param is tried with another that a `where` ties to it. */
const beside = 4;
/** Pairs of values tried, at most. */
const pairs = 32;

/** Values of each of two params that are tried with each other: near its own, and at the ends. */
const tried = ({ param, values }: Decided): readonly number[] => {
  const ends = [...values].sort((a, b) => a - b);
  const known = [...values.slice(0, beside), ends[0], ends[ends.length - 1]];
  const chosen = known.filter((v): v is number => v !== undefined && !param.trial(v).refused);
  return [...new Set([...chosen, ...around(param.value, beside, beside)])].filter((v) => v >= 0);
};

/**
 * Finds two values that are admitted together and do not fit, and reports them; false where it did.
 */
export const checkPair = (
  context: Context,
  [one, other]: readonly [Decided, Decided],
  both: {
    readonly admits: (a: number, b: number) => boolean;
    readonly trial: (a: number, b: number) => Trial;
  },
): boolean => {
  let left = pairs;
  for (const a of tried(one))
    for (const b of tried(other)) {
      // With one of them at its own value it is known.
      if (a === one.param.value || b === other.param.value || !both.admits(a, b)) continue;
      if (left-- === 0) return true;
      const [failure] = both.trial(a, b).failures;
      if (failure === undefined) continue;
      const names = [one, other].map(({ param }) => param.declaration.name.text);
      const at = `${names[0]} = ${a} and ${names[1]} = ${b}`;
      context.report("GAN315", failure.span, `at ${at}, ${failure.message}`, {
        labels: [
          { span: one.param.declaration.name.span, text: "both may be set" },
          ...failure.labels,
        ],
        notes: [
          ...failure.notes,
          `With one of them alone at another value all fits. Say in a \`where\` which ${names[1]} goes with which ${names[0]}.`,
        ],
      });
      return false;
    }
  return true;
};

const divisorsOf = (n: number): readonly number[] => around(1, 0, n - 1).filter((d) => n % d === 0);

/**
 * The first value from the given one on, by steps, that is admitted and does not fit; nothing
 * within reach.
 */
const firstMisfit = ({ value, admits, trial }: SizeParam, step: number): number | undefined => {
  for (let i = 1; i <= reach; i++) {
    const v = value + i * step;
    if (v < 0) return undefined;
    if (admits(v) && trial(v).failures.length > 0) return v;
  }
  return undefined;
};

/** Writing into `where` what the networks need: a remainder, a least and a greatest value. */
const narrowed = (
  context: Context,
  param: SizeParam,
  modulus: number,
  values: readonly number[],
): Fix | undefined => {
  const { value, admits, trial, declaration } = param;
  const fits = (v: number): boolean => trial(v).failures.length === 0;
  const near = around(value, 0, modulus - 1).filter(admits);
  const step = divisorsOf(modulus).find((d) =>
    near.every((v) => remainder(v - value, d) !== 0 || fits(v)),
  );
  if (step === undefined) return undefined;
  const [below, above] = [firstMisfit(param, -step), firstMisfit(param, step)];
  const rest = remainder(value, step);
  const name = declaration.name.text;
  const holds = (v: number): boolean =>
    remainder(v, step) === rest &&
    (below === undefined || v > below) &&
    (above === undefined || v < above);
  const others = values.filter(holds);
  if (others.every((v) => trial(v).refused) || !others.every(fits)) return undefined;
  // Bounds are values that may be set themselves.
  const bound = (from: number, by: number): number => (admits(from) ? from : bound(from + by, by));
  const conditions = [
    ...(step === 1 ? [] : [`${name} % ${step} == ${rest}`]),
    ...(below === undefined ? [] : [`${name} >= ${bound(below + step, step)}`]),
    ...(above === undefined ? [] : [`${name} <= ${bound(above - step, -step)}`]),
  ].join(" and ");
  const { where } = declaration;
  if (where === undefined) {
    const end = declaration.value.span;
    return written({ ...end, start: end.end }, ` where ${conditions}`, conditions);
  }
  const isOr = where.kind === "binary" && where.operator === "or";
  const span = balanced(context, where.span);
  const old = context.textOf(span.file).slice(span.start, span.end);
  return written(span, `${isOr ? `(${old})` : old} and ${conditions}`, conditions);
};

const written = (span: Span, text: string, conditions: string): Fix => ({
  title: `write \`${text.startsWith(" where") ? text.trim() : `and ${conditions}`}\``,
  edits: [{ span, text }],
});
