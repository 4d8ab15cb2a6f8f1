/** Writes a run's report into its folder. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import { reasonOf } from "../../data/files/errors.js";
import type { DrawnPart } from "../../report/page/contents.js";
import { renderPage } from "../../report/page/page.js";
import { realDisk, textBytes, writeAtomically } from "../../training/files/disk.js";
import { describe, type TrainingError } from "../../training/files/errors.js";
import { compileRun } from "../../training/opening/resume-spec.js";
import type { CompiledSpec, Compiler } from "../../training/program/compiled.js";
import { type ReportRequest, readRun } from "../../training/reports/run-report.js";
import { packageRoot } from "../specs/spec-files.js";

/** Returns the default path of a report. */
export const reportPath = (run: string): string => join(run, "report.html");

/** The page's script, built by scripts/bundle.js. */
const pageScript = join(packageRoot, "dist/src/report/page/browser/main.js");

type Drawings = ReportRequest["drawings"];

/** Draws a compiled spec. */
export const drawnOf = async ({
  model,
  program,
}: CompiledSpec): Promise<Either<string, readonly DrawnPart[]>> => {
  if (model === undefined) return right([]);
  const texts = new Map(program.sources.map(({ name, text }) => [name, text]));
  try {
    const { drawModel } = await import("../../report/drawing/all.js");
    return right(await drawModel(model, (file) => texts.get(file)));
  } catch (thrown) {
    return left(reasonOf(thrown));
  }
};

/** Draws the spec in a manifest. */
export const drawnBy =
  (compiler: Compiler): Drawings =>
  async (manifest) => {
    const compiled = await compileRun(compiler, manifest);
    return isLeft(compiled) ? left(describe(compiled.left)) : drawnOf(compiled.right);
  };

/** Writes the report of a run to `file` atomically. */
export const writeReport = async (
  request: Omit<ReportRequest, "now">,
  file: string,
): Promise<Either<TrainingError, void>> => {
  const contents = await readRun({ ...request, now: new Date().toISOString() });
  if (isLeft(contents)) return contents;
  const script = await readFile(pageScript, "utf8");
  const page = renderPage(contents.right, script);
  const written = await writeAtomically(realDisk, file, textBytes(page));
  return isLeft(written) ? written : right(undefined);
};
