import { describe, expect, test } from "@jest/globals";
import sharp from "sharp";
import { type Layout, layout, type PlacedBox } from "../../../src/report/drawing/layout.js";
import type { Picture } from "../../../src/report/drawing/picture.js";
import { drawing, placedSvg } from "../../../src/report/drawing/svg.js";
import { readProject } from "../../support/specs.js";
import { allOf, gameOf, networkOf, sample, samples, stepOf } from "./pictures.js";

const names = Object.keys(samples);

interface Element {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: (Element | string)[];
}

const plain = (text: string): string =>
  text.replaceAll(/&(\w+|#\d+);/g, (whole, name: string) => {
    const known: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"' };
    if (name.startsWith("#")) return String.fromCodePoint(Number(name.slice(1)));
    const found = known[name];
    if (found === undefined) throw new Error(`${whole} is no entity`);
    return found;
  });

/**
 * A reader of the part of XML that drawings use, strict about it.
 * @throws Error where tags do not match, an attribute stands twice, or a sign is not escaped.
 */
const parseXml = (text: string): Element => {
  const root: Element = { name: "", attributes: new Map(), children: [] };
  const open = [root];
  const token = /<(\/?)([\w:]+)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>|([^<]+)/gy;
  let at = 0;
  for (const match of text.matchAll(token)) {
    if (match.index !== at) break;
    at += match[0].length;
    const [, close, name = "", attributes = "", empty, characters] = match;
    const top = open.at(-1) as Element;
    if (characters !== undefined) {
      if (/&(?!(?:\w+|#\d+);)/.test(characters)) throw new Error(`a bare & in ${characters}`);
      top.children.push(plain(characters));
    } else if (close === "/") {
      if (top.name !== name) throw new Error(`</${name}> closes <${top.name}>`);
      open.pop();
    } else {
      const pairs = [...attributes.matchAll(/([\w:-]+)="([^"]*)"/g)];
      const read = new Map(pairs.map(([, key = "", value = ""]) => [key, plain(value)]));
      if (read.size < pairs.length) throw new Error(`an attribute twice in ${match[0]}`);
      const element: Element = { name, attributes: read, children: [] };
      top.children.push(element);
      if (empty !== "/") open.push(element);
    }
  }
  if (at !== text.length) throw new Error(`no XML from ${text.slice(at, at + 40)}`);
  if (open.length > 1) throw new Error(`<${open.at(-1)?.name}> is not closed`);
  return root;
};

/** The texts that are seen, each whole. */
const seen = (element: Element): readonly string[] =>
  element.children.flatMap((child) => {
    if (typeof child === "string") return [];
    return child.name === "text" ? [child.children.join("")] : seen(child);
  });

const tips = (element: Element): readonly string[] =>
  element.children.flatMap((child) => {
    if (typeof child === "string") return [];
    return child.name === "title" ? [child.children.join("")] : tips(child);
  });

test("the reader of XML refuses what is none", () => {
  for (const text of ["<a>", "<a></b>", "<a>&</a>", "<a>&no;</a>", '<a x="1" x="2"/>', "<a x=1/>"])
    expect(() => parseXml(text)).toThrow();
  expect(seen(parseXml('<g a="1"><text>x &lt; y</text></g>'))).toEqual(["x < y"]);
});

const overlap = (a: PlacedBox, b: PlacedBox): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

const inside = (a: PlacedBox, b: PlacedBox): boolean =>
  a.x >= b.x && a.y >= b.y && a.x + a.width <= b.x + b.width && a.y + a.height <= b.y + b.height;

/**
 * Boxes that cover one another, other than a group what stands in it; and those that leave their
 * group.
 */
const misplaced = ({ boxes }: Layout): readonly string[] => {
  const byId = new Map(boxes.map((placed) => [placed.box.id, placed]));
  const within = ({ box }: PlacedBox, id: string): boolean => {
    if (box.group === undefined) return false;
    const group = byId.get(box.group) as PlacedBox;
    return box.group === id || within(group, id);
  };
  const covering = boxes.flatMap((a, i) =>
    boxes
      .slice(i + 1)
      .filter((b) => overlap(a, b) && !within(a, b.box.id) && !within(b, a.box.id))
      .map((b) => `${a.box.title} and ${b.box.title}`),
  );
  const leaving = boxes.filter(
    (placed) =>
      placed.box.group !== undefined && !inside(placed, byId.get(placed.box.group) as PlacedBox),
  );
  return [...covering, ...leaving.map(({ box }) => `${box.title} leaves its group`)];
};

/** Arrows that do not run from the border of the one box to that of the other. */
const adrift = ({ boxes, arrows }: Layout): readonly string[] => {
  const byId = new Map(boxes.map((placed) => [placed.box.id, placed]));
  const touches = (at: { x: number; y: number } | undefined, id: string): boolean => {
    const box = byId.get(id);
    if (at === undefined || box === undefined) return false;
    const [right, bottom] = [box.x + box.width, box.y + box.height];
    const near = (a: number, b: number): boolean => Math.abs(a - b) < 1;
    const onSide =
      (near(at.x, box.x) || near(at.x, right)) && at.y > box.y - 1 && at.y < bottom + 1;
    const onTop = (near(at.y, box.y) || near(at.y, bottom)) && at.x > box.x - 1 && at.x < right + 1;
    return onSide || onTop;
  };
  return arrows
    .filter(({ arrow, path }) => !touches(path[0], arrow.from) || !touches(path.at(-1), arrow.to))
    .map(({ arrow }) => `${arrow.from} -> ${arrow.to}`);
};

describe.each(names)("%s", (name) => {
  test("every drawing is sound: XML, boxes apart, arrows from box to box, all text there", async () => {
    for (const picture of allOf(sample(name))) {
      const placed = await layout(picture);
      expect(misplaced(placed)).toEqual([]);
      expect(adrift(placed)).toEqual([]);
      const texts = seen(parseXml(placedSvg(picture, placed)));
      const { boxes } = picture;
      const wanted = boxes.flatMap(({ title, notes = [], rows = [] }) => [
        title,
        ...notes,
        ...rows.flatMap((row) => row.cells),
      ]);
      expect(wanted.filter((text) => text !== "" && !texts.includes(text))).toEqual([]);
      expect(new Set(boxes.map((box) => box.id)).size).toBe(boxes.length);
    }
  });
});

describe("as a file", () => {
  test("the same bytes each time", async () => {
    for (const picture of [gameOf, stepOf])
      expect(await drawing(picture(sample("emoji")))).toBe(await drawing(picture(sample("emoji"))));
  });

  const coloured = async (picture: Picture): Promise<number> => {
    const { data, info } = await sharp(Buffer.from(await drawing(picture)))
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    const colours = new Set<number>();
    for (let i = 0; i < data.length; i += info.channels) colours.add(data.readUIntBE(i, 3));
    return colours.size;
  };

  test("an independent reader of SVG draws it, in colours", async () => {
    expect(await coloured(gameOf(sample("emoji")))).toBeGreaterThan(20);
    expect(await coloured(networkOf(sample("emoji"), "G"))).toBeGreaterThan(10);
  });

  test("text of any characters is shown as it is, or marked where XML has no way to write it", async () => {
    const odd = `<b>&amp;"it's"</b> ]]> <!-- \u{1f600} 漢字`;
    const picture: Picture = {
      title: odd,
      notes: [odd],
      legend: [{ box: "data", meaning: odd }],
      boxes: [
        {
          id: odd,
          kind: "data",
          title: odd,
          notes: [odd],
          rows: [{ cells: [odd, odd], tip: odd }],
        },
        { id: "", kind: "data", title: "\u0000\ud800\uffff" },
      ],
      arrows: [{ from: odd, to: "", kind: "value", label: odd, tip: odd }],
    };
    const svg = await drawing(picture);
    const root = parseXml(svg);
    expect(seen(root).filter((text) => text === odd)).toHaveLength(8);
    expect(tips(root).filter((text) => text === odd)).toHaveLength(3);
    expect(seen(root)).toContain("\ufffd\ufffd\ufffd");
    expect((await sharp(Buffer.from(svg)).metadata()).width).toBeGreaterThan(100);
  });

  test("the picture in the documents is that of the spec", async () => {
    expect(await drawing(gameOf(sample("cyclegan")))).toBe(
      readProject("docs/pictures/cyclegan.svg"),
    );
  });

  test("the style knows light and dark", async () => {
    expect(await drawing(gameOf(sample("emoji")))).toContain("@media (prefers-color-scheme:dark)");
  });
});
