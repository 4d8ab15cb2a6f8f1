/**
 * A sigmoid of a sigmoid, or a softmax of a softmax: in a network, in a loss, or where a network
 * ends in one and its loss takes another.
 */
import type { Span } from "../../base/source.js";
import { type Fix, replaceWith } from "../../diagnostics/diagnostic.js";
import { layers } from "../../operators/layers.js";
import type { LayerNode } from "../../program/network.js";
import type { CheckedNet } from "../shapes/checked-net.js";
import type { Context } from "../values/context.js";
import type { Term } from "../values/term.js";
import { inNetwork } from "./in-network.js";
import type { Around, GameLook, Lint, Look } from "./lint.js";
import { outputRanges } from "./output-ranges.js";

const twice =
  "A sigmoid of a probability lies between 0.5 and 0.73, whatever the network says: it can neither accept nor reject.";

/** What a layer makes probabilities of. */
const probabilities = (node: LayerNode | undefined): "each" | "channels" | undefined =>
  layers.get(node?.kind ?? "")?.probabilities;

/**
 * The layer that made the numbers which a node gives; nothing where they are the network's input.
 */
const makerOf = (nodes: readonly LayerNode[], id: number): LayerNode | undefined => {
  const node = nodes.find((candidate) => candidate.id === id);
  const [input] = node?.inputs ?? [];
  return node !== undefined &&
    input !== undefined &&
    layers.get(node.kind)?.moves?.(node.options) === true
    ? makerOf(nodes, input)
    : node;
};

/**
 * Two sigmoids in a row within a network. One of values in [0, 1] may be a gate, and no mistake:
 * squeeze-and-excitation weighs channels by a sigmoid of what relu or softmax gave.
 */
const checkLayers = (network: CheckedNet, { context, report }: Look): void => {
  for (const node of network.nodes) {
    const [input] = node.inputs;
    if (probabilities(node) !== "each" || input === undefined) continue;
    const maker = makerOf(network.nodes, input);
    if (maker === undefined || probabilities(maker) !== "each") continue;
    report("GAN314", node.span, `this \`${node.kind}\` is of what a \`${maker.kind}\` gives`, {
      labels: [{ span: maker.span, text: "the other is here" }, inNetwork(network)],
      notes: [twice],
      suggestion: without(context, node.span),
    });
  }
};

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

/** The term itself behind what a loss writes around it without changing its values. */
const bare = (term: Term): Term =>
  term.kind === "replay" || term.kind === "relabel" ? bare(term.input) : term;

const evened =
  "A softmax of probabilities is nearly even, whatever the network says: it can rule out no class.";

/** A value that a loss makes probabilities of. */
interface Squashed {
  readonly input: Term;
  /** The function that the loss takes, in words. */
  readonly takes: string;
  readonly why: string;
}

/**
 * `softplus(z)` and `softplus(-z)` are logarithms of sigmoids, `log_softmax` and `cross_entropy` of
 * softmaxes.
 */
const squashed = (term: Term): Squashed | undefined => {
  if (term.kind !== "function" && term.kind !== "pointwise") return undefined;
  const { name, probabilities: made, logarithmOf } = term.of;
  if (term.kind === "function") {
    const [input] = term.inputs;
    if (input === undefined || (made ?? logarithmOf) === undefined) return undefined;
    const takes =
      made === undefined ? `a \`${name}\`, the logarithm of a softmax,` : `a \`${name}\``;
    return { input: bare(input), takes, why: evened };
  }
  if (made !== undefined) return { input: bare(term.input), takes: `a \`${name}\``, why: twice };
  if (logarithmOf === undefined) return undefined;
  const input = bare(term.input.kind === "negate" ? term.input.input : term.input);
  return { input, takes: `a \`${name}\`, the logarithm of one,`, why: twice };
};

/**
 * The layer by which a network gives probabilities of its own making; images of intensities in [0,
 * 1] are none.
 */
const probabilityOf = ({ net: { to }, nodes, last }: CheckedNet): LayerNode | undefined => {
  if (to.kind === "domain" && to.sampler === "image") return undefined;
  const maker = makerOf(nodes, last);
  return probabilities(maker) === undefined ? undefined : maker;
};

/**
 * Two in a row where a network ends in one and its loss takes another: the network is the place to
 * change.
 */
const checkTerm = (
  term: Term,
  { calls }: Around,
  { context, networks, report }: GameLook,
): void => {
  const found = squashed(term);
  if (found === undefined) return;
  const { input: made, takes, why } = found;
  if (
    term.kind === "pointwise" &&
    made.kind === "pointwise" &&
    made.of.probabilities === "each" &&
    term.of.probabilities === "each"
  ) {
    const message = `this \`${term.of.name}\` is of what a \`${made.of.name}\` gives`;
    report("GAN314", term.span, message, {
      labels: context.uses(calls),
      notes: [twice],
      suggestion: replaceWith(term.span, context.quote(term.input.span)),
    });
  }
  if (made.kind !== "apply") return;
  const { name } = made.net;
  const network = networks.find(({ net }) => net.name === name);
  const end = network && probabilityOf(network);
  if (network === undefined || end === undefined) return;
  report(
    "GAN314",
    end.span,
    `\`${name}\` gives probabilities here, and its loss takes ${takes} of them`,
    {
      labels: [
        { span: term.span, text: "the other is here" },
        ...context.uses(calls),
        inNetwork(network),
      ],
      notes: [why],
      suggestion: without(context, end.span),
    },
  );
};

export const sigmoids: Lint = {
  name: "sigmoids",
  codes: ["GAN314"],
  supersedes: [{ lint: outputRanges, at: "place" }],
  network: checkLayers,
  term: checkTerm,
};
