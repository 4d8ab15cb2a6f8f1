/**
 * The table of monitors. A new one also needs its name in `operators/monitors.ts`, from which specs
 * and tables know it.
 */
import { collapse } from "./collapse.js";
import { copying } from "./copying.js";
import { dominance } from "./dominance.js";
import { explosion } from "./explosion.js";
import { idleEpoch } from "./idle-epoch.js";
import { inversion } from "./inversion.js";
import { jump } from "./jump.js";
import type { Monitor } from "./monitor.js";
import { standstill } from "./standstill.js";

/** The type of each state is private to its monitor. */
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
