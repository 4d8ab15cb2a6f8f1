/** Networks whose values are not those of their domain. */
import type { Span } from "../../base/source.js";
import { type Details, type Fix, replaceWith } from "../../diagnostics/diagnostic.js";
import { activations } from "../../operators/activations.js";
import { addJoin } from "../../operators/joins.js";
import { layers } from "../../operators/layers.js";
import { isBounded, isWithin, type Range, reals, showRange } from "../../operators/range.js";
import type { LayerNode } from "../../program/network.js";
import { domainRange } from "../ranges/network-ranges.js";
import type { CheckedNet } from "../shapes/checked-net.js";
import type { Context } from "../values/context.js";
import { inNetwork } from "./in-network.js";
import type { Lint, Look } from "./lint.js";

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

/** The activation whose values fill a range, where there is one. */
const activationFor = (wanted: Range): string | undefined =>
  activations.find(({ elementwise, range }) => {
    const { low, high } = range(reals, {});
    return elementwise === true && low === wanted.low && high === wanted.high;
  })?.name;

/** Whether it is an activation with an end, which another may stand in the place of. */
const isEnded = ({ kind, options }: LayerNode): boolean => {
  const entry = layers.get(kind);
  if (entry?.elementwise !== true || entry.moves !== undefined) return false;
  const { low, high } = entry.range(reals, options);
  return low > -Infinity || high < Infinity;
};

const checkOutput = (
  network: CheckedNet,
  { context, networks, nodeRanges, report }: Look,
): void => {
  const { net, nodes, last } = network;
  const ranges = nodeRanges.get(net.name) ?? new Map<number, Range>();
  const output = ranges.get(last) ?? reals;
  const domain = domainRange(net.to);
  // Classes are told by plain scores as well as by probabilities, and what stands for noise need
  // not be it.
  if (net.to.kind !== "domain" || net.to.sampler !== "image") return;
  if (output.low === domain.low && output.high === domain.high) return;
  const source = sourceOf(nodes, ranges, last);
  // Bounds of sums and products may be wider than their values: parts of a mixture depend on each
  // other.
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
    suggestion:
      activation === undefined || isAlready || isShared(source, network, networks)
        ? undefined
        : ending(context, network, source, activation),
  };
  report(
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
    if (isEnded(source)) return replaceWith(source.span, activation);
  const { value } = network.declaration;
  const isPipeline = ["name", "member", "call"].includes(value.kind) || isComposition(value);
  const behind = (span: Span, text: string): Fix => ({
    title: `end it with \`${activation}\``,
    edits: [{ span, text }],
  });
  if (only && source.kind !== addJoin.name) {
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

export const outputRanges: Lint = {
  name: "output-ranges",
  codes: ["GAN313"],
  network: checkOutput,
};
