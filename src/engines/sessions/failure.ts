/**
 * Explains what an engine could not compute in terms of the spec, without the engine's source
 * places.
 */
import { bytesText } from "../../base/bytes.js";
import { type Graph, type Node, nodesOf, sizeOf } from "../../graph/graph.js";
import { memoryLimit } from "./memory-limit.js";
import { nodeNamed, type Places, placeOf } from "./places.js";

/**
 * An engine's failure. Its message ends a sentence that begins with the engine's name and `failed:
 * `.
 */
export class EngineFailure extends Error {
  override readonly name: string = "EngineFailure";
}

/** A process of an engine that is gone or hangs. Its state is lost; another one may go on. */
export class LostProcess extends EngineFailure {}

/** A process that shares steps says that another one is gone, which tells more of itself. */
export class LostPeer extends LostProcess {}

/** Thrown by an executor that computes node by node and knows which one failed. */
export class NodeFailure extends Error {
  override readonly name = "NodeFailure";
  constructor(
    readonly node: Node,
    override readonly cause: unknown,
  ) {
    super(messageOf(cause));
  }
}

const messageOf = (thrown: unknown): string =>
  thrown instanceof Error ? thrown.message : String(thrown);

/** Matches lack of memory in the words of ONNX Runtime, TensorFlow and JavaScript. */
const ofMemory = /alloc|out of memory|\bOOM\b|resource exhausted|invalid (?:typed )?array length/i;

const bytesOf = (node: Node): number => 4 * sizeOf(node.shape);

/**
 * Returns the requested bytes if the message tells: `buffer of size 629407744`, `tensor with
 * shape[1,12544,12544]`.
 */
const askedFor = (words: string): number | undefined => {
  const size = /buffer of size (\d+)/.exec(words)?.[1];
  const shape = /shape\s*\[([\d,\s]+)\]/.exec(words)?.[1];
  if (size !== undefined) return Number(size);
  return shape === undefined ? undefined : 4 * sizeOf(shape.split(",").map(Number));
};

/** Returns the first line without places and names in the engine's own code. */
const plain = (words: string): string => {
  const [line = ""] = words.trim().split("\n");
  return line
    .replace(/^.*Status Message: /, "")
    .replace(/^.*TF_Status: \d+; *Message: /, "")
    .replace(/^(?:\/|[A-Z]:)\S+\.(?:cc|cpp|cu|h):\d+ .*?\) /, "")
    .replace(/ on \/job:\S+.*$/, "")
    .replace(/^(?:Error: )+/, "")
    .replace(/\.?$/, "");
};

const withoutMemory = (node: Node | undefined, words: string, places: Places): string => {
  const bytes = askedFor(words) ?? (node === undefined ? undefined : bytesOf(node));
  const who = (node && placeOf(node, places)) ?? "the step";
  const what = bytes === undefined ? "more memory" : `${bytesText(bytes)} at once`;
  return `${who} needs ${what}, which is not free in the ${bytesText(memoryLimit().bytes)} of this machine: smaller images, a smaller batch or fewer channels need less.`;
};

/** Explains what was thrown while a graph was computed or prepared. */
export const failureOf = (thrown: unknown, graph: Graph, places: Places): EngineFailure => {
  const words = messageOf(thrown);
  const node =
    thrown instanceof NodeFailure
      ? thrown.node
      : nodeNamed(words, nodesOf(graph), bytesOf, askedFor(words));
  const place = node && placeOf(node, places);
  const said = ofMemory.test(words)
    ? withoutMemory(node, words, places)
    : `${place === undefined ? "" : `at ${place}: `}${plain(words)}.`;
  return new EngineFailure(said, { cause: thrown });
};

/** Returns the result of `compute`, and explains what it throws in terms of the spec. */
export const explaining = async <A>(
  graph: Graph,
  places: Places,
  compute: () => A | Promise<A>,
): Promise<A> => {
  try {
    return await compute();
  } catch (thrown) {
    throw failureOf(thrown, graph, places);
  }
};
