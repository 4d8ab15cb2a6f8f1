import { expect, test } from "@jest/globals";
import { decodeImage } from "../../../src/data/images/decode.js";
import { toTensor } from "../../../src/data/images/image.js";
import { drawGrid, type GridColumn, renderGrid } from "../../../src/report/pictures/grid.js";
import { escapeXml } from "../../../src/report/text/xml.js";
import { noise, ok, plain } from "../../data/pictures.js";

const column = (label: string, ...colours: readonly (readonly number[])[]): GridColumn => ({
  label,
  images: toTensor(colours.map((rgb) => plain(64, 64, rgb))),
  range: [-1, 1],
});

const red = [255, 0, 0];
const green = [0, 255, 0];
const blue = [0, 0, 255];

test("each image stands in its row and column, doubled to 128 pixels", async () => {
  const { width, height, data } = await drawGrid([
    column("x", red, green),
    column("G(x)", green, blue),
    column("y", blue, red),
  ]);
  const at = (top: number, left: number) => [...data.slice(3 * (top * width + left)).slice(0, 3)];
  expect([width, height]).toEqual([12 + 128 + 6 + 128 + 22 + 128 + 12, 34 + 128 + 6 + 128 + 12]);
  expect([at(34, 12), at(34 + 127, 12 + 127), at(34, 146), at(34, 296)]).toEqual([
    red,
    red,
    green,
    blue,
  ]);
  expect([at(168, 12), at(168, 146), at(168, 296)]).toEqual([green, blue, red]);
  expect([at(33, 12), at(34, 11), at(34, 140), at(162, 12)]).toEqual(
    Array(4).fill([255, 255, 255]),
  );
});

test("labels are drawn over their columns alone", async () => {
  const inked = async (label: string) => {
    const { data, width } = await drawGrid([column(label, red), column("", red)]);
    const dark = (from: number, to: number) => {
      let count = 0;
      for (let y = 0; y < 34; y++)
        for (let x = from; x < to; x++) if ((data[3 * (y * width + x)] ?? 255) < 128) count++;
      return count;
    };
    return [dark(0, 146), dark(146, width)] as const;
  };
  const [short] = await inked("x");
  const [long, beside] = await inked("translate(F(G(x))) & <y>");
  expect(short).toBeGreaterThan(10);
  expect(long).toBeGreaterThan(short);
  expect(beside).toBe(0);
});

test("images of other sizes, grey ones and missing ones keep the grid whole", async () => {
  const grey = toTensor([noise(20, 30, 1, 1)], [0, 1]);
  const file = await renderGrid([
    column("x", red, green),
    { label: "G(x)", images: grey, range: [0, 1] },
  ]);
  const image = ok(await decodeImage(file));
  // 64 pixels wide at factor 2; the smaller image is centred in its cell
  expect([image.width, image.height]).toEqual([12 + 128 + 6 + 128 + 12, 34 + 128 + 6 + 128 + 12]);
  ok(await decodeImage(await renderGrid([])));
});

test("labels cannot break the drawing", () => {
  expect(escapeXml('a<b & "c">')).toBe("a&lt;b &amp; &quot;c&quot;&gt;");
});
