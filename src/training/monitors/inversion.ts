/**
 * Inverted colours. A generator may darken what is light and its partner reverse that: the cycle
 * holds, and the discriminators may not object. Only brightness is examined, because hues may be
 * meant to change. A random network inverts half of the time; ten looks in a row are a thousand
 * steps.
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
    means: `${network} and the network that leads back swap light and dark: a cycle allows that.`,
    write:
      "Add an identity loss, `0.5 * lambda * identity(G, F)`, which asks that images of the target stay as they are; or begin anew with another --seed. If dark is to become light, this is intended.",
  }),
});
