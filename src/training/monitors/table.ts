/** All monitors. One is added here, and by its name in `operators/monitors.ts`, where specs and tables know it from. */
import { collapse } from "./collapse.js";
import { copying } from "./copying.js";
import { dominance } from "./dominance.js";
import { explosion } from "./explosion.js";
import { idleEpoch } from "./idle-epoch.js";
import { inversion } from "./inversion.js";
import { jump } from "./jump.js";
import type { Monitor } from "./monitor.js";
import { standstill } from "./standstill.js";

/** What each knows is its own affair. */
// biome-ignore lint/suspicious/noExplicitAny: of one monitor, state and codec belong together
export const monitors: readonly Monitor<any>[] = [
  explosion,
  dominance,
  copying,
  inversion,
  collapse,
  jump,
  standstill,
  idleEpoch,
];
