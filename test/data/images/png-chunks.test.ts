import { expect, test } from "@jest/globals";
import sharp from "sharp";
import { encodePng } from "../../../src/data/images/image.js";
import { pngText, withPngText } from "../../../src/data/images/png-chunks.js";
import { noise } from "../pictures.js";

test("a text in a PNG file is read by others, and the picture stays", async () => {
  const picture = noise(9, 7, 1);
  const png = withPngText(await encodePng(picture), "ganc:cells", '[{"a": 1}]');
  const { comments } = await sharp(png, { failOn: "warning" }).metadata();
  expect(comments).toEqual([{ keyword: "ganc:cells", text: '[{"a": 1}]' }]);
  const pixels = await sharp(png, { failOn: "warning" }).raw().toBuffer();
  expect([...pixels]).toEqual([...picture.data]);
  expect(pngText(png, "ganc:cells")).toBe('[{"a": 1}]');
});

test("nothing is found where there is nothing, whatever the bytes are", async () => {
  const png = await encodePng(noise(3, 3, 1));
  expect(pngText(png, "ganc:cells")).toBeUndefined();
  const marked = withPngText(png, "ganc:cells", "x");
  for (let length = 0; length < 60; length++)
    expect([undefined, "", "x"]).toContain(pngText(marked.subarray(0, length), "ganc:cells"));
  expect(pngText(Buffer.from("GIF89a no picture at all"), "ganc:cells")).toBeUndefined();
});
