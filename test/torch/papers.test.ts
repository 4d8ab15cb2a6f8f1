/**
 * Models against their papers: parameters of the published networks, and losses at
 * the same weights as a reference in PyTorch has them, which is written from the paper.
 */
import { expect, test } from "@jest/globals";
import { isLeft } from "fp-ts/lib/Either.js";
import { compiler } from "../../src/cli/compiler/compiler.js";
import type { State } from "../../src/contracts/tensor.js";
import { inputOf } from "../support/batches.js";
import { modelOfSpec, readProject } from "../support/specs.js";
import { plain, referenceOf, weightsOf } from "./papers.js";

interface Paper {
  readonly spec: string;
  /** By network: the sums of the published code's layers, at the widths that the spec has. */
  readonly sizes: Readonly<Record<string, number>>;
  /** Params at which a step takes no time. */
  readonly small: Readonly<Record<string, string>>;
  /** By what weights are multiplied, so that no term vanishes. */
  readonly larger: number;
  /** What is added to them at most, where some begin as 0 and would hide what they weigh. */
  readonly moved?: number;
}

const papers: Readonly<Record<string, Paper>> = {
  munit: {
    spec: "specs/gallery/munit.gan",
    sizes: { C_X: 5_385_856, S_X: 2_764_936, A: 6_875_395, D_X: 8_271_171 },
    small: { size: "64", dim: "3" },
    larger: 6,
  },
  ddpm: {
    spec: "specs/gallery/ddpm.gan",
    sizes: { Eps: 35_746_307 },
    small: { size: "16", ch: "32", drop: "0" },
    larger: 1,
  },
  // Of configuration F: 32,768 channels over the side, at most 512, which all sides up to 64 have.
  stylegan2: {
    spec: "specs/gallery/stylegan2.gan",
    sizes: { G: 27_032_600, D: 26_488_833 },
    small: { dim: "3" },
    larger: 2,
    moved: 0.3,
  },
  // Sides of 64, so that images are halved where they are compared.
  uvcgan2: {
    spec: "specs/gallery/uvcgan2.gan",
    sizes: { G: 32_192_231, D_X: 5_125_569 },
    small: { size: "64", width: "3", blocks: "2", ndf: "2" },
    larger: 6,
    moved: 0.3,
  },
  ugatit: {
    spec: "specs/gallery/ugatit.gan",
    sizes: { G: 10_589_888, P_X: 3_290_560, D_X: 53_130_176 },
    small: { size: "128", ngf: "2" },
    larger: 6,
  },
};

type Losses = Readonly<Record<string, number>>;

const names = Object.keys(papers);
const paperOf = (name: string): Paper => papers[name] as Paper;

test.each(names)("%s has the parameters of the published networks", (name) => {
  const { sizes, spec } = paperOf(name);
  const { networks } = modelOfSpec(spec);
  const found = Object.fromEntries(networks.map((one) => [one.name, one.size]));
  expect(found).toMatchObject(sizes);
});

/** All players at once, so that every loss is of one set of weights. */
const together = (text: string): string => text.replace("then min[", "min[");

test.each(names)("%s has the paper's losses at the same weights", async (name) => {
  const { small, larger, moved = 0, spec } = paperOf(name);
  const other = (v: number, i: number): number => larger * v + moved * Math.sin(i + 1);
  const sources = [{ name: "spec.gan", text: together(readProject(spec)) }];
  const compiled = await compiler.fromSources(sources, "spec.gan", small);
  if (isLeft(compiled)) throw new Error(compiled.left);
  const { model } = compiled.right;
  if (model === undefined) throw new Error("it is compiled");
  const input = inputOf(model, 0);
  const batch = Object.fromEntries(Object.entries(input.batch).map(([key, t]) => [key, plain(t)]));
  let theirs: Losses | undefined;
  for (const engine of ["onnx", "tensorflow", "torch"] as const) {
    const session = await compiled.right.open(engine, 3);
    if (isLeft(session)) throw new Error(session.left);
    const state: State = new Map(
      [...(await session.right.getState())].map(([key, { shape, data }]) => [
        key,
        { shape, data: key.startsWith("param/") ? data.map(other) : data },
      ]),
    );
    await session.right.setState(state);
    const metrics = await session.right.step(input);
    session.right.dispose();
    theirs ??= referenceOf(name, { weights: weightsOf(model, state), batch }) as Losses;
    for (const [label, value] of Object.entries(theirs)) {
      expect(Math.abs(value)).toBeGreaterThan(0.01);
      expect([engine, label, (metrics[label] ?? 0) / value]).toEqual([
        engine,
        label,
        expect.closeTo(1, 4),
      ]);
    }
  }
});
