/**
 * Mode collapse: outputs differ from each other by less than a tenth of what their inputs, or the
 * images that they should resemble, differ by. Networks begin grey and alike, so the first thousand
 * steps do not count, and ten looks in a row, another thousand steps, must agree.
 */
import { inRow } from "./in-row.js";
import { percent } from "./monitor.js";

const most = 0.1;

export const collapse = inRow({
  name: "collapse",
  looks: 10,
  after: 1000,
  isSo: ({ diversity }) => diversity !== undefined && diversity < most,
  word: ({ network, count, diversity = 0, to }) => ({
    saw: `${count} images that ${network} makes of different inputs differ by ${percent(diversity)} of what images of ${to}, or its inputs, do, for a thousand steps.`,
    means: `${network} gives the same result for everything: one answer that deceives its discriminator is enough.`,
    write:
      "For images from noise: a loss that does not saturate (`wgan` with its penalty, `hinge`), a lower rate, a larger batch. For translations: a cycle, or a larger weight before it.",
  }),
});
