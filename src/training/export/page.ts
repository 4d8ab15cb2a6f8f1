/** Writes one web page with a network in it, which translates pictures in the reader's browser. */
import { gzipSync } from "node:zlib";
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import { frameOf } from "../../program/frame.js";
import type { Network } from "../../program/model.js";
import { engineId, factsId, modelId, type NetworkFacts } from "../../report/translator/contents.js";
import { translatorPage } from "../../report/translator/page.js";
import { type Checked, type Exported, onnxOf } from "./networks.js";

/** The parts of a page besides the network. */
export interface PageParts {
  /** Bundled script. */
  readonly script: string;
  /** ONNX Runtime's WebAssembly. */
  readonly engine: Uint8Array;
  /** Names of the classes that the network may translate to. */
  readonly classes: readonly string[];
}

const packed = (bytes: Uint8Array): string => gzipSync(bytes, { level: 9 }).toString("base64");

/**
 * Returns the sides that the network accepts along both axes. Undefined if it has only one size.
 */
const sidesOf = (network: Network, place: number): NetworkFacts["sides"] => {
  const fitting = (side: number): number | undefined => {
    const frame = frameOf(network, place, { height: side, width: side });
    return isLeft(frame) ? undefined : frame.right.network.inputs[place]?.[0];
  };
  const [base = 1] = network.inputs[place] ?? [];
  const [own, least] = [fitting(base), fitting(1)];
  const next = own === undefined ? undefined : fitting(own + 1);
  return own === undefined || least === undefined || next === undefined
    ? undefined
    : { base: own, step: next - own, least };
};

/** Writes the page after checking its model against the run. */
export const pageOf = async (
  exported: Exported,
  { script, engine, classes }: PageParts,
): Promise<Either<string, Checked>> => {
  const { network, domains, to, inputs, output, about } = exported;
  const images = domains.flatMap(({ kind }, place) => (kind === "image" ? [place] : []));
  const [place] = images;
  if (place === undefined || images.length > 1)
    return left(
      `a page shows what is made of one picture, and ${network.name} takes ${images.length === 0 ? "none" : images.length}`,
    );
  const model = await onnxOf(exported);
  if (isLeft(model)) return model;
  const isOpen = model.right.words.some((words) => words.startsWith("images of any size"));
  const facts: NetworkFacts = {
    inputs: domains.flatMap(({ kind, shape, range }, i) =>
      kind === "features" || kind === "scheduled"
        ? []
        : [{ name: inputs[i] ?? "", kind, shape, range }],
    ),
    output: { name: output, range: to.range },
    sides: isOpen ? sidesOf(network, place) : undefined,
  };
  const page = translatorPage({
    title: `${about.run}: ${network.name}`,
    words: [
      `${domains.map(({ name }) => name).join(", ")} to ${to.name}, after ${about.steps} steps of training.`,
      "Pictures stay in this browser: the page makes no network requests.",
    ],
    classes,
    script,
    isModule: true,
    data: {
      [factsId]: JSON.stringify(facts),
      [modelId]: packed(Buffer.concat(model.right.bytes)),
      [engineId]: packed(engine),
    },
  });
  return right({
    bytes: [new TextEncoder().encode(page)],
    difference: model.right.difference,
    words: [...model.right.words, "opens in a browser, without a network"],
  });
};
