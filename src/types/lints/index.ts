/** All lints. Their order means nothing: `supersedes` says which of two findings is told. */
import { amounts } from "./amounts.js";
import { cutCycles } from "./cut-cycles.js";
import { deadScores } from "./dead-scores.js";
import { deadTerms } from "./dead-terms.js";
import { endless } from "./endless.js";
import { flatNorms } from "./flat-norms.js";
import { randomFrozen } from "./frozen.js";
import { idleSchedules } from "./idle-schedules.js";
import { imageChannels } from "./image-channels.js";
import { independentTargets } from "./independent.js";
import { linearPairs } from "./linear-pairs.js";
import type { Lint } from "./lint.js";
import { missedOpponents } from "./missed-opponents.js";
import { oneSidedCycles } from "./one-sided-cycles.js";
import { oneSidedJudges } from "./one-sided-judges.js";
import { outputRanges } from "./output-ranges.js";
import { raisedDistances } from "./raised-distances.js";
import { repeatedTerms } from "./repeated-terms.js";
import { roles } from "./roles.js";
import { sigmoids } from "./sigmoids.js";
import { singleSamples } from "./single-samples.js";
import { slopesThroughBatches } from "./slopes.js";
import { unbounded } from "./unbounded.js";
import { undefinedValues } from "./undefined-values.js";
import { unopposed } from "./unopposed.js";
import { unused } from "./unused.js";
import { weights } from "./weights.js";

export { runLints, runLintsOfSound } from "./driver.js";
export type { Facts, Lint } from "./lint.js";

export const lints: readonly Lint[] = [
  sigmoids,
  outputRanges,
  linearPairs,
  flatNorms,
  undefinedValues,
  imageChannels,
  oneSidedJudges,
  missedOpponents,
  roles,
  oneSidedCycles,
  cutCycles,
  repeatedTerms,
  deadTerms,
  weights,
  independentTargets,
  slopesThroughBatches,
  deadScores,
  randomFrozen,
  idleSchedules,
  unopposed,
  singleSamples,
  amounts,
  unbounded,
  raisedDistances,
  endless,
  unused,
];
