/**
 * How much a spec asks a machine to hold: values, histories and parameters beyond what any machine
 * has are slips of a digit.
 */
import type { Span } from "../../base/source.js";
import type { Shape } from "../../operators/layer.js";
import { layers } from "../../operators/layers.js";
import { writtenDomain } from "../../program/nameless.js";
import type { LayerNode } from "../../program/network.js";
import { shapeOf } from "../evaluate/operands.js";
import { repeatsOf } from "../game/game.js";
import { lengthOf } from "../recipe/recipe.js";
import type { CheckedNet } from "../shapes/checked-net.js";
import { children, type Term } from "../values/term.js";
import { showShape } from "../values/value.js";
import { inWords } from "../values/words.js";
import { inNetwork } from "./in-network.js";
import type { Lint, Look, Report } from "./lint.js";

/** Numbers of one value, its batch counted: 16 GiB of them. */
const mostNumbers = 2 ** 32;
/** Parameters of one network: 256 GiB. */
const mostParameters = 2 ** 36;
/** Epochs of a schedule: where one is a single step of ten milliseconds, eleven days. */
const mostEpochs = 1e8;
/** Times that a step runs a phase, each with a batch of its own. */
const mostTimes = 1e5;

const product = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** Numbers in the largest value that a layer makes for a sample, which need not be its output. */
const numbersOf = (node: LayerNode, shapes: readonly Shape[]): number => {
  const beside = node.inputs.slice(1).map((id) => shapes[id] ?? node.shape);
  const holds = layers.get(node.kind)?.holds?.(node.shape, node.options, beside) ?? 0;
  return Math.max(product(node.shape), holds);
};

const bound =
  "Nothing that a step reads or makes may hold more than 2^32 numbers, 4.29 billion: they are 16 GiB.";

interface Large {
  readonly network: CheckedNet;
  readonly node: LayerNode;
  readonly numbers: number;
}

/** Layers that make much of little: what follows them is no mistake of its own. */
const largeLayers = (network: CheckedNet, batch: number): readonly Large[] => {
  const large = new Set(
    network.inputs.flatMap((shape, id) => (product(shape) * batch > mostNumbers ? [id] : [])),
  );
  const shapes = [...network.inputs, ...network.nodes.map(({ shape }) => shape)];
  const found: Large[] = [];
  for (const node of network.nodes) {
    const numbers = numbersOf(node, shapes) * batch;
    if (numbers <= mostNumbers) continue;
    if (!node.inputs.some((input) => large.has(input))) found.push({ network, node, numbers });
    large.add(node.id);
  }
  return found;
};

const refuseLarge = ({ network, node, numbers }: Large, report: Report): void => {
  const isGiven = product(node.shape) === numbers;
  report(
    "GAN319",
    node.span,
    isGiven
      ? `this gives ${inWords(numbers)} numbers for each sample: ${showShape(node.shape)}`
      : `this holds ${inWords(numbers)} numbers for each sample on its way to ${showShape(node.shape)}: each place is weighed against each other`,
    { labels: [inNetwork(network)], notes: [bound] },
  );
};

const ownParameters = ({ nodes }: CheckedNet): readonly (readonly [LayerNode, number])[] =>
  nodes
    .filter(({ owner }) => owner === undefined)
    .map((node) => [node, node.parameters.reduce((sum, { shape }) => sum + product(shape), 0)]);

const checkParameters = (network: CheckedNet, report: Report): void => {
  const sizes = ownParameters(network);
  const sum = sizes.reduce((total, [, size]) => total + size, 0);
  const [most] = [...sizes].sort(([, a], [, b]) => b - a);
  if (sum <= mostParameters || most === undefined) return;
  const [node, size] = most;
  const { name, span } = network.net;
  const notes = ["No network may have more than 2^36 parameters, 68.7 billion: they are 256 GiB."];
  if (size > mostParameters)
    report("GAN319", node.span, `this has ${inWords(size)} parameters`, {
      labels: [inNetwork(network)],
      notes,
    });
  else
    report("GAN319", span, `\`${name}\` has ${inWords(sum)} parameters`, {
      labels: [{ span: node.span, text: `${inWords(size)} of them are this layer's` }],
      notes,
    });
};

/** Images of earlier steps that a term holds. */
const checkHistories = (term: Term, call: Span, look: Look): void => {
  const { context, report } = look;
  // What the library holds is asked for where a loss of it is called.
  const at = term.kind === "loss" && !context.isLibrary(term.span) ? term.span : call;
  if (term.kind === "replay") {
    const numbers = (term.size ?? 0) * product(shapeOf(term.type) ?? []);
    const span = context.isLibrary(term.span) ? at : term.span;
    if (numbers > mostNumbers)
      report(
        "GAN319",
        span,
        `its history of ${inWords(term.size ?? 0)} values holds ${inWords(numbers)} numbers`,
        { notes: [bound] },
      );
  }
  for (const child of children(term)) checkHistories(child, at, look);
};

/** How many samples a step draws of each domain, and where the recipe says so. */
const batchOf = ({ recipe, train }: Look): { readonly size: number; readonly span?: Span } => {
  const field = train.get("batch");
  const size = recipe?.batch ?? 1;
  return field === undefined ? { size } : { size, span: field.value.span };
};

/** Whether no sample is too large by itself. */
const checkSamples = ({ domains, networks, report }: Look): boolean => {
  const large = domains.filter(({ shape }) => product(shape) > mostNumbers);
  for (const { name, shape, span } of large)
    report(
      "GAN319",
      span,
      `one value of ${writtenDomain(name)} holds ${inWords(product(shape))} numbers: ${showShape(shape)}`,
      { notes: [bound] },
    );
  const made = networks.flatMap((network) => largeLayers(network, 1));
  for (const one of made) refuseLarge(one, report);
  return large.length === 0 && made.length === 0;
};

const checkBatch = (look: Look): void => {
  const { domains, networks, report } = look;
  const { size, span } = batchOf(look);
  if (span === undefined) return;
  const drawn = domains.find(({ shape }) => product(shape) * size > mostNumbers);
  const [made] = networks.flatMap((network) => largeLayers(network, size));
  const says = `a batch of ${inWords(size)}`;
  if (drawn !== undefined)
    report(
      "GAN319",
      span,
      `${says} holds ${inWords(product(drawn.shape) * size)} numbers of ${writtenDomain(drawn.name)}: ${showShape(drawn.shape)} each`,
      {
        labels: [{ span: drawn.span, text: `${writtenDomain(drawn.name)} is declared here` }],
        notes: [bound],
      },
    );
  else if (made !== undefined)
    report(
      "GAN319",
      span,
      `${says} holds ${inWords(made.numbers)} numbers behind one layer: ${showShape(made.node.shape)} each`,
      {
        labels: [{ span: made.node.span, text: "they are made here" }, inNetwork(made.network)],
        notes: [bound],
      },
    );
};

/** Reports schedules and phases that would not end in a lifetime. */
const checkTimes = (look: Look): void => {
  const { domains, game, train, recipe, report } = look;
  const schedule = lengthOf(train, recipe);
  if (schedule !== undefined && schedule.epochs > mostEpochs)
    report("GAN319", schedule.span, `this schedule has ${inWords(schedule.epochs)} epochs`, {
      notes: [
        "A schedule may have 10^8 epochs, 100 million: where an epoch is one step of ten milliseconds, they take eleven days.",
      ],
    });
  const batch = batchOf(look);
  for (const { times, span } of repeatsOf(game)) {
    const drawn = domains.find(({ shape }) => product(shape) * batch.size * times > mostNumbers);
    if (times > mostTimes)
      report("GAN319", span, `a step runs this phase ${inWords(times)} times`, {
        notes: ["A step may run a phase 10^5 times, 100,000. Critics are mostly trained 5 times."],
      });
    else if (drawn !== undefined && product(drawn.shape) * batch.size <= mostNumbers)
      report(
        "GAN319",
        span,
        `${inWords(times)} batches hold ${inWords(product(drawn.shape) * batch.size * times)} numbers of ${writtenDomain(drawn.name)}: ${showShape(drawn.shape)} each`,
        {
          labels: [{ span: drawn.span, text: `${writtenDomain(drawn.name)} is declared here` }],
          notes: [
            "Each time that a step runs a phase it draws a batch, all of them before it begins.",
            bound,
          ],
        },
      );
  }
};

/** Refuses what no machine could hold, or get done. */
const checkAmounts = (look: Look): void => {
  checkTimes(look);
  // What reads too much has too many parameters as well.
  if (checkSamples(look)) {
    checkBatch(look);
    for (const network of look.networks) checkParameters(network, look.report);
  }
  for (const { objective, span } of look.game?.players ?? []) checkHistories(objective, span, look);
};

export const amounts: Lint = { name: "amounts", codes: ["GAN319"], spec: checkAmounts };
