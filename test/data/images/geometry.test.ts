import { expect, test } from "@jest/globals";
import { cutSquare, flip, resizeNearest, rotate } from "../../../src/data/images/geometry.js";
import type { Raster } from "../../../src/data/images/image.js";
import { noise } from "../pictures.js";

const at = ({ data, width, channels }: Raster, y: number, x: number): readonly number[] =>
  Array.from(data.subarray((y * width + x) * channels, (y * width + x + 1) * channels));

test("nearest resize makes no value that was not there, and doubles pixels exactly", () => {
  const image = noise(7, 10, 1);
  const same = resizeNearest(image, 7, 10);
  expect(same).toBe(image);
  const twice = resizeNearest(image, 14, 20);
  for (let y = 0; y < 14; y++)
    for (let x = 0; x < 20; x++)
      expect(at(twice, y, x)).toEqual(at(image, Math.floor(y / 2), Math.floor(x / 2)));
  // Of three pixels to one, the middle one.
  const third = resizeNearest(noise(9, 9, 2), 3, 3);
  expect(at(third, 1, 2)).toEqual(at(noise(9, 9, 2), 4, 7));
});

test("a turn by 180 is two flips, by 90 a transposition, and by 0 nothing", () => {
  const image = noise(6, 6, 3);
  for (const nearest of [true, false]) {
    const turn = (degrees: number) => rotate(image, { degrees, fill: false, nearest });
    expect(turn(0)).toEqual(image);
    const down = turn(180);
    const quarter = turn(90);
    for (let y = 0; y < 6; y++)
      for (let x = 0; x < 6; x++) {
        expect(at(down, y, x)).toEqual(at(image, 5 - y, 5 - x));
        // Counterclockwise: what was at the right comes to the top.
        expect(at(quarter, y, x)).toEqual(at(image, x, 5 - y));
      }
  }
});

test("beyond the border comes its mirror, or black; classes stay classes", () => {
  const classes: Raster = {
    width: 9,
    height: 5,
    channels: 1,
    data: Uint8Array.from({ length: 45 }, (_, i) => 40 * ((i * 7) % 5) + 20),
  };
  const known = new Set(classes.data);
  for (const degrees of [-150, -33, 77]) {
    const mirrored = rotate(classes, { degrees, fill: false, nearest: true });
    expect([...mirrored.data].filter((level) => !known.has(level))).toEqual([]);
    const filled = rotate(classes, { degrees, fill: true, nearest: true });
    expect(filled.data).toContain(0);
    filled.data.forEach((level, i) => {
      if (level !== 0) expect(level).toBe(mirrored.data[i]);
    });
  }
  const even: Raster = { width: 8, height: 4, channels: 1, data: new Uint8Array(32).fill(77) };
  expect(rotate(even, { degrees: 41, fill: false, nearest: false })).toEqual(even);
});

test("turning and flipping is flipping and turning the other way", () => {
  const image: Raster = { ...noise(8, 8, 4), data: Float32Array.from(noise(8, 8, 4).data) };
  const turn = (of: Raster, degrees: number) => rotate(of, { degrees, fill: true, nearest: false });
  const [a, b] = [flip(turn(image, 25)), turn(flip(image), -25)];
  a.data.forEach((level, i) => {
    expect(Math.abs(level - (b.data[i] ?? 0))).toBeLessThan(1e-3);
  });
});

test("a square is cut out as far as it lies in the image", () => {
  const image = noise(10, 8, 5);
  const cut = cutSquare(image, 1, 7, 4);
  for (let y = 0; y < 10; y++)
    for (let x = 0; x < 8; x++) {
      const isOut = y >= 0 && y < 3 && x >= 5;
      expect(at(cut, y, x)).toEqual(isOut ? [128, 128, 128] : at(image, y, x));
    }
});
