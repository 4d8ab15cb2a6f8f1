/**
 * The facts that training needs of a compiled spec. The compiler makes them; everything here can be
 * stored in a manifest.
 */

import { createHash } from "node:crypto";
import { recordOf } from "../../base/record.js";
import type { SourceFile } from "../../base/source.js";
import type { Domain, Recipe } from "../../program/model.js";
import type { Draw } from "../../program/plan.js";
import type { Spot } from "../../weights/fit.js";

export interface ParameterInfo {
  /** Name in the state after `param/`: `<net>.<layer path>.<weight|bias>`. */
  readonly name: string;
  /** Shape in the state: convolutions HWIO, transposed ones HWOI. */
  readonly shape: readonly number[];
}

export interface NetworkInfo {
  readonly name: string;
  /** Name of a domain, or `(X, Y)` for several. */
  readonly from: string;
  /** Name of a domain, or `Scores`. */
  readonly to: string;
  readonly parameters: readonly ParameterInfo[];
  /** Its own running statistics, by their names in the state after `buffer/`. None if missing. */
  readonly statistics?: readonly Pick<ParameterInfo, "name" | "shape">[];
  /** Path of the file with its initial weights. */
  readonly weights?: string | undefined;
  /** Name of the published weights with which it begins, in place of a path. */
  readonly published?: string | undefined;
  /** Place in the spec that names it: `model.gan:3:40`. */
  readonly weightsPlace?: string | undefined;
  /** Its layers with weights, in order, to which files of PyTorch are fitted. */
  readonly spots?: readonly Spot[] | undefined;
}

/** A player, with the metrics that show its progress. */
export interface PlayerInfo {
  readonly networks: readonly string[];
  readonly leads: readonly string[];
  /** Direction in which it moves the metrics. Unknown for runs made by tests. */
  readonly sense?: "min" | "max" | undefined;
  /** For a judge that others play against: the optimum of the sum of these metrics. */
  readonly aim?: number | undefined;
}

export interface SpecProgram {
  /** Name of the run, for example `cyclegan`. */
  readonly name: string;
  /** The main file; one of `sources`. */
  readonly entry: string;
  /**
   * Every file of the spec with its full text, so that a run can be compiled from its own folder.
   */
  readonly sources: readonly SourceFile[];
  /** Resolved values, defaults included. */
  readonly params: Readonly<Record<string, number | boolean>>;
  /** Image domains that are drawn from data, in the order of the spec. */
  readonly domains: readonly Domain[];
  /** In the order of the spec. */
  readonly networks: readonly NetworkInfo[];
  readonly recipe: Recipe;
  /** Number of draws in a step: the repetitions of its most repeated phase. */
  readonly repetitions: number;
  /** Draws of a step. Default: each domain once. */
  readonly draws?: readonly Draw[];
  /** In the order of a step. Empty if missing. */
  readonly players?: readonly PlayerInfo[];
}

/** A network that translates images of one domain into images of another, or the same. */
export interface Direction {
  readonly network: string;
  readonly from: Domain;
  readonly to: Domain;
}

/** Lists the image domains that a step draws, which need folders. */
export const imageDomains = ({
  domains,
  draws,
}: Pick<SpecProgram, "domains" | "draws">): readonly Domain[] =>
  domains.filter(
    ({ name, kind }) =>
      kind === "image" && (draws === undefined || draws.some(({ domain }) => domain === name)),
  );

/** Counts the classes of each domain whose images are filed by class. */
export const classesOf = ({
  domains,
  draws = [],
}: Pick<SpecProgram, "domains" | "draws">): Readonly<Record<string, number>> =>
  recordOf(
    draws.flatMap(({ domain, joint = [] }) => {
      const partners = draws.filter(({ key }) => joint.includes(key));
      const labels = partners.flatMap((draw) => domains.filter((d) => d.name === draw.domain));
      const found = labels.find(({ kind }) => kind === "labels");
      const isImage = domains.some(({ name, kind }) => name === domain && kind === "image");
      return found === undefined || !isImage ? [] : [[domain, found.shape[2]]];
    }),
  );

/** Lists the networks from images to images, in the order of the spec. */
export const directions = ({
  domains,
  networks,
}: Pick<SpecProgram, "domains" | "networks">): readonly Direction[] =>
  networks.flatMap(({ name, from, to }) => {
    const images = domains.filter(({ kind }) => kind === "image");
    const source = images.find((domain) => domain.name === from);
    const target = images.find((domain) => domain.name === to);
    return source && target ? [{ network: name, from: source, to: target }] : [];
  });

/** A network that makes images from host draws: noise, uniform numbers, classes. */
export interface Generator {
  readonly network: string;
  readonly from: readonly Domain[];
  readonly to: Domain;
}

export const sourcesOf = ({ from }: NetworkInfo): readonly string[] =>
  from.replace(/^\(|\)$/g, "").split(", ");

/** Lists the networks that make images from host draws alone, in the order of the spec. */
export const generators = ({
  domains,
  networks,
}: Pick<SpecProgram, "domains" | "networks">): readonly Generator[] =>
  networks.flatMap((network) => {
    const names = sourcesOf(network);
    const from = names.flatMap((name) => domains.filter((domain) => domain.name === name));
    const to = domains.find(({ name, kind }) => name === network.to && kind === "image");
    const isDrawn = from.every(({ kind }) => kind !== "image" && kind !== "features");
    return isDrawn && from.length === names.length && to
      ? [{ network: network.name, from, to }]
      : [];
  });

/** Finds the network that leads back, if there is exactly one. */
export const reverse = (direction: Direction, all: readonly Direction[]): Direction | undefined => {
  const back = all.filter(
    ({ from, to, network }) =>
      from.name === direction.to.name &&
      to.name === direction.from.name &&
      network !== direction.network,
  );
  return back.length === 1 ? back[0] : undefined;
};

/**
 * Computes a fingerprint of what a spec means to a run: its texts and resolved params, without file
 * names and their order. Hexadecimal SHA-256.
 */
export const specHash = ({ sources, params }: Pick<SpecProgram, "sources" | "params">): string => {
  const texts = sources.map(({ text }) => text).sort();
  const values = Object.entries(params).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash("sha256")
    .update(JSON.stringify([texts, values]))
    .digest("hex");
};

/**
 * Estimates the bytes of a checkpoint: each parameter with its two moments, and a quarter more for
 * histories, whose size is unknown until they fill.
 */
export const checkpointBytes = ({ networks }: Pick<SpecProgram, "networks">): number => {
  const sizes = networks.flatMap(({ parameters }) =>
    parameters.map(({ shape }) => shape.reduce((a, b) => a * b, 1)),
  );
  return Math.ceil(1.25 * 3 * 4 * sizes.reduce((a, b) => a + b, 0)) + 65_536;
};
