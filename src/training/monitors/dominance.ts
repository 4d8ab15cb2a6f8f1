/**
 * A discriminator that has won. The checker knows which value its objective could not better; that its loss comes to 2 % of
 * where it began, over about a thousand steps, happens where its gradient to the generator has all but vanished. Early in
 * a run a discriminator wins for some hundred steps and loses again, which the length of the mean leaves out. Wasserstein
 * critics have no such value, and are not looked at.
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
  /** How far the loss is from what it could not better: over the first steps, and over the last. */
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
    means: `${names} ${networks.length === 1 ? "tells" : "tell"} real from made without a doubt, and what the generator learns by has all but vanished.`,
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
