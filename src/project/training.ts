/**
 * `ganc/training`, what a project written by `ganc compile --project` trains with: runs, images and
 * checkpoints as `ganc run` has them, around a step that the project makes. Bundled into one file,
 * which projects hold.
 */
import { dirname, resolve } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { type Either, isLeft, right } from "fp-ts/lib/Either.js";
import type { Session } from "../contracts/session.js";
import type { HostTensor } from "../contracts/tensor.js";
import { describeDataError } from "../data/files/errors.js";
import { encodePng, fromTensor } from "../data/images/image.js";
import { forTranslation } from "../data/sets/fixed.js";
import { type StateForm, stateFault } from "../engines/sessions/state-fit.js";
import {
  type GeneratedModule as SessionModule,
  tfjsSession,
} from "../engines/tfjs/generated-session.js";
import type { Domain } from "../program/model.js";
import { findBest } from "../training/checkpoints/checkpoint-list.js";
import { loadCheckpoint } from "../training/checkpoints/find-checkpoint.js";
import { attempt, makeFolder, realDisk, writeAtomically } from "../training/files/disk.js";
import { describe, type TrainingError } from "../training/files/errors.js";
import { openMetrics } from "../training/logs/metrics.js";
import type { Outcome, TrainingEvent } from "../training/loop/job.js";
import { train } from "../training/loop/train.js";
import { absolute, beginRun, type Ready } from "../training/opening/begin.js";
import { resumeRun } from "../training/opening/resume.js";
import type { CompiledSpec, Compiler } from "../training/program/compiled.js";
import {
  generators,
  imageDomains,
  type SpecProgram,
  specHash,
} from "../training/program/program.js";
import type { Position } from "../training/program/schedule.js";
import type { DataOrigin } from "../training/run-directory/manifest.js";
import { belonging, openRun, store } from "../training/run-directory/run-directory.js";
import { beginLine, noteSession, type SessionEnd } from "../training/run-directory/sessions.js";
import { generateFiles } from "../training/translation/generate.js";
import { sampleGrid } from "../training/translation/sample.js";
import type {
  GeneratedModule,
  Losses,
  Progress,
  Project,
  Step,
  Trained,
  TrainedRequest,
  Training,
  TrainingRequest,
  TrainRequest,
} from "./contract.js";
import { formOf, type ProjectFacts } from "./facts.js";

export type * from "./contract.js";

/** @throws Error with the words of a failure */
const success = <A>(result: Either<TrainingError, A>): A => {
  if (isLeft(result)) throw new Error(describe(result.left));
  return result.right;
};

const factsOf = (project: Project): ProjectFacts => {
  if (project.format !== 1)
    throw new Error("Another version of ganc wrote src/project.ts: write the project anew.");
  return project as ProjectFacts;
};

/** Names of packages that bring TensorFlow to tfjs, where the project installs one. */
const fastPackages = ["@tensorflow/tfjs-node-gpu", "@tensorflow/tfjs-node"];

/**
 * Lets tfjs compute on libtensorflow where `@tensorflow/tfjs-node` is installed beside it, and in
 * plain JavaScript elsewhere. Gives the engine's name.
 */
export const useFastBackend = async (): Promise<string> => {
  for (const name of fastPackages)
    try {
      await import(name);
      if (await tf.setBackend("tensorflow")) return "tfjs on tensorflow";
    } catch {
      // Not installed, or not built: the next.
    }
  await tf.setBackend("cpu");
  Object.assign(tf.backend(), { firstUse: false });
  return "tfjs in plain JavaScript";
};

type StepOf = (parts: Step<GeneratedModule>) => Losses;

/** The module with a step that is the project's. */
const stepping = (model: GeneratedModule, stepOf: () => StepOf): SessionModule =>
  ({
    ...model,
    step: (
      networks: object,
      memory: ReturnType<GeneratedModule["memory"]>,
      draws: unknown,
      rate: number,
      chance: Step<GeneratedModule>["chance"],
      count: number,
    ) => stepOf()({ networks, memory, draws, rate, chance, count } as Step<GeneratedModule>),
  }) as unknown as SessionModule;

/** Refuses a state of another form before anything is taken of it. */
const guarded = (session: Session, form: StateForm): Session => ({
  ...session,
  setState: async (state) => {
    const fault = stateFault(form, state);
    if (fault !== undefined) throw new Error(`it ${fault}`);
    await session.setState(state);
  },
});

const sessionOf = (
  { program, streams, state, starts }: ProjectFacts,
  module: SessionModule,
  engine: string,
  seed: number,
): Session => {
  const { average } = program.recipe;
  const session = tfjsSession(module, { engine, seed, starts, average });
  return { ...guarded(session, formOf(state)), engine, streams };
};

/** What stands in the compiler's place: whatever text it is given, it is that of the project. */
const compilerOf = (compiled: CompiledSpec): Compiler => ({
  fromFile: async () => right(compiled),
  fromSources: async () => right(compiled),
});

const originOf = (data: TrainingRequest<GeneratedModule>["data"]): DataOrigin | undefined => {
  if (data === undefined) return undefined;
  if (typeof data !== "string") return { kind: "folders", paths: data };
  return { kind: "folder", path: data };
};

/** Of a run that another spec trained, nothing here is the code. */
const refuseOther = async (folder: string, program: SpecProgram): Promise<void> => {
  const { manifest } = success(await openRun(folder));
  if (manifest.spec.hash !== specHash(program))
    throw new Error(
      `${folder} holds a run of another spec, or of other params, than this project.`,
    );
};

/** @throws RangeError where a number is given that is not whole or below `least` */
const refuseUncounted = (name: string, value: number | undefined, least: number): void => {
  if (value !== undefined && !(Number.isSafeInteger(value) && value >= least))
    throw new RangeError(`${name} is a whole number from ${least} on, not ${value}`);
};

const opened = async <M extends GeneratedModule>(
  request: TrainingRequest<M>,
  compiled: CompiledSpec,
): Promise<Ready> => {
  const { out, resume = false, seed } = request;
  refuseUncounted("seed", seed, 0);
  const origin = originOf(request.data);
  const now = new Date().toISOString();
  if (resume) {
    await refuseOther(out, compiled.program);
    return success(
      await resumeRun({
        compiler: compilerOf(compiled),
        directory: out,
        file: undefined,
        sets: {},
        folder: process.cwd(),
        carryOver: false,
        origin: origin === undefined ? undefined : absolute(origin),
        now,
        engine: "cpu",
        seed,
      }),
    );
  }
  const drawn = imageDomains(compiled.program).map(({ name }) => name);
  if (origin === undefined && drawn.length > 0)
    throw new Error(`Say where the images are: data, for the domains ${drawn.join(", ")}.`);
  return success(
    await beginRun({
      compiled,
      origin: absolute(origin ?? { kind: "folders", paths: {} }),
      directory: out,
      isNumbered: false,
      engine: "cpu",
      seed: seed ?? 0,
      now,
    }),
  );
};

/** What of an event the project is told. */
const tell = <M extends GeneratedModule>(
  event: TrainingEvent,
  { onStep, onFile, onNotice }: TrainRequest<M>,
): void => {
  switch (event.kind) {
    case "step": {
      const { position, rate, metrics } = event;
      const progress: Progress = {
        step: position.step + 1,
        epoch: position.epoch,
        rate,
        losses: metrics,
      };
      onStep?.(progress);
      return;
    }
    case "sample":
    case "checkpoint":
      onFile?.(event.path);
      return;
    case "skipped-image":
      onNotice?.(`${event.image.path} ${event.image.reason}`);
      return;
    case "notice":
      onNotice?.(describe(event.error));
      return;
    case "monitor":
    case "started":
    case "interrupted":
      return;
  }
};

/** Of a training that failed, the step and the epoch are those of the last step that was made. */
const endLine = (outcome: Either<TrainingError, Outcome>, last: Position): SessionEnd => {
  const { step, epoch } = isLeft(outcome) ? last : outcome.right.position;
  const at = new Date().toISOString();
  return isLeft(outcome)
    ? { kind: "end", at, ending: "failed", step, epoch, reason: describe(outcome.left) }
    : { kind: "end", at, ending: outcome.right.ending, step, epoch };
};

const trainIn = async <M extends GeneratedModule>(
  ready: Ready,
  ganc: string,
  request: TrainRequest<M>,
): Promise<number> => {
  const { compiled, run, data, session, start } = ready;
  const { program } = compiled;
  const log = success(await openMetrics(realDisk, run.metrics, start.step));
  const sampler = {
    program,
    session,
    preview: data.preview,
    folder: run.samples,
    raw: realDisk,
    classes: run.manifest.data.classes,
  };
  const { steps, saveEvery, signal = new AbortController().signal } = request;
  refuseUncounted("steps", steps, 1);
  refuseUncounted("saveEvery", saveEvery, 1);
  const command = ["node", ...process.argv.slice(1)];
  const { engine, threads } = session;
  // A line that cannot be written is no reason not to train.
  await noteSession(run, beginLine({ command, ganc, engine, threads, step: start.step }));
  let reached: TrainingEvent | undefined;
  try {
    const outcome = await train({
      program,
      session,
      data,
      start,
      limits: steps === undefined ? {} : { steps },
      sampleEvery: { epochs: 1, minutes: 5, apart: 0.5 },
      checkpointEvery:
        saveEvery === undefined ? { epochs: 10, minutes: 5, apart: 0.5 } : { steps: saveEvery },
      checkpoints: store(run),
      displaced: ready.displaced,
      log,
      sample: (position) => sampleGrid(sampler, position),
      now: () => Math.round(performance.now()),
      signal,
      listener: (event) => {
        if (event.kind === "step") reached = event;
        tell(event, request);
      },
    });
    await noteSession(run, endLine(outcome, reached?.kind === "step" ? reached.position : start));
    return success(outcome).position.step;
  } finally {
    await log.close();
  }
};

/**
 * Opens a run to train in: a new one, or one that goes on. tfjs computes on the backend that it
 * has.
 * @throws Error in words: folders that are missing, a run that is held or is of another spec,
 * images that do not fit
 */
export const openTraining = async <M extends GeneratedModule>(
  request: TrainingRequest<M>,
): Promise<Training<M>> => {
  const facts = factsOf(request.project);
  const backend = tf.getBackend() || (await useFastBackend());
  const engine = `tfjs on ${backend}, generated code`;
  const own: StepOf = ({ networks, memory, draws, rate, chance, count }) =>
    request.model.step(networks, memory, draws, rate, chance, count);
  let step: StepOf = own;
  const module = stepping(request.model, () => step);
  const compiled: CompiledSpec = {
    program: facts.program,
    open: async (_, seed) => right(sessionOf(facts, module, engine, seed)),
  };
  const ready = await opened(request, compiled);
  return {
    folder: ready.run.path,
    engine,
    data: ready.data.description,
    start: ready.start.step,
    stepsPerEpoch: ready.data.stepsPerEpoch,
    notices: [...ready.notices, ...(ready.data.notices ?? [])],
    train: (asked) => {
      step = asked.step as unknown as StepOf;
      return trainIn(ready, facts.ganc, asked);
    },
    close: ready.end,
  };
};

const domainOf = ({ program }: ProjectFacts, name: string): Domain => {
  const found = program.domains.find((domain) => domain.name === name && domain.kind === "image");
  if (found === undefined) throw new Error(`the spec has no domain of images ${name}`);
  return found;
};

const readDomainImage = async (path: string, domain: Domain): Promise<HostTensor> => {
  const read = await forTranslation(path, domain);
  if (isLeft(read)) throw new Error(describeDataError(read.left));
  return read.right.image;
};

const writeDomainImage = async (
  path: string,
  image: HostTensor,
  { range }: Domain,
): Promise<void> => {
  const [first] = fromTensor(image, [range[0], range[1]]);
  if (first === undefined) throw new Error("there is no image to write");
  success(await attempt(path, async () => makeFolder(dirname(resolve(path)))));
  success(await writeAtomically(realDisk, path, [await encodePng(first)]));
};

/**
 * Opens a trained run to apply its networks.
 * @throws Error in words: there is no such run, or none of this spec, or no checkpoint that is
 * whole
 */
export const openTrained = async <M extends GeneratedModule>({
  model,
  project,
  run: folder,
  checkpoint = "last",
}: TrainedRequest<M>): Promise<Trained> => {
  const facts = factsOf(project);
  if (!tf.getBackend()) await useFastBackend();
  await refuseOther(folder, facts.program);
  const run = success(await openRun(folder));
  const module = stepping(model, () => {
    throw new Error("this run is open to translate, not to train");
  });
  const session = sessionOf(facts, module, "tfjs", run.manifest.seed);
  const best = checkpoint === "best" ? await findBest(run.checkpoints, belonging(run)) : undefined;
  if (checkpoint === "best" && best === undefined)
    throw new Error(describe({ kind: "no-best-checkpoint", directory: run.path }));
  const only = typeof checkpoint === "number" ? checkpoint : best?.step;
  const found = success(await loadCheckpoint(run.checkpoints, belonging(run), session, { only }));
  return {
    step: found.checkpoint.position.step,
    translate: (network, inputs) => session.translate(network, inputs),
    generate: async (network, { count, folder: into, seed = 0 }) => {
      const generator = generators(facts.program).find((one) => one.network === network);
      if (generator === undefined) throw new Error(`${network} makes no images of noise alone`);
      const paths: string[] = [];
      const job = {
        session,
        generator,
        count,
        batch: facts.program.recipe.batch,
        only: undefined,
        seed,
        folder: into,
        signal: new AbortController().signal,
        written: (path: string) => void paths.push(path),
      };
      success(await generateFiles(job));
      return paths;
    },
    readImage: (path, domain) => readDomainImage(path, domainOf(facts, domain)),
    writeImage: (path, image, domain) => writeDomainImage(path, image, domainOf(facts, domain)),
    close: () => session.dispose(),
  };
};
