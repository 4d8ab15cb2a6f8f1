/** The standard library against the networks that it takes its names from. */
import { expect, test } from "@jest/globals";
import { evaluate } from "../../src/graph/evaluate.js";
import { stepProgram } from "../../src/lowering/programs.js";
import { feedsOf } from "../lowering/feeds.js";
import { modelOf } from "../support/specs.js";

/** Networks of these architectures between images, noise and scores, that all play. */
const networks = (declarations: string, nets: readonly string[]) =>
  modelOf(`import std.generators
import std.discriminators
${declarations}
solve { min[${nets.join(", ")}] ${nets.map((net) => `E[x ~ X] l2(${net}(x), 0)`).join(" + ")} }
train { optimizer: adam(2e-4) schedule: constant(1) }`).networks;

const images = (side: number): string => `domain X = image(${side})\ndomain Y = image(${side})`;

test("the residual network and the 70 x 70 PatchGAN are those of CycleGAN", () => {
  const [G, D] = networks(
    `${images(256)} net G : X -> Y = resnet() net D : X -> Scores = patchgan()`,
    ["G", "D"],
  );
  expect(G?.size).toBe(11_378_179);
  expect(D?.size).toBe(2_764_737);
  expect(D?.receptiveField).toBe(70);
  expect(D?.output).toEqual([30, 30, 1]);
});

test("a pixelgan sees one pixel, and a U-Net gives an image of the size that it takes", () => {
  const [U, P] = networks(
    `${images(64)} net U : X -> Y = unet(8) net P : X -> Scores = pixelgan(8)`,
    ["U", "P"],
  );
  expect(P?.receptiveField).toBe(1);
  expect(U?.output).toEqual([64, 64, 3]);
  // Each level joins what came in to what comes up: the last one sees both.
  expect(U?.layers.filter(({ kind }) => kind === "concat")).toHaveLength(4);
});

test("DCGAN's generator has the parameters of its published form, and its discriminator one score", () => {
  const model = modelOf(`import std.generators (dcgan)
import std.discriminators (imagegan)
import std.losses
domain Z = noise(100)
domain X = image(64)
net G : Z -> X = dcgan()
net D : X -> Scores = imagegan()
solve { min[G] nonsaturating.fool(G, D) min[D] nonsaturating.judge(D, G) }
train { optimizer: adam(2e-4) schedule: constant(1) }`);
  // Radford et al., figure 1: 100 -> 4 x 4 x 1024 -> 8 x 8 x 512 -> 16 x 16 x 256 -> 32 x 32 x 128
  // -> 64 x 64 x 3.
  const shapes = model.networks[0]?.layers
    .filter(({ kind }) => kind === "conv_transpose" || kind === "reshape")
    .map(({ shape }) => shape.join(" x "));
  expect(shapes).toEqual([
    "4 x 4 x 1024",
    "8 x 8 x 512",
    "16 x 16 x 256",
    "32 x 32 x 128",
    "64 x 64 x 3",
  ]);
  expect(model.networks[1]?.output).toEqual([1, 1, 1]);
});

/** What the losses make of two scores: of a real image, and of one that was made. */
const formulas: Readonly<Record<string, (real: number, made: number) => number>> = {
  "minimax(G, D)": (real, made) =>
    Math.log(1 / (1 + Math.exp(-real))) + Math.log(1 - 1 / (1 + Math.exp(-made))),
  "nonsaturating.fool(G, D)": (_, made) => -Math.log(1 / (1 + Math.exp(-made))),
  "nonsaturating.judge(D, G)": (real, made) =>
    -Math.log(1 / (1 + Math.exp(-real))) - Math.log(1 - 1 / (1 + Math.exp(-made))),
  "lsgan.fool(G, D)": (_, made) => (made - 1) ** 2,
  "lsgan.judge(D, G)": (real, made) => ((real - 1) ** 2 + made ** 2) / 2,
  "hinge.fool(G, D)": (_, made) => -made,
  "hinge.judge(D, G)": (real, made) => Math.max(0, 1 - real) + Math.max(0, 1 + made),
  "relativistic.fool(G, D)": (real, made) => 2 * Math.log1p(Math.exp(real - made)),
  "relativistic.judge(D, G)": (real, made) => 2 * Math.log1p(Math.exp(made - real)),
  "wgan.fool(G, D)": (_, made) => -made,
  "wgan.judge(D, G)": (real, made) => made - real,
};

test.each(Object.entries(formulas))("%s is its formula of two scores", (loss, formula) => {
  const player = loss.includes("fool") ? "min[G]" : "min[D]";
  const game = loss.startsWith("minimax")
    ? `min[G] max[D] ${loss} + 0.5 * real(D) + 0.5 * made(G, D)`
    : `${player} ${loss} + real(D) + made(G, D) ${player === "min[G]" ? "min[D]" : "min[G]"} made(G, D) + real(D)`;
  const model = modelOf(`import std.losses
domain X = image(3)
domain Y = image(3)
net G : X -> Y = conv(3, 3, pad: 1) >> tanh
net D : Y -> Scores = conv(3, 1)
loss real(D : b -> Scores) = E[y ~ b] D(y)
loss made(G : a -> b, D : b -> Scores) = E[x ~ a] D(G(x))
solve { ${game} }
train { optimizer: adam(2e-4) clip[D]: 1 schedule: constant(1) }`);
  const step = stepProgram(model);
  const values = evaluate(step, feedsOf(step, 3));
  const value = (label: string): number => values.get(`metric/${label}`)?.data[0] ?? Number.NaN;
  expect(value(loss)).toBeCloseTo(formula(value("real(D)"), value("made(G, D)")), 10);
});
