/** What the library of a Python project knows of its spec, as `project.json` holds it. */

import { recordOf } from "../../base/record.js";
import { lineStarts, positionAt, type Span } from "../../base/source.js";
import { Bookkeeping } from "../../engines/sessions/bookkeeping.js";
import { type Start, startsIn } from "../../engines/sessions/starts.js";
import { droppingPaths, torchForm } from "../../engines/torch/form.js";
import { wholeBatchFault } from "../../engines/torch/sharing.js";
import { stepPrograms } from "../../lowering/programs.js";
import { isWaiting } from "../../program/plateau.js";
import type { Program } from "../../program/program.js";
import { shareAt } from "../../program/schedule.js";
import {
  classesOf,
  directions,
  generators,
  type SpecProgram,
} from "../../training/program/program.js";
import { rateAt, totalEpochs } from "../../training/program/schedule.js";
import { type Manifest, newManifest } from "../../training/run-directory/manifest.js";

export interface TorchFacts {
  /** Raised when what stands in it is more than before. */
  readonly format: 1;
  /** The version of ganc that wrote it. */
  readonly ganc: string;
  /** Name of the generated module. */
  readonly module: string;
  /** The manifest of a run; Python fills in its name, seed, images, engine and date. */
  readonly manifest: Manifest;
  readonly data: {
    readonly domains: readonly object[];
    readonly draws: readonly object[];
    readonly augment: SpecProgram["recipe"]["augment"];
    readonly batch: number;
    readonly repetitions: number;
    /** Number of classes of the domains whose images are filed by class. */
    readonly classes: Readonly<Record<string, number>>;
  };
  /** Learning rate of each epoch; none where the schedule goes by scores. */
  readonly rates: readonly number[] | null;
  /** Decay of the moving average of weights; 0 where there is none. */
  readonly average: number;
  readonly accumulate: number;
  /** Why several processes cannot share a step, as a sentence; null where they can. */
  readonly unshared: string | null;
  readonly form: ReturnType<typeof torchForm>;
  readonly starts: readonly Start[];
  /** Paths of the layers that drop, by network, in the order in which its module applies them. */
  readonly drops: Readonly<Record<string, readonly string[]>>;
  readonly translators: readonly Use<string>[];
  readonly generators: readonly Use<readonly string[]>[];
}

/** A network that makes an image, by the names of its domains. */
interface Use<From> {
  readonly network: string;
  readonly from: From;
  readonly to: string;
}

/** The manifest of a run of which nothing is known yet. */
const template = (program: SpecProgram, streams: readonly string[]): Manifest =>
  newManifest({
    program,
    run: "",
    seed: 0,
    streams,
    data: {
      origin: { kind: "folders", paths: {} },
      description: "",
      hash: "",
      stepsPerEpoch: 1,
      classes: undefined,
      images: undefined,
      holdOut: undefined,
    },
    engine: "",
    weights: [],
    created: "",
  });

/** Where a part of a spec stands: `file:line:column`. */
const placeIn =
  ({ sources }: SpecProgram) =>
  ({ file, start }: Span): string => {
    const text = sources.find(({ name }) => name === file)?.text ?? "";
    const { line, column } = positionAt(lineStarts(text), start);
    return `${file}:${line}:${column}`;
  };

/** Python imports it by this name. */
export const moduleName = (name: string): string => name.replaceAll(/\W/g, "_");

export const torchFacts = (program: Program, spec: SpecProgram, ganc: string): TorchFacts => {
  const { model } = program;
  const { recipe, repetitions, domains } = spec;
  const books = new Bookkeeping(model, 0, stepPrograms(model, {}));
  const draws = spec.draws ?? domains.map(({ name }) => ({ key: name, domain: name, slot: 0 }));
  const epochs = Array.from({ length: totalEpochs(recipe.schedule) }, (_, epoch) => epoch);
  return {
    format: 1,
    ganc,
    module: moduleName(spec.name),
    manifest: template(spec, books.streams()),
    data: {
      domains: model.domains.map(({ name, kind, shape, range, schedule, nearest }) => ({
        name,
        kind,
        shape,
        range,
        ...(schedule === undefined ? {} : { shares: epochs.map((e) => shareAt(schedule, e)) }),
        ...(nearest === true ? { nearest } : {}),
      })),
      draws,
      augment: recipe.augment,
      batch: recipe.batch,
      repetitions,
      classes: classesOf(spec),
    },
    rates: isWaiting(recipe.schedule) ? null : epochs.map((epoch) => rateAt(recipe, epoch)),
    average: recipe.average,
    accumulate: recipe.accumulate,
    unshared: wholeBatchFault(model, "several processes", placeIn(spec)) ?? null,
    form: torchForm(program),
    starts: startsIn(model),
    drops: recordOf(model.networks.map((network) => [network.name, droppingPaths(network)])),
    translators: directions(spec).map(({ network, from, to }) => ({
      network,
      from: from.name,
      to: to.name,
    })),
    generators: generators(spec).map(({ network, from, to }) => ({
      network,
      from: from.map(({ name }) => name),
      to: to.name,
    })),
  };
};
