/**
 * Colours turned round. A generator may make dark what is light, and its partner turn it back: the cycle holds, and the
 * discriminators may not mind. Brightness alone is looked at, for hues may be what is to change. A random network inverts
 * as often as not; ten looks in a row are a thousand steps.
 */
import { inRow } from "./in-row.js";
import { number } from "./monitor.js";

const most = -0.3;

export const inversion = inRow({
  name: "inversion",
  looks: 10,
  isSo: ({ brightness }) => brightness !== undefined && brightness < most,
  word: ({ network, brightness = 0 }) => ({
    saw: `What ${network} makes is dark where its input is light: their brightness correlates by ${number(brightness)}, for a thousand steps.`,
    means: `${network} and the network that leads back turn light and dark round: a cycle does not mind.`,
    write:
      "Add an identity loss, `0.5 * lambda * identity(G, F)`, which asks that images of the target stay as they are; or begin anew with another --seed. Where dark is to become light, it is no mistake.",
  }),
});
