/**
 * `ganc evaluate`: measures a run's newest and best state on test images, with simple baselines.
 */

import { join } from "node:path";
import { type Command, Option } from "commander";
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import { printable, someOf } from "../../../base/printable.js";
import type { Dataset } from "../../../data/sets/source.js";
import { thorough } from "../../../report/measures/index.js";
import type { TrainingError } from "../../../training/files/errors.js";
import { evaluate } from "../../../training/measuring/compare-baselines.js";
import { mostImages } from "../../../training/measuring/evaluate-run.js";
import {
  type Extractor,
  type InceptionRange,
  inceptionRanges,
  openInception,
} from "../../../training/measuring/inception.js";
import type { Extracting } from "../../../training/measuring/measure-session.js";
import {
  evaluationOf,
  measureStates,
  writeEvaluation,
} from "../../../training/measuring/measured-states.js";
import { measuringSet, withPartners } from "../../../training/measuring/measuring-set.js";
import { absolute } from "../../../training/opening/begin.js";
import { openDataset } from "../../../training/opening/dataset.js";
import {
  type CheckpointChoice,
  type OpenedRun,
  openTrained,
} from "../../../training/opening/open-run.js";
import { ifMoved } from "../../../training/opening/resume.js";
import { type Compiler, type EngineName, engineNames } from "../../../training/program/compiled.js";
import type { SpecProgram } from "../../../training/program/program.js";
import { translators } from "../../../training/program/translators.js";
import { changeNotices } from "../../../training/run-directory/image-notices.js";
import { type Images, readImages, rememberedOf } from "../../../training/run-directory/images.js";
import type { DataOrigin } from "../../../training/run-directory/manifest.js";
import { reportFailure } from "../../terminal/failure.js";
import { skippedEntries, skippedLines } from "../../terminal/skipped.js";
import { note, say, type Terminal } from "../../terminal/terminal.js";
import { checkpointsOption, count, originOf } from "../options.js";
import { withTrained } from "../trained.js";
import { columnsOf, tell } from "./evaluate-words.js";
import { type FeaturesName, featuresNames, openPublished } from "./published-features.js";

/**
 * Pairs test images by name if the data have no pairing of their own, and reports images without a
 * partner.
 */
const tellPartners = (dataset: Dataset, program: SpecProgram, terminal: Terminal): Dataset => {
  const { dataset: paired, alone } = withPartners(dataset, program);
  if (paired === dataset) return dataset;
  note(terminal, "test images of equal names count as partners.");
  for (const { source, names } of alone)
    note(terminal, `without a partner, in ${printable(source.name)}: ${someOf(names)}.`);
  return paired;
};

/** Words a changed fingerprint of the images, which also covers the test images. */
const otherImages = async (noted: Images | undefined, dataset: Dataset): Promise<string> => {
  const changes = noted === undefined ? undefined : await changeNotices(noted, dataset, false);
  return changes?.length === 0
    ? "the test images have changed since the run began."
    : "the images are not those that the run was trained on.";
};

type Attempt<A> = Promise<Either<TrainingError, A>>;

/** Opens the run's images at their current place, and reports changes. */
const openImages = async (
  { run, compiled, session, step, notices }: OpenedRun,
  given: DataOrigin | undefined,
  terminal: Terminal,
): Attempt<Dataset> => {
  for (const notice of notices) note(terminal, notice);
  const origin = given ?? run.manifest.data.origin;
  const read = await readImages(run.images, run.manifest);
  const noted = isLeft(read) ? undefined : read.right;
  const remembered = rememberedOf(run.manifest, noted, false);
  const { holdOut } = run.manifest.data;
  const dataset = await openDataset(origin, compiled.program, remembered, holdOut);
  if (isLeft(dataset)) return given === undefined ? left(ifMoved(dataset.left, origin)) : dataset;
  if (dataset.right.hash !== run.manifest.data.hash)
    note(terminal, await otherImages(noted, dataset.right));
  for (const notice of dataset.right.notices ?? []) note(terminal, notice);
  for (const line of skippedEntries(dataset.right)) terminal.err.write(`${line}\n`);
  terminal.err.write(`After ${step} steps; engine: ${session.engine}\n`);
  return right(tellPartners(dataset.right, compiled.program, terminal));
};

interface Judging {
  readonly given: DataOrigin | undefined;
  readonly options: EvaluateOptions;
  readonly openBest: () => Attempt<OpenedRun>;
}

/** Measures and reports. Returns the exit code. */
const judge = async (
  opened: OpenedRun,
  extracting: Extracting,
  { given, options, openBest }: Judging,
  terminal: Terminal,
): Attempt<number> => {
  const { run, compiled, session } = opened;
  const { program } = compiled;
  const dataset = await openImages(opened, given, terminal);
  if (isLeft(dataset)) return dataset;
  const folder = join(run.path, "evaluation");
  const set = await measuringSet(dataset.right, program, options.images ?? mostImages);
  for (const line of skippedLines(set.skipped)) terminal.err.write(`${line}\n`);
  const evaluation = await evaluate(session, program, dataset.right, folder);
  if (isLeft(evaluation)) return evaluation;
  const wanted = options.checkpoint ?? { openBest };
  const states = await measureStates(opened, set, { effort: thorough, ...extracting }, wanted);
  if (isLeft(states)) return states;
  const unwritten = evaluation.right?.unwritten;
  const file = evaluationOf(run.manifest.run, set, states.right);
  const written = await writeEvaluation(folder, file);
  if (options.json) say(terminal, JSON.stringify(file, null, 2));
  const findings = {
    set,
    columns: columnsOf(states.right),
    evaluation: evaluation.right,
    remarks: states.right[0]?.remarks ?? [],
    wantsPartners: translators(program).some(({ from, to }) => from.name !== to.name),
  };
  const code = tell(findings, options.json === true, terminal);
  // Show what took minutes to measure before reporting that it could not be saved.
  if (isLeft(written)) return written;
  return unwritten === undefined ? right(code) : left(unwritten);
};

export interface EvaluateOptions {
  readonly engine: EngineName;
  /** Default: the newest and the best. */
  readonly checkpoint?: CheckpointChoice;
  /** Current place of the images, if they were moved. */
  readonly data?: readonly string[];
  /** Most images of each domain. */
  readonly images?: number;
  readonly json?: boolean;
  /** Path of an ONNX file for FID and KID. */
  readonly inception?: string;
  readonly inceptionRange?: InceptionRange;
  /** Published network whose features are compared too. */
  readonly features?: FeaturesName;
}

/** Opens the feature networks that are asked for, by their names in the material of measures. */
const openExtractors = async (
  compiler: Compiler,
  { inception, inceptionRange = "0..255", features }: EvaluateOptions,
): Attempt<ReadonlyMap<"features" | "lite0", Extractor>> => {
  const found = new Map<"features" | "lite0", Extractor>();
  if (features !== undefined) {
    const opened = await openPublished(compiler, features);
    if (isLeft(opened)) return opened;
    found.set("lite0", opened.right);
  }
  if (inception !== undefined) {
    const opened = await openInception(inception, inceptionRange);
    if (isLeft(opened)) {
      for (const { dispose } of found.values()) dispose();
      return opened;
    }
    found.set("features", opened.right);
  }
  return right(found);
};

/** Measures with the run's session and, if requested, feature networks. */
const judgeOpened = async (
  compiler: Compiler,
  opened: OpenedRun,
  judging: Judging,
  terminal: Terminal,
): Attempt<number> => {
  const extractors = await openExtractors(compiler, judging.options);
  if (isLeft(extractors)) return extractors;
  const of = extractors.right;
  try {
    const extracting = {
      features: of.get("features")?.features,
      lite0: of.get("lite0")?.features,
    };
    return await judge(opened, extracting, judging, terminal);
  } finally {
    for (const { dispose } of of.values()) dispose();
  }
};

/** Runs the command and returns its exit code. */
export const evaluateCommand = async (
  compiler: Compiler,
  path: string,
  options: EvaluateOptions,
  terminal: Terminal,
): Promise<number> => {
  const { data, engine } = options;
  const origin = data === undefined ? right(undefined) : originOf(data);
  if (isLeft(origin)) {
    reportFailure(terminal, { kind: "usage", reason: origin.left });
    return 2;
  }
  const given = origin.right === undefined ? undefined : absolute(origin.right);
  return withTrained(compiler, path, options, terminal, async (opened) => {
    const openBest = () => openTrained(compiler, path, engine, "best");
    const judged = await judgeOpened(compiler, opened, { given, options, openBest }, terminal);
    if (!isLeft(judged)) return judged.right;
    reportFailure(terminal, judged.left);
    return 1;
  });
};

/** Adds `evaluate` to the command line. */
export const registerEvaluate = (
  program: Command,
  compiler: Compiler,
  terminal: Terminal,
): void => {
  program
    .command("evaluate")
    .description(
      "Measure the newest and the best state of a run on test images: by their partners, which have equal names in testX and testY, by reconstructions, and by distances between sets.",
    )
    .argument("<run>", "the folder of a run")
    .option("--data <source...>", "where the images are now, if they were moved")
    .option("--images <n>", "the most images of each domain to measure (default: 1000)", count)
    .option("--json", "print evaluation.json instead of tables")
    .option("--inception <file>", "an ONNX file of Inception, for FID and KID")
    .addOption(
      new Option("--inception-range <range>", "the intensities that it expects")
        .choices(inceptionRanges)
        .default("0..255"),
    )
    .addOption(
      new Option(
        "--features <net>",
        "compare features of a published network too; it is downloaded where it is not here",
      ).choices(featuresNames),
    )
    .addOption(checkpointsOption())
    .addOption(new Option("--engine <name>", "what computes").choices(engineNames).default("auto"))
    .action(async (run: string, options: EvaluateOptions) => {
      process.exitCode = await evaluateCommand(compiler, run, options, terminal);
    });
};
