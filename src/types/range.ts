/**
 * Ranges: where the values of networks and losses lie, as intervals with open or closed ends, and what is wrong with
 * them: a network whose values are not those of its domain, a function of what it is not defined for, a sigmoid of a
 * probability. Rules stand in the tables of layers and functions; here they meet networks and terms.
 */
import { cover, type Span } from "../base/source.js";
import { type Details, type Fix, type Label, replaceWith } from "../diagnostics/diagnostic.js";
import { layers } from "../operators/layers.js";
import {
  closed,
  hull,
  isBounded,
  isWithin,
  minus,
  negated,
  notNegative,
  over,
  plus,
  positive,
  powered,
  type Range,
  reals,
  showRange,
  times,
} from "../operators/range.js";
import type { CheckedNet } from "./check.js";
import type { Context } from "./context.js";
import type { Player } from "./game.js";
import { children, type Term } from "./term.js";
import type { LayerNode } from "./trace.js";
import { type DomainType, inputsOf } from "./value.js";

const probabilities = closed(0, 1);

export const domainRange = (domain: DomainType): Range =>
  domain.kind === "domain" ? closed(...domain.range) : reals;

/** What joins values at one place of a network; anything else may give anything. */
const joins: Readonly<Record<string, (a: Range, b: Range) => Range>> = {
  add: plus,
  sub: minus,
  mul: times,
  concat: hull,
};

/** Of every node of a network, by number, its inputs' included. */
const nodeRanges = ({ net, nodes }: CheckedNet): ReadonlyMap<number, Range> => {
  const ranges = new Map(
    inputsOf(net.from).map((domain, input) => [input, domainRange(domain)] as const),
  );
  for (const node of nodes) {
    const [a = reals, ...others] = node.inputs.map((id) => ranges.get(id) ?? reals);
    const layer = layers.get(node.kind);
    const join = joins[node.kind];
    const range =
      layer !== undefined
        ? layer.range(a, node.options)
        : join === undefined
          ? reals
          : others.reduce(join, a);
    ranges.set(node.id, range);
  }
  return ranges;
};

/** The node whose values these are, behind layers that keep the range. */
const sourceOf = (
  nodes: readonly LayerNode[],
  ranges: ReadonlyMap<number, Range>,
  id: number,
): LayerNode | undefined => {
  const node = nodes.find((candidate) => candidate.id === id);
  const [input] = node?.inputs ?? [];
  const keeps =
    node?.inputs.length === 1 && input !== undefined && ranges.get(input) === ranges.get(id);
  return keeps ? sourceOf(nodes, ranges, input) : node;
};

/** Where each network's values lie, once its layers have been found to fit them. */
export const checkNetworkRanges = (
  context: Context,
  networks: readonly CheckedNet[],
): ReadonlyMap<string, Range> =>
  new Map(
    networks.map((network) => {
      const ranges = nodeRanges(network);
      warnOfTwoSigmoids(context, network, ranges);
      const output = ranges.get(network.last) ?? reals;
      checkOutput(context, network, ranges, output, networks);
      return [network.net.name, output];
    }),
  );

const inNetwork = ({ net, declaration }: CheckedNet): Label => ({
  span: cover(declaration.name.span, declaration.type.span),
  text: `in the network \`${net.name}\``,
});

const warnOfTwoSigmoids = (
  context: Context,
  network: CheckedNet,
  ranges: ReadonlyMap<number, Range>,
): void => {
  for (const node of network.nodes) {
    const [input] = node.inputs;
    if (node.kind !== "sigmoid" || input === undefined) continue;
    const source = sourceOf(network.nodes, ranges, input);
    const before = ranges.get(input) ?? reals;
    if (source === undefined || !isWithin(before, probabilities)) continue;
    context.report("GAN314", node.span, `this \`sigmoid\` is of values in ${showRange(before)}`, {
      labels: [{ span: source.span, text: "they come from here" }, inNetwork(network)],
      notes: [twice],
      fix: without(context, node.span),
    });
  }
};

const twice =
  "A sigmoid of a probability lies between 0.5 and 0.73, whatever the network says: it can neither accept nor reject.";

/** Taking a layer out of its pipeline, with the `>>` before it. */
const without = (context: Context, span: Span): Fix | undefined => {
  const before = context.textBefore(span);
  const arrow = /\s*>>\s*$/.exec(before);
  return arrow === null
    ? undefined
    : {
        title: "remove it",
        edits: [{ span: { ...span, start: span.start - arrow[0].length }, text: "" }],
      };
};

/** The activation whose values fill a range, where there is one. */
const activationFor = ({ low, high }: Range): string | undefined => {
  if (low === -1 && high === 1) return "tanh";
  return low === 0 && high === 1 ? "sigmoid" : undefined;
};

const checkOutput = (
  context: Context,
  network: CheckedNet,
  ranges: ReadonlyMap<number, Range>,
  output: Range,
  networks: readonly CheckedNet[],
): void => {
  const { net, nodes, last } = network;
  const domain = domainRange(net.to);
  // Classes are told by plain scores as well as by probabilities, and what stands for noise need not be it.
  if (net.to.kind !== "domain" || net.to.sampler !== "image") return;
  if (output.low === domain.low && output.high === domain.high) return;
  const source = sourceOf(nodes, ranges, last);
  // Bounds of sums and products may be wider than their values: parts of a mixture depend on each other.
  const isJoin = source !== undefined && layers.get(source.kind) === undefined;
  if (isJoin && isBounded(output)) return;
  const at = source?.span ?? network.declaration.value.span;
  const [is, wants] = [showRange(output), showRange(domain)];
  const short = isWithin(output, domain);
  const activation = activationFor(domain);
  const isAlready = source?.kind === activation;
  const details: Details = {
    labels: [{ span: net.to.span, text: `${net.to.name} is declared here` }, inNetwork(network)],
    notes: [
      short
        ? `Values of ${net.to.name} that \`${net.name}\` cannot give are out of its reach for ever; its discriminator needs nothing else to tell them apart.`
        : `Images are written and shown as values in ${wants}; what lies outside is cut off.`,
      ...(activation === undefined
        ? ["The bounds are the options `low` and `high` of the domain."]
        : isAlready
          ? [`\`${activation}\` gives all of them to what is not bounded already.`]
          : [`\`${activation}\` gives values between ${domain.low} and ${domain.high}.`]),
    ],
    fix:
      activation === undefined || isAlready || isShared(source, network, networks)
        ? undefined
        : ending(context, network, source, activation),
  };
  context.report(
    "GAN313",
    at,
    `\`${net.name}\` gives values in ${is}, and ${net.to.name} holds ${wants}`,
    details,
  );
};

/** Whether a network into values of another range ends at the same place. */
const isShared = (
  source: LayerNode | undefined,
  { net }: CheckedNet,
  networks: readonly CheckedNet[],
): boolean => {
  const wants = showRange(domainRange(net.to));
  return networks.some(
    (other) =>
      showRange(domainRange(other.net.to)) !== wants &&
      other.nodes.some((node) => node.span === source?.span),
  );
};

/** Writing the activation where the network ends: in place of another, or behind the last layer. */
const ending = (
  context: Context,
  network: CheckedNet,
  source: LayerNode | undefined,
  activation: string,
): Fix | undefined => {
  const only =
    source !== undefined && network.nodes.filter((node) => node.span === source.span).length === 1;
  if (only && /^\w+$/.test(context.quote(source.span)))
    if (["sigmoid", "tanh", "relu"].includes(source.kind))
      return replaceWith(source.span, activation);
  const { value } = network.declaration;
  const isPipeline = ["name", "member", "call"].includes(value.kind) || isComposition(value);
  const behind = (span: Span, text: string): Fix => ({
    title: `end it with \`${activation}\``,
    edits: [{ span, text }],
  });
  if (only && source.kind !== "add") {
    const written = context.quote(source.span);
    const applied = context.textAfter(source.span).startsWith("(");
    return behind(
      source.span,
      applied ? `(${written} >> ${activation})` : `${written} >> ${activation}`,
    );
  }
  return isPipeline
    ? behind({ ...value.span, start: value.span.end }, ` >> ${activation}`)
    : undefined;
};

const isComposition = (value: CheckedNet["declaration"]["value"]): boolean =>
  value.kind === "binary" && (value.operator === ">>" || value.operator === "*");

type Ranges = ReadonlyMap<string, Range>;

/** Where a term's values lie; `assumed` says it of one term instead. */
const rangeOf = (
  term: Term,
  networks: Ranges,
  assumed?: { readonly term: Term; readonly range: Range },
): Range => {
  if (assumed?.term === term) return assumed.range;
  const of = (t: Term): Range => rangeOf(t, networks, assumed);
  switch (term.kind) {
    case "constant":
      return term.value === undefined ? reals : closed(term.value, term.value);
    case "draw":
      return domainRange(term.domain);
    case "apply":
      return networks.get(term.net.name) ?? domainRange(term.net.to);
    case "replay":
    case "relabel":
      return of(term.input);
    case "pointwise": {
      const input = of(term.input);
      const { definedOn, range } = term.of;
      return definedOn === undefined || isWithin(input, definedOn) ? range(input) : reals;
    }
    case "distance":
      return term.of.range(minus(of(term.left), of(term.right)));
    case "function": {
      const count = term.of.values.length;
      const numbers = term.inputs
        .slice(count)
        .map((t) => (t.kind === "constant" ? t.value : undefined));
      const known = numbers.flatMap((n) => n ?? []);
      if (known.length < numbers.length) return reals;
      return term.of.ranges?.(term.inputs.slice(0, count).map(of), known) ?? reals;
    }
    case "variable":
      return term.type.kind === "sample" ? domainRange(term.type.domain) : reals;
    case "gradient":
      return reals;
    case "negate":
      return negated(of(term.input));
    case "arithmetic":
      return arithmeticRange(term, of);
    case "concat":
      return term.items.map(of).reduce(hull);
    case "mean":
    case "loss":
    case "objective":
      return of(term.body);
  }
};

const arithmeticRange = (
  { operator, left, right }: Extract<Term, { kind: "arithmetic" }>,
  of: (term: Term) => Range,
): Range => {
  switch (operator) {
    case "+":
      return plus(of(left), of(right));
    case "-":
      return minus(of(left), of(right));
    case "*":
      return times(of(left), of(right));
    case "/":
      return over(of(left), of(right));
    case "^": {
      const exponent = right.kind === "constant" ? right.value : undefined;
      return exponent === undefined ? reals : powered(exponent)(of(left));
    }
  }
};

/** Ranges within the players' objectives: every use of a generic loss, a mistake in its body once. */
export const checkTermRanges = (
  context: Context,
  players: readonly Player[],
  networks: readonly CheckedNet[],
  ranges: Ranges,
): void => {
  const visit = (term: Term, uses: readonly Label[]): void => {
    checkDefined(context, term, ranges, uses);
    checkSigmoid(context, term, networks, ranges, uses);
    const use = { span: term.span, text: `in \`${context.quote(term.span)}\`, used here` };
    for (const child of children(term)) visit(child, term.kind === "loss" ? [use, ...uses] : uses);
  };
  for (const { objective } of players) visit(objective, []);
};

/** What a function or a power is applied to, and where it is defined. */
const partial = (
  term: Term,
): { readonly name: string; readonly input: Term; readonly definedOn: Range } | undefined => {
  if (term.kind === "pointwise" && term.of.definedOn !== undefined)
    return { name: `\`${term.of.name}\``, input: term.input, definedOn: term.of.definedOn };
  if (term.kind !== "arithmetic" || term.operator !== "^" || term.right.kind !== "constant")
    return undefined;
  const exponent = term.right.value ?? 1;
  if (Number.isInteger(exponent)) return undefined;
  const definedOn = exponent < 0 ? positive : notNegative;
  return { name: `a power of ${exponent}`, input: term.left, definedOn };
};

const checkDefined = (
  context: Context,
  term: Term,
  ranges: Ranges,
  uses: readonly Label[],
): void => {
  const found = partial(term);
  if (found === undefined) return;
  const { name, input, definedOn } = found;
  const is = rangeOf(input, ranges);
  if (isWithin(is, definedOn)) return;
  const bad = definedOn.lowOpen ? (is.low < 0 ? "0 or less" : "0") : "less than 0";
  context.report("GAN312", term.span, `${name} is taken of what may be ${bad}`, {
    labels: [{ span: input.span, text: `this lies in ${showRange(is)}` }, ...uses],
    notes: [
      `${name[0] === "a" ? "It" : name} is defined on ${showRange(definedOn)} only; elsewhere the loss is not a number, and the weights are lost with the next step.`,
    ],
    fix: squashed(context, input, definedOn, ranges),
  });
};

/** Writing `sigmoid` round the one score that has no bounds, where that is enough. */
const squashed = (
  context: Context,
  input: Term,
  definedOn: Range,
  ranges: Ranges,
): Fix | undefined => {
  const scores: Term[] = [];
  const collect = (term: Term): void => {
    if (term.kind === "apply" && term.net.to.kind === "scores") scores.push(term);
    else children(term).forEach(collect);
  };
  collect(input);
  const [only, other] = scores;
  if (only === undefined || other !== undefined) return undefined;
  const then = rangeOf(input, ranges, {
    term: only,
    range: { ...probabilities, lowOpen: true, highOpen: true },
  });
  return isWithin(then, definedOn)
    ? replaceWith(only.span, `sigmoid(${context.quote(only.span)})`)
    : undefined;
};

/** Two sigmoids in a row where a network ends in one and its loss takes another: the network is the place to change. */
const checkSigmoid = (
  context: Context,
  term: Term,
  networks: readonly CheckedNet[],
  ranges: Ranges,
  uses: readonly Label[],
): void => {
  if (term.kind !== "pointwise" || term.of.name !== "sigmoid") return;
  let made = term.input;
  while (made.kind === "replay" || made.kind === "relabel") made = made.input;
  const is = rangeOf(made, ranges);
  if (!isWithin(is, probabilities)) return;
  if (made.kind === "pointwise") {
    context.report("GAN314", term.span, `this \`sigmoid\` is of values in ${showRange(is)}`, {
      labels: uses,
      notes: [twice],
      fix: replaceWith(term.span, context.quote(term.input.span)),
    });
  }
  if (made.kind !== "apply") return;
  const { name } = made.net;
  const network = networks.find(({ net }) => net.name === name);
  const end = network && sourceOf(network.nodes, nodeRanges(network), network.last);
  if (network === undefined || end === undefined) return;
  context.report(
    "GAN314",
    end.span,
    `\`${name}\` gives probabilities here, and its loss takes a \`sigmoid\` of them`,
    {
      labels: [{ span: term.span, text: "the other is here" }, ...uses, inNetwork(network)],
      notes: [twice],
      fix: without(context, end.span),
    },
  );
};
