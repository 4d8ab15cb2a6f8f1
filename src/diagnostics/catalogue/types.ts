/** GAN3xx: domains, shapes and kinds of values. */
import { error } from "./entry.js";

export const types = {
  GAN301: error({
    title: "a value of one domain where another is expected",
    means:
      "Domains are told apart by name, whatever their shapes: a network from X takes images of X and no others, and values of two domains cannot be compared.",
    costs:
      "The shapes agree, so everything would run. The losses would fall, and the pictures would be of nothing in particular.",
    mend: "Apply the other network, or compare with the other image. Where an image of one domain is meant to count as one of another, say so: `x as Y`.",
    example: {
      wrong: `loss gan(G : a -> b, D : b -> Scores) =
  E[y ~ b] log(sigmoid(D(y))) + E[x ~ a] log(1 - sigmoid(D(x)))`,
      mended: `loss gan(G : a -> b, D : b -> Scores) =
  E[y ~ b] log(sigmoid(D(y))) + E[x ~ a] log(1 - sigmoid(D(G(x))))`,
    },
  }),
  GAN302: error({
    title: "a residual branch that changes the shape of its input",
    means:
      "`residual(f)` adds what `f` gives to what it takes, so both have the same height, width and channels.",
    mend: "Pad the convolutions of the branch (`pad: 1` for a 3 x 3 window) and let the last have as many filters as the input has channels. The message shows the shapes on the way.",
    example: {
      wrong: "net G : X -> Y = conv(3, 8, pad: 1) >> residual(conv(3, 8)) >> conv(1, 3) >> tanh",
      mended:
        "net G : X -> Y = conv(3, 8, pad: 1) >> residual(conv(3, 8, pad: 1)) >> conv(1, 3) >> tanh",
    },
  }),
  GAN303: error({
    title: "a layer that does not fit its input",
    means:
      "The input is too small for the layer, or of a size that it cannot take. The message says which and shows the shapes on the way there.",
    mend: "Use a smaller window, fewer strides or larger images.",
    example: {
      wrong: "net D : Y -> Scores = conv(9, 1)",
      mended: "net D : Y -> Scores = conv(3, 1)",
    },
  }),
  GAN304: error({
    title: "a network whose output does not fit its domain",
    means:
      "A network says which domain it leads to, and what comes out of its last layer has another shape.",
    mend: "Follow the shapes in the message: mostly an upsampling is missing or superfluous, or the last layer has the wrong number of filters. An image of colours has 3 channels.",
    example: {
      wrong: "net G : X -> Y = conv(3, 3) >> tanh",
      mended: "net G : X -> Y = conv(3, 3, pad: 1) >> tanh",
    },
  }),
  GAN305: error({
    title: "a value of the wrong kind",
    means:
      "Numbers, architectures, networks, domains, images and losses are different things, and this place takes another than it was given. `>>` joins architectures, `+` numbers or images, `*` repeats an architecture that stands on its left.",
    mend: "The message says what is wanted. A function of architectures is called to give one: `block(64)`.",
    example: {
      wrong: "let block(k) = conv(3, k, pad: 1)\nlet body = block >> relu",
      mended: "let block(k) = conv(3, k, pad: 1)\nlet body = block(8) >> relu",
    },
  }),
  GAN306: error({
    title: "values of different shapes or ranges",
    means:
      "Values are added, compared or joined element by element, so their shapes agree. What counts as of a domain, by `as`, has its shape and lies within its range: a narrower range fits a wider one.",
    costs:
      "Other libraries stretch the smaller one silently; the loss is then a mean over pairs that nobody meant.",
    mend: "Bring both to one shape, by padding, `upsample` or a convolution; and a wider range into a narrower one by a formula, as in `(0.5 * x + 0.5) as P`, or by `clamp`.",
    example: {
      wrong: "net G : X -> Y = (x => x + conv(3, 3)(x)) >> tanh",
      mended: "net G : X -> Y = (x => x + conv(3, 3, pad: 1)(x)) >> tanh",
    },
  }),
  GAN307: error({
    title: "a call of something that is not a function",
    means: "Brackets behind a name call it, and what the name means cannot be called.",
    mend: "To multiply, write `*`.",
    example: {
      wrong: `param weight : Real = 10
objective L = weight(gan(G, D))`,
      mended: `param weight : Real = 10
objective L = weight * gan(G, D)`,
    },
  }),
  GAN308: error({
    title: "a drawn value outside of an expectation",
    means:
      "A loss is an expectation: it says what its images are drawn from. Without one there is nothing to average over.",
    mend: "Draw what the loss is about: `E[x ~ a] …`.",
    example: {
      wrong: "loss nothing(G : a -> b) = 10",
      mended: "loss small(G : a -> b) = E[x ~ a] l1(G(x), 0)",
    },
  }),
  GAN309: error({
    title: "a type that does not exist",
    means:
      "A network leads from a domain to a domain or to `Scores`; a param is an `Int`, a `Real` or a `Bool`. In the formals of a loss, small letters stand for any domain.",
    mend: "Write the name of a domain.",
    example: {
      wrong: "param width : X = 8",
      mended: "param width : Int = 8",
    },
  }),
  GAN310: error({
    title: "arguments that disagree about a domain",
    means:
      "In `loss cycle(G : a -> b, F : b -> a)`, a and b mean the same domains in all formals. One argument fixed such a letter, and another needs it to be something else.",
    costs:
      "Swapped discriminators have equal shapes and would train: each would learn to tell images of its own domain from images of its own domain.",
    mend: "Pass the networks in the order of the formals, each with the partner that judges or inverts it.",
    example: {
      wrong: `net F : Y -> X = conv(3, 3, pad: 1) >> tanh
solve { min[G, F] max[D] gan(G, D) + gan(F, D) }`,
      mended: `net F : Y -> X = conv(3, 3, pad: 1) >> tanh
net E : X -> Scores = conv(3, 1)
solve { min[G, F] max[D, E] gan(G, D) + gan(F, E) }`,
    },
  }),
  GAN311: error({
    title: "a domain that nothing can be drawn from",
    means:
      "`E[h ~ H]` needs samples of H: images from a folder, random numbers, or classes. `features` and `Scores` only say what networks make, and only images have partners or classes for `pairs`.",
    mend: "Draw from a domain of `image`, `noise`, `uniform` or `labels`, and apply a network to get to the others.",
    example: {
      wrong: `domain H = features(8, 8, 3)
net D : Y -> Scores = conv(3, 1)
solve { min[G] max[D] gan(G, D) + E[h ~ H] l2(D(h as Y), 0) }`,
      mended: `domain Z = noise(3, height: 8, width: 8)
net D : Y -> Scores = conv(3, 1)
net S : Z -> Y = conv(1, 3) >> tanh
solve { min[G, S] max[D] gan(G, D) + E[z ~ Z] l2(D(S(z)), 0) }`,
    },
  }),
  GAN312: error({
    title: "a function of what it is not defined for",
    means:
      "A logarithm takes what is greater than 0, a square root what is not less than 0. The compiler follows where every value lies: the score of a discriminator can be any number, a sigmoid of it lies between 0 and 1. What comes near to 1 or -1 counts as reaching it, for it is rounded: a `tanh` of 10 is 1. The logarithm of what a `sigmoid` leaves of 1 is computed without rounding.",
    costs:
      "The loss is fine until a value leaves the bounds. Then it is not a number, and one step later neither are the weights.",
    mend: "Bring the value within bounds, mostly by a `sigmoid`: `log(sigmoid(D(y)))`. Where it may be 0, add a small number.",
    example: {
      wrong: `loss gan(G : a -> b, D : b -> Scores) =
  E[y ~ b] log(D(y)) + E[x ~ a] log(1 - sigmoid(D(G(x))))`,
      mended: `loss gan(G : a -> b, D : b -> Scores) =
  E[y ~ b] log(sigmoid(D(y))) + E[x ~ a] log(1 - sigmoid(D(G(x))))`,
    },
  }),
  GAN313: error({
    title: "a network whose values are not those of its domain",
    means:
      "Images of a domain lie between its `low` and `high`, -1 and 1 unless it says otherwise, and what the last layers of this network give lies between other bounds, or has none.",
    costs:
      "With a `sigmoid` into [-1, 1] the darker half of all colours cannot be painted, and the discriminator sees that at once; without bounds, what lies outside is cut off when images are written.",
    mend: "End the network with `tanh` for [-1, 1] or `sigmoid` for [0, 1], or give the domain the bounds that you mean: `image(64, 64, low: 0, high: 1)`.",
    example: {
      wrong: "net G : X -> Y = conv(3, 3, pad: 1) >> sigmoid",
      mended: "net G : X -> Y = conv(3, 3, pad: 1) >> tanh",
    },
  }),
  GAN314: error({
    title: "a sigmoid of a probability",
    means:
      "A `sigmoid` is taken of what a sigmoid gave, mostly because a discriminator ends in one and its loss takes another. A `softplus` in a loss counts as one: it is the logarithm of a sigmoid. So do `softmax`, `log_softmax` and `cross_entropy` of a network that ends in a `softmax`.",
    costs:
      "The second lies between 0.5 and 0.73 whatever the first says. Gradients are small, and no discriminator can win.",
    mend: "Let the discriminator give plain scores, and leave the `sigmoid` to the loss.",
    example: {
      wrong: "net D : Y -> Scores = conv(3, 1) >> sigmoid",
      mended: "net D : Y -> Scores = conv(3, 1)",
    },
  }),
  GAN315: error({
    title: "a size that `where` admits and the networks do not take",
    means:
      "A param can be set from outside to whatever its `where` admits, and at the value that the message names a layer or a domain does not fit any more. Two strides halve 256 twice and bring it back; 258 comes back as 260.",
    costs:
      "Whoever sets the param finds out: where the shapes are only compared at the end of a cycle, after the data has been loaded.",
    mend: "Let `where` say what the networks need, as the fix does: mostly a multiple of the strides and a least size.",
    example: {
      wrong: `param size : Int = 16
domain X = image(size, size, 3)
domain Y = image(size, size, 3)
net G : X -> Y = conv(4, 8, stride: 2, pad: 1) >> relu >> conv_transpose(4, 3, stride: 2, pad: 1) >> tanh`,
      mended: `param size : Int = 16 where size % 2 == 0 and size >= 4
domain X = image(size, size, 3)
domain Y = image(size, size, 3)
net G : X -> Y = conv(4, 8, stride: 2, pad: 1) >> relu >> conv_transpose(4, 3, stride: 2, pad: 1) >> tanh`,
    },
  }),
  GAN316: error({
    title: "a division by what may be 0",
    means:
      "The compiler follows where every value lies, and what this divides by, or takes a negative power of, may be 0: a distance where both values agree, a length where all numbers are 0.",
    costs:
      "The loss is fine until the divisor is 0. Then it is not a number, and one step later neither are the weights.",
    mend: "Keep the divisor away from 0: add a small number to what is never negative, or divide by `abs(…)` with one.",
    example: {
      wrong: `loss sharp(G : a -> b) = E[x ~ a] 1 / norm(G(x))
solve { min[G] max[D] gan(G, D) + sharp(G) }`,
      mended: `loss sharp(G : a -> b) = E[x ~ a] 1 / (norm(G(x)) + 1e-8)
solve { min[G] max[D] gan(G, D) + sharp(G) }`,
    },
  }),
  GAN317: error({
    title: "a gradient by what the function does not use",
    means:
      "`grad(f)(v)` is the slope of f at v. What f gives here does not depend on the value that it is given, or only behind `stop` or `replay`, so that the slope is 0 everywhere.",
    costs: "A penalty on such a slope is a constant: it is paid in every step, and holds nothing.",
    mend: "Write the function's own variable where the slope is meant: `grad(v => D(v))(y)`.",
    example: {
      wrong: `loss r1(D : b -> Scores) = E[y ~ b] norm(grad(v => D(y) ^ 2)(y)) ^ 2
solve { min[G] gan(G, D) max[D] gan(G, D) - r1(D) }`,
      mended: `loss r1(D : b -> Scores) = E[y ~ b] norm(grad(v => D(v) ^ 2)(y)) ^ 2
solve { min[G] gan(G, D) max[D] gan(G, D) - r1(D) }`,
    },
  }),
  GAN318: error({
    title: "a root of what may be 0, with a gradient through it",
    means:
      "A square root, as any power between 0 and 1, is infinitely steep at 0. The compiler follows where every value lies, and this one may be 0 while weights are to be moved through the root.",
    costs:
      "The loss itself is a number, but where the value is 0 its gradient is infinity times 0: not a number, and one step later neither are the weights.",
    mend: "Add a small number below the root, or take `norm` for the length of a difference: its slope at 0 is 0.",
    example: {
      wrong: `loss far(G : a -> b) = E[x ~ a] sqrt(l2(G(x), x as b))
solve { min[G] max[D] gan(G, D) + far(G) }`,
      mended: `loss far(G : a -> b) = E[x ~ a] sqrt(l2(G(x), x as b) + 1e-8)
solve { min[G] max[D] gan(G, D) + far(G) }`,
    },
  }),
  GAN319: error({
    title: "more than a machine holds, or gets done",
    means:
      "A value of a step, its batch counted, may hold 2^32 numbers, a network may have 2^36 parameters, a schedule 10^8 epochs, and a step may run a phase 10^5 times; an Int is less than 2^53, up to which whole numbers are exact. The message says what is more, and where it is made.",
    costs:
      "The first step would ask for more memory than there is, the training would not end while anybody waits for it, or a size would not be the one that was written.",
    mend: "Mostly a digit is too many, or a width stands where a count was meant. A value that is large on purpose is made in smaller pieces: fewer samples a batch, smaller crops.",
    example: {
      wrong: "train { optimizer: adam(2e-4) schedule: constant(9) batch: 1_000_000_000 }",
      mended: "train { optimizer: adam(2e-4) schedule: constant(9) batch: 1 }",
    },
  }),
} as const;
