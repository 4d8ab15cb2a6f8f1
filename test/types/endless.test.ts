/** Slopes, distances and logarithms that a player draws away without end. */
import { expect, test } from "@jest/globals";
import { analyse } from "../../src/compiler/frontend.js";
import { analyseText, sources, specNames } from "../support/specs.js";

const setting = `import std.losses (lsgan, nonsaturating, wgan)
domain X = image(8)
domain Y = image(8)
domain Z = noise(4)
domain H = features(8, 8, 2)
net G : X -> Y = conv(3, 3, pad: 1) >> tanh
net F : Y -> X = conv(3, 3, pad: 1) >> tanh
net D : Y -> Scores = conv(3, 1, pad: 1)
net C : X -> Scores = conv(3, 1, pad: 1)
loss gan(G : a -> b, D : b -> Scores) =
  E[y ~ b] log(sigmoid(D(y))) + E[x ~ a] log(1 - sigmoid(D(G(x))))
loss cycle(G : a -> b, F : b -> a) = E[x ~ a] l1(F(G(x)), x) + E[y ~ b] l1(G(F(y)), y)
`;

const diagnosed = (game: string, more = "", recipe = "") =>
  analyseText(
    `${setting}${more}\nsolve { ${game} }\ntrain { optimizer: adam(1e-4) ${recipe} schedule: constant(2) }`,
  ).diagnostics.filter(({ code }) => code !== "GAN602" && code !== "GAN502");

const said = (game: string, more = "", recipe = ""): readonly string[] =>
  diagnosed(game, more, recipe).map(({ code }) => code);

const rest = "min[F] lsgan.fool(F, C) min[C] lsgan.judge(C, F)";
const fool = "min[G] E[x ~ X] softplus(-D(G(x)))";
const judge = "E[y ~ Y] softplus(-D(y)) + E[x ~ X] softplus(D(stop(G(x))))";

const penalties: readonly string[] = [
  "10 * E[y ~ Y] norm(grad(D)(y)) ^ 2",
  "10 * E[y ~ Y] square(norm(grad(D)(y)) - 1)",
  "E[y ~ Y] relu(norm(grad(D)(y)) - 1) ^ 2 / 2",
  "E[y ~ Y] mean(square(grad(D)(y)))",
  "E[y ~ Y] norm(grad(D)(y))",
];

test.each(penalties)("a penalty on slopes is added where it is lowered: %s", (penalty) => {
  expect(said(`${fool} min[D] ${judge} - ${penalty} ${rest}`)).toEqual(["GAN608"]);
  expect(said(`${fool} max[D] ${penalty} - (${judge}) ${rest}`)).toEqual(["GAN608"]);
  expect(said(`${fool} min[D] ${judge} + ${penalty} ${rest}`)).toEqual([]);
  expect(said(`${fool} max[D] -(${judge}) - ${penalty} ${rest}`)).toEqual([]);
  expect(said(`${fool} min[D] ${judge} - ${penalty} ${rest}`, "", "clip[D]: 0.1")).toEqual([]);
});

test("slopes within bounds, or held by another term, are nobody's mistake", () => {
  const slope = "norm(grad(D)(y))";
  for (const term of [
    `- E[y ~ Y] sigmoid(${slope})`,
    `- E[y ~ Y] ${slope} + E[y ~ Y] ${slope} ^ 4`,
    `+ E[y ~ Y] relu(1 - ${slope})`,
  ])
    expect([term, said(`${fool} min[D] ${judge} ${term} ${rest}`)]).toEqual([term, []]);
});

const players = "min[D] lsgan.judge(D, G) min[C] lsgan.judge(C, F)";
const fools = "lsgan.fool(G, D) + lsgan.fool(F, C)";

test("a distance from what is drawn is lowered by those that make the other side", () => {
  for (const term of [
    "10 * cycle(G, F)",
    "E[x ~ X] l2(G(x), x as Y)",
    "E[x ~ X] norm(F(G(x)) - x)",
    "E[x ~ X] mean(square(F(G(x)) - x))",
  ]) {
    expect([term, said(`min[G, F] ${fools} - ${term} ${players}`)]).toEqual([term, ["GAN608"]]);
    expect([term, said(`min[G, F] ${fools} + ${term} ${players}`)]).toEqual([term, []]);
  }
  const [found] = diagnosed(`min[G, F] ${fools} - 10 * cycle(G, F) ${players}`);
  expect(found?.message).toBe("`G` and `F` raise the distance `l1(F(G(x)), x)`");
});

test("what is made is kept away from what is made, and from what another player brings it to", () => {
  for (const game of [
    // Mode seeking: two codes, two images.
    `min[G, F] ${fools} - E[x1 ~ X, x2 ~ X] l1(G(x1), G(x2)) ${players}`,
    `min[G, F] ${fools} - E[x1 ~ X, x2 ~ X] l1(G(x1), G(x2)) / (l1(x1, x2) + 1e-5) ${players}`,
    // Features of what is drawn.
    `min[G, F] ${fools} - E[x ~ X] l2(F(G(x)), F(x as Y)) ${players}`,
    // Near to one, far from another.
    `min[G, F] ${fools} + E[(x, y) ~ pairs(X, Y)] (l1(G(x), y) - 0.1 * l1(G(x), x as Y)) ${players}`,
    // A margin.
    `min[G, F] ${fools} + E[x ~ X] relu(0.5 - l1(G(x), x as Y)) ${players}`,
    // One hides what the other is to find.
    `min[G] lsgan.fool(G, D) - E[x ~ X] l1(F(G(x)), x) min[F] lsgan.fool(F, C) + E[x ~ X] l1(F(G(x)), x) ${players}`,
  ])
    expect([game, said(game)]).toEqual([game, []]);
});

test("the logarithm of a probability of its own scores has no least value", () => {
  for (const game of [
    "min[G] max[D] -gan(G, D)",
    "max[G] min[D] gan(G, D)",
    "min[G] E[x ~ X] softplus(D(G(x))) min[D] gan(G, D) / 2",
    `min[G] E[x ~ X] softplus(D(G(x))) max[D] ${judge}`,
    "min[G] E[x ~ X] softplus(D(G(x))) max[D] E[y ~ Y] exp(-D(y)) + E[x ~ X] exp(D(stop(G(x))))",
  ])
    expect([game, said(`${game} ${rest}`)]).toEqual([game, ["GAN608"]]);
  const swapped = "max[G, F] min[D, C] gan(G, D) + gan(F, C) + 10 * cycle(G, F)";
  expect(diagnosed(swapped).map(({ code, message }) => `${code} ${message}`)).toEqual([
    "GAN608 `G` and `F` raise the distance `l1(F(G(x)), x)`",
    "GAN608 nothing holds the scores of `D`",
    "GAN608 nothing holds the scores of `C`",
  ]);
});

test("a classifier that learns to be wrong is told of", () => {
  const classes = `domain K = labels(3)
    net Q : X -> Scores = conv(8, 3)
    net T : X -> H = conv(3, 2, pad: 1)
    net J : H -> Scores = conv(8, 3)`;
  const game = (clauses: string): readonly string[] =>
    said(`min[G] lsgan.fool(G, D) min[D] lsgan.judge(D, G) ${rest} ${clauses}`, classes);
  const of = "E[(x, c) ~ pairs(X, K)]";
  const others = `min[T, J] ${of} cross_entropy(J(T(x)), c)`;
  for (const player of [
    `max[Q] ${of} cross_entropy(Q(x), c)`,
    `min[Q] -2 * ${of} mean(cross_entropy(Q(x), c))`,
    `min[Q] ${of} total(c * log_softmax(Q(x)))`,
    `max[Q] ${of} total(-c * log(softmax(Q(x))))`,
    `max[Q] ${of} -total(log_softmax(Q(x)) * c)`.replace("max", "min").replace("-total", "total"),
    `max[Q] ${of} cross_entropy(Q(x), c) + E[x ~ X] sigmoid(mean(Q(x)))`,
  ])
    expect([player, game(`${player} ${others}`)]).toEqual([player, ["GAN608"]]);
  for (const player of [
    `min[Q] ${of} cross_entropy(Q(x), c)`,
    `max[Q] ${of} total(c * log_softmax(Q(x)))`,
    // Sure of what is known and unsure of what is not (Springenberg 2016).
    `min[Q] ${of} cross_entropy(Q(x), c) - E[y ~ Y] cross_entropy(Q(y as X), softmax(Q(y as X)))`,
    `max[Q] E[x ~ X] cross_entropy(Q(x), softmax(Q(x)))`,
    // What is lowered for one is raised for another.
    `min[Q] ${of} cross_entropy(Q(x), c) - ${of} cross_entropy(Q(flip(x)), c)`,
  ])
    expect([player, game(`${player} ${others}`)]).toEqual([player, []]);
  // Features from which nobody can tell the class (Ganin et al. 2016) have a player of their own.
  const hidden = `max[T] ${of} cross_entropy(J(T(x)), c) min[J] ${of} cross_entropy(J(T(x)), c)`;
  expect(game(`min[Q] ${of} cross_entropy(Q(x), c) ${hidden}`)).toEqual([]);
});

test("scores that have an end are let be", () => {
  for (const game of [
    "min[G] max[D] gan(G, D)",
    "max[G] min[D] -gan(G, D)",
    // Real and made exchanged by both.
    "min[G] E[x ~ X] softplus(D(G(x))) min[D] E[y ~ Y] softplus(D(y)) + E[x ~ X] softplus(-D(stop(G(x))))",
    // Bounds of what is known of two draws (Belghazi et al. 2018), and of f-divergences.
    "min[G] E[x ~ X] -D(G(x)) min[D] log(E[x ~ X] exp(mean(D(stop(G(x)))))) - E[y ~ Y] D(y)",
    "min[G] E[x ~ X] -D(G(x)) max[D] E[y ~ Y] D(y) - E[x ~ X] exp(D(stop(G(x))) - 1)",
    // Held by a penalty.
    `min[G] E[x ~ X] softplus(D(G(x))) max[D] ${judge} - E[y ~ Y] square(norm(grad(D)(y)) - 1)`,
  ])
    expect([game, said(`${game} ${rest}`)]).toEqual([game, []]);
});

test("the project's specs say nothing of it", () => {
  for (const name of specNames) {
    const { diagnostics } = analyse(name, sources());
    expect([name, diagnostics.filter(({ code }) => code === "GAN608")]).toEqual([name, []]);
  }
});
