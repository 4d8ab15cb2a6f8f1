/**
 * Names of the inputs and outputs of programs. Entries of the state keep the names of the canonical
 * state (contracts/tensor.ts); the new value of an entry has `next/` before its name.
 */
import type { Provenance } from "../graph/graph.js";

export const nextName = (state: string): string => `next/${state}`;
export const parameterName = (name: string): string => `param/${name}`;
/** One tensor that an optimizer keeps for a parameter: `adam.m/G.conv.weight`. */
export const slotName = (slot: string, name: string): string => `${slot}/${name}`;
export const firstMoment = (name: string): string => slotName("adam.m", name);
export const secondMoment = (name: string): string => slotName("adam.v", name);
export const averageName = (name: string): string => `average/${name}`;
/**
 * The sum of the gradients for a parameter over the batches of an update: `gradient/G.conv.weight`.
 */
export const gradientName = (name: string): string => `gradient/${name}`;
/** The samples drawn under a key, [batch, h, w, c]. */
export const batchName = (draw: string): string => `batch/${draw}`;
/**
 * Places that the host draws, [count], each row * width + column. All values of one height and
 * width share them.
 */
export const placesName = (height: number, width: number, count: number): string =>
  `places/${height}x${width}/${count}`;
/** Returns height * width for an input of places, and nothing for any other. */
export const placesFor = (input: string): number | undefined => {
  const [, height, width] = /^places\/(\d+)x(\d+)\//.exec(input) ?? [];
  return height === undefined ? undefined : Number(height) * Number(width);
};
/** The images that a network made for a history in this step, [batch, h, w, c]. */
export const madeName = (history: string): string => `made/${history}`;
/**
 * The images from the history, [batch, h, w, c], and a mask, [batch, 1, 1, 1]: 1 where a sample
 * takes the image from the history, else 0.
 */
export const recalledName = (history: string): string => `recalled/${history}`;
export const recallName = (history: string): string => `recall/${history}`;
/**
 * Uniform numbers in [0, 1) that decide which values one application of a network drops, in the
 * shape of those values.
 */
export const maskName = (application: string): string => `mask/${application}`;
/**
 * A tensor that a layer keeps without learning it: `buffer/D.conv.weight.u`,
 * `buffer/D.batch_norm.mean`.
 */
export const bufferName = (name: string): string => `buffer/${name}`;
/** Whether an input is a parameter or a buffer, rather than drawn. */
export const isWeight = (name: string): boolean =>
  [parameterName(""), bufferName("")].some((prefix) => name.startsWith(prefix));
/** A value of the step, by the label under which it is reported. */
export const metricName = (label: string): string => `metric/${label}`;
/** The objective of a player, which is differentiated for its networks. */
export const objectiveName = (player: string): string => `objective/${player}`;
/** A number that the host computes for a network's update: `adam.rate/G`. */
export const scalarName = (scalar: string, network: string): string => `${scalar}/${network}`;
/** The share of the old average of weights that stays. */
export const decayName = "average.decay";
/** The images that a network translates, [n, h, w, c], by their place among its inputs. */
export const imagesName = (place: number): string => (place === 0 ? "images" : `images#${place}`);
export const translatedName = "translated";

/** Provenance of the samples drawn under a key. */
export const drawPart = (draw: string): string => `draw/${draw}`;
/** Provenance of a history, from the images put in to those taken out. */
export const historyPart = (history: string): string => `history/${history}`;
/** Provenance of one application of a network, named by its formula: `apply/G/G(F(y))`. */
export const applicationPart = (network: string, text: string): string =>
  `apply/${network}/${text}`;
/** Provenance of all that the applications of a network share: its weights and their update. */
export const networkPart = (network: string): string => `network/${network}`;

/** Weights as layers read them, after an update, and averaged. */
export type NetworkPlace = "prepared" | "moved" | "average";

export const networkProvenance = (network: string, at: NetworkPlace): Provenance => ({
  of: [networkPart(network)],
  at,
});

/**
 * Names a derivative inside of a loss. Any other derivative is named after the player that it is
 * taken for.
 */
export const slope = "slope";
