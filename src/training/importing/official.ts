/** The official networks as ganc compiles them, to hold others to. */
import { isLeft } from "fp-ts/lib/Either.js";
import type { Network } from "../../program/network.js";
import { unlike } from "../../weights/official/alike.js";
import {
  type Architecture,
  isGenerator,
  type Resnet,
} from "../../weights/official/architecture.js";
import type { Part } from "../../weights/official/parts.js";
import { specOf } from "../../weights/official/spec.js";
import type { Compiler } from "../program/compiled.js";

/** A generator of no weight, for a judge to judge. */
const small = (inputs: number, outputs: number): Resnet => ({
  kind: "resnet",
  inputs,
  outputs,
  filters: 1,
  norm: { kind: "none", affine: false, running: false },
  biased: true,
  blocks: 0,
  dropout: false,
  blurs: { down: false, up: false },
});

/**
 * Compiles an official network.
 * @param isPaired whether a judge sees two images
 */
export const officialNetwork = async (
  compiler: Compiler,
  net: Architecture,
  isPaired = false,
): Promise<Network | undefined> => {
  const part: Part = isGenerator(net) ? "G" : "D";
  const half = Math.floor(net.inputs / 2);
  const maker = isGenerator(net)
    ? net
    : isPaired
      ? small(half, net.inputs - half)
      : small(1, net.inputs);
  const nets = new Map<Part, Architecture>([
    ["G", maker],
    [part, net],
  ]);
  const text = specOf(nets);
  if (text === undefined) return undefined;
  const compiled = await compiler.fromSources([{ name: "official.gan", text }], "official.gan", {});
  return isLeft(compiled)
    ? undefined
    : compiled.right.model?.networks.find(({ name }) => name === part);
};

/** Words how a network differs from the official one; undefined if it does not. */
export const unlikeOfficial = async (
  compiler: Compiler,
  network: Network,
  net: Architecture,
): Promise<string | undefined> => {
  const official = await officialNetwork(compiler, net, network.inputs.length > 1);
  return official === undefined ? "ganc cannot compile it" : unlike(network, official);
};
