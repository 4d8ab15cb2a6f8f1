/**
 * A data set that needs no download: two styles of drawn emoji, Noto (Apache-2.0) and Fluent flat
 * (MIT), rendered from the SVG of their npm packages. Many things are drawn in both styles, so the
 * test split has a hidden pairing. The training splits share no subject with each other or with the
 * test split.
 */
import { createHash } from "node:crypto";
import { promises as fs } from "node:fs";
import { createRequire } from "node:module";
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import * as t from "io-ts";
import { permutation, stream } from "../../base/random.js";
import { type DataError, reasonOf } from "../files/errors.js";
import { drawSvg } from "../images/decode.js";
import type { RawImage } from "../images/image.js";
import { type EmojiSplit, splitEmoji } from "./emoji-split.js";
import type { Dataset, ImageSource } from "./source.js";

/** The part of Iconify's JSON that is read: https://iconify.design/docs/types/iconify-json.html */
const IconSet = t.intersection([
  t.type({
    prefix: t.string,
    icons: t.record(
      t.string,
      t.intersection([
        t.type({ body: t.string }),
        t.partial({ width: t.number, height: t.number, hidden: t.boolean }),
      ]),
    ),
  }),
  t.partial({
    width: t.number,
    height: t.number,
    aliases: t.record(t.string, t.type({ parent: t.string })),
  }),
]);
type IconSet = t.TypeOf<typeof IconSet>;

const Manifest = t.type({ version: t.string });

interface Style {
  readonly set: IconSet;
  /** For example `@iconify-json/noto 1.2.9`. */
  readonly version: string;
}

const PACKAGES = ["@iconify-json/noto", "@iconify-json/fluent-emoji-flat"] as const;

/** Margin on each side, as a share of the image's side. */
const MARGIN = 1 / 32;

const openStyle = async (name: string): Promise<Either<DataError, Style>> => {
  const bad = (reason: string): Either<DataError, never> =>
    left({ kind: "bad-package", path: name, reason, hint: `Reinstall it: npm install ${name}` });
  try {
    const require = createRequire(import.meta.url);
    const json = async (file: string): Promise<unknown> =>
      JSON.parse(await fs.readFile(require.resolve(`${name}/${file}`), "utf8"));
    const set = IconSet.decode(await json("icons.json"));
    if (isLeft(set)) return bad("its icons.json is not an Iconify icon set");
    const manifest = Manifest.decode(await json("package.json"));
    const version = isLeft(manifest) ? "of unknown version" : manifest.right.version;
    return right({ set: set.right, version: `${name} ${version}` });
  } catch (thrown) {
    return bad(reasonOf(thrown));
  }
};

/**
 * Writes an icon as an SVG document of `size` x `size` pixels with its margin. An oblong icon is
 * centred.
 */
const svgOf = (set: IconSet, name: string, size: number): string => {
  const icon = set.icons[name];
  const width = icon?.width ?? set.width ?? 16;
  const height = icon?.height ?? set.height ?? 16;
  const side = Math.max(width, height) / (1 - 2 * MARGIN);
  const box = [(width - side) / 2, (height - side) / 2, side, side].join(" ");
  return `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="${size}" height="${size}" viewBox="${box}">${icon?.body ?? ""}</svg>`;
};

/** Makes a source that draws each emoji when it is first asked for, and keeps it. */
const emojiSource = (style: Style, names: readonly string[], size: number): ImageSource => {
  const drawn = new Map<number, ReturnType<ImageSource["load"]>>();
  const draw = async (i: number): ReturnType<ImageSource["load"]> => {
    const id = names[i] ?? "";
    const image: Either<string, RawImage> = await drawSvg(svgOf(style.set, id, size));
    return isLeft(image)
      ? left({ kind: "broken-image", id, path: `${style.version}: ${id}`, reason: image.left })
      : image;
  };
  return {
    name: style.version,
    size: names.length,
    id: (i) => names[i] ?? "",
    load: (i) => {
      const known = drawn.get(i);
      if (known !== undefined) return known;
      const image = draw(i);
      drawn.set(i, image);
      return image;
    },
  };
};

export interface EmojiOptions {
  /** Side of the images in pixels, default 64: the size of the first resize, or of the domain. */
  readonly size?: number;
  /**
   * Chooses the splits, default 0. Separate from the seed of training, so that runs compare on one
   * split.
   */
  readonly seed?: number;
  /** Number of emoji in the test split, drawn in both styles. Default 200. */
  readonly test?: number;
}

const visible = (set: IconSet): readonly string[] =>
  Object.entries(set.icons).flatMap(([name, icon]) => (icon.hidden === true ? [] : name));

const parents = (set: IconSet): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(set.aliases ?? {}).map(([name, alias]) => [name, alias.parent]),
  );

const describeSplit = (
  [first, second]: readonly [string, string],
  [noto, fluent]: readonly [Style, Style],
  split: EmojiSplit,
): string =>
  [
    `train: ${first} ${split.train[0].length} emoji of ${noto.version}, ${second} ${split.train[1].length} of ${fluent.version}; no subject in both`,
    `test: ${split.test.length} emoji drawn in both styles, no subject of theirs seen in training`,
  ].join("\n");

/**
 * Opens the emoji for exactly two domains: Noto's style for the first, Fluent's for the second.
 * Images are RGB on white, `size` x `size`.
 */
export const openEmoji = async (
  domains: readonly string[],
  { size = 64, seed = 0, test = 200 }: EmojiOptions = {},
): Promise<Either<DataError, Dataset>> => {
  const [first, second] = domains;
  if (first === undefined || second === undefined || domains.length !== 2)
    return left({
      kind: "wrong-domains",
      path: domains.join(", "),
      reason: `the emoji have two domains, but the spec has ${domains.length}`,
      hint: "Use a spec of two image domains, or folders of your own.",
    });
  const [noto, fluent] = [await openStyle(PACKAGES[0]), await openStyle(PACKAGES[1])];
  if (isLeft(noto)) return noto;
  if (isLeft(fluent)) return fluent;
  const styles = [noto.right, fluent.right] as const;
  const split = splitEmoji(
    [visible(styles[0].set), visible(styles[1].set)],
    { ...parents(styles[1].set), ...parents(styles[0].set) },
    (n) => permutation(stream(seed, "emoji/split"), n),
    test,
  );
  const names = [first, second] as const;
  const bySide = (lists: readonly [readonly string[], readonly string[]]) => ({
    [first]: emojiSource(styles[0], lists[0], size),
    [second]: emojiSource(styles[1], lists[1], size),
  });
  return right({
    name: "emoji",
    train: bySide(split.train),
    test: bySide([split.test.map(([name]) => name), split.test.map(([, name]) => name)]),
    pairs: split.test.map((_, i) => ({ [first]: i, [second]: i })),
    describe: () => describeSplit(names, styles, split),
    hash: createHash("sha256")
      .update(JSON.stringify([names, styles.map((style) => style.version), size, split]))
      .digest("hex"),
  });
};
