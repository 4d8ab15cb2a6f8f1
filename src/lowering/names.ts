/**
 * What the inputs and outputs of programs are called. Those of the state have the names of the canonical state
 * (contracts/tensor.ts); what goes out in the place of an entry is its name with `next/` before it.
 */
import type { Provenance } from "../graph/graph.js";

export const nextName = (state: string): string => `next/${state}`;
export const parameterName = (name: string): string => `param/${name}`;
/** What an optimizer keeps for a parameter: `adam.m/G.conv.weight`. */
export const slotName = (slot: string, name: string): string => `${slot}/${name}`;
export const firstMoment = (name: string): string => slotName("adam.m", name);
export const secondMoment = (name: string): string => slotName("adam.v", name);
export const averageName = (name: string): string => `average/${name}`;
/** The sum of the gradients for a parameter over the batches of an update: `gradient/G.conv.weight`. */
export const gradientName = (name: string): string => `gradient/${name}`;
/** What is drawn under a key, [batch, h, w, c]. */
export const batchName = (draw: string): string => `batch/${draw}`;
/** Places that the host draws, the same for all values of one height and width, [count]: each is row * width + column. */
export const placesName = (height: number, width: number, count: number): string =>
  `places/${height}x${width}/${count}`;
/** How many places there are to draw from, for an input that is of places. */
export const placesFor = (input: string): number | undefined => {
  const [, height, width] = /^places\/(\d+)x(\d+)\//.exec(input) ?? [];
  return height === undefined ? undefined : Number(height) * Number(width);
};
/** What a network made for a history in this step, [batch, h, w, c]. */
export const madeName = (history: string): string => `made/${history}`;
/** What stood in the history, [batch, h, w, c], and for each sample 1 where it is taken and 0 where not, [batch, 1, 1, 1]. */
export const recalledName = (history: string): string => `recalled/${history}`;
export const recallName = (history: string): string => `recall/${history}`;
/** Uniform numbers in [0, 1) that decide what one application of a network drops, in the shape of what is dropped. */
export const maskName = (application: string): string => `mask/${application}`;
/** What a layer keeps without learning it: `buffer/D.conv.weight.u`. */
export const bufferName = (name: string): string => `buffer/${name}`;
/** A value of the step, by the label under which it is reported. */
export const metricName = (label: string): string => `metric/${label}`;
/** The objective of a player, which is differentiated for its networks. */
export const objectiveName = (player: string): string => `objective/${player}`;
/** What the host computes for a network's update: `adam.rate/G`. */
export const scalarName = (scalar: string, network: string): string => `${scalar}/${network}`;
/** How much of the old average of weights stays. */
export const decayName = "average.decay";
/** What a network translates, [n, h, w, c], by the place among its inputs, and what it makes of them. */
export const imagesName = (place: number): string => (place === 0 ? "images" : `images#${place}`);
export const translatedName = "translated";

/** What provenance says that a node of a step is part of: what is drawn under a key, */
export const drawPart = (draw: string): string => `draw/${draw}`;
/** a history, from what is put in to what it gives, */
export const historyPart = (history: string): string => `history/${history}`;
/** one application of a network, by the text of what it gives: `apply/G/G(F(y))`, */
export const applicationPart = (network: string, text: string): string =>
  `apply/${network}/${text}`;
/** what all applications of a network share: its weights and their update. */
export const networkPart = (network: string): string => `network/${network}`;

/** Weights as layers need them, what an update makes of them, and their average. */
export type NetworkPlace = "prepared" | "moved" | "average";

export const networkProvenance = (network: string, at: NetworkPlace): Provenance => ({
  of: [networkPart(network)],
  at,
});

/** What provenance calls a derivative inside of a loss; others have the name of the player that they are taken for. */
export const slope = "slope";
