import { expect, test } from "@jest/globals";
import { crop } from "../../../src/data/images/geometry.js";
import { cutPart, cutPicture, placed, placeText } from "../../../src/data/images/part.js";
import { fault, noise, ok } from "../pictures.js";

test("a part stands behind the last colon, and other colons mean nothing", () => {
  expect(placed("in/train:left")).toEqual({ path: "in/train", part: { place: 1, of: 2 } });
  expect(placed("C:/a:right")).toEqual({ path: "C:/a", part: { place: 2, of: 2 } });
  expect(placed("x:2of3")).toEqual({ path: "x", part: { place: 2, of: 3 } });
  for (const path of ["a:b", "x:0of2", "x:3of2", "x:1of17", "left", ":left", "x:left/y"])
    expect(placed(path)).toEqual({ path });
  for (const place of ["a", "a:left", "a:right", "a:3of3"])
    expect(placeText(placed(place))).toBe(place);
});

test("parts side by side are the whole, and odd widths have none", () => {
  const image = noise(5, 12, 3);
  const thirds = [1, 2, 3].map((place) => ok(cutPart(image, { place, of: 3 })));
  thirds.forEach((part, i) => {
    expect(part).toEqual(crop(image, 0, 4 * i, 5, 4));
  });
  expect(ok(cutPart(image, undefined))).toBe(image);
  expect(fault(cutPart(noise(5, 13, 3), { place: 1, of: 2 }))).toBe(
    "it is 13 pixels wide, which 2 pictures side by side cannot be",
  );
  const shrunk = { ...image, full: { width: 24, height: 10 } };
  expect(ok(cutPart(shrunk, { place: 2, of: 2 }))).toEqual({
    ...crop(image, 0, 6, 5, 6),
    full: { width: 12, height: 10 },
  });
});

test("a picture's half keeps its depth and its transparency", () => {
  const pixels = {
    width: 4,
    height: 2,
    channels: 1,
    data: Uint16Array.of(1, 2, 3, 4, 5, 6, 7, 8),
  } as const;
  const alpha = Uint16Array.of(9, 8, 7, 6, 5, 4, 3, 2);
  expect(ok(cutPicture({ pixels, alpha, noted: {} }, { place: 2, of: 2 }))).toEqual({
    pixels: { width: 2, height: 2, channels: 1, data: Uint16Array.of(3, 4, 7, 8) },
    alpha: Uint16Array.of(7, 6, 3, 2),
    noted: {},
  });
});
