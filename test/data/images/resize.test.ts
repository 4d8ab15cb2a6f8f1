import { expect, test } from "@jest/globals";
import type { RawImage } from "../../../src/data/images/image.js";
import { resize } from "../../../src/data/images/resize.js";
import { noise, plain } from "../pictures.js";

/**
 * The same sum written down plainly: every output pixel from every input pixel, in float64, columns
 * then rows.
 */
const reference = (image: RawImage, height: number, width: number): RawImage => {
  const weight = (x: number): number => {
    const d = Math.abs(x);
    if (d < 1) return 1.5 * d ** 3 - 2.5 * d ** 2 + 1;
    return d < 2 ? -0.5 * d ** 3 + 2.5 * d ** 2 - 4 * d + 2 : 0;
  };
  const matrix = (from: number, to: number): number[][] =>
    Array.from({ length: to }, (_, i) => {
      const scale = from / to;
      const row = Array.from({ length: from }, (_, k) =>
        weight((k + 0.5 - (i + 0.5) * scale) / Math.max(1, scale)),
      );
      const sum = row.reduce((a, b) => a + b);
      return row.map((w) => w / sum);
    });
  const round = (v: number) => Math.min(255, Math.max(0, Math.floor(v + 0.5)));
  const { channels } = image;
  const across = matrix(image.width, width);
  const down = matrix(image.height, height);
  const wide = (y: number, x: number, c: number) =>
    round(
      (across[x] ?? []).reduce(
        (sum, w, k) => sum + w * (image.data[(y * image.width + k) * channels + c] ?? 0),
        0,
      ),
    );
  const data = new Uint8Array(height * width * channels);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let c = 0; c < channels; c++)
        data[(y * width + x) * channels + c] = round(
          (down[y] ?? []).reduce((sum, w, k) => sum + w * wide(k, x, c), 0),
        );
  return { width, height, channels, data };
};

test.each([
  [7, 5, 16, 9],
  [16, 16, 5, 7],
  [12, 8, 12, 17],
  [31, 2, 6, 2],
  [1, 1, 4, 4],
  [40, 30, 1, 1],
])("%i x %i to %i x %i is the plain sum", (h, w, height, width) => {
  const image = noise(h, w, h * 100 + w);
  const made = resize(image, height, width);
  const wanted = reference(image, height, width);
  // fixed point may round a tie the other way, and a window's edge may cut a tap of weight near
  // zero
  made.data.forEach((value, i) => {
    expect(Math.abs(value - (wanted.data[i] ?? 0))).toBeLessThanOrEqual(1);
  });
  expect([made.height, made.width]).toEqual([height, width]);
});

test("a row of two doubled has the weights of Keys' kernel", () => {
  // at -1/4 of the way: taps 1/4 and 5/4 away, w(0.25) = 0.8671875, w(1.25) = -0.0703125 (w(0.75) =
  // 0.2265625)
  const image: RawImage = { width: 2, height: 1, channels: 1, data: Uint8Array.of(40, 200) };
  const outer = (40 * 0.8671875 + 200 * -0.0703125) / (0.8671875 - 0.0703125);
  const inner = (40 * 0.8671875 + 200 * 0.2265625) / (0.8671875 + 0.2265625);
  expect([...resize(image, 1, 4).data]).toEqual(
    [outer, inner, 240 - inner, 240 - outer].map(Math.round),
  );
});

test("one colour stays that colour, and equal size is the image itself", () => {
  expect(resize(plain(50, 37, [1, 128, 255]), 286, 11)).toEqual(plain(286, 11, [1, 128, 255]));
  const image = noise(9, 9, 1);
  expect(resize(image, 9, 9)).toBe(image);
});
