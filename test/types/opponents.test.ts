/**
 * Which way each player draws the scores of what is made: games that nobody plays against, and
 * those that are games.
 */
import { expect, test } from "@jest/globals";
import { analyseText } from "../support/specs.js";

const codes = (text: string): readonly string[] =>
  analyseText(text).diagnostics.map(({ code }) => code);

const setting = `import std.losses (minimax, nonsaturating, lsgan, hinge, relativistic, wgan, r1, identity)
domain X = image(8)
domain Y = image(8)
domain Z = noise(4)
domain C = labels(3)
domain H = features(8, 8, 2)
net G : X -> Y = conv(3, 3, pad: 1) >> tanh
net D : Y -> Scores = conv(3, 1, pad: 1)
loss gan(G : a -> b, D : b -> Scores) =
  E[y ~ b] log(sigmoid(D(y))) + E[x ~ a] log(1 - sigmoid(D(G(x))))
train { optimizer: adam(1e-4) clip[D]: 1 schedule: constant(2) }
`;

/** What is said of the players beside declarations that nothing needs. */
const said = (game: string): readonly string[] =>
  codes(`${setting}\n${game.includes("solve {") ? game : `solve { ${game} }`}`).filter(
    (code) => code !== "GAN602",
  );

const real = "E[y ~ Y]";
const made = "E[x ~ X]";

const games: readonly string[] = [
  // Goodfellow et al.: one value, a min and a max; both signs of it; both players minimising.
  "min[G] max[D] gan(G, D)",
  "max[G] min[D] -gan(G, D)",
  "min[G] gan(G, D) min[D] -gan(G, D)",
  "min[G] 3 * gan(G, D) - 1 max[D] gan(G, D) / 2 + 5",
  "min[G] max[D] minimax(G, D)",
  // The non-saturating loss, by itself and by the library.
  `min[G] ${made} -log(sigmoid(D(G(x)))) max[D] gan(G, D)`,
  `max[G] ${made} log(sigmoid(D(G(x)))) max[D] gan(G, D)`,
  "min[G] nonsaturating.fool(G, D) min[D] nonsaturating.judge(D, G, history: 50)",
  `min[G] nonsaturating.fool(G, D) min[D] nonsaturating.judge(D, G) + r1(D)`,
  "min[G] lsgan.fool(G, D) min[D] lsgan.judge(D, G, history: 50)",
  "min[G] hinge.fool(G, D) min[D] hinge.judge(D, G)",
  "min[G] relativistic.fool(G, D) min[D] relativistic.judge(D, G)",
  "repeat 5 { min[D] wgan.judge(D, G) + 10 * wgan.penalty(D, G) } then min[G] wgan.fool(G, D)",
  // Losses of other makers for each side.
  "min[G] lsgan.fool(G, D) min[D] hinge.judge(D, G)",
  "min[G] wgan.fool(G, D) min[D] lsgan.judge(D, G)",
  "min[G] nonsaturating.fool(G, D) min[D] lsgan.judge(D, G)",
  // Least squares with labels a, b, c: -1 1 0; 0 1 1; real is 0 and made is 1; beyond what is real.
  `min[G] ${made} l2(D(G(x)), 0) min[D] ${real} l2(D(y), 1) + ${made} l2(D(stop(G(x))), -1)`,
  `min[G] ${made} l2(D(G(x)), 0) min[D] ${real} l2(D(y), 0) + ${made} l2(D(stop(G(x))), 1)`,
  `min[G] ${made} l2(D(G(x)), 2) min[D] ${real} l2(D(y), 1) + ${made} l2(D(stop(G(x))), 0)`,
  `min[G] ${made} l1(D(G(x)), 1) min[D] ${real} l1(1, D(y)) + ${made} l1(D(stop(G(x))), 0)`,
  `min[G] ${made} (D(G(x)) - 1) ^ 2 min[D] ${real} square(D(y) - 1) + ${made} square(D(stop(G(x))))`,
  `min[G] ${made} l2(sigmoid(D(G(x))), 1) min[D] ${real} l2(sigmoid(D(y)), 1) + ${made} l2(sigmoid(D(stop(G(x)))), 0)`,
  // Labels with noise, and one-sided ones.
  `min[G] ${made} l2(D(G(x)), 1)
   min[D] E[y ~ Y, t ~ uniform(1, low: 0.8, high: 1.1)] l2(D(y), t) + E[x ~ X, s ~ uniform(1, high: 0.2)] l2(D(stop(G(x))), s)`,
  `min[G] ${made} l2(D(G(x)), 1) min[D] ${real} l2(D(y), 0.9) + ${made} l2(D(stop(G(x))), 0)`,
  `min[G] nonsaturating.fool(G, D)
   min[D] ${real} (0.9 * softplus(-D(y)) + 0.1 * softplus(D(y))) + ${made} softplus(D(stop(G(x))))`,
  // Wasserstein, hinge and the logistic loss with the sign turned round for both.
  `min[G] ${made} D(G(x)) min[D] ${real} D(y) - ${made} D(stop(G(x)))`,
  `min[G] ${made} D(G(x)) min[D] ${real} relu(1 + D(y)) + ${made} relu(1 - D(stop(G(x))))`,
  `min[G] ${made} softplus(D(G(x))) min[D] ${real} softplus(D(y)) + ${made} softplus(-D(stop(G(x))))`,
  // Energies: low is real, with a margin.
  `min[G] ${made} softplus(D(G(x))) min[D] ${real} softplus(D(y)) + ${made} relu(5 - softplus(D(stop(G(x)))))`,
  // A drift to 0, of real values, of made ones, of both.
  `min[G] wgan.fool(G, D) min[D] wgan.judge(D, G) + 1e-3 * ${real} square(D(y))`,
  `min[G] wgan.fool(G, D) min[D] wgan.judge(D, G) + 1e-3 * ${real} square(D(y)) + 1e-3 * ${made} square(D(stop(G(x))))`,
  // Means, sums, flips and roots of scores.
  `min[G] ${made} l2(mean(D(G(x))), 1) min[D] ${real} l2(mean(D(y)), 1) + ${made} l2(mean(D(stop(G(x)))), 0)`,
  `min[G] ${made} -total(D(G(x))) min[D] ${made} total(D(stop(G(x)))) - ${real} total(D(y))`,
  `min[G] ${made} -D(flip(G(x))) min[D] ${made} D(flip(stop(G(x)))) - ${real} D(flip(y))`,
  `min[G] ${made} -avg_pool(2)(D(G(x))) min[D] ${made} avg_pool(2)(D(stop(G(x)))) - ${real} avg_pool(2)(D(y))`,
  `min[G] ${made} exp(-D(G(x))) min[D] ${made} exp(D(stop(G(x)))) + ${real} exp(-D(y))`,
  `min[G] ${made} 1 / sigmoid(D(G(x))) min[D] ${real} 1 / sigmoid(D(y)) + ${made} sigmoid(D(stop(G(x)))) ^ 2`,
  // A focal loss: the weight depends on the score.
  `min[G] ${made} (1 - sigmoid(D(G(x)))) ^ 2 * softplus(-D(G(x)))
   min[D] ${real} (1 - sigmoid(D(y))) ^ 2 * softplus(-D(y)) + ${made} sigmoid(D(stop(G(x)))) ^ 2 * softplus(D(stop(G(x))))`,
  // Noise on both sides of the judge.
  `min[G] E[x ~ X, n ~ noise(3, 8, 8)] softplus(-D((G(x) + 0.1 * n) as Y))
   min[D] E[y ~ Y, n ~ noise(3, 8, 8)] softplus(-D((y + 0.1 * n) as Y)) + E[x ~ X, n ~ noise(3, 8, 8)] softplus(D((stop(G(x)) + 0.1 * n) as Y))`,
  // A judge of mixtures is asked how much is real.
  `min[G] ${made} l2(D(G(x)), 1)
   min[D] E[x ~ X, y ~ Y, t ~ uniform(1)] l2(D(mix(y, stop(G(x)), t)), t) + ${real} l2(D(y), 1) + ${made} l2(D(stop(G(x))), 0)`,
  // What was made long ago.
  `min[G] ${made} softplus(-D(G(x))) min[D] ${real} softplus(-D(y)) + ${made} softplus(D(replay(G(x), 50)))`,
  // Features are matched: nobody is drawn up or down.
  `min[G] square(E[y ~ Y] mean(D(y)) - E[x ~ X] mean(D(G(x)))) max[D] gan(G, D)`,
  // Consistency (Zhang et al. 2020).
  `min[G] nonsaturating.fool(G, D) min[D] nonsaturating.judge(D, G) + 10 * ${real} l2(D(y), D(flip(y)))`,
];

const withNetworks: readonly string[] = [
  // Two judges, one of features that nobody trains.
  `frozen net V : Y -> H = conv(1, 2) from "v.safetensors"
   net J : H -> Scores = conv(1, 1)
   solve { min[G] ${made} softplus(-J(V(G(x)))) + nonsaturating.fool(G, D)
           min[D] nonsaturating.judge(D, G)
           min[J] ${real} softplus(-J(V(y))) + ${made} softplus(J(V(stop(G(x))))) }`,
  // A judge in two parts.
  `net T : Y -> H = conv(1, 2)
   net J : H -> Scores = conv(1, 1)
   net K : X -> Y = conv(3, 3, pad: 1) >> tanh
   solve { min[K] ${made} softplus(-J(T(K(x)))) min[T, J] ${real} softplus(-J(T(y))) + ${made} softplus(J(T(stop(K(x)))))
           then min[G] max[D] gan(G, D) }`,
  // Pairs, either of them made.
  `net B : (X, Y) -> Scores = (x, y) => conv(3, 1)(concat(x, y))
   net F : Y -> X = conv(3, 3, pad: 1) >> tanh
   solve { min[G, F] E[x ~ X] softplus(B(x, G(x))) + E[y ~ Y] softplus(-B(F(y), y))
           min[B] E[x ~ X] softplus(-B(x, stop(G(x)))) + E[y ~ Y] softplus(B(stop(F(y)), y))
           then min[G] max[D] gan(G, D) }`,
  // Pairs of partners, and real ones that do not match.
  `net B : (X, Y) -> Scores = (x, y) => conv(3, 1)(concat(x, y))
   solve { min[G] max[D] gan(G, D)
           then min[G] E[x ~ X] softplus(-B(x, G(x)))
           min[B] E[(x, y) ~ pairs(X, Y)] softplus(-B(x, y)) + E[x ~ X] softplus(B(x, stop(G(x)))) }`,
  // A classifier of both, which both players want to be right.
  `net Q : Y -> Scores = conv(8, 3)
   net K : (X, C) -> Y = (x, c) => (conv(3, 3, pad: 1) >> tanh)(concat(x, c))
   solve { min[K] E[x ~ X, c ~ C] (softplus(-D(K(x, c))) + cross_entropy(Q(K(x, c)), c))
           min[D, Q] E[(y, c) ~ pairs(Y, C)] (softplus(-D(y)) + cross_entropy(Q(y), c))
                     + E[x ~ X, c ~ C] (softplus(D(stop(K(x, c)))) + cross_entropy(Q(stop(K(x, c))), c))
           then min[G] max[D] gan(G, D) }`,
  // A code that both want to be read.
  `domain U = uniform(1)
   net Q : Y -> Scores = conv(8, 1)
   net K : (X, U) -> Y = (x, c) => (conv(3, 3, pad: 1) >> tanh)(concat(x, c))
   solve { min[K] E[x ~ X, c ~ U] (softplus(-D(K(x, c))) + l2(Q(K(x, c)), c))
           min[D, Q] E[y ~ Y] (softplus(-D(y)) + l2(Q(y), 0.5))
                     + E[x ~ X, c ~ U] (softplus(D(stop(K(x, c)))) + l2(Q(stop(K(x, c))), c))
           then min[G] max[D] gan(G, D) }`,
  // Two generators before one judge.
  `net K : X -> Y = conv(3, 3, pad: 1) >> tanh
   solve { min[G, K] lsgan.fool(G, D) + lsgan.fool(K, D) min[D] lsgan.judge(D, G) + lsgan.judge(D, K) }`,
  // A generator within a generator, and a judge that shares its layers.
  `net S : Y -> H = conv(3, 2, pad: 1) >> relu
   net K : Y -> Y = S >> conv(3, 3, pad: 1) >> tanh
   net J : Y -> Scores = S >> conv(3, 1, pad: 1)
   solve { min[K] E[y ~ Y] softplus(-J(K(y))) min[S, J] E[y ~ Y] (softplus(-J(y)) + softplus(J(stop(K(y)))))
           then min[G] max[D] gan(G, D) }`,
  // A judge for each end (Nguyen et al. 2017): the second one takes what is made for good.
  `net E : Y -> Scores = conv(3, 1, pad: 1)
   solve { min[G] gan(G, D) + ${made} softplus(E(G(x)))
           max[D] gan(G, D) min[E] ${real} softplus(E(y)) + ${made} softplus(-E(stop(G(x)))) }`,
  // Features of one domain like those of another, which a classifier's player trains (Tzeng et al.
  // 2017).
  `net S : X -> H = conv(3, 2, pad: 1)
   net T : Y -> H = conv(3, 2, pad: 1)
   net Q : H -> Scores = conv(8, 3)
   net J : H -> Scores = conv(1, 1)
   solve { min[S, Q] E[(x, c) ~ pairs(X, C)] cross_entropy(Q(S(x)), c)
           min[T] ${real} softplus(-J(T(y)))
           min[J] ${made} softplus(-J(stop(S(x)))) + ${real} softplus(J(stop(T(y))))
           then min[G] max[D] gan(G, D) }`,
  // One network of features for both ends, which confuses its judge (Ganin and Lempitsky 2015).
  `net S : Y -> H = conv(3, 2, pad: 1)
   net J : H -> Scores = conv(1, 1)
   solve { min[S] E[x ~ X, y ~ Y] (softplus(J(S(y))) + softplus(-J(S(x as Y))))
           min[J] E[x ~ X, y ~ Y] (softplus(-J(stop(S(y)))) + softplus(J(stop(S(x as Y)))))
           then min[G] max[D] gan(G, D) }`,
  // An adversarial autoencoder (Makhzani et al. 2015), whose codes are kept small.
  `net S : Y -> Z = dense(4)
   net B : Z -> Y = dense(192) >> reshape(8, 8, 3) >> tanh
   net J : Z -> Scores = dense(1)
   solve { min[S, B] ${real} (l2(B(S(y)), y) + softplus(-J(S(y))) + 0.1 * square(norm(S(y))))
           min[J] E[z ~ Z] softplus(-J(z)) + ${real} softplus(J(stop(S(y))))
           then min[G] max[D] gan(G, D) }`,
  // Weighed by the judge, past a stop.
  `solve { min[G] ${made} (stop(sigmoid(D(G(x)))) * l1(G(x), x as Y) + softplus(-D(G(x)))) max[D] gan(G, D) }`,
  // Nobody judges a cycle.
  `net F : Y -> X = conv(3, 3, pad: 1) >> tanh
   solve { min[G, F] ${made} l1(F(G(x)), x) + ${real} l1(G(F(y)), y) + gan(G, D) max[D] gan(G, D) }`,
];

test.each(games)("a game: %s", (game) => {
  expect(said(game)).toEqual([]);
});

test.each(withNetworks)("a game of more networks: %s", (game) => {
  expect(said(game)).toEqual([]);
});

const judged = `min[D] ${real} l2(D(y), 1) + ${made} l2(D(stop(G(x))), 0)`;

const unopposed: readonly string[] = [
  // The same, by one value or by two.
  "max[G] max[D] gan(G, D)",
  "min[G] min[D] gan(G, D)",
  "min[G] -gan(G, D) max[D] gan(G, D)",
  "max[G] 2 * gan(G, D) min[D] -gan(G, D) / 3",
  `min[G] ${made} l2(D(G(x)), 0) ${judged}`,
  `min[G] ${made} l1(D(G(x)), 0) ${judged}`,
  `min[G] ${made} square(D(G(x))) ${judged}`,
  `min[G] ${made} D(G(x)) ^ 2 ${judged}`,
  `min[G] ${made} norm(D(G(x))) ${judged}`,
  `min[G] ${made} D(G(x)) ${judged}`,
  `min[G] ${made} l2(D(G(x)), -1) ${judged}`,
  `min[G] ${made} l2(-D(G(x)), 0) ${judged}`,
  `min[G] ${made} l2(2 * D(G(x)) + 1, 1) ${judged}`,
  `min[G] ${made} softplus(D(G(x))) min[D] ${real} softplus(-D(y)) + ${made} softplus(D(stop(G(x))))`,
  `min[G] ${made} D(G(x)) min[D] ${real} relu(1 - D(y)) + ${made} relu(1 + D(stop(G(x))))`,
  `min[G] ${made} D(G(x)) min[D] ${made} D(replay(G(x), 50)) - ${real} D(y)`,
  // The judge teaches that high is made, and the generator takes high for real.
  `min[G] ${made} -D(G(x)) min[D] ${real} D(y) - ${made} D(stop(G(x)))`,
  `min[G] ${made} l2(D(G(x)), 1) min[D] ${real} l2(D(y), 0) + ${made} l2(D(stop(G(x))), 1)`,
  `min[G] ${made} softplus(-D(G(x))) min[D] ${real} softplus(D(y)) + ${made} softplus(-D(stop(G(x))))`,
  `min[G] lsgan.fool(G, D) min[D] ${real} l2(D(y), 0) + ${made} l2(D(stop(G(x))), 1)`,
  `min[G] hinge.fool(G, D) min[D] ${real} relu(1 + D(y)) + ${made} relu(1 - D(stop(G(x))))`,
  // Through monotone functions, factors and quotients.
  `min[G] ${made} sigmoid(D(G(x))) min[D] ${real} sigmoid(-D(y)) + ${made} sigmoid(D(stop(G(x))))`,
  `min[G] ${made} 1 / sigmoid(-D(G(x))) min[D] ${real} tanh(-D(y)) + ${made} tanh(D(stop(G(x))))`,
  `min[G] ${made} exp(D(G(x))) min[D] ${real} exp(-D(y)) + ${made} exp(D(stop(G(x))))`,
  `min[G] ${made} exp(D(G(x))) * l1(G(x), x as Y) ${judged}`,
  `max[G] ${made} log(1 - sigmoid(D(G(x)))) max[D] gan(G, D)`,
  `min[G] ${made} l2(sigmoid(D(G(x))), 0) min[D] ${real} l2(sigmoid(D(y)), 1) + ${made} l2(sigmoid(D(stop(G(x)))), 0)`,
  `min[G] ${made} l2(sigmoid(D(G(x))), 0.5) min[D] ${real} l2(D(y), 1) + ${made} l2(D(stop(G(x))), 0)`,
  `min[G] ${made} total(D(G(x))) min[D] ${made} mean(D(stop(G(x)))) - ${real} mean(D(y))`,
  `min[G] ${made} clamp(D(G(x)), -1, 1) ${judged}`,
  // Beside a drift, a penalty, labels with noise.
  `min[G] ${made} D(G(x)) min[D] ${made} D(stop(G(x))) - ${real} D(y) + 1e-3 * ${real} square(D(y)) + 10 * wgan.penalty(D, G)`,
  `min[G] ${made} l2(D(G(x)), 0)
   min[D] E[y ~ Y, t ~ uniform(1, low: 0.8, high: 1.1)] l2(D(y), t) + E[x ~ X, s ~ uniform(1, high: 0.2)] l2(D(stop(G(x))), s)`,
  // By relations of the two.
  `min[G] ${real} softplus(E[x ~ X] D(G(x)) - D(y)) min[D] relativistic.judge(D, G)`,
  // One player for both.
  `min[G, D] ${real} softplus(-D(y)) + ${made} softplus(D(G(x)))`,
  "max[G, D] gan(G, D)",
  // With all terms in place.
  `min[G, D] ${made} softplus(-D(G(x))) + ${real} softplus(-D(y)) + ${made} softplus(D(G(x)))`,
  `min[G, D] ${real} softplus(-D(y)) + ${made} softplus(D(stop(G(x)))) + ${made} softplus(-D(G(x))) + 10 * ${made} l1(G(x), x as Y)`,
  `min[G, D] ${made} l2(D(G(x)), 1) + ${real} l2(D(y), 1) + ${made} l2(D(stop(G(x))), 0)`,
  `min[G] ${made} avg_pool(2)(D(G(x))) min[D] ${made} avg_pool(2)(D(stop(G(x)))) - ${real} avg_pool(2)(D(y))`,
];

test.each(unopposed)("nobody plays against: %s", (game) => {
  expect(said(game)).toEqual(["GAN612"]);
});

test("pairs, parts of a judge, and judges of what features see", () => {
  const game = (networks: string, players: string): readonly string[] =>
    said(`${networks} solve { ${players} then min[G] max[D] gan(G, D) }`);
  const pair = "net B : (X, Y) -> Scores = (x, y) => conv(3, 1)(concat(x, y))";
  expect(
    game(
      pair,
      "min[G] E[x ~ X] softplus(B(x, G(x))) min[B] E[(x, y) ~ pairs(X, Y)] softplus(-B(x, y)) + E[x ~ X] softplus(B(x, stop(G(x))))",
    ),
  ).toEqual(["GAN612"]);
  const adapted = `net S : X -> H = conv(3, 2, pad: 1) net T : Y -> H = conv(3, 2, pad: 1)
    net Q : H -> Scores = conv(8, 3) net J : H -> Scores = conv(1, 1)`;
  expect(
    game(
      adapted,
      `min[S, Q] E[(x, c) ~ pairs(X, C)] cross_entropy(Q(S(x)), c) min[T] ${real} softplus(J(T(y)))
       min[J] ${made} softplus(-J(stop(S(x)))) + ${real} softplus(J(stop(T(y))))`,
    ),
  ).toEqual(["GAN612"]);
  const parts = "net T : Y -> H = conv(1, 2) net J : H -> Scores = conv(1, 1)";
  const judge = `${real} softplus(-J(T(y))) + ${made} softplus(J(T(stop(G(x)))))`;
  expect(game(parts, `min[G] ${made} softplus(J(T(G(x)))) min[T, J] ${judge}`)).toEqual(["GAN612"]);
  expect(
    game(
      parts.replace(
        "net T : Y -> H = conv(1, 2)",
        'frozen net T : Y -> H = conv(1, 2) from "t.safetensors"',
      ),
      `min[G] ${made} J(T(G(x))) min[J] ${judge}`,
    ),
  ).toEqual(["GAN612"]);
});

const alike: readonly string[] = [
  `min[G] ${made} -D(G(x)) min[D] ${real} softplus(-D(y)) + ${made} softplus(-D(stop(G(x))))`,
  `min[G] ${made} -D(G(x)) max[D] ${real} tanh(D(y)) + ${made} tanh(D(stop(G(x))))`,
  `min[G] ${made} l2(D(G(x)), 1) min[D] ${real} l2(D(y), 1) + ${made} l2(D(stop(G(x))), 1)`,
  `min[G] ${made} l2(D(G(x)), 1) min[D] ${real} l2(D(y), 0) + ${made} l2(0, D(replay(G(x), 9)))`,
  `min[G] ${made} -D(G(x)) min[D] ${real} relu(1 - D(y)) - ${made} sigmoid(D(stop(G(x))))`,
];

test.each(alike)("a judge that learns to tell nothing: %s", (game) => {
  expect(said(game)).toEqual(["GAN614"]);
});

test("the message names both players, and says which way each of them draws what", () => {
  const [found] = analyseText(
    `${setting.replace(/import.*\n/, "")} solve { min[G] ${made} D(G(x)) ${judged} }`,
  ).diagnostics.filter(({ code }) => code === "GAN612");
  expect(found?.message).toBe("`G` lowers `D(G(x))`, away from what `D` takes for real");
  expect(found?.labels.map(({ text }) => text)).toEqual([
    "`G` lowers this",
    "`D` draws this towards 0",
    "`D` draws this towards 1, which is real",
  ]);
  expect(found?.notes.join(" ")).toContain("where it raises `D(G(x))`");
});

test("a judge of made values alone sees one side, but where it draws them apart", () => {
  const networks = "net S : X -> Y = conv(3, 3, pad: 1) >> tanh";
  const game = (judge: string): readonly string[] =>
    said(`${networks} solve { min[G] ${made} softplus(-D(G(x))) min[D] ${judge}
      then min[S] ${made} l1(S(x), x as Y) }`);
  const low = `${made} softplus(D(stop(G(x))))`;
  expect(game(low)).toEqual(["GAN512"]);
  expect(game(`${low} + ${made} square(D(stop(G(x))))`)).toEqual(["GAN512"]);
  expect(game(`${low} + ${made} softplus(D(replay(G(x), 50)))`)).toEqual(["GAN512"]);
  expect(game(`${low} + ${made} softplus(D(stop(S(x))))`)).toEqual(["GAN512", "GAN605"]);
  expect(game(`${low} + ${made} softplus(-D(stop(S(x))))`)).toEqual([]);
  expect(game(`${low} + ${real} softplus(-D(stop(G(y as X))))`)).toEqual([]);
});

test("a generator that learns by a part of its judge, or by another head on it, plays against it", () => {
  const heads = `net B : Y -> H = conv(3, 2, pad: 1) >> leaky_relu(0.2)
    net J : Y -> Scores = B >> conv(1, 1)
    net K : Y -> Scores = B >> conv(8, 3)`;
  const judge = `${real} softplus(-J(y)) + ${made} softplus(J(stop(G(x))))`;
  const game = (generator: string, networks = heads, judges = "J, B"): readonly string[] =>
    said(`${networks} solve { min[G] ${generator} min[${judges}] ${judge}
      then min[D] ${real} square(D(y)) then min[K] E[(y, c) ~ pairs(Y, C)] cross_entropy(K(y), c) }`);
  expect(game(`square(${real} mean(B(y)) - ${made} mean(B(G(x))))`)).toEqual([]);
  expect(game("E[x ~ X, y ~ Y] l1(B(G(x)), B(y))")).toEqual([]);
  expect(game(`${made} total(softmax(K(G(x))) * log_softmax(K(G(x))))`)).toEqual([]);
  // What nobody trains learns nothing of the game.
  const frozen = heads.replace(/net B(.*)/, 'frozen net B$1 from "b.safetensors"');
  expect(game("E[x ~ X, y ~ Y] l1(B(G(x)), B(y))", frozen, "J")).toEqual(["GAN605"]);
  // Nor is a distance between images a contest.
  expect(game(`${made} l1(G(x), x as Y)`)).toEqual(["GAN605"]);
});

test("discriminators of one player are told of one by one", () => {
  const two = `net F : Y -> X = conv(3, 3, pad: 1) >> tanh
    net P : X -> Scores = conv(3, 1, pad: 1)`;
  const fools = "min[G, F] lsgan.fool(G, D) + lsgan.fool(F, P)";
  const found = (objective: string) =>
    analyseText(
      `${setting.replace("clip[D]: 1", "")} ${two} solve { ${fools} ${objective} }`,
    ).diagnostics.filter(({ code }) => code !== "GAN602");
  const names = (objective: string): readonly string[] =>
    found(objective).map(({ code, message }) => `${code} ${/`([DP])`/.exec(message)?.[1]}`);
  expect(names("min[D, P] gan(G, D) + gan(F, P)")).toEqual(["GAN608 D", "GAN608 P"]);
  expect(
    names(
      "min[D, P] E[y ~ Y] D(y) + E[x ~ X] P(x) - E[x ~ X] D(stop(G(x))) - E[y ~ Y] P(stop(F(y)))",
    ),
  ).toEqual(["GAN608 D", "GAN608 P"]);
  expect(names("min[D, P] E[y ~ Y] softplus(D(y)) + E[x ~ X] softplus(P(x))")).toEqual([
    "GAN512 D",
    "GAN512 P",
  ]);
  const [role, ...others] = found("max[D, P] lsgan.judge(D, G) + lsgan.judge(P, F)");
  expect(others).toEqual([]);
  expect(role?.code).toBe("GAN511");
  expect(role?.labels.map(({ text }) => text)).toContain("this is for `P` to lower");
});
