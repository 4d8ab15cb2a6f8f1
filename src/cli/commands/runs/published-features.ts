/** Opens published networks of features for `ganc evaluate`: gets their weights first. */
import { join } from "node:path";
import { type Either, isLeft, left } from "fp-ts/lib/Either.js";
import { thisMachine } from "../../../engines/tensorflow/machine.js";
import { getWeights, type Outcome } from "../../../engines/weights/get.js";
import { publishedAs } from "../../../engines/weights/published.js";
import type { TrainingError } from "../../../training/files/errors.js";
import { openFrozen } from "../../../training/measuring/frozen-features.js";
import type { Extractor } from "../../../training/measuring/inception.js";
import type { Compiler } from "../../../training/program/compiled.js";
import { packageRoot } from "../../specs/spec-files.js";
import { complain, withTools } from "../setup/tools.js";

/** Networks that have a spec in ganc's gallery, and weights of their name. */
export const featuresNames = ["efficientnet-lite0"] as const;

export type FeaturesName = (typeof featuresNames)[number];

const reasonOf = (name: string, outcome: Outcome): string =>
  outcome.kind === "failed"
    ? `${outcome.why.reason}\n${outcome.why.remedy}`
    : `Without the weights of ${name} its features cannot be compared: leave out --features.`;

/** Opens a published network. What is downloaded is said on standard error. */
export const openPublished = async (
  compiler: Compiler,
  name: FeaturesName,
): Promise<Either<TrainingError, Extractor>> => {
  const of = publishedAs(name);
  if (of === undefined) return left({ kind: "usage", reason: `${name} is not published.` });
  const outcome = await withTools({ say: complain }, (tools) =>
    getWeights(of, thisMachine(), tools),
  );
  if (outcome.kind !== "got" && outcome.kind !== "already")
    return left({ kind: "usage", reason: reasonOf(name, outcome) });
  const spec = join(packageRoot, "specs", "gallery", `${name}.gan`);
  const compiled = await compiler.fromFile(spec, {});
  return isLeft(compiled)
    ? left({ kind: "usage", reason: compiled.left })
    : openFrozen(compiled.right);
};
