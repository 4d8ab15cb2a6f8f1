/**
 * An epoch without a learning rate, such as the last of the official CycleGAN code. The schedule
 * tells before it begins.
 */
import * as t from "io-ts";
import { rateAt, totalEpochs } from "../program/schedule.js";
import type { Monitor } from "./monitor.js";

export const idleEpoch: Monitor<null> = {
  name: "idle_epoch",
  start: null,
  codec: t.null,
  begin: ({ program: { recipe }, stepsPerEpoch, epochs }) => {
    const all = Math.min(epochs, totalEpochs(recipe.schedule));
    let first = 0;
    let idle = 0;
    for (let epoch = 0; epoch < all; epoch++)
      if (rateAt(recipe, epoch) === 0) {
        if (idle === 0) first = epoch;
        idle++;
      }
    if (idle === 0) return undefined;
    return {
      saw:
        idle === 1
          ? `Epoch ${first + 1} of ${all} runs at a rate of 0: its ${stepsPerEpoch} steps change nothing.`
          : `${idle} epochs of ${all}, the first of them epoch ${first + 1}, run at a rate of 0: ${idle * stepsPerEpoch} steps change nothing.`,
      means: "The decay reaches 0 within the schedule, as in the official code of CycleGAN.",
      write: "Leave out `reached: true` in `linear_to_zero(…)`, and take an epoch less.",
    };
  },
};
