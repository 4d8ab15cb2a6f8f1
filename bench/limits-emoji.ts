/**
 * Makes sets of Noto's emoji that differ in one thing: blue and red ones, or square signs and round
 * faces.
 */
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { isLeft } from "fp-ts/lib/Either.js";
import * as t from "io-ts";
import sharp from "sharp";
import { permutation, stream } from "../src/base/random.js";

export type Drawing = "colour" | "shape";

const Icons = t.type({
  icons: t.record(
    t.string,
    t.intersection([t.type({ body: t.string }), t.partial({ hidden: t.boolean })]),
  ),
});

const side = 96;

/** Test emoji of each set. */
const tested = 12;

const svg = (body: string, background: string): Buffer =>
  Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="${side}" height="${side}" viewBox="-4 -4 136 136"><rect x="-4" y="-4" width="136" height="136" fill="${background}"/>${body}</svg>`,
  );

interface Emoji {
  readonly name: string;
  readonly body: string;
}

const emoji = (): readonly Emoji[] => {
  const path = createRequire(import.meta.url).resolve("@iconify-json/noto/icons.json");
  const read = Icons.decode(JSON.parse(readFileSync(path, "utf8")));
  if (isLeft(read)) throw new Error(`${path} is no icon set`);
  return Object.entries(read.right.icons)
    .filter(([name, { hidden }]) => hidden !== true && !/tone|^flag-|-(light|dark)/.test(name))
    .map(([name, { body }]) => ({ name, body }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
};

/**
 * Chooses equally many blue and red emoji, from the ends of the scale, without those that are
 * mainly yellow.
 */
const byColour = async (all: readonly Emoji[]): Promise<readonly [Emoji[], Emoji[]]> => {
  const judged = await Promise.all(
    all.map(async (one) => {
      const { channels } = await sharp(svg(one.body, "white")).removeAlpha().stats();
      const [r = 0, g = 0, b = 0] = channels.map(({ mean }) => mean / 255);
      return { one, blue: b - r, red: r - Math.max(g, b) };
    }),
  );
  const most = (by: "blue" | "red"): Emoji[] =>
    [...judged]
      .sort((a, b) => b[by] - a[by])
      .slice(0, 110)
      .map(({ one }) => one);
  return [most("blue"), most("red")];
};

/** Matches signs that are round or a sun, though called buttons. */
const roundSigns = /acceptable|secret|congratulations|radio|bright|dim-/;

/** Matches faces of animals and of the sky, which have other outlines. */
const otherFaces =
  /cat|dog|monkey|bear|moon|sun|clock|horse|cow|pig|rabbit|wolf|fox|tiger|mouse|hamster|panda|frog|dragon|robot/;

const byShape = (all: readonly Emoji[]): readonly [Emoji[], Emoji[]] => [
  all.filter(({ name }) => /button$|^input-/.test(name) && !roundSigns.test(name)),
  all.filter(({ name }) => /(^|-)face($|-)/.test(name) && !otherFaces.test(name)),
];

const draw = async (folder: string, all: readonly Emoji[], background = "white"): Promise<void> => {
  mkdirSync(folder, { recursive: true });
  for (const { name, body } of all)
    await sharp(svg(body, background))
      .removeAlpha()
      .png()
      .toFile(join(folder, `${name}.png`));
};

/**
 * Writes trainA, trainB, testA and testB into a folder; for colours also `strange`, which is testA
 * on black.
 */
export const writeEmoji = async (folder: string, kind: Drawing): Promise<void> => {
  const all = emoji();
  const sets = kind === "colour" ? await byColour(all) : byShape(all);
  for (const [i, set] of sets.entries()) {
    const order = permutation(stream(0, `limits/${kind}/${i}`), set.length);
    const mixed = [...order].flatMap((at) => set[at] ?? []);
    const letter = i === 0 ? "A" : "B";
    await draw(join(folder, `test${letter}`), mixed.slice(0, tested));
    await draw(join(folder, `train${letter}`), mixed.slice(tested));
    if (kind === "colour" && i === 0)
      await draw(join(folder, "strange"), mixed.slice(0, tested), "black");
  }
};
