/**
 * A discriminator that has won. The checker knows the optimum of its objective. Once the distance
 * of its loss from that optimum has fallen to 2 % of its first value, over about a thousand steps,
 * its gradient to the generator has all but vanished. Early in a run a discriminator often wins for
 * some hundred steps and loses again; the length of the mean ignores that. Wasserstein critics have
 * no such optimum and are not watched.
 */
import * as t from "io-ts";
import type { PlayerInfo } from "../program/program.js";
import { type Monitor, number, towards, type Word } from "./monitor.js";

const beginning = 20;
const span = 250;
const least = 1000;
const share = 0.02;

const Fares = t.type({
  steps: t.number,
  /** Distance of the loss from its optimum: over the first steps, and over the last. */
  first: t.number,
  now: t.number,
});

type Fares = t.TypeOf<typeof Fares>;

const State = t.record(t.string, Fares);

const after = (before: Fares | undefined, gap: number): Fares => {
  const { steps, first, now } = before ?? { steps: 0, first: gap, now: gap };
  const begun = steps < beginning ? towards(first, gap, steps + 1) : first;
  return {
    steps: steps + 1,
    first: begun,
    now: steps < beginning ? begun : towards(now, gap, span),
  };
};

const word = ({ networks, leads }: PlayerInfo, { first, now }: Fares): Word => {
  const names = networks.join(" and ");
  return {
    saw: `${leads.join(" + ")} is within ${number(now)} of the best that ${names} can do; it began ${number(first)} from there.`,
    means: `${names} ${networks.length === 1 ? "tells" : "tell"} real from made without a doubt, and the gradient that the generator learns from has all but vanished.`,
    write: `Give ${names} a lower rate of its own (\`optimizer[${networks.join(", ")}]: …\`), fewer filters, a history of made images (\`history: 50\`), or take a loss that does not vanish (\`lsgan\`, \`wgan\` with its penalty).`,
  };
};

export const dominance: Monitor<t.TypeOf<typeof State>> = {
  name: "dominance",
  start: {},
  codec: State,
  step: (before, { metrics }, { program }) => {
    const state = { ...before };
    for (const player of program.players ?? []) {
      const { aim, leads, networks } = player;
      if (aim === undefined || leads.some((lead) => metrics[lead] === undefined)) continue;
      const value = leads.reduce((sum, lead) => sum + (metrics[lead] ?? 0), 0);
      const fares = after(state[networks.join()], Math.abs(value - aim));
      state[networks.join()] = fares;
      if (fares.steps >= least && fares.first > 0 && fares.now < share * fares.first)
        return { state, word: word(player, fares) };
    }
    return { state };
  },
};
