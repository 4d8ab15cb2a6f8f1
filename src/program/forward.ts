/**
 * The values that losses are made of: draws, and what networks make of them. Equal values are one,
 * however often the formulas write them: that is how `G(x)` in three losses is computed once.
 */

import { exprText } from "./expression-text.js";
import { lowerFirst, Names } from "./naming.js";
import { children, type GenericTerm, type InnerOf } from "./term.js";

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
  /** For a draw: its number among independent draws, and the domains drawn together with it. */
  readonly slot?: number;
  readonly joint?: readonly string[] | undefined;
  readonly isPartial?: true | undefined;
  /** Size of a replay's history. */
  readonly size?: number;
  /** The values that it is made from; none for a draw. */
  readonly inputs: readonly Forward[];
}

/**
 * Returns the key of a draw: its domain and its number among independent draws, `X#1`; of a few
 * pairs among many images also the domains that are drawn together, `X#X+Y`.
 */
export const drawKey = (domain: string, slot: number, partners: readonly string[] = []): string => {
  const parts = [
    ...(partners.length === 0 ? [] : [[...partners].sort().join("+")]),
    ...(slot === 0 ? [] : [slot]),
  ];
  return [domain, ...parts].join("#");
};

/** Names a draw: by its domain in the training step, by its binder in a generic loss. */
export type DrawName = (term: Extract<GenericTerm, { kind: "draw" }>) => string;

export const byDomain: DrawName = (term) => lowerFirst(term.domain);
export const byBinder: DrawName = (term) => term.name;

/** The forward value that a term is, or nothing where it is a formula over such values. */
export const forwardOf = (term: GenericTerm, drawName: DrawName): Forward | undefined => {
  switch (term.kind) {
    case "draw": {
      const { domain, slot, joint, isPartial } = term;
      const partners = isPartial === true ? joint : undefined;
      const name = drawName(term);
      return {
        key: drawKey(domain, slot, partners),
        name,
        isWord: name.length > 1,
        kind: "draw",
        domain,
        slot,
        joint: joint?.map((of) => drawKey(of, slot, partners)),
        isPartial,
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
        key: `${term.isFormal ? "formal " : ""}${term.network}(${inputs.map((f) => f.key).join(", ")})`,
        name: joined(term.network, {
          name: inputs.map((f) => f.name).join(first.isWord ? "_" : ""),
          isWord: first.isWord,
        }),
        isWord: first.isWord,
        kind: "apply",
        network: term.network,
        inputs,
      };
    }
    case "replay": {
      const input = forwardOf(term.input, drawName);
      if (input === undefined) return undefined;
      const { size } = term;
      const count = typeof size === "number" ? size : exprText(size);
      return {
        key: `replay(${input.key}, ${count})`,
        name: joined("past", {
          ...input,
          name: input.isWord ? input.name : upperFirst(input.name),
        }),
        isWord: input.isWord,
        kind: "replay",
        // Of a generic loss, a size that its uses fix is that of some history.
        size: typeof size === "number" ? size : 1,
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

/** Networks that a value is made by, those inside of them included, a replayed one's too. */
export const networksIn = (forward: Forward, innerOf: InnerOf): ReadonlySet<string> => {
  const { network, inputs } = forward;
  const own = network === undefined ? [] : [network, ...innerOf(network)];
  return new Set([...own, ...inputs.flatMap((input) => [...networksIn(input, innerOf)])]);
};

/**
 * The forward values that a formula reads, in the order in which it does, each once, with unique
 * names.
 */
export const leavesOf = (term: GenericTerm, drawName: DrawName): ReadonlyMap<string, string> => {
  const names = new Names();
  const found = new Map<string, string>();
  const visit = (t: GenericTerm): void => {
    const forward = forwardOf(t, drawName);
    if (forward === undefined) children(t).forEach(visit);
    else found.set(forward.key, names.of(forward.key, forward.name));
  };
  visit(term);
  return found;
};

const headOf = (term: GenericTerm): string => {
  switch (term.kind) {
    case "constant":
      return String(term.value ?? exprText(term.written));
    case "pointwise":
    case "distance":
    case "function":
      return term.of;
    case "variable":
      return `variable ${term.depth}`;
    case "apply":
      return term.network;
    case "arithmetic":
      return term.operator;
    case "replay":
      return `replay ${typeof term.size === "number" ? term.size : exprText(term.size)}`;
    case "loss":
      return term.of;
    default:
      return term.kind;
  }
};

/**
 * Equal for formulas of equal value: the same losses and operations on the same values and numbers.
 * `points` are the keys of the values at which gradients around the formula are taken, by how many
 * stand around them.
 */
export const formulaKey = (
  term: GenericTerm,
  points: ReadonlyMap<number, string> = new Map(),
): string => {
  const forward = forwardOf(term, byDomain);
  if (forward !== undefined) return forward.key;
  const point = term.kind === "variable" ? points.get(term.depth) : undefined;
  const below = children(term).map((child) => formulaKey(child, points));
  return `${headOf(term)}${point === undefined ? "" : ` at ${point}`}[${below.join(", ")}]`;
};
