/**
 * Ranges of networks: where the values of each lie, as intervals with open or closed ends, and whether those are the values of
 * its domain. The rules stand in the table of layers; here they meet networks.
 */
import { cover, type Span } from "../../base/source.js";
import {
  type Details,
  type Diagnostic,
  type Fix,
  type Label,
  replaceWith,
} from "../../diagnostics/diagnostic.js";
import { layers } from "../../operators/layers.js";
import {
  closed,
  hull,
  isBounded,
  isWithin,
  minus,
  plus,
  type Range,
  reals,
  showRange,
  times,
} from "../../operators/range.js";
import type { LayerNode } from "../../program/network.js";
import type { CheckedNet } from "../values/checked.js";
import type { Context } from "../values/context.js";
import { type DomainType, inputsOf } from "../values/value.js";

export const domainRange = (domain: DomainType): Range =>
  domain.kind === "domain" ? closed(...domain.range) : reals;

/** What joins values at one place of a network; anything else may give anything. */
const joins: Readonly<Record<string, (a: Range, b: Range) => Range>> = {
  add: plus,
  sub: minus,
  mul: times,
  concat: hull,
};

/** Of every node of a network, by number, its inputs' included: values of its domains, unless others are given. */
export const nodeRanges = (
  { net, nodes }: CheckedNet,
  given: readonly Range[] = inputsOf(net.from).map(domainRange),
): ReadonlyMap<number, Range> => {
  const ranges = new Map(given.map((range, input) => [input, range] as const));
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
      const output = ranges.get(network.last) ?? reals;
      checkOutput(context, network, ranges, output, networks);
      return [network.net.name, output];
    }),
  );

/** Which network a place is in, for messages. */
export const inNetwork = ({ net, declaration }: CheckedNet): Label => ({
  span: cover(declaration.name.span, declaration.type.span),
  text: `in the network \`${net.name}\``,
});

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
  // A sigmoid too many is said already.
  const isSaid = ({ code, span }: Diagnostic): boolean =>
    code === "GAN314" && span.file === at.file && span.start === at.start;
  if (context.diagnostics.some(isSaid)) return;
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
    suggestion:
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
