/** Monitors that speak after several looks in a row show the same of a network. */
import * as t from "io-ts";
import type { Look, Monitor, Picture, Setting, Word } from "./monitor.js";

/** By network: number of looks in a row. */
const State = t.record(t.string, t.number);

export interface InRow {
  readonly name: string;
  /** Looks in a row after which it speaks. */
  readonly looks: number;
  /** Steps that do not count, because networks begin as noise. */
  readonly after?: number;
  readonly isSo: (picture: Picture, look: Look, setting: Setting) => boolean;
  readonly word: (picture: Picture, setting: Setting) => Word;
}

export const inRow = ({
  name,
  looks,
  after = 0,
  isSo,
  word,
}: InRow): Monitor<t.TypeOf<typeof State>> => ({
  name,
  start: {},
  codec: State,
  look: (before, look, setting) => {
    const state: Record<string, number> = {};
    for (const picture of look.pictures) {
      const isCounted = look.step > after && isSo(picture, look, setting);
      state[picture.network] = isCounted ? (before[picture.network] ?? 0) + 1 : 0;
    }
    const found = look.pictures.find(({ network }) => (state[network] ?? 0) >= looks);
    return { state, ...(found === undefined ? {} : { word: word(found, setting) }) };
  },
});
