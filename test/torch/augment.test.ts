/** Turns against PyTorch's `grid_sample`, and colours against torchvision's published formulas. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { torchPython } from "../../bench/torch/python.js";
import { changeColours } from "../../src/data/images/colours.js";
import { rotate } from "../../src/data/images/geometry.js";
import type { Raster } from "../../src/data/images/image.js";
import { noise } from "../data/pictures.js";
import { root } from "../support/specs.js";

interface Case {
  readonly image: Raster;
  readonly asked: object;
  readonly made: Raster;
}

const levels = (height: number, width: number, seed: number): Raster => {
  const image = noise(height, width, seed);
  return { ...image, data: Float32Array.from(image.data) };
};

const turns: readonly Case[] = [-137, -88, -31.5, -0.3, 12, 45, 166].flatMap((degrees, i) =>
  [false, true].flatMap((fill) =>
    [false, true].map((nearest) => {
      const image = levels(9 + i, 14 - i, i);
      const turn = { degrees, fill, nearest };
      return { image, asked: turn, made: rotate(image, turn) };
    }),
  ),
);

const colours: readonly Case[] = [0, 1, 2, 3].flatMap((kind) =>
  [-0.5, -0.21, 0, 0.13, 0.5, 1, 1.7].flatMap((by, i) => {
    if (kind < 3 ? by < 0 : Math.abs(by) > 0.5) return [];
    const image = levels(6, 7, 50 + i);
    return [{ image, asked: { kind, by }, made: changeColours(image, [{ kind, by }]) }];
  }),
);

const answersTo = (cases: readonly Case[]): readonly (readonly number[])[] => {
  const input = cases.map(({ image: { height, width, channels, data }, asked }) => ({
    shape: [height, width, channels],
    data: [...data],
    ...asked,
  }));
  const text = execFileSync(torchPython(), [join(root, "test/torch/augment.py")], {
    input: JSON.stringify(input),
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
  return JSON.parse(text);
};

const farthest = (made: Raster, answer: readonly number[]): readonly number[] =>
  [...made.data].map((level, i) => Math.abs(level - (answer[i] ?? NaN)));

test("turns are PyTorch's", () => {
  const answers = answersTo(turns);
  for (const [i, { asked, made }] of turns.entries()) {
    const apart = farthest(made, answers[i] ?? []);
    // Where a pixel lies half-way between two, either is the nearest.
    const odd = apart.filter((by) => !(by < 1e-3)).length;
    expect([asked, odd <= apart.length / 50]).toEqual([asked, true]);
    if ("nearest" in asked && asked.nearest === false) expect([asked, odd]).toEqual([asked, 0]);
  }
});

test("colours are torchvision's", () => {
  const answers = answersTo(colours);
  expect(colours.length).toBe(20);
  // The mean grey is of 256ths of a level.
  for (const [i, { asked, made }] of colours.entries())
    expect([asked, Math.max(...farthest(made, answers[i] ?? [])) < 2e-3]).toEqual([asked, true]);
});
