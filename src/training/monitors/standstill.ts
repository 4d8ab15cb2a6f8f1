/**
 * Nothing learnt for long. Adam moves every weight by about the rate at each step, so pictures
 * never stand still while there is a rate and a gradient; less than a tenth of a grey level of 256
 * between two looks is nothing. Where the schedule is below a tenth of its rate, that is intended.
 * In a game of one player the loss itself tells: after two thousand steps it has fallen by less
 * than 1 %.
 */

import * as t from "io-ts";
import { recordOf } from "../../base/record.js";
import { type Look, type Monitor, number, type Picture, type Setting, towards } from "./monitor.js";

const looks = 10;
const change = 1 / 2560;
const leastRate = 0.1;
const first = 100;
const span = 500;
const least = 2000;
const share = 0.99;

const Still = t.type({ looks: t.number, probe: t.readonlyArray(t.number) });
const Loss = t.type({ steps: t.number, first: t.number, now: t.number });
const State = t.type({ networks: t.record(t.string, Still), loss: Loss });

type State = t.TypeOf<typeof State>;

const means = "No gradient gets there, or the rate is far too small.";
const write =
  "Write a higher rate in `optimizer`; see that no activation is saturated (`relu` at the end, `sigmoid` within), and that the terms of this network are not weighed by almost 0.";

const differ = (a: readonly number[], b: readonly number[]): number =>
  a.length === 0 || a.length !== b.length
    ? Infinity
    : a.reduce((sum, value, i) => sum + Math.abs(value - (b[i] ?? 0)), 0) / a.length;

const after = (
  before: t.TypeOf<typeof Still> | undefined,
  { probe }: Picture,
  isSlow: boolean,
): t.TypeOf<typeof Still> => {
  const isStill = before !== undefined && differ(before.probe, probe) < change;
  return { looks: isStill && !isSlow ? before.looks + 1 : 0, probe };
};

const look = (state: State, { rate, pictures }: Look, { program }: Setting) => {
  const isSlow = rate < leastRate * program.recipe.optimizer.rate;
  const networks = recordOf(
    pictures.map((picture) => [
      picture.network,
      after(state.networks[picture.network], picture, isSlow),
    ]),
  );
  const still = pictures.find(({ network }) => (networks[network]?.looks ?? 0) >= looks);
  return {
    state: { ...state, networks },
    ...(still === undefined
      ? {}
      : {
          word: {
            saw: `What ${still.network} makes of the same images has not changed by a tenth of a grey level in ${looks} looks, a thousand steps.`,
            means,
            write,
          },
        }),
  };
};

export const standstill: Monitor<State> = {
  name: "standstill",
  start: { networks: {}, loss: { steps: 0, first: 0, now: 0 } },
  codec: State,
  look,
  step: (state, { metrics }, { program }) => {
    const [only, ...others] = program.players ?? [];
    const [lead = ""] = only?.leads ?? [];
    const value = metrics[lead];
    if (others.length > 0 || value === undefined) return { state };
    const { steps, first: begun, now } = state.loss;
    const loss = {
      steps: steps + 1,
      first: steps < first ? towards(begun, value, steps + 1) : begun,
      now: steps === 0 ? value : towards(now, value, Math.min(span, steps + 1)),
    };
    const isDown = Math.abs(loss.first - loss.now) > (1 - share) * Math.abs(loss.first);
    const word =
      loss.steps < least || isDown || loss.first === 0
        ? undefined
        : {
            saw: `${lead} is ${number(loss.now)} after ${loss.steps} steps, and was ${number(loss.first)} at the beginning.`,
            means,
            write,
          };
    return { state: { ...state, loss }, word };
  },
};
