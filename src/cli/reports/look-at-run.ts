/** Opens a run's images, and its newest checkpoint on some of them, for its report. */
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import type { Dataset } from "../../data/sets/source.js";
import { describe } from "../../training/files/errors.js";
import { openDataset } from "../../training/opening/dataset.js";
import { openTrained } from "../../training/opening/open-run.js";
import { compileRun } from "../../training/opening/resume-spec.js";
import type { CompiledSpec, Compiler } from "../../training/program/compiled.js";
import { dataFacts } from "../../training/reports/data-facts.js";
import { lookClosely } from "../../training/reports/newest-state.js";
import type { ReportRequest } from "../../training/reports/run-report.js";
import type { Manifest } from "../../training/run-directory/manifest.js";
import { openRun } from "../../training/run-directory/run-directory.js";

type Looking = Required<Pick<ReportRequest, "data" | "look">>;

const openImages = async (
  { program }: CompiledSpec,
  { data }: Manifest,
): Promise<Either<string, Dataset>> => {
  const opened = await openDataset(data.origin, program);
  return isLeft(opened) ? left(describe(opened.left)) : opened;
};

const imagesOf = async (compiler: Compiler, path: string): Promise<Either<string, Dataset>> => {
  const run = await openRun(path);
  if (isLeft(run)) return left("The manifest does not say where they are any more.");
  const compiled = await compileRun(compiler, run.right.manifest);
  return isLeft(compiled)
    ? left(describe(compiled.left))
    : openImages(compiled.right, run.right.manifest);
};

/** Opens the contents of a run's folder, once and on demand. */
export const lookAt = (compiler: Compiler, path: string): Looking => {
  let opened: Promise<Either<string, Dataset>> | undefined;
  const images = () => {
    opened ??= imagesOf(compiler, path);
    return opened;
  };
  return {
    data: async () => {
      const dataset = await images();
      return isLeft(dataset) ? dataset : right(await dataFacts(dataset.right));
    },
    look: async () => {
      const trained = await openTrained(compiler, path, "auto");
      // Without a checkpoint or a manifest there is nothing to look at; both are reported
      // elsewhere.
      if (isLeft(trained))
        return ["no-checkpoint", "no-run"].includes(trained.left.kind)
          ? right([])
          : left(describe(trained.left));
      const { session, compiled, run, step } = trained.right;
      const dataset = await images();
      try {
        return await lookClosely({
          session,
          program: compiled.program,
          dataset: isLeft(dataset) ? undefined : dataset.right,
          classes: run.manifest.data.classes,
          step,
        });
      } finally {
        session.dispose();
      }
    },
  };
};
