/** GAN6xx: what is allowed and hardly ever meant. */
import { warning } from "./entry.js";

export const meaning = {
  GAN601: warning({
    title: "a cycle that trains only one of its players",
    means:
      "A cycle goes through two networks, and only one of them has it in its objective. The other is not asked to find the way back.",
    costs:
      "Training works, but the untrained half lets the two drift apart: the cycle then holds back the one and not the other.",
    mend: "Add the cycle to the other player's objective, or let one player train both networks.",
    example: {
      wrong: `net F : Y -> X = conv(3, 3, pad: 1) >> tanh
net E : X -> Scores = conv(3, 1)
loss cycle(G : a -> b, F : b -> a) = E[x ~ a] l1(F(G(x)), x)
solve {
  min[G]    gan(G, D) + 10 * cycle(G, F)
  min[F]    gan(F, E)
  max[D, E] gan(G, D) + gan(F, E)
}`,
      mended: `net F : Y -> X = conv(3, 3, pad: 1) >> tanh
net E : X -> Scores = conv(3, 1)
loss cycle(G : a -> b, F : b -> a) = E[x ~ a] l1(F(G(x)), x)
solve {
  min[G, F] gan(G, D) + gan(F, E) + 10 * cycle(G, F)
  max[D, E] gan(G, D) + gan(F, E)
}`,
    },
  }),
  GAN602: warning({
    title: "a declaration with which nothing is done",
    means:
      "A param, a loss or an objective is declared, or a name imported, and neither the networks nor the game nor the recipe need it; or nothing in the program names a `let`; or a function, a loss or a network takes something and does not look at it; or a field of the recipe is of images that nobody draws, or of first weights that are read from a file.",
    costs:
      "A penalty that stands in no objective trains nobody, and setting a param that nothing uses changes nothing, however many runs compare its values.",
    mend: "Use it where it is meant to be, or take it out. What has to be taken and is not needed may begin with `_`: `(x, _k) => …`; so may a `let` that is kept for later.",
    example: {
      wrong: `param lambda : Real = 10
solve { min[G] max[D] gan(G, D) + 5 * E[x ~ X] l1(G(x), x as Y) }`,
      mended: `param lambda : Real = 10
solve { min[G] max[D] gan(G, D) + lambda * E[x ~ X] l1(G(x), x as Y) }`,
    },
  }),
  GAN603: warning({
    title: "a term whose factor is 0",
    means:
      "A term of an objective is multiplied by 0 as the spec stands. Params that are set to 0 from outside are not meant: that is how a term is switched off for an ablation.",
    costs: "The term looks as if it trained somebody, and its loss is even reported.",
    mend: "Give it a weight, or take it out.",
    example: {
      wrong: "solve { min[G] max[D] gan(G, D) + 0 * E[x ~ X] l1(G(x), x as Y) }",
      mended: "solve { min[G] max[D] gan(G, D) + 5 * E[x ~ X] l1(G(x), x as Y) }",
    },
  }),
  GAN604: warning({
    title: "a term that is added twice",
    means:
      "One objective has the same loss of the same networks twice, in whatever order, under whatever name and with whatever weight: `cycle(F, G)` is `cycle(G, F)`. Mostly a line was copied and a name in it was not changed.",
    costs: "One network is trained twice as hard, and another not at all.",
    mend: "Name the network that was meant, or write `2 *` where the loss is meant to count twice.",
    example: {
      wrong: "solve { min[G] max[D] gan(G, D) + gan(G, D) }",
      mended: "solve { min[G] max[D] 2 * gan(G, D) }",
    },
  }),
  GAN605: warning({
    title: "a generator and a discriminator that miss each other",
    means:
      "A generator is trained against a discriminator that never sees what it makes, or a discriminator judges a generator that is not trained against it.",
    costs:
      "The one learns to deceive somebody who is looking elsewhere; the other gets better at telling apart what nobody improves.",
    mend: "Give the generator's objective a term with its own discriminator, and the discriminator's a term with its own generator.",
    example: {
      wrong: `net H : X -> Y = conv(3, 3, pad: 1) >> tanh
solve {
  min[G, H] gan(G, D) + E[x ~ X] l1(H(x), x as Y)
  max[D]    gan(G, D) + gan(H, D)
}`,
      mended: `net H : X -> Y = conv(3, 3, pad: 1) >> tanh
solve {
  min[G, H] gan(G, D) + gan(H, D) + E[x ~ X] l1(H(x), x as Y)
  max[D]    gan(G, D) + gan(H, D)
}`,
    },
  }),
  GAN606: warning({
    title: "a target that knows nothing of the input",
    means:
      "What a network makes of one draw is compared with another draw, and the two have nothing to do with each other: each domain is drawn for itself, unless `pairs` draws them together.",
    costs:
      "The network learns the mean of all targets, whatever it is given: grey images, even odds.",
    mend: "Draw partners by `pairs(X, Y)`: images of one name, or images and their classes. Without partners, let a discriminator judge.",
    example: {
      wrong: "solve { min[G] max[D] gan(G, D) + 10 * E[x ~ X, y ~ Y] l1(G(x), y) }",
      mended: "solve { min[G] max[D] gan(G, D) + 10 * E[(x, y) ~ pairs(X, Y)] l1(G(x), y) }",
    },
  }),
  GAN607: warning({
    title: "a slope through a batch normalisation",
    means:
      "A penalty takes the gradient of a network at each sample, and a `batch_norm` inside of the network lets each score depend on the whole batch.",
    costs:
      "What is penalised is no slope of the network at any sample, and the critic is not kept smooth (Gulrajani et al. 2017, section 4).",
    mend: "Use `layer_norm` or `instance_norm` in that network, or none.",
    example: {
      wrong: `import std.losses (wgan)
net D : Y -> Scores = conv(3, 4) >> batch_norm >> leaky_relu(0.2) >> conv(3, 1)
solve {
  min[G] wgan.fool(G, D)
  min[D] wgan.judge(D, G) + 10 * wgan.penalty(D, G)
}`,
      mended: `import std.losses (wgan)
net D : Y -> Scores = conv(3, 4) >> layer_norm >> leaky_relu(0.2) >> conv(3, 1)
solve {
  min[G] wgan.fool(G, D)
  min[D] wgan.judge(D, G) + 10 * wgan.penalty(D, G)
}`,
    },
  }),
  GAN608: warning({
    title: "a network that nothing holds",
    means:
      "A network's scores are only added and subtracted in what it is trained for, and its values have no bounds. Or a player raises how far the scores are from a number, a distance or a square, which has no greatest value; or how steep the network is; or the distance of what it makes from what is drawn. Or it lowers the logarithm of a probability of its own scores, which has no least value. Such an objective has no end: whatever has been reached, further is better. Only a generator whose values have bounds comes to rest, as far from what is drawn as it can be.",
    costs:
      "The scores grow without end, and with them the gradients that the generator gets: the losses look like progress until they overflow.",
    mend: "Keep the critic smooth, as Wasserstein GANs need it: by a penalty on its slope, by `clip`, or by `spectral_norm`; or take a loss that has an end, such as `hinge`. Of a penalty, or of a distance, turn the sign round: it is added to what a player lowers. Where `min` and `max` are exchanged, exchange them.",
    example: {
      wrong: `import std.losses (wgan)
solve {
  min[G] wgan.fool(G, D)
  min[D] wgan.judge(D, G)
}`,
      mended: `import std.losses (wgan)
solve {
  min[G] wgan.fool(G, D)
  min[D] wgan.judge(D, G) + 10 * wgan.penalty(D, G)
}`,
    },
  }),
  GAN609: warning({
    title: "scores that end in relu",
    means:
      "The last layer of a network that gives scores is `relu`: what it would score below 0 is 0, where `relu` has no slope.",
    costs:
      "A discriminator says no by scores below 0. One that cannot soon gives 0 for everything, and from then on neither it nor its generator learns.",
    mend: "Let the network end in its last convolution or `dense`; the loss makes of the scores what it needs.",
    example: {
      wrong: "net D : Y -> Scores = conv(3, 1) >> relu",
      mended: "net D : Y -> Scores = conv(3, 1)",
    },
  }),
  GAN610: warning({
    title: "a frozen network without weights",
    means:
      "The network has parameters of its own, no player trains it, and no file is named that it begins with. A network without parameters, and one that is made of others, needs none.",
    costs:
      "Its weights stay the random ones of the first step: a distance in its features, or a generator behind it, is led by chance.",
    mend: 'Name its weights, `from "vgg.safetensors"`, behind the network; or take `frozen` away and let a player train it.',
    example: {
      wrong: `frozen net P : Y -> Scores = conv(3, 2) >> relu
solve { min[G] max[D] gan(G, D) + E[x ~ X] l2(P(G(x)), P(x as Y)) }`,
      mended: `frozen net P : Y -> Scores = conv(3, 2) >> relu from "p.safetensors"
solve { min[G] max[D] gan(G, D) + E[x ~ X] l2(P(G(x)), P(x as Y)) }`,
    },
  }),
  GAN611: warning({
    title: "weights of terms that are too far apart",
    means:
      "Of two terms of one player's objective that move the same network, one weighs a hundred million times as much as the other, or more. Numbers of a step have seven digits, so that the other is rounded away.",
    costs: "The player is trained for one of its terms alone, whatever the others say.",
    mend: "Bring the weights together: published ones lie within a factor of 100,000. Mostly an exponent is wrong.",
    example: {
      wrong: "solve { min[G] max[D] gan(G, D) + 10^9 * E[x ~ X] l1(G(x), x as Y) }",
      mended: "solve { min[G] max[D] gan(G, D) + 10 * E[x ~ X] l1(G(x), x as Y) }",
    },
  }),
  GAN612: warning({
    title: "a game that nobody plays against",
    means:
      "A network's scores of what a generator makes are drawn the same way by both, or the generator draws them away from those of real values. Which of the two ends stands for real does not matter; the two have to disagree on what is made.",
    costs:
      "The generator learns to look made, and its discriminator is always right. Both losses fall, as if all went well.",
    mend: "Turn the generator's term round, as the message says: `l2(D(G(x)), 1)` where the discriminator has `l2(D(y), 1)` for real values, `-D(G(x))` where it raises `D(y)`.",
    example: {
      wrong: `solve {
  min[G] E[x ~ X] l2(D(G(x)), 0)
  min[D] E[y ~ Y] l2(D(y), 1) + E[x ~ X] l2(D(stop(G(x))), 0)
}`,
      mended: `solve {
  min[G] E[x ~ X] l2(D(G(x)), 1)
  min[D] E[y ~ Y] l2(D(y), 1) + E[x ~ X] l2(D(stop(G(x))), 0)
}`,
    },
  }),
  GAN613: warning({
    title: "two linear layers in a row",
    means:
      "A convolution, or a `dense`, stands directly behind another, but for padding. What is linear in what is linear is linear: one layer can do what both do. A pair with fewer channels between than on both sides, or fewer numbers behind a `dense`, is left alone, for it is less than any one layer, and so are windows of 1 x 1.",
    costs:
      "The network is less deep than it looks: the second layer costs time and memory, and gives nothing that one layer could not.",
    mend: "Put an activation between them, mostly behind a normalisation: `instance_norm >> relu`. Where they are meant so, put `identity` between them.",
    example: {
      wrong: "net D : Y -> Scores = conv(3, 8) >> conv(3, 1)",
      mended: "net D : Y -> Scores = conv(3, 8) >> leaky_relu(0.2) >> conv(3, 1)",
    },
  }),
  GAN614: warning({
    title: "a discriminator that is taught the same of real and of made values",
    means:
      "The player that trains the network draws its scores of real values and of generated ones the same way, while another player trains a generator against it.",
    costs:
      "Its best answer is the same to everything. The generator then follows a slope that leads nowhere.",
    mend: "Let it draw the two apart: `E[y ~ Y] softplus(-D(y)) + E[x ~ X] softplus(D(stop(G(x))))`. Mostly a minus is missing, or a label was copied.",
    example: {
      wrong: `solve {
  min[G] E[x ~ X] l2(D(G(x)), 1)
  min[D] E[y ~ Y] l2(D(y), 1) + E[x ~ X] l2(D(stop(G(x))), 1)
}`,
      mended: `solve {
  min[G] E[x ~ X] l2(D(G(x)), 1)
  min[D] E[y ~ Y] l2(D(y), 1) + E[x ~ X] l2(D(stop(G(x))), 0)
}`,
    },
  }),
} as const;
