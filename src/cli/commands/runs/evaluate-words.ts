/**
 * Words the results of `ganc evaluate`: the images used, the measures, and the reasons for missing
 * ones.
 */

import { renderQuality } from "../../../report/measures/quality.js";
import { type Column, doubtsOf, renderMeasures } from "../../../report/measures/table.js";
import type { EvaluationFile, Split } from "../../../training/logs/evaluation.js";
import type { Evaluation } from "../../../training/measuring/compare-baselines.js";
import type { StateReadings } from "../../../training/measuring/measured-states.js";
import type { MeasuringSet } from "../../../training/measuring/measuring-set.js";
import { shownPath } from "../../../training/run-directory/run-directory.js";
import { complain, note, say, type Terminal } from "../../terminal/terminal.js";

/** Makes columns for the newest and the best state, or one column if they are the same. */
export const columnsOf = (states: readonly StateReadings[]): readonly Column[] => {
  const [last, best] = states;
  if (last !== undefined && best !== undefined && last.step === best.step)
    return [{ title: `last and best, step ${last.step}`, networks: last.networks }];
  return states.map(({ checkpoint, step, networks }) => ({
    title: checkpoint === "step" ? `step ${step}` : `${checkpoint}, step ${step}`,
    networks,
  }));
};

const splitWords: Readonly<Record<Split, string>> = {
  test: "test images",
  held: "held-out images",
  train: "training images",
};

/** Words the images of an evaluation file, as `whatImages` does. */
export const whatSplit = ({ split, images, pairs }: EvaluationFile): string => {
  const counts = Object.entries(images).map(([domain, n]) => `${n} of ${domain}`);
  const partners = pairs === 0 ? "" : `, ${pairs} of each partners`;
  return `${splitWords[split]}: ${counts.join(", ")}${partners}`;
};

/** Words the images, for example `200 test images of X and 200 of Y, 200 pairs`. */
export const whatImages = ({ split, images, pairs }: MeasuringSet): string => {
  const counts = Object.entries(images).map(([domain, { ids }], i) =>
    i === 0 ? `${ids.length} ${splitWords[split]} of ${domain}` : `${ids.length} of ${domain}`,
  );
  const partners = pairs.length === 0 ? "" : `, ${pairs.length} of each partners`;
  return counts.length === 0 ? "no images" : `${counts.join(" and ")}${partners}`;
};

/** Returns the caution that belongs before the numbers. */
export const cautionOf = (split: Split): string | undefined => {
  switch (split) {
    case "test":
      return undefined;
    case "held":
      return "there are no test images, so these are the held-out ones. Nothing was trained on them, but the best checkpoint was chosen by them, which flatters it.";
    case "train":
      return "there are neither test nor held-out images, so these are the training images: a network that has memorised them does well on them. Put others into test folders, or train with --hold-out 20.";
  }
};

const noPartners =
  "No test image has a partner to judge by: partners have equal names in the test folders of the domains, such as testX/a.png and testY/a.jpg.";

export interface Findings {
  readonly set: MeasuringSet;
  readonly columns: readonly Column[];
  /** Comparison of the newest state with baselines. */
  readonly evaluation: Evaluation | undefined;
  readonly remarks: readonly string[];
  /** Whether any network translates from one domain to another. */
  readonly wantsPartners: boolean;
}

/**
 * Prints notes, then the tables unless `isQuiet`. Returns the exit code: 1 if nothing was measured.
 */
export const tell = (
  { set, columns, evaluation, remarks, wantsPartners }: Findings,
  isQuiet: boolean,
  terminal: Terminal,
): number => {
  const networks = columns[0]?.networks ?? [];
  const caution = cautionOf(set.split);
  if (caution !== undefined && networks.length > 0) note(terminal, caution);
  if (wantsPartners && set.pairs.length === 0 && set.split === "test") note(terminal, noPartners);
  for (const remark of new Set(remarks)) note(terminal, remark);
  for (const doubt of doubtsOf(networks)) note(terminal, doubt);
  const { qualities = [], files = [] } = evaluation ?? {};
  if (networks.length + qualities.length === 0) {
    complain(terminal, "There is nothing to measure: look at the run's samples instead.");
    return 1;
  }
  if (isQuiet) return 0;
  const parts = [
    ...(networks.length > 0 ? [renderMeasures(whatImages(set), columns)] : []),
    ...(qualities.length > 0 ? [renderQuality(qualities)] : []),
    ...(files.length > 0 ? [`Look at:     ${files.map(shownPath).join("\n             ")}`] : []),
  ];
  say(terminal, parts.join("\n\n"));
  return 0;
};
