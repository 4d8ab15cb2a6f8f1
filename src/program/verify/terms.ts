/** Whether formulas name what there is, and are of the types that the tables say. */
import { isLeft, isRight } from "fp-ts/lib/Either.js";
import { lossFunctions, stableFunctions } from "../../operators/functions.js";
import type { Shape } from "../../operators/layer.js";
import { functionOf, layerFunctions, mostNumbers } from "../../operators/layer-functions.js";
import type { DefinitionOf } from "../definitions.js";
import { plainName } from "../expression.js";
import { sameSize } from "../shapes.js";
import {
  children,
  type GenericLossTerm,
  type GenericTerm,
  type Term,
  type TermType,
} from "../term.js";
import type { Known } from "./names.js";

type Of<K extends Term["kind"]> = Extract<Term, { kind: K }>;

const functionNames: ReadonlySet<string> = new Set([
  ...lossFunctions.keys(),
  ...stableFunctions.keys(),
  ...layerFunctions.keys(),
]);

const kinds = { pointwise: "pointwise", distance: "distance", function: "general" } as const;

/** Whether the arguments of a loss are those that it takes. */
const lossProblems = (
  term: GenericLossTerm,
  known: Known,
  isNetwork: (name: string) => boolean,
): readonly string[] => {
  const loss = known.definitions.get(term.of);
  if (loss?.kind !== "loss") return [`there is no loss ${term.of}`];
  const names = (of: "network" | "number"): readonly string[] => formalsOf(loss, of);
  const given = { network: Object.keys(term.networks), number: Object.keys(term.numbers) };
  const differ = (["network", "number"] as const).filter(
    (of) => [...names(of)].sort().join() !== [...given[of]].sort().join(),
  );
  return [
    ...differ.map((of) => `${term.of} takes other ${of}s than it is given`),
    ...Object.values(term.networks)
      .filter((name) => !isNetwork(name))
      .map((name) => `there is no network ${name}`),
  ];
};

const formalsOf = (
  { formals }: DefinitionOf<"loss">,
  of: "network" | "number",
): readonly string[] =>
  formals.filter((formal) => formal.of === of).map(({ local }) => plainName(local));

/** Lists problems that generic and concrete terms share. */
const nameProblems = (
  term: GenericTerm,
  known: Known,
  isNetwork: (name: string) => boolean,
): readonly string[] => {
  switch (term.kind) {
    case "pointwise":
    case "distance":
    case "function":
      if (!functionNames.has(term.of)) return [`there is no function ${term.of}`];
      return functionOf(term.of).kind === kinds[term.kind] ? [] : [`${term.of} is no ${term.kind}`];
    case "apply":
      return isNetwork(term.network) ? [] : [`there is no network ${term.network}`];
    case "loss":
      return lossProblems(term, known, isNetwork);
    default:
      return [];
  }
};

/** A generic loss: its formals are networks too, and what its domains are only its uses know. */
export const genericProblems = (
  term: GenericTerm,
  formals: ReadonlySet<string>,
  known: Known,
): readonly string[] => {
  const isNetwork = (name: string): boolean => formals.has(name) || known.networks.has(name);
  return [
    ...nameProblems(term, known, isNetwork),
    ...children(term).flatMap((below) => genericProblems(below, formals, known)),
  ];
};

const shapeOf = (type: TermType): Shape | undefined =>
  type.kind === "loss" ? undefined : type.shape;

/** The type of what functions make of a value. */
const plain = (type: TermType): TermType =>
  type.kind === "sample" ? { kind: "tensor", shape: type.shape } : type;

const isNumber = (term: Term): boolean =>
  term.kind === "constant" || shapeOf(term.type)?.every((side) => side === 1) === true;

/** The type of what is not a single number, if there is any such. */
const arithmeticType = ({ left, right }: Of<"arithmetic">): TermType => {
  if (left.kind === "constant" || left.type.kind === "loss") return plain(right.type);
  if (right.kind === "constant" || right.type.kind === "loss") return plain(left.type);
  return plain(isNumber(left) ? right.type : left.type);
};

/** Along the channels; what is 1 x 1 is repeated over the height and width of the others. */
const concatType = (items: readonly Term[]): TermType | string => {
  const shapes = items.map(({ type }) => shapeOf(type)).filter((shape) => shape !== undefined);
  const large = shapes.find(([height, width]) => height * width > 1) ?? shapes[0];
  if (large === undefined || shapes.length < items.length) return "it joins what has no channels";
  const fits = ([height, width]: Shape): boolean =>
    height * width === 1 || (height === large[0] && width === large[1]);
  if (!shapes.every(fits)) return "it joins channels of several sizes";
  const channels = shapes.reduce((sum, shape) => sum + shape[2], 0);
  return { kind: "tensor", shape: [large[0], large[1], channels] };
};

const applyType = (term: Of<"apply">, known: Known): TermType | string => {
  const network = known.networks.get(term.network);
  if (network === undefined) return `there is no network ${term.network}`;
  const { from, to, inputs, output } = network;
  const isGiven = from.every((domain, i) => {
    const type = term.inputs[i]?.type;
    return (
      type?.kind === "sample" && type.domain === domain && sameSize(type.shape, inputs[i] ?? [])
    );
  });
  return isGiven && term.inputs.length === from.length
    ? { kind: "sample", domain: to, shape: output }
    : `${term.network} takes ${from.join(" and ")}`;
};

const functionType = (term: Of<"function">): TermType | string => {
  const entry = functionOf(term.of);
  const values = term.inputs.slice(0, entry.values.length);
  const numbers = term.inputs.slice(entry.values.length);
  const known = numbers.flatMap((number) => (number.kind === "constant" ? [number.value] : []));
  const isComplete = values.length === entry.values.length;
  const takes = [entry.numbers.length, ...(entry.layer ? [mostNumbers(entry.layer)] : [])];
  if (!isComplete || !takes.includes(numbers.length) || known.length < numbers.length)
    return `${term.of} takes ${entry.values.length} values and ${entry.numbers.length} numbers`;
  const [first] = values;
  if (entry.keepsDomain === true && first?.type.kind === "sample") return first.type;
  const shape = entry.shape(
    values.map((value) => (value.kind === "constant" ? [1, 1, 1] : shapeOf(value.type))),
    known,
  );
  if (isLeft(shape)) return `${term.of} ${shape.left}`;
  return isRight(shape) && shape.right !== undefined
    ? { kind: "tensor", shape: shape.right }
    : `${term.of} gives no shape`;
};

/** The type that a term should be of, or what keeps it from having one. */
const typeOf = (
  term: Term,
  known: Known,
  variables: ReadonlyMap<number, TermType>,
): TermType | string => {
  switch (term.kind) {
    case "constant":
    case "mean":
      return { kind: "loss" };
    case "draw": {
      const domain = known.program.model.domains.find(({ name }) => name === term.domain);
      if (domain === undefined) return `there is no domain ${term.domain}`;
      return { kind: "sample", domain: domain.name, shape: domain.shape };
    }
    case "apply":
      return applyType(term, known);
    case "replay":
      return Number.isInteger(term.size) && term.size >= 0
        ? term.input.type
        : "a history holds a whole number of images";
    case "relabel": {
      const shape = shapeOf(term.input.type);
      if (!known.domains.has(term.domain)) return `there is no domain ${term.domain}`;
      return shape === undefined
        ? "what has no shape is of no domain"
        : { kind: "sample", domain: term.domain, shape };
    }
    case "pointwise":
    case "negate":
      return plain(term.input.type);
    case "distance":
      return { kind: "tensor", shape: [1, 1, 1] };
    case "function":
      return functionType(term);
    case "gradient":
      return plain(term.at.type);
    case "variable":
      return variables.get(term.depth) ?? "a variable stands outside of its gradient";
    case "arithmetic":
      return arithmeticType(term);
    case "concat":
      return concatType(term.items);
    case "loss":
    case "objective":
      return term.body.type;
  }
};

const showType = (type: TermType): string =>
  type.kind === "loss"
    ? "a loss"
    : `${type.kind === "sample" ? `${type.domain} ` : ""}${type.shape.join(" x ")}`;

/**
 * A concrete term: every name is defined, and every type is what follows from the types below it.
 */
export const termProblems = (
  term: Term,
  known: Known,
  variables: ReadonlyMap<number, TermType> = new Map(),
): readonly string[] => {
  const names = nameProblems(term, known, (name) => known.networks.has(name));
  if (names.length > 0) return names;
  const type = typeOf(term, known, variables);
  const own =
    typeof type === "string"
      ? [type]
      : showType(type) === showType(term.type)
        ? []
        : [`a ${term.kind} should be ${showType(type)}, not ${showType(term.type)}`];
  const inner =
    term.kind === "gradient"
      ? new Map([...variables, [term.depth, term.at.type] as const])
      : variables;
  const below =
    term.kind === "gradient"
      ? [...termProblems(term.body, known, inner), ...termProblems(term.at, known, variables)]
      : children(term).flatMap((child) => termProblems(child, known, variables));
  return [...own, ...below];
};
