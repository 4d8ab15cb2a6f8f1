/** Measures a run from its folder alone, silently, as `ganc ablate` does for each run. */
import { join } from "node:path";
import { type Either, isLeft, right } from "fp-ts/lib/Either.js";
import { thorough } from "../../report/measures/index.js";
import type { TrainingError } from "../files/errors.js";
import { type EvaluationFile, readEvaluation } from "../logs/evaluation.js";
import { openDataset } from "../opening/dataset.js";
import { type OpenedRun, openTrained } from "../opening/open-run.js";
import type { Compiler, EngineName } from "../program/compiled.js";
import { readImages, rememberedOf } from "../run-directory/images.js";
import { evaluationOf, measureStates, writeEvaluation } from "./measured-states.js";
import { measuringSet, withPartners } from "./measuring-set.js";

type Attempt<A> = Promise<Either<TrainingError, A>>;

/** Most images of a domain that are measured, unless more are requested. */
export const mostImages = 1000;

const evaluateOpened = async (
  opened: OpenedRun,
  openBest: () => Attempt<OpenedRun>,
): Attempt<EvaluationFile> => {
  const { run, compiled } = opened;
  const { manifest } = run;
  const folder = join(run.path, "evaluation");
  const read = await readImages(run.images, manifest);
  const remembered = rememberedOf(manifest, isLeft(read) ? undefined : read.right, false);
  const { origin, holdOut } = manifest.data;
  const dataset = await openDataset(origin, compiled.program, remembered, holdOut);
  if (isLeft(dataset)) return dataset;
  const paired = withPartners(dataset.right, compiled.program).dataset;
  const set = await measuringSet(paired, compiled.program, mostImages);
  const states = await measureStates(opened, set, { effort: thorough }, { openBest });
  if (isLeft(states)) return states;
  const file = evaluationOf(manifest.run, set, states.right);
  const written = await writeEvaluation(folder, file);
  return isLeft(written) ? written : right(file);
};

/** Measures the newest and the best state, or reads earlier measurements of them. */
export const evaluateRun = async (
  compiler: Compiler,
  path: string,
  engine: EngineName,
): Attempt<EvaluationFile> => {
  const opened = await openTrained(compiler, path, engine);
  if (isLeft(opened)) return opened;
  try {
    const { run, step } = opened.right;
    const before = await readEvaluation(join(run.path, "evaluation", "evaluation.json"));
    const isDone =
      !isLeft(before) &&
      before.right.run === run.manifest.run &&
      before.right.checkpoints[0]?.checkpoint === "last" &&
      before.right.checkpoints[0].step === step;
    if (isDone) return before;
    return await evaluateOpened(opened.right, () => openTrained(compiler, path, engine, "best"));
  } finally {
    opened.right.session.dispose();
  }
};
