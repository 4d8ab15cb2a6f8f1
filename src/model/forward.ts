/**
 * The values that losses are made of: draws, and what networks make of them. Equal values are one, however often the
 * formulas write them: that is how `G(x)` in three losses is computed once.
 */
import { impossible } from "../base/impossible.js";
import { children, type Term } from "../types/values/term.js";
import { domainName } from "../types/values/value.js";
import { lowerFirst, Names } from "./naming.js";

export interface Forward {
  /** Equal for equal values. */
  readonly key: string;
  /** `x`, `Gx`, `FGx`, `pastGx` */
  readonly name: string;
  /** Whether the draw that it is made from has a name of several letters. */
  readonly isWord: boolean;
  readonly kind: "draw" | "apply" | "replay";
  readonly domain?: string;
  readonly network?: string;
  /** Of a draw: which of several independent ones, and the domains that are drawn together with it. */
  readonly slot?: number;
  readonly joint?: readonly string[] | undefined;
  /** Networks inside of that one. */
  readonly inner?: readonly string[];
  /** Of a replay. */
  readonly size?: number;
  /** What it is made of: nothing where it is drawn. */
  readonly inputs: readonly Forward[];
}

/** What a draw is known by: its domain, and which of several independent draws it is. */
export const drawKey = (domain: string, slot: number): string =>
  slot === 0 ? domain : `${domain}#${slot}`;

/** How a draw is called: by its domain in the training step, by its binder inside of a generic loss. */
export type DrawName = (term: Extract<Term, { kind: "draw" }>) => string;

export const byDomain: DrawName = (term) => lowerFirst(domainName(term.domain));
export const byBinder: DrawName = (term) => term.name;

const unknownSizes = new WeakMap<Term, string>();
let unknownCount = 0;

/** Inside of a generic loss no two replays of sizes yet unknown are the same. */
const unknownSize = (term: Term): string => {
  const known = unknownSizes.get(term) ?? `unknown ${++unknownCount}`;
  unknownSizes.set(term, known);
  return known;
};

/** The forward value that a term is, or nothing where it is a formula over such values. */
export const forwardOf = (term: Term, drawName: DrawName): Forward | undefined => {
  switch (term.kind) {
    case "draw": {
      const domain = domainName(term.domain);
      const name = drawName(term);
      return {
        key: drawKey(domain, term.slot),
        name,
        isWord: name.length > 1,
        kind: "draw",
        domain,
        slot: term.slot,
        joint: term.joint?.map((of) => drawKey(domainName(of), term.slot)),
        inputs: [],
      };
    }
    case "relabel":
      // Only the type changes.
      return forwardOf(term.input, drawName);
    case "apply": {
      const inputs = term.inputs.flatMap((input) => forwardOf(input, drawName) ?? []);
      const [first] = inputs;
      if (first === undefined || inputs.length < term.inputs.length) return undefined;
      return {
        // Inside of a loss, a formal may have the name of a network that another loss names.
        key: `${term.net.formal ? "formal " : ""}${term.net.name}(${inputs.map((f) => f.key).join(", ")})`,
        name: joined(term.net.name, {
          name: inputs.map((f) => f.name).join(first.isWord ? "_" : ""),
          isWord: first.isWord,
        }),
        isWord: first.isWord,
        kind: "apply",
        network: term.net.name,
        inner: term.net.inner ?? [],
        inputs,
      };
    }
    case "replay": {
      const input = forwardOf(term.input, drawName);
      if (input === undefined) return undefined;
      const size = term.size ?? 0;
      return {
        key: `replay(${input.key}, ${term.size ?? unknownSize(term)})`,
        name: joined("past", {
          ...input,
          name: input.isWord ? input.name : upperFirst(input.name),
        }),
        isWord: input.isWord,
        kind: "replay",
        size,
        inputs: [input],
      };
    }
    default:
      return undefined;
  }
};

/** `Gx`, but `G_photo`: letters need nothing between, words do. */
const joined = (network: string, input: Pick<Forward, "name" | "isWord">): string =>
  input.isWord ? `${network}_${input.name}` : network + input.name;

const upperFirst = (name: string): string => `${name[0]?.toUpperCase() ?? ""}${name.slice(1)}`;

/** Networks applied anywhere in a value, a replayed one's included or not. */
export const networksIn = (forward: Forward, throughReplay: boolean): ReadonlySet<string> => {
  if (forward.kind === "replay" && !throughReplay) return new Set();
  const below = forward.inputs.flatMap((input) => [...networksIn(input, throughReplay)]);
  const { network, inner = [] } = forward;
  return new Set(network === undefined ? below : [network, ...inner, ...below]);
};

/** The forward values that a formula reads, in the order in which it does, each once, with unique names. */
export const leavesOf = (term: Term, drawName: DrawName): ReadonlyMap<string, string> => {
  const names = new Names();
  const found = new Map<string, string>();
  const visit = (t: Term): void => {
    const forward = forwardOf(t, drawName);
    if (forward === undefined) children(t).forEach(visit);
    else found.set(forward.key, names.of(forward.key, forward.name));
  };
  visit(term);
  return found;
};

const headOf = (term: Term): string => {
  switch (term.kind) {
    case "constant":
      return String(term.value ?? impossible("a number of a game has no value"));
    case "pointwise":
    case "distance":
    case "function":
      return term.of.name;
    case "variable":
      return `variable ${term.depth}`;
    case "apply":
      return term.net.name;
    case "arithmetic":
      return term.operator;
    case "replay":
      return `replay ${term.size}`;
    case "loss": {
      const { file, start } = term.declaration.name.span;
      return `${file}:${start}`;
    }
    default:
      return term.kind;
  }
};

/**
 * Equal for formulas of equal value: the same losses and operations on the same values and numbers. `points` are the keys
 * of the values at which gradients around the formula are taken, by how many stand around them.
 */
export const formulaKey = (term: Term, points: ReadonlyMap<number, string> = new Map()): string => {
  const forward = forwardOf(term, byDomain);
  if (forward !== undefined) return forward.key;
  const point = term.kind === "variable" ? points.get(term.depth) : undefined;
  const below = children(term).map((child) => formulaKey(child, points));
  return `${headOf(term)}${point === undefined ? "" : ` at ${point}`}[${below.join(", ")}]`;
};
