/** GAN5xx: the game, its players and its recipe. */
import { error, warning } from "./entry.js";

export const game = {
  GAN501: error({
    title: "a player whose objective does not depend on it",
    means:
      "A player is to lower or raise an objective in which its network does not occur, so the gradient is nothing at all.",
    costs: "The network would keep its random weights for as long as you train.",
    mend: "Pass this network to a loss of its objective, or take it out of the player's list.",
    example: {
      wrong: `net E : X -> Scores = conv(3, 1)
solve { min[G] max[D, E] gan(G, D) }`,
      mended: "solve { min[G] max[D] gan(G, D) }",
    },
  }),
  GAN502: error({
    title: "a network that nobody trains",
    means: "The network takes part in the spec, and no `min[…]` or `max[…]` names it.",
    costs:
      "A discriminator that never learns is an easy one: the generator's loss falls at once, and its images stay noise.",
    mend: "Name it in a player's list, or take it out of the spec.",
    example: {
      wrong: "solve { min[G] gan(G, D) }",
      mended: "solve { min[G] max[D] gan(G, D) }",
    },
  }),
  GAN503: error({
    title: "a network trained by two players at once",
    means: "Two players of one phase of a step move the same weights, each towards its own end.",
    costs: "Their updates undo each other, and neither objective is reached.",
    mend: "Let one player have it, with the sum of both objectives; or let one follow the other in a phase of its own, behind `then`.",
    example: {
      wrong: "solve { min[G, D] max[D] gan(G, D) }",
      mended: "solve { min[G] max[D] gan(G, D) }",
    },
  }),
  GAN504: error({
    title: "a player all of whose gradients are cut",
    means:
      "The network occurs in its objective, but only inside of something that lets no gradient through, such as `replay`, which shows the discriminator images of earlier steps.",
    costs: "The losses change, because the others learn; this network would never move.",
    mend: "Give the player a term of its own, for example `lsgan.fool(G, D)` for a generator.",
    example: {
      wrong: `import std.losses (lsgan)
solve {
  min[G] lsgan.judge(D, G, history: 50)
  min[D] lsgan.judge(D, G, history: 50)
}`,
      mended: `import std.losses (lsgan)
solve {
  min[G] lsgan.fool(G, D)
  min[D] lsgan.judge(D, G, history: 50)
}`,
    },
  }),
  GAN505: error({
    title: "an expectation over nothing",
    means:
      "What is drawn is not used, or what is averaged does not depend on what is drawn. An expectation inside of another is one number for all samples, and does not depend on what the other draws.",
    costs:
      "Mostly another image was meant: the loss would be a constant, or one of the wrong images.",
    mend: "Use what is drawn, or do not draw it. What depends on two draws is drawn in one expectation: `E[x ~ a, y ~ b] …`.",
    example: {
      wrong: "loss small(G : a -> b) = E[x ~ a, y ~ b] l1(G(x), 0)",
      mended: "loss small(G : a -> b) = E[x ~ a] l1(G(x), 0)",
    },
  }),
  GAN506: error({
    title: "a spec without a game to solve",
    means: "Nothing says who is to lower or raise which objective, so there is nothing to train.",
    mend: "Add a `solve`. A file of definitions for others to import needs none: check a spec that imports it.",
    example: {
      wrong: "-- and nothing else",
      mended: "solve { min[G] max[D] gan(G, D) }",
    },
  }),
  GAN507: error({
    title: "a training recipe without a needed field",
    means: "The recipe says how weights move, and a part of it without a default is missing.",
    mend: "Add the field: the message shows how it is written.",
    example: {
      wrong: "train { schedule: constant(9) }",
      mended: "train { optimizer: adam(2e-4) schedule: constant(9) batch: 1 }",
    },
  }),
  GAN508: error({
    title: "an `expect` that does not hold",
    means:
      "An `expect` states what you know of a network, such as the number of parameters that a paper gives, and the network is another.",
    costs: "You would train for a night something that only resembles the paper's network.",
    mend: "Find the layer that differs, by `ganc summary`. If the network is right, correct the number.",
    example: {
      wrong: "expect receptive_field(D) == 5",
      mended: "expect receptive_field(D) == 3",
    },
  }),
  GAN509: error({
    title: "an augmentation that does not give the domain's size",
    means:
      "Augmentation ends with images of the size that the domain has, and this one ends with another, or cuts a window out of a smaller image; or what `pairs` draws together is cut and flipped apart.",
    mend: "Resize to somewhat more than the domain's size, and crop to that size; of domains of several sizes, each by its own `augment[X]`.",
    example: {
      wrong:
        "train { optimizer: adam(2e-4) schedule: constant(9) augment: resize(12) >> random_crop(10) }",
      mended:
        "train { optimizer: adam(2e-4) schedule: constant(9) augment: resize(12) >> random_crop(8) }",
    },
  }),
  GAN510: warning({
    title: "images that few files fill",
    means:
      "An objective draws from an image domain whose channels are neither 1 nor 3. Only TIFF and `.npy` files have others; all else is read as grey or as colour.",
    costs:
      "With photographs there would be nothing to train on: the run would refuse its first file.",
    mend: "Give the domain 1 or 3 channels, unless the files are TIFF or `.npy` and have as many. Values that only networks make may have any number.",
    example: {
      wrong: `domain X = image(8, 8, 4)
net G : X -> Y = conv(3, 3, pad: 1) >> tanh`,
      mended: `domain X = image(8, 8, 3)
net G : X -> Y = conv(3, 3, pad: 1) >> tanh`,
    },
  }),
  GAN511: error({
    title: "a player on the wrong side of a loss",
    means:
      "The loss says who is meant to lower it and who to raise it, `min D : b -> Scores`, and this player does the reverse: by its `min` or `max`, or by a minus before the loss.",
    costs:
      "A discriminator that raises its own loss learns to call real images generated ones, and the generator follows it. The curves look like those of any GAN.",
    mend: "Exchange `min` and `max`, take the minus away, or use the loss that is meant for this player: `fool` for a generator, `judge` for its discriminator.",
    example: {
      wrong: `import std.losses (lsgan)
solve {
  min[G] lsgan.fool(G, D)
  max[D] lsgan.judge(D, G)
}`,
      mended: `import std.losses (lsgan)
solve {
  min[G] lsgan.fool(G, D)
  min[D] lsgan.judge(D, G)
}`,
    },
  }),
  GAN512: error({
    title: "a discriminator that sees one side only",
    means:
      "The player that trains it applies it to real values only, or to generated ones only, while another player trains a generator to deceive it.",
    costs:
      "What always sees the same side learns to answer always the same. The generator then follows a slope that leads nowhere.",
    mend: "Let its objective have both: `E[y ~ b] l2(D(y), 1)` for real values and `E[x ~ a] l2(D(G(x)), 0)` for generated ones, as `lsgan.judge` does.",
    example: {
      wrong: `solve {
  min[G] gan(G, D)
  max[D] E[y ~ Y] log(sigmoid(D(y)))
}`,
      mended: `solve {
  min[G] gan(G, D)
  max[D] E[y ~ Y] log(sigmoid(D(y))) + E[x ~ X] log(1 - sigmoid(D(G(x))))
}`,
    },
  }),
  GAN521: error({
    title: "a player of a network that has nothing of its own to learn",
    means:
      "Every parameter of the network belongs to networks inside of it. A player moves the parameters of the networks that it names, and no others.",
    mend: "Name the networks inside, as the message lists them.",
    example: {
      wrong: `net enc : X -> X = conv(3, 3, pad: 1) >> tanh
net dec : X -> Y = conv(3, 3, pad: 1) >> tanh
net G : X -> Y = enc >> dec
solve { min[enc, dec, G] max[D] gan(G, D) }`,
      mended: `net enc : X -> X = conv(3, 3, pad: 1) >> tanh
net dec : X -> Y = conv(3, 3, pad: 1) >> tanh
net G : X -> Y = enc >> dec
solve { min[enc, dec] max[D] gan(G, D) }`,
    },
  }),
  GAN522: error({
    title: "a frozen network that a player trains",
    means: "`frozen` says that the network keeps its weights, and a player is to move them.",
    costs: "One of the two is meant: features that stay what they are, or a network that learns.",
    mend: "Take the network out of the player, or `frozen` away from it.",
    example: {
      wrong: `frozen net P : Y -> Scores = conv(3, 2) from "p.safetensors"
solve { min[G, P] max[D] gan(G, D) + E[x ~ X] l2(P(G(x)), 0) }`,
      mended: `frozen net P : Y -> Scores = conv(3, 2) from "p.safetensors"
solve { min[G] max[D] gan(G, D) + E[x ~ X] l2(P(G(x)), 0) }`,
    },
  }),
} as const;
