import { expect, test } from "@jest/globals";
import { changeColours } from "../../../src/data/images/colours.js";
import type { Raster } from "../../../src/data/images/image.js";
import { noise } from "../pictures.js";

const of = (...levels: readonly number[]): Raster => ({
  width: levels.length / 3,
  height: 1,
  channels: 3,
  data: Uint8Array.from(levels),
});
const changed = (image: Raster, kind: number, by: number) => [
  ...changeColours(image, [{ kind, by }]).data,
];

test("a factor of 1 and a turn of 0 change nothing", () => {
  const image = noise(6, 7, 1);
  for (const kind of [0, 1, 2]) expect(changed(image, kind, 1)).toEqual([...image.data]);
  for (const by of [0, 1, -1]) expect(changed(image, 3, by)).toEqual([...image.data]);
});

test("brightness scales, and clamps", () => {
  expect(changed(of(100, 50, 200), 0, 1.5)).toEqual([150, 75, 255]);
  expect(changed(of(100, 50, 200), 0, 0)).toEqual([0, 0, 0]);
});

test("without contrast all is the mean grey, without saturation each pixel its own", () => {
  // 0.2989 r + 0.587 g + 0.114 b: 29.89, 58.7 and 11.4 of 100.
  const image = of(100, 0, 0, 0, 100, 0, 0, 0, 100);
  expect(changed(image, 1, 0)).toEqual(Array.from({ length: 9 }, () => 33));
  expect(changed(image, 2, 0)).toEqual([30, 30, 30, 59, 59, 59, 11, 11, 11]);
});

test("a third of the circle leads from red to green to blue, and grey stays grey", () => {
  expect(changed(of(200, 0, 0), 3, 1 / 3)).toEqual([0, 200, 0]);
  expect(changed(of(0, 200, 0), 3, 1 / 3)).toEqual([0, 0, 200]);
  expect(changed(of(10, 30, 200), 3, 0.5)).toEqual([200, 180, 10]);
  expect(changed(of(9, 9, 9, 0, 0, 0), 3, 0.2)).toEqual([9, 9, 9, 0, 0, 0]);
});

test("grey images have brightness and contrast alone, and fractions are kept", () => {
  const grey: Raster = { width: 2, height: 1, channels: 1, data: Float32Array.of(10.5, 30.5) };
  expect(changed(grey, 1, 0.5)).toEqual([15.5, 25.5]);
  for (const kind of [2, 3]) expect(changed(grey, kind, 0.3)).toEqual([10.5, 30.5]);
});
