/** Describes the images of a run for its report: counts, sizes, colours, and a few thumbnails. */
import { isRight } from "fp-ts/lib/Either.js";
import { type RawImage, viewOf } from "../../data/images/image.js";
import { packThumbnail } from "../../data/images/sheet.js";
import type { Dataset, ImageSource } from "../../data/sets/source.js";
import { isGrey } from "../../data/sets/survey.js";
import type { DataSetFacts, Fact, Thumbnail } from "../../report/page/contents.js";
import { thumbnail } from "../../report/pictures/contact-sheet.js";
import { counted, thousands } from "../../report/text/words.js";

/** Images of each set to decode; they are enough. */
const sampled = 24;

/** Images of each set to show. */
const shown = 10;

interface Decoded {
  readonly name: string;
  readonly image: RawImage;
}

/** Decodes some images spread evenly over the source, without unreadable ones. */
const decoded = async (source: ImageSource): Promise<readonly Decoded[]> => {
  const count = Math.min(source.size, sampled);
  const found: Decoded[] = [];
  for (let k = 0; k < count; k++) {
    const i = Math.floor((k * source.size) / count);
    const loaded = await source.load(i);
    if (isRight(loaded)) found.push({ name: source.id(i), image: viewOf(loaded.right) });
  }
  return found;
};

const spanText = (values: readonly number[]): string => {
  const sorted = [...values].sort((a, b) => a - b);
  const [least = 0, greatest = 0] = [sorted[0], sorted.at(-1)];
  return least === greatest ? String(least) : `${least} to ${greatest}`;
};

/** Words mean and standard deviation of red, green and blue, for intensities in [0, 1]. */
const colours = (images: readonly RawImage[]): string => {
  const [sums, squares, count] = [
    [0, 0, 0],
    [0, 0, 0],
    [0, 0, 0],
  ];
  for (const { data, channels } of images)
    for (let i = 0; i < data.length; i++) {
      const value = (data[i] ?? 0) / 255;
      for (const c of channels === 1 ? [0, 1, 2] : [i % 3]) {
        sums[c] = (sums[c] ?? 0) + value;
        squares[c] = (squares[c] ?? 0) + value * value;
        count[c] = (count[c] ?? 0) + 1;
      }
    }
  return ["red", "green", "blue"]
    .map((name, c) => {
      const mean = (sums[c] ?? 0) / (count[c] || 1);
      const variance = (squares[c] ?? 0) / (count[c] || 1) - mean * mean;
      return `${name} ${mean.toFixed(2)} ± ${Math.sqrt(Math.max(0, variance)).toFixed(2)}`;
    })
    .join(", ");
};

const classText = ({ size, classes, classOf }: ImageSource): string | undefined => {
  if (classes === undefined || classOf === undefined) return undefined;
  const counts = classes.map(() => 0);
  for (let i = 0; i < size; i++) {
    const of = classOf(i);
    counts[of] = (counts[of] ?? 0) + 1;
  }
  return classes.map((name, k) => `${name}: ${thousands(counts[k] ?? 0)}`).join(", ");
};

const factsOf = (source: ImageSource, seen: readonly Decoded[]): readonly Fact[] => {
  const images = seen.map(({ image }) => image);
  const full = images.map(({ width, height, full: of = { width, height } }) => of);
  const classes = classText(source);
  const grey = images.filter(isGrey).length;
  return [
    { name: "Images", value: thousands(source.size) },
    ...(classes === undefined ? [] : [{ name: "By class", value: classes }]),
    ...(seen.length === 0
      ? [{ name: "Looked at", value: "none that can be read" }]
      : [
          { name: "Looked at", value: `${counted(seen.length, "image")}, spread evenly` },
          { name: "Width, in pixels", value: spanText(full.map(({ width }) => width)) },
          { name: "Height, in pixels", value: spanText(full.map(({ height }) => height)) },
          { name: "Grey", value: grey === 0 ? "none" : `${grey} of ${seen.length}` },
          { name: "Intensity in [0, 1], mean ± deviation", value: colours(images) },
        ]),
  ];
};

const thumbnailOf = async ({ name, image }: Decoded): Promise<Thumbnail> => {
  const small = await thumbnail(image);
  const bytes = await packThumbnail(small);
  const src = `data:image/webp;base64,${Buffer.from(bytes).toString("base64")}`;
  return { name, src, width: small.width, height: small.height };
};

/** Describes each domain's training, held-out and test images. */
export const dataFacts = async ({
  train,
  held = {},
  test = {},
}: Dataset): Promise<readonly DataSetFacts[]> => {
  const sets = Object.keys(train).flatMap((domain) => [
    { title: `${domain}, to train on`, source: train[domain] },
    { title: `${domain}, held out to choose by`, source: held[domain] },
    { title: `${domain}, to test with`, source: test[domain] },
  ]);
  const all: DataSetFacts[] = [];
  for (const { title, source } of sets) {
    if (source === undefined) continue;
    const seen = await decoded(source);
    const thumbnails = await Promise.all(seen.slice(0, shown).map(thumbnailOf));
    all.push({ title, facts: factsOf(source, seen), thumbnails });
  }
  return all;
};
