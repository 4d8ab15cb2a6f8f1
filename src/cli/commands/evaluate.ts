/**
 * `ganc evaluate`: how near a run's translations come to the hidden partners, beside simple baselines; and without partners,
 * how near what is led back comes to where it began.
 */

import { join } from "node:path";
import { type Command, Option } from "commander";
import { isLeft, right } from "fp-ts/lib/Either.js";
import { printable, someOf } from "../../base/printable.js";
import { recordOf } from "../../base/record.js";
import { matchByName } from "../../data/pairing.js";
import type { Dataset } from "../../data/source.js";
import type { Domain } from "../../model/model.js";
import { renderConsistency } from "../../report/consistency.js";
import { renderQuality } from "../../report/quality.js";
import { absolute } from "../../training/begin.js";
import { type Compiler, type EngineName, engineNames } from "../../training/compiled.js";
import { type Consistencies, measureConsistency } from "../../training/consistency.js";
import { openDataset } from "../../training/dataset.js";
import { type Evaluation, evaluate } from "../../training/evaluate.js";
import { changeNotices } from "../../training/image-notices.js";
import { readImages, rememberedOf } from "../../training/images.js";
import type { DataOrigin } from "../../training/manifest.js";
import { type CheckpointChoice, type OpenedRun, openTrained } from "../../training/open-run.js";
import { imageDomains } from "../../training/program.js";
import { ifMoved } from "../../training/resume.js";
import { type RunDirectory, shownPath } from "../../training/run-directory.js";
import { translators } from "../../training/translators.js";
import { reportFailure } from "../terminal/failure.js";
import { skippedEntries, skippedLines } from "../terminal/skipped.js";
import { complain, note, say, type Terminal } from "../terminal/terminal.js";
import { checkpointOption, originOf } from "./options.js";

/** The data with partners by name, where it has none of its own; says how many test images are nobody's partner. */
const withPartners = (
  dataset: Dataset,
  domains: readonly Domain[],
  terminal: Terminal,
): Dataset => {
  const sources = domains.flatMap(({ name }) => dataset.test?.[name] ?? []);
  if (dataset.pairs !== undefined || sources.length < domains.length || sources.length < 2)
    return dataset;
  const { pairs, alone } = matchByName(sources);
  if (pairs.length === 0) return dataset;
  note(terminal, "test images of equal names are taken for partners.");
  for (const { source, names } of alone)
    note(terminal, `without a partner, in ${printable(source.name)}: ${someOf(names)}.`);
  const byDomain = (pair: readonly number[]) =>
    recordOf(domains.map(({ name }, d) => [name, pair[d] ?? 0]));
  return { ...dataset, pairs: pairs.map(byDomain) };
};

const noPartners =
  "No test image has a partner to judge by: partners have equal names in the test folders of the domains, as testX/a.png and testY/a.jpg.";

/** Says what was measured, and of the rest why it was not. Gives the exit code: 1 where nothing was. */
const report = (
  evaluation: Evaluation | undefined,
  { rows, remarks }: Consistencies,
  wantsPartners: boolean,
  terminal: Terminal,
): number => {
  const { qualities = [], files = [], remarks: unpaired = [] } = evaluation ?? {};
  if (evaluation === undefined && wantsPartners) note(terminal, noPartners);
  for (const remark of [...unpaired, ...remarks]) note(terminal, remark);
  if (qualities.length + rows.length === 0) {
    complain(terminal, "There is nothing to measure: look at the run's samples instead.");
    return 1;
  }
  const parts = [
    ...(qualities.length > 0 ? [renderQuality(qualities)] : []),
    ...(rows.length > 0 ? [renderConsistency(rows)] : []),
    ...(files.length > 0 ? [`Look at:     ${files.map(shownPath).join("\n             ")}`] : []),
  ];
  say(terminal, parts.join("\n\n"));
  return 0;
};

/** What to say of images whose fingerprint is not the run's: it is over the test images too. */
const otherImages = async (run: RunDirectory, dataset: Dataset): Promise<string> => {
  const noted = await readImages(run.images, run.manifest);
  const isKnown = !isLeft(noted) && noted.right !== undefined;
  const changes = isKnown ? await changeNotices(noted.right, dataset, false) : undefined;
  return changes?.length === 0
    ? "the test images are not those that were there when the run began."
    : "the images are not those that the run was trained on.";
};

const judge = async (
  { run, compiled, session, step, notices }: OpenedRun,
  given: DataOrigin | undefined,
  terminal: Terminal,
): Promise<number> => {
  for (const notice of notices) note(terminal, notice);
  const origin = given ?? run.manifest.data.origin;
  const dataset = await openDataset(origin, compiled.program, rememberedOf(run.manifest));
  if (isLeft(dataset)) {
    reportFailure(terminal, given === undefined ? ifMoved(dataset.left, origin) : dataset.left);
    return 1;
  }
  if (dataset.right.hash !== run.manifest.data.hash)
    note(terminal, await otherImages(run, dataset.right));
  for (const notice of dataset.right.notices ?? []) note(terminal, notice);
  for (const line of skippedEntries(dataset.right)) terminal.err.write(`${line}\n`);
  terminal.err.write(`After ${step} steps; engine: ${session.engine}\n`);
  const folder = join(run.path, "evaluation");
  const paired = withPartners(dataset.right, imageDomains(compiled.program), terminal);
  const evaluated = await evaluate(session, compiled.program, paired, folder);
  const returned = await measureConsistency(session, compiled.program, dataset.right);
  for (const failed of [evaluated, returned])
    if (isLeft(failed)) {
      reportFailure(terminal, failed.left);
      return 1;
    }
  if (isLeft(evaluated) || isLeft(returned)) return 1;
  for (const line of skippedLines(evaluated.right?.skipped ?? [])) terminal.err.write(`${line}\n`);
  const wantsPartners = translators(compiled.program).some(({ from, to }) => from.name !== to.name);
  return report(evaluated.right, returned.right, wantsPartners, terminal);
};

export interface EvaluateOptions {
  readonly engine: EngineName;
  readonly checkpoint?: CheckpointChoice;
  /** Where the images are now, if they were moved. */
  readonly data?: readonly string[];
}

/** Runs the command and gives its exit code. */
export const evaluateCommand = async (
  compiler: Compiler,
  path: string,
  { engine, data, checkpoint }: EvaluateOptions,
  terminal: Terminal,
): Promise<number> => {
  const origin = data === undefined ? right(undefined) : originOf(data);
  if (isLeft(origin)) {
    reportFailure(terminal, { kind: "usage", reason: origin.left });
    return 2;
  }
  const opened = await openTrained(compiler, path, engine, checkpoint);
  if (isLeft(opened)) {
    reportFailure(terminal, opened.left);
    return 1;
  }
  try {
    const given = origin.right === undefined ? undefined : absolute(origin.right);
    return await judge(opened.right, given, terminal);
  } finally {
    opened.right.session.dispose();
  }
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
      "Judge a run on test images: by partners, those of equal names in testX and testY, and by what comes back.",
    )
    .argument("<run>", "the folder of a run")
    .option("--data <source...>", "where the images are now, if they were moved")
    .addOption(checkpointOption())
    .addOption(new Option("--engine <name>", "what computes").choices(engineNames).default("auto"))
    .action(async (run: string, options: EvaluateOptions) => {
      process.exitCode = await evaluateCommand(compiler, run, options, terminal);
    });
};
