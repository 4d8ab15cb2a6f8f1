/**
 * Generators that copy. 3 % of the distance between images of the two domains is about one grey
 * level in a hundred, an invisible change. Reconstructions are not as good in the first thousand
 * steps, and translations that keep most of their input, such as horses to zebras, change 20 % and
 * more.
 */
import { inRow } from "./in-row.js";
import { percent } from "./monitor.js";

const most = 0.03;

export const copying = inRow({
  name: "copying",
  looks: 10,
  isSo: ({ distance }) => distance !== undefined && distance < most,
  word: ({ network, from, to, distance = 0 }) => ({
    saw: `What ${network} makes differs from its input by ${percent(distance)} of how far images of ${from} and ${to} lie apart, for a thousand steps.`,
    means: `${network} returns its input: keeping it costs nothing, and ${to}'s discriminator asks for nothing.`,
    write:
      "Write smaller weights before the cycle and the identity loss, or leave the identity loss out; see that the discriminator is trained on both sides.",
  }),
});
