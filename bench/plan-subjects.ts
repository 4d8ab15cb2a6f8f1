/** The subjects that bench/plan.ts plans and measures. */
import { diskSources } from "../src/cli/specs/spec-files.js";
import { analyse, noSettings } from "../src/compiler/frontend.js";
import type { Model } from "../src/program/model.js";

export interface Subject {
  readonly spec: string;
  readonly settings: Readonly<Record<string, string>>;
  /** Overrides the spec's batch. */
  readonly batch?: number | undefined;
  /** Overrides whether activations are recomputed for the backward pass. */
  readonly checkpoint?: boolean | undefined;
}

const LSGAN = "specs/cyclegan-lsgan.gan";

/** The sizes of the other benches: parity's, the emoji's, and the two of bench/step.ts. */
export const subjects: Readonly<Record<string, Subject>> = {
  "32": { spec: LSGAN, settings: { size: "32", ngf: "8", ndf: "8", blocks: "2" } },
  "64": { spec: "specs/emoji.gan", settings: {} },
  "128": { spec: LSGAN, settings: { size: "128", ngf: "32", ndf: "32", blocks: "6" } },
  "256": { spec: LSGAN, settings: { size: "256", ngf: "64", ndf: "64", blocks: "9" } },
};

/**
 * Compiles the model of a subject.
 * @throws Error if the spec has errors
 */
export const modelOf = ({ spec, settings, batch, checkpoint }: Subject): Model => {
  const given = new Map([...noSettings, ...Object.entries(settings)]);
  const { result } = analyse(spec, diskSources, given);
  if (result === undefined) throw new Error(`${spec} has errors`);
  const { recipe } = result.model;
  const changed = {
    batch: batch ?? recipe.batch,
    checkpointActivations: checkpoint ?? recipe.checkpointActivations,
  };
  return { ...result.model, recipe: { ...recipe, ...changed } };
};
