/**
 * Small specs that use every construct of the language between them; each compiles, type-checks and
 * trains. Sizes are the least that say something.
 */

import { everyLayer } from "./layers.js";

interface Parts {
  /** Declarations before the networks. */
  readonly lets?: string;
  /** Of `G : X -> Y`. */
  readonly generator?: string;
  readonly discriminator?: string;
  readonly image?: string;
  /** Losses, objective and solve. */
  readonly game?: string;
  /** Of the recipe, with the optimizer. */
  readonly train?: string;
}

const gan = `loss gan(G : a -> b, D : b -> Scores) =
  E[y ~ b] log(sigmoid(D(y))) + E[x ~ a] log(1 - sigmoid(D(G(x))))`;

/**
 * Values of images lie between bounds, so that a generator's last layer is one that keeps to them.
 */
const within = (generator: string): string =>
  /(tanh|sigmoid)$/.test(generator) ? generator : `(${generator}) >> tanh`;

const spec = ({
  lets = "",
  generator = "conv(3, 3, pad: 1) >> tanh",
  discriminator = "conv(3, 1)",
  image = "image(8, 8, 3)",
  game = `${gan}\nsolve { min[G] max[D] gan(G, D) }`,
  train = "optimizer: adam(1e-3)",
}: Parts): string => `domain X = ${image}
domain Y = ${image}
${lets}
net G : X -> Y = ${within(generator)}
net D : Y -> Scores = ${discriminator}
${game}
train {
  ${train}
  schedule:  constant(1)
  augment:   random_flip
}
`;

export const constructs: Readonly<Record<string, string>> = {
  "every-layer": everyLayer(),
  "functions-handed-on": spec({
    lets: `net E : X -> Y = conv(3, 3, pad: 1) >> dropout(0.5) >> tanh
let c = conv
let middle = E >> c(1, 2)
let block(k) = n => c(3, k, pad: 1) >> n
let several(v, n) = v * n
let norm(layer, k) = layer(affine: true) >> spectral_norm(c(3, several(k, 2), pad: 1))`,
    generator: "middle >> block(4)(relu) >> several(norm(instance_norm, 2), 2) >> c(1, 3)",
    game: `let gap(by, v) = by(v, 1)
let real(d) = v => gap(l2, d(v))
loss game(G, D) = several(E[y ~ b] real(D)(y), 1) + E[x ~ a] gap(l1, D(G(x)) + several(0.5, 2))
solve { min[G, E] max[D] game(G, D) }`,
  }),
  "networks-in-networks-handed-on": spec({
    lets: `net E : X -> Y = conv(3, 3, pad: 1) >> tanh
net F : (X, Y) -> Y = (x, y) => tanh(conv(3, 3, pad: 1)(concat(E(x), y)))
let between(f) = x => f(x, E(x))`,
    generator: "(x => between(F)(x) + F(x, conv(1, 3)(x))) >> conv(3, 3, pad: 1)",
    game: `${gan}\nsolve { min[G, E, F] max[D] gan(G, D) }`,
  }),
  "lambda-skip-concat": spec({
    generator: "x => conv(3, 3, pad: 1)(concat(x, relu(conv(3, 4, pad: 1)(x)), leaky_relu(x)))",
  }),
  "lambda-in-a-pipeline": spec({
    generator: "conv(3, 4, pad: 1) >> (h => h + relu(h) * tanh(h) - h) >> conv(1, 3)",
  }),
  "numbers-and-values": spec({
    lets: `param strength : Real = 0.2
let damped(f) = x => x + strength * f(x)
let gated(f, gate) = x => gate(x) * f(x) + (1 - gate(x)) * x
let wide(x, by = 2) = conv(1, 4)(x) / by - 0.1 + (x => -x)(conv(1, 4)(x)) * (1 + 0.5)`,
    generator:
      "conv(1, 4) >> damped(conv(3, 4, pad: 1)) >> gated(conv(3, 4, pad: 1), conv(1, 4) >> sigmoid) >> (x => wide(x)) >> rescale(0.5, offset: -0.25) >> rescale(2) >> conv(1, 3) >> tanh",
  }),
  "let-in": spec({
    generator: `x =>
  let down = conv(3, 8, stride: 2, pad: 1)(x) in
  let k = 2 * 2 in
  let up(n) = upsample(2) >> conv(3, n, pad: 1) in
  conv(1, 3)(concat(x, up(k)(down)))`,
  }),
  "let-in-outside-of-a-lambda": spec({
    generator: "let act = leaky_relu(0.2) in conv(3, 4, pad: 1) >> act >> conv(3, 3, pad: 1)",
  }),
  unet: spec({
    lets: `let down(k) = conv(4, k, stride: 2, pad: 1) >> leaky_relu(0.2)
let up(k) = conv_transpose(4, k, stride: 2, pad: 1) >> instance_norm >> relu
let skip(f) = x => concat(x, f(x))`,
    generator: "skip(down(4) >> skip(down(8) >> up(4)) >> up(4)) >> conv(1, 3) >> tanh",
  }),
  residuals: spec({
    lets: `let R(k) = residual(conv(3, k, pad: 1) >> instance_norm)
let S(k) = residual(x => relu(conv(3, k, pad: 1)(x)))`,
    generator: "conv(1, 4) >> R(4) * 3 >> S(4) >> residual(R(4) * 2) >> R(4) * 0 >> conv(1, 3)",
  }),
  "functions-of-blocks": spec({
    lets: `let twice(f) = f >> f
let both(f, g, times = 2) = (f >> g) * times
let step(k) = conv(3, k, pad: 1) >> relu
let many(make, k) = make(k) >> make(k)
let passed(f) = many(f, 3)`,
    generator:
      "step(3) >> twice(step(3)) >> both(g: relu, f: step(3)) >> twice(twice(tanh)) >> many(step, 3) >> passed(step) >> conv(1, 3)",
  }),
  "defaults-and-named-arguments": spec({
    lets: `param width : Int = 4
let c(k, kernel = 3, pad = 1, slope = 0.2) = conv(kernel, k, pad: pad) >> leaky_relu(slope)`,
    generator: "c(width) >> c(kernel: 1, k: width, pad: 0) >> c(width, slope: 0.1) >> c(3, 5, 2)",
  }),
  numbers: spec({
    lets: `param ngf : Int = 3
param depth : Int = 2 where depth >= 1 and not (depth == 7) or depth != 8
param slope : Real = 1
param withBias : Bool = true
let half(n) = n // 2
let wide = -(-2) * ngf + 2 ^ depth - 7 % 4
let odd(n, _flip = false) = n - (n - 1)
let steep = slope / 2
let always = not false`,
    generator:
      "conv(3, half(2 * wide), pad: half(3), bias: withBias) >> leaky_relu(steep) >> conv(odd(5), 3, bias: always)",
  }),
  modules: spec({
    lets: `module small { let c(k) = conv(1, k) >> relu  let n = 3 }
module large { let c(k) = conv(3, k, pad: 1) >> relu  let n = 5 }
let c(k) = small.c(k) >> large.c(k)`,
    generator: "small.c(large.n) >> large.c(small.n) >> c(3) >> conv(1, 3)",
  }),
  layers: spec({
    image: "image(8, 12, 1, low: 0, high: 1)",
    generator: `zero_pad(1) >> conv(3, 4, bias: false) >> instance_norm(1e-3) >> leaky_relu >> max_pool(2) >>
  avg_pool(3, stride: 1, pad: 1) >> upsample(2) >> reflect_pad(pad: 2) >> conv(kernel: 5, filters: 4) >> identity >>
  conv_transpose(3, 2, stride: 2, pad: 1, output_pad: 1, bias: false) >> avg_pool(2) >> conv(1, 1) >> sigmoid`,
    discriminator: "avg_pool(2) >> conv(2, 1, stride: 2)",
  }),
  "words-of-typescript": `param default : Int = 3
param Infinity : Real = 2
domain Object = image(8)
domain string = image(8)
let class(new, function = 3) = conv(function, new, pad: function // 2)
let await = class(default) >> tanh
let conv2d(tf) = conv(1, tf)
let network = conv2d(3)
net var : Object -> string = await >> network >> tanh
net step : string -> Object = class(new: 3, function: 1) >> network >> tanh
net nets : string -> Scores = conv2d(1)
net delete : Object -> Scores = conv2d(1)
loss return(this : a -> b, super : b -> Scores, void : Real = 2) =
  void * E[object ~ a] l2(super(this(object)), 1) - E[y ~ b] mean_square(super, y)
objective value = return(var, nets) + return(step, delete, Infinity)
solve { min[var, step] max[nets, delete] value }
train { optimizer: adam(1e-3) schedule: constant(1) }
`.replace("E[y ~ b] mean_square(super, y)", "E[y ~ b] square(super(y))"),
  "loss-arithmetic": spec({
    lets: "param weight : Real = 2\nlet both = weight * 2",
    game: `loss all(G : a -> b, _D : b -> Scores, w : Real, n : Int = 2) =
  w * E[x ~ a] (l1(G(x), 0.5) + 2 * l2(G(x), x as b) / 3 - l1(0, G(x))) / n
loss points(D : b -> Scores) =
  E[y ~ b] (exp(-D(y)) + softplus(D(y)) * tanh(D(y)) + sin(D(y)) * cos(2 * D(y)) - abs(D(y)) ^ 2 + relu(1 - D(y)) + sqrt(square(D(y)) + 1))
solve {
  min[G] all(G, D, both - 1) - E[x ~ X] log(sigmoid(D(G(x)))) + 0.1 * all(G, D, w: weight, n: 3)
  max[D] -points(D) + (0 - 1) * E[x ~ X] exp(D(G(x))) / 8
}`,
  }),
  "loss-in-a-loss": spec({
    game: `loss forth(G : a -> b) = E[x ~ a] l1(G(x), 0)
loss more(G : a -> b, D : b -> Scores, w : Real) = w * forth(G) + E[z ~ a] l2(D(G(z)), 1)
objective L = 2 * more(G, D, w: 0.5)
solve { min[G] L + forth(G) max[D] E[y ~ Y] log(sigmoid(D(y))) - L }`.replace(
      " max[D]",
      "\n  max[D]",
    ),
  }),
  histories: spec({
    lets: "import std.losses (lsgan)\nparam past : Int = 3",
    game: `solve {
  min[G] lsgan.fool(G, D)
  min[D] lsgan.judge(D, G, history: past) + lsgan.judge(D, G) + E[x ~ X] l2(D(replay(G(x), 2)), 0)
       + E[x ~ X] l2(D(replay(G(x), 0)), 0)
}`,
  }),
  "histories-of-two-players": `domain X = image(4, 4, 3)
net G : X -> X = conv(3, 3, pad: 1) >> tanh
net D : X -> Scores = conv(3, 1)
loss past(G : a -> a) = E[x ~ a] mean(G(replay(x, 2)))
solve {
  min[G] past(G)
  min[D] E[x ~ X] l2(D(x), mean(G(replay(x, 2))))
}
train { optimizer: adam(1e-3) schedule: constant(1) }
`,
  "three-domains": `import std.losses (lsgan)
domain Photo = image(6)
domain Monet = image(6)
domain Ukiyoe = image(6)
let t = conv(3, 3, pad: 1) >> tanh
let c = conv(3, 1)
net ToMonet : Photo -> Monet = t
net ToUkiyoe : Photo -> Ukiyoe = t
net Back : Ukiyoe -> Photo = t
net IsMonet : Monet -> Scores = c
net IsUkiyoe : Ukiyoe -> Scores = c
solve {
  min[ToMonet] lsgan.fool(ToMonet, IsMonet)
  min[ToUkiyoe, Back] lsgan.fool(ToUkiyoe, IsUkiyoe) + E[p ~ Photo] l1(Back(ToUkiyoe(p)), p)
    + E[u ~ Ukiyoe] l1(ToUkiyoe(Back(u)), u)
  min[IsMonet] lsgan.judge(IsMonet, ToMonet, 5)
  min[IsUkiyoe] lsgan.judge(IsUkiyoe, ToUkiyoe, history: 5)
}
train { optimizer: adam(rate: 1e-3, beta1: 0.5, beta2: 0.99, epsilon: 1e-7) schedule: constant(0) >> linear_to_zero(3) batch: 2 }
`,
  "let-in-an-objective": spec({
    game: `${gan}
solve {
  min[G] let w = 2 in w * E[x ~ X] l1(G(x), x as Y) + gan(G, D)
  max[D] gan(G, D)
}`,
  }),
  noise: `import std.losses (lsgan)
domain Z = noise(5)
domain N = noise(2, height: 4)
domain X = image(4)
net G : Z -> X = upsample(4) >> conv(3, 3, pad: 1) >> tanh
net M : N -> Scores = conv(2, 3)
net D : X -> Scores = conv(3, 1)
solve {
  min[G] lsgan.fool(G, D)
  min[D, M] lsgan.judge(D, G, history: 3) + E[n ~ N] l2(M(n), 1)
}
train { optimizer: adam(1e-3) schedule: constant(1) batch: 2 }
`,
  "expectations-within-expectations": spec({
    lets: "let centred(v, m) = (v - m) / (1 + m ^ 2)",
    game: `loss above(D : b -> Scores, G : a -> b) =
  E[y ~ b] softplus(E[x ~ a] D(G(x)) - D(y)) + E[x ~ a, t ~ uniform(1)] t * sigmoid(D(replay(G(x), 0)) - E[y ~ b] D(y))
solve {
  min[G] E[x ~ X] l2(D(G(x)), 1) + E[x ~ X] (D(G(x)) - E[w ~ X] D(G(w))) ^ 2
  min[D] above(D, G) + E[y ~ Y] centred(D(y), E[x ~ X] l2(D(stop(G(x))), 1)) ^ 2
}`,
  }),
  "layers-in-losses": spec({
    lets: `let blur(v) = avg_pool(3, stride: 1, pad: 1)(v)
let half = blur_pool(3) >> leaky_relu(0.1)
let edge = residual(max_pool(3, stride: 1, pad: 1)) >> reflect_pad(1)
let beside = (u, v) => pixel_shuffle(2)(concat(u, v, u, v))`,
    game: `loss coarse(G : a -> b, n : Int = 2) = E[x ~ a] l2(avg_pool(n)(G(x) * G(x)), avg_pool(n)(x * x))
loss apart(G) = E[x ~ X] l1(half(G(x)), half(x)) + E[x ~ X, y ~ Y] l1(edge(beside(G(x), y)), 0.5)
solve {
  min[G] coarse(G) + coarse(G, n: 4) + apart(G)
    + E[x ~ X] l1(blur(G(x)), instance_norm(upsample(2)(avg_pool(2)(x)))) + E[x ~ X] elu(D(G(x)))
  max[D] E[y ~ Y] log(sigmoid(blur(D(y)))) + E[x ~ X] log(1 - sigmoid(D(G(x))))
}`,
  }),
  "windows-of-two-sides": spec({
    image: "image(8, 6, 3)",
    lets: `let across = (1, 3)
let factored(n, k) = conv((1, n), k, pad: (0, n // 2)) >> relu >> conv((n, 1), k, pad: (n // 2, 0))
let down(size, k, by = (2, 1)) = conv(size, k, stride: by, pad: 1) >> leaky_relu(0.2)
let up(k) = conv_transpose((4, 3), k, stride: (2, 1), pad: 1) >> relu`,
    generator: `down((4, 3), 4) >> factored(3, 4) >> up(3) >> reflect_pad((0, 1)) >> conv(across, 4)
  >> max_pool((1, 2)) >> upsample((1, 2), bilinear: true) >> conv(3, 3, pad: 1) >> tanh`,
    discriminator: `down((3, 4), 4, (1, 2)) >> down((3, 4), 4, by: (1, 2)) >> zero_pad((0, 1)) >> conv(2, 2, dilation: (2, 1))
  >> avg_pool((3, 1), stride: (1, 2)) >> conv((2, 1), 1)`,
    game: `loss coarse(G : a -> b, n : Int = 2) = E[x ~ a] l2(avg_pool((n, 1))(G(x)), avg_pool((n, 1))(x))
loss gan(G : a -> b, D : b -> Scores) =
  E[y ~ b] log(sigmoid(D(y))) + E[x ~ a] log(1 - sigmoid(D(G(x))))
solve { min[G] max[D] gan(G, D) + coarse(G) + coarse(G, n: 4) }`,
  }),
  "masks-and-mirrors": spec({
    lets: `let compose(m, c, x) = m * c + x * (1 - m)
net Half : Y -> Scores = avg_pool(2)`,
    generator: `x => let h = relu(conv(3, 4, pad: 1)(x)) in
  conv(1, 3)(compose((conv(3, 1, pad: 1) >> sigmoid)(h), (conv(3, 3, pad: 1) >> tanh)(h), x))`,
    game: `loss turned(G : a -> b) = E[x ~ a] l1(flip(G(flip(x))), G(x))
solve {
  min[G] E[x ~ X] l2(D(G(x)), 1) + turned(G) + E[x ~ X, y ~ Y] norm(flip(Half(G(x)) * 2) - Half(y))
  max[D] E[y ~ Y] log(sigmoid(D(flip(y)))) + E[x ~ X] log(1 - sigmoid(D(G(x))))
}`,
  }),
  "several-draws": spec({
    lets: "domain T = uniform(1, low: 0.5, high: 2)",
    game: `loss distance(G : a -> b) = E[x ~ a, w ~ a] l1(G(x), G(w))
solve {
  min[G] distance(G) - E[y ~ Y, z ~ Y, t ~ T] t * l2(G(y as X), 2 * z) + E[x ~ X, v ~ X] l1(G(v), -x) + E[x ~ X] l2(D(G(x)), 1)
  max[D] E[y ~ Y, z ~ Y, t ~ T] log(sigmoid(D(y) * t - D(z))) + E[x ~ X] l2(D(replay(G(x), 0)), 0)
}`,
  }),
  pairs: spec({
    game: `loss paired(G : a -> b) = E[(x, y) ~ pairs(a, b)] l1(G(x), y)
solve {
  min[G] paired(G) + E[x ~ X] l2(D(G(x)), 1)
  min[D] E[y ~ Y] l2(D(y), 1) + E[(x, y) ~ pairs(X, Y), (v, w) ~ pairs(X, Y)] l2(D(w) - D(G(v)), D(y) * D(G(x)))
}`,
  }),
  "pairs-of-three": spec({
    lets: "domain Z = image(8, 8, 3)",
    game: `loss masked(G : a -> b) = E[(x, z, y) ~ pairs(a, Z, b)] l1((1 - z) * G(x), (1 - z) * y)
solve {
  min[G] masked(G) + E[x ~ X] l2(D(G(x)), 1)
  min[D] E[(z, y) ~ pairs(Z, Y)] l2(D(y), D(z as Y) * 2) + E[(x, z) ~ pairs(X, Z)] l2(D(G(x)), mean(z))
}`,
  }),
  "few-pairs-among-many": spec({
    game: `loss paired(G : a -> b) = E[(x, y) ~ pairs(a, b, all: false)] l1(G(x), y)
solve {
  min[G] paired(G) + E[x ~ X] l2(D(G(x)), 1) + E[(y, x) ~ pairs(Y, X, all: 1 > 2)] l2(G(x), y)
  min[D] E[y ~ Y] l2(D(y), 1) + E[(x, y) ~ pairs(X, Y, all: false), z ~ X] l2(D(y) * D(G(x)), D(G(z)))
         + E[(x, y) ~ pairs(X, Y)] l2(D(G(x)), 0.5 * D(y))
}`,
  }),
  "every-augmentation": `domain X = image(6)
domain Y = image(6)
net G : X -> Y = conv(3, 3, pad: 1) >> tanh
solve { min[G] E[(x, y) ~ pairs(X, Y)] l1(G(x), y) }
train {
  optimizer: adam(1e-3)
  schedule:  constant(1)
  augment:   color_jitter(0.2, hue: 0.1) >> resize(9) >> random_rotation(20, fill: true) >>
             cutout(3) >> random_crop(6) >> random_flip >> color_jitter(saturation: 1, shared: true)
  augment[Y]: resize(9, nearest: true) >> random_rotation(20, nearest: true) >> random_crop(6) >>
             random_flip
}
`,
  "pairs-with-classes": `domain X = image(4)
domain Y = image(4, 4, 1)
domain L = labels(3)
net C : (X, Y) -> L = (x, y) => sigmoid(conv(4, 3)(concat(x, y)))
net G : X -> Y = conv(3, 1, pad: 1) >> tanh
solve {
  min[C, G] E[(x, y, c) ~ pairs(X, Y, L)] (l2(C(x, y), c) + l2(C(x, G(x)), c) + l1(G(x), y))
}
train { optimizer: adam(1e-3) schedule: constant(1) batch: 3 augment: random_flip }
`,
  labels: `domain X = image(4)
domain L = labels(3)
domain Long = labels(2)
net C : X -> L = conv(4, 3) >> sigmoid
net E : X -> L = conv(4, 3)
net W : Long -> L = conv(1, 3)
solve {
  min[C, E, W] E[(x, c) ~ pairs(X, L)] (l2(C(x), c) + l1(E(x), c)) + E[d ~ Long] l2(W(d), 0)
}
train { optimizer: adam(1e-3) schedule: constant(1) batch: 3 augment: random_flip }
`,
  "numbers-of-each-sample": spec({
    game: `loss odd(G : a -> b, w : Real) = E[x ~ a] (log(l2(G(x), x as b) + w) - sqrt(1 + l1(G(x), 0)) * l1(G(x), 1) / l2(2, G(x))) ^ 2
solve {
  min[G] odd(G, w: 0.5) + E[x ~ X] l1(G(x), 0) * G(x) + E[x ~ X] l2(l1(G(x), 0), G(x))
  max[D] E[y ~ Y] (l1(D(y), 1) - D(y)) * (1 - l2(D(y), 0.5))
}`,
  }),
  "several-inputs": `domain X = image(6)
domain Y = image(6)
domain Z = noise(2)
domain XY = features(6, 6, 8)
net G : (X, Z) -> Y = (x, z) => tanh(conv(3, 3, pad: 1)(x) + conv(1, 3)(upsample(6)(z)))
net D : (X, Y) -> Scores = (x, y) => conv(3, 1)(concat(x, y))
net J : XY -> Scores = conv(3, 1)
net K : Y -> Scores = conv(3, 1)
loss real(D : (a, b) -> Scores) = E[(x, y) ~ pairs(a, b)] log(sigmoid(D(x, y)))
loss fake(D : (a, b) -> Scores, G : (a, c) -> b) = E[x ~ a, z ~ c] log(1 - sigmoid(D(x, G(x, z))))
loss joined(J : XY -> Scores) = E[x ~ X, y ~ Y, z ~ Z] l2(J(concat(x, y, z) as XY), 1)
solve {
  min[G] fake(D, G) + E[x ~ X, z ~ Z] l2(J(concat(x, G(x, z), z) as XY), 1) + E[x ~ X, z ~ Z] l2(K((G(x, z) - (x as Y)) as Y), 1)
  max[D, J, K] real(D) + fake(D, G) - joined(J) - E[x ~ X, z ~ Z] l2(J(concat(x, G(x, z), z) as XY), 0) - E[x ~ X, z ~ Z] l2(D(x, replay(G(x, z), 2)), 0)
         - E[x ~ X, z ~ Z] l2(K(G(x, z)), 0) - E[x ~ X, y ~ Y] l2(K((0.5 * y + 0.5 * (x as Y)) as Y), 0)
}
train { optimizer: adam(1e-3) schedule: constant(1) batch: 2 }
`,
  "networks-inside-networks": `domain X = image(8, 8, 3)
domain H = features(8, 8, 2)
domain Y = image(8, 8, 3)
net G : X -> Y = enc >> dec
net enc : X -> H = conv(3, 2, pad: 1) >> tanh
net dec : H -> Y = conv(3, 3, pad: 1) >> tanh
net Head : X -> Y = x => tanh(conv(1, 3)(dec(tanh(enc(x)) + enc(x)) - G(x)))
net D : Y -> Scores = conv(3, 1)
expect params(G) == params(enc) + params(dec)
solve {
  min[enc]       E[x ~ X] l2(D(G(x)), 1) + E[x ~ X] l1(enc(x), 0)
  max[D]         E[x ~ X] l2(D(G(x)), 1) - E[y ~ Y] l2(D(y), 1)
  min[dec, Head] E[x ~ X] l2(Head(x), x as Y) + E[x ~ X] l2(G(x), x as Y)
}
train { optimizer: adam(1e-3) schedule: constant(1) }
`,
  "composites-of-composites": `domain X = image(4, 4, 3)
net A : X -> X = conv(3, 3, pad: 1) >> tanh
net Twice : X -> X = A >> A
net Four : X -> X = x => Twice(Twice(x))
solve { min[A] E[x ~ X] l2(Four(x), x) }
train { optimizer: adam(1e-3) schedule: constant(1) }
`,
  cogan: `domain X = image(4, 4, 3)
domain Y = image(4, 4, 3)
domain Z = noise(3, height: 4)
domain H = features(4, 4, 3)
let head = conv(3, 3, pad: 1) >> tanh
net Trunk : Z -> H = conv(3, 3, pad: 1) >> relu
net GX : Z -> X = Trunk >> head
net GY : Z -> Y = Trunk >> head
net Body : H -> Scores = conv(3, 2)
net DX : X -> Scores = conv(1, 3) >> Body
net DY : Y -> Scores = conv(1, 3) >> Body
loss gan(G : a -> b, D : b -> Scores) =
  E[y ~ b] log(sigmoid(D(y))) + E[z ~ a] log(1 - sigmoid(D(G(z))))
solve { min[Trunk, GX, GY] max[Body, DX, DY] gan(GX, DX) + gan(GY, DY) }
train { optimizer: adam(1e-3) schedule: constant(1) }
`,
  "unet-of-a-lambda": spec({
    lets: `let down(k) = conv(4, k, stride: 2, pad: 1) >> leaky_relu(0.2)
let up(k) = conv_transpose(4, k, stride: 2, pad: 1) >> relu
let unet(inner, k) = x =>
  let skipped = (down(k) >> inner >> up(k))(x) in
  concat(x, skipped)`,
    generator: "unet(unet(identity, 5), 4) >> conv(1, 3) >> tanh",
  }),
  "one-for-each-channel": spec({
    lets: `let squeeze = x => x * sigmoid(conv(1, 3)(avg_pool(8)(x)))
let placed = x => concat(x, avg_pool(8)(x))`,
    generator: "squeeze >> placed >> conv(3, 3, pad: 1) >> tanh",
  }),
  "one-player": `domain X = image(4)
net A : X -> X = conv(3, 2, stride: 2, pad: 1) >> upsample(2) >> conv(1, 3) >> tanh
solve { min[A] E[x ~ X] l2(A(x), x) }
train { optimizer: adam(1e-3) schedule: constant(1) }
`,
  phases: spec({ game: `${gan}\nsolve { max[D] gan(G, D) then min[G] gan(G, D) }` }),
  "repeated-phases": spec({
    lets: "import std.losses (lsgan)\nparam critics : Int = 2",
    game: `solve {
  min[G] lsgan.fool(G, D)
  then repeat (critics + 1) {
    min[D] lsgan.judge(D, G, history: 2) + E[x ~ X] l2(D(replay(G(x), 3)), 0)
  }
  then repeat 2 { min[G] lsgan.fool(G, D) + E[x ~ X] l1(G(x), x as Y) }
}`,
  }),
  "one-repeated-phase": spec({
    game: `${gan}\nsolve { repeat 2 { min[G] max[D] gan(G, D) } }`,
  }),
  optimizers: spec({
    train: `optimizer[G]: sgd(1e-2, momentum: 0.9)
  optimizer[D]: rmsprop(1e-3, decay: 0.8, epsilon: 1e-6)
  clip[D]: 0.02`,
  }),
  "clipped-gradients": spec({
    train: `optimizer: adam(1e-3)
  optimizer[D]: sgd(1e-2, momentum: 0.9)
  clip_gradient: by_norm(0.5)
  clip_gradient[D]: by_value(0.02)`,
  }),
  "weight-decay": spec({
    generator: "conv(3, 4, pad: 1) >> instance_norm(affine: true) >> conv(1, 3) >> tanh",
    train: `optimizer: adamw(1e-3, beta1: 0.5, decay: 5)
  optimizer[D]: adamw(2e-3, epsilon: 1e-6, decay: 10)`,
  }),
  "first-weights": spec({
    generator: "conv(3, 8, pad: 1, groups: 1) >> relu >> conv(3, 3, pad: 1) >> tanh",
    discriminator: "conv(3, 4) >> relu >> dense(2)",
    train: `optimizer: adam(1e-3)
  init: xavier_uniform(0.5)
  init[D]: orthogonal`,
  }),
  "optimizer-of-one-network": spec({
    lets: "net F : Y -> X = conv(1, 3) >> tanh",
    game: `${gan}
loss cycle(G : a -> b, F : b -> a) = E[x ~ a] l1(F(G(x)), x)
solve { min[G, F] gan(G, D) + cycle(G, F) then repeat 2 { max[D] gan(G, D) } }`,
    train: `optimizer: adam(1e-3, beta1: 0.5)
  optimizer[F, D]: sgd(5e-3)
  clip: 0.5
  clip[D]: 0.03`,
  }),
  frozen: `domain X = image(8, 8, 3)
domain H = features(3, 3, 4)
net G : X -> X = conv(3, 3, pad: 1) >> tanh
frozen net P : X -> H = conv(3, 4) >> relu >> avg_pool(2)
solve { min[G] E[x ~ X] l2(P(G(x)), P(x)) }
train { optimizer: adam(1e-3) schedule: constant(1) }
`,
  dropout: spec({
    lets: "let c(k) = conv(3, k, pad: 1) >> dropout(0.4) >> relu",
    generator: "c(4) >> c(4) >> dropout(0.1) >> conv(1, 3) >> tanh",
    discriminator: "conv(3, 4) >> dropout >> conv(1, 1)",
    game: `${gan}
solve { min[G] gan(G, D) + E[x ~ X] l1(G(x), 0.1 * x as Y) then repeat 2 { max[D] gan(G, D) } }`,
  }),
  accumulated: spec({
    lets: "import std.losses (lsgan)",
    generator: "conv(3, 4, pad: 1) >> dropout(0.4) >> relu >> conv(1, 3) >> tanh",
    discriminator: "spectral_norm(conv(3, 4)) >> leaky_relu(0.2) >> conv(1, 1)",
    game: "solve { min[G] lsgan.fool(G, D) then repeat 2 { min[D] lsgan.judge(D, G, history: 2) } }",
    train: "optimizer: adam(1e-3)\n  accumulate: 2",
  }),
  "dropout-in-networks-inside": `domain X = image(6)
domain H = features(6, 6, 4)
net Enc : X -> H = conv(3, 4, pad: 1) >> dropout(0.3) >> tanh
net G : X -> X = (x => Enc(x) + Enc(relu(x))) >> conv(3, 3, pad: 1) >> dropout(0.2) >> tanh
net D : X -> Scores = Enc >> dropout >> conv(3, 1)
solve {
  min[G] E[x ~ X] l2(D((0.5 * G(x) + 0.5 * x) as X), 1)
  max[Enc, D] E[x ~ X] (log(sigmoid(D(x))) - l2(D(G(x)), 0) - l2(Enc(x), 0) - norm(D((0.5 * G(x) + 0.5 * x) as X)))
}
train { optimizer: adam(1e-3) schedule: constant(1) batch: 2 }
`,
  "spectral-norm": spec({
    lets: "let c(k) = conv(3, k, pad: 1) >> leaky_relu(0.2)",
    generator:
      "conv(3, 4, stride: 2, pad: 1) >> spectral_norm(conv_transpose(4, 3, stride: 2, pad: 1)) >> tanh",
    discriminator: "spectral_norm(c(4) >> c(3) >> dense(1))",
    game: `${gan}
solve { min[G] gan(G, D) + E[x ~ X] l1(G(x), x as Y) then repeat 2 { max[D] gan(G, D) } }`,
  }),
  equalized: spec({
    lets: `let e(k, speed = 0.5) =
  equalized(conv(3, k, pad: 1) >> group_norm(2, affine: true) >> leaky_relu(0.2), gain: 2 ^ 0.5, rate: speed)`,
    generator: "e(4) >> e(4, 2) >> equalized(conv_transpose(3, 3, pad: 1), rate: 0.1) >> tanh",
    discriminator: `x =>
  let s = equalized(dense(3))(x) + equalized(learnt(1, 1, 3), rate: 0.5)(x) in
  equalized(modulated_conv(3, 4) >> self_attention >> dense(1))(x, s)`,
  }),
  attention: spec({
    generator:
      "conv(3, 16, stride: 2, pad: 1) >> self_attention >> upsample(2) >> conv(3, 3, pad: 1) >> tanh",
    discriminator: "conv(3, 4) >> softmax >> self_attention >> conv(3, 1)",
  }),
  "layers-of-several-values": `domain Z = noise(3)
domain X = image(4, 4, 3)
let styled(k) = (x, z) => (modulated_conv(3, k, pad: 1) >> leaky_relu(0.2))(x, 1 + dense(4)(z))
net G : Z -> X = z =>
  let a = styled(4)((dense(64) >> reshape(4, 4, 4))(z), z) in
  let b = spectral_norm(modulated_conv(3, 4, pad: 1, bias: false))(a, 1 + dense(4)(z)) in
  tanh(modulated_conv(1, 3, demodulate: false)(b + cross_attention(2)(b, z), dense(4)(z)))
net D : (X, Z) -> Scores = modulated_conv(3, 2) >> leaky_relu(0.2) >> dense(1)
solve {
  min[G] E[z ~ Z] l2(D(G(z), z), 1)
  min[D] E[z ~ Z] l2(D(G(z), z), 0) + E[x ~ X, z ~ Z] l2(D(x, z), 1)
}
train { optimizer: adam(1e-3) schedule: constant(1) batch: 2 }
`,
  dense: `domain Z = noise(3)
domain L = labels(2)
domain X = image(4, 4, 3)
net G : (Z, L) -> X = (z, c) =>
  (dense(8) >> reshape(2, 2, 2) >> conv(1, 12) >> pixel_shuffle(2) >> tanh)(concat(z, embedding(3)(c)))
net D : X -> Scores = x =>
  let features = conv(3, 4, stride: 2, pad: 1)(x) in
  dense(1, bias: false)(concat(flatten(x), global_avg_pool(features))) + dense(1)(features)
solve {
  min[G] E[z ~ Z, c ~ L] l2(D(G(z, c)), 1)
  min[D] E[z ~ Z, c ~ L] l2(D(G(z, c)), 0) + E[x ~ X] l2(D(x), 1)
}
train { optimizer: adam(1e-3) schedule: constant(1) batch: 3 }
`,
  norms: `domain X = image(4, 4, 3)
net G : X -> X = conv(3, 4, pad: 1) >> batch_norm >> relu >> conv(3, 3, pad: 1) >> layer_norm(affine: true) >>
  conv(3, 3, pad: 1) >> instance_norm(affine: true) >> tanh
net D : X -> Scores = conv(3, 2) >> batch_norm(affine: false) >> leaky_relu(0.2) >> layer_norm >> conv(1, 1)
solve {
  min[G] E[x ~ X] l2(D(G(x)), 1) + E[x ~ X] l1(G(G(x)), x)
  min[D] E[x ~ X] l2(D(G(x)), 0) + E[x ~ X] l2(D(x), 1)
}
train { optimizer: adam(1e-3) schedule: constant(1) batch: 3 }
`,
  "running-statistics": `domain X = image(6, 6, 3)
domain H = features(6, 6, 3)
let bn = batch_norm(running: true)
net E : X -> H = conv(3, 3, pad: 1) >> bn >> tanh
frozen net P : H -> H = conv(3, 3, pad: 1) >> batch_norm(affine: false, running: true)
net G : X -> X = (x => P(E(x)) + E(relu(x))) >> bn >> dropout(0.3) >> conv(1, 3) >> tanh
net D : X -> Scores = conv(3, 4) >> batch_norm(running: true) >> leaky_relu(0.2) >> conv(1, 1)
solve {
  min[G, E] E[x ~ X] l2(D(G(x)), 1) + E[x ~ X] l1(G(x), x)
  then repeat 2 { min[D] E[x ~ X] l2(D(x), 1) + E[x ~ X] l2(D(replay(G(x), 2)), 0) + E[x ~ X] norm(grad(D)(x)) / 10 }
}
train { optimizer: adam(1e-3) schedule: constant(1) batch: 3 }
`,
  "running-statistics-in-parts": spec({
    generator:
      "conv(3, 4, pad: 1, bias: false) >> batch_norm(running: true) >> relu >> conv(1, 3) >> tanh",
    discriminator:
      "spectral_norm(conv(3, 4)) >> batch_norm(running: true) >> leaky_relu(0.2) >> conv(1, 1)",
    train: "optimizer: adam(1e-3)\n  accumulate: 2\n  batch: 2",
  }),
  activations: spec({
    generator:
      "conv(3, 3, pad: 1) >> elu >> conv(3, 3, pad: 1) >> swish >> conv(3, 3, pad: 1) >> gelu >> conv(1, 3) >> (x => sin(x) + cos(x) * exp(x)) >> conv(1, 3) >> tanh",
  }),
  functions: spec({
    lets: "domain T = uniform(1)\ndomain L = labels(3)\nnet C : X -> L = conv(8, 3)",
    game: `loss shapes(G : a -> b, w : Real) =
  E[x ~ a] (norm(G(x)) ^ 2 + w * mean(softmax(2 * G(x)) * log_softmax(G(x))) - total(clamp(G(x), -0.3, high: 0.2)) / 100 + variation(G(x)) + mean(gram(G(x)) * gram(flip(G(x)))))
loss classes(C : X -> L) = E[(x, c) ~ pairs(X, L)] cross_entropy(C(x), c)
loss between(D : b -> Scores, G : a -> b) = E[x ~ a, y ~ b, t ~ T] l2(D(mix(y, G(x), t)), mix(D(G(x)), D(y), 0.25))
solve {
  min[G] shapes(G, 0.5) + E[x ~ X] contrast(unit(G(x)), stop(unit(x as Y)), temperature: 0.5) + E[x ~ X] l2(D(G(x)), 1)
  min[D, C] between(D, G) + classes(C) + E[x ~ X] norm(stop(G(x)) - D(G(x)))
}`.replace("norm(stop(G(x)) - D(G(x)))", "norm(D(stop(G(x))))"),
  }),
  "gradient-penalty": spec({
    lets: "domain T = uniform(1)",
    discriminator:
      "conv(3, 4) >> instance_norm >> leaky_relu(0.2) >> conv(3, 2) >> tanh >> conv(2, 1)",
    game: `loss penalty(D : b -> Scores, G : a -> b) =
  E[y ~ b, x ~ a, t ~ T] (norm(grad(D)(mix(y, G(x), t))) - 1) ^ 2
solve {
  min[G] E[x ~ X] -D(G(x))
  min[D] E[x ~ X] D(G(x)) - E[y ~ Y] D(y) + 10 * penalty(D, G)
}`,
  }),
  "gradients-of-functions": spec({
    discriminator: "conv(3, 4) >> tanh >> conv(3, 1)",
    game: `loss r1(D : b -> Scores) = E[y ~ b] total(grad(v => D(v) * mean(y))(y) ^ 2)
loss twice(G : a -> b, D : b -> Scores) = E[x ~ a] norm(grad(v => total(grad(w => D(w) ^ 2 * mean(v))(v) ^ 2))(G(x)))
solve {
  min[G] E[x ~ X] softplus(-D(G(x))) + twice(G, D)
  min[D] E[y ~ Y] softplus(-D(y)) + r1(D) + E[x ~ X] softplus(D(G(x)))
}`,
  }),
  "gradients-through-layers": `domain X = image(8)
domain T = uniform(1)
net A : X -> Scores = reflect_pad(1) >> conv(3, 4) >> instance_norm(affine: true) >> elu >> max_pool(3, stride: 2, pad: 1) >>
  conv_transpose(3, 4, stride: 2, pad: 1, output_pad: 1) >> layer_norm >> swish >> avg_pool(3, stride: 2, pad: 1) >>
  zero_pad(1) >> conv(3, 4) >> sigmoid >> upsample(2) >> conv(3, 1)
net B : X -> Scores = conv(4, 8, stride: 2, pad: 1) >> batch_norm >> gelu >> self_attention >> pixel_shuffle(2) >> residual(conv(1, 2) >> tanh) >>
  conv(3, 4) >> softmax >> dense(6) >> reshape(1, 2, 3) >> relu >> dropout(0.3) >> flatten >> dense(2)
net C : X -> Scores = x => let h = conv(3, 4)(x) in
  dense(2)(concat(global_avg_pool(h), flatten(leaky_relu(0.2)(conv(3, 2, stride: 3)(h))))) * sigmoid(avg_pool(6)(conv(1, 2)(h)))
loss flat(D : a -> Scores) = E[x ~ a, w ~ a, t ~ T] (norm(grad(D)(mix(x, w, t))) - 1) ^ 2
solve { min[A, B, C] flat(A) + flat(B) + 10 * flat(C) + E[x ~ X] (l2(A(x), 1) + l2(B(x), 1) + l2(C(x), 1)) }
train { optimizer: adam(1e-3) schedule: constant(1) batch: 2 }
`,
  "gradients-through-spectral-norm": spec({
    discriminator: "spectral_norm(conv(3, 4) >> tanh >> conv_transpose(3, 2)) >> tanh >> dense(1)",
    game: `${gan}
loss r1(D : b -> Scores) = E[y ~ b] norm(grad(D)(y)) ^ 2
solve { max[D] gan(G, D) - 10 * r1(D) then min[G] gan(G, D) }`,
  }),
  "gradients-of-every-function": spec({
    discriminator: "conv(3, 3) >> tanh",
    game: `loss each(D : b -> Scores) = E[y ~ b] (
    norm(grad(v => softmax(D(v)) * log_softmax(2 * D(v)))(y)) + norm(grad(v => clamp(D(v), -0.5, 0.4) ^ 3)(y))
  + norm(grad(v => sqrt(softplus(D(v))) + exp(-D(v)) + log(sigmoid(D(v))) + abs(D(v)) ^ 3 + relu(D(v)) ^ 2 + sin(2 * D(v)) - cos(D(v)))(y)))
loss whole(D : b -> Scores) = E[y ~ b, z ~ b] (
    norm(grad(v => norm(D(v)) * mean(D(v)) + total(D(v)) ^ 2 / 100)(y)) + norm(grad(v => variation(D(v)) + total(shift(D(v), 0.1 * mean(v), 0.2)) / 10 + total(gram(D(v))) / 10 + l2(D(v), D(z)) * l1(D(v), 0.5))(y))
  + norm(grad(v => contrast(unit(positions(D(v), 5)), unit(positions(D(z), 5)), temperature: 0.5))(y))
  + norm(grad(v => cross_entropy(D(v), softmax(D(z))) + total(concat(D(v), D(z)) ^ 2))(y)))
solve {
  min[G] E[x ~ X] (l2(G(x), 1) + l2(D(G(x)), 1) + norm(grad(D)(G(x))))
  min[D] each(D) + whole(D) + E[x ~ X] l2(D(G(x)), 0)
}`,
  }),
  "params-that-follow-schedules": spec({
    lets: `param weight = 2 where weight >= 0.2
param beta = 0.5
let twice = 2 * weight`,
    game: `${gan}
loss close(G : a -> b) = beta * E[x ~ a] l1(G(x), 0) + E[x ~ a] (weight * l2(G(x), 1))
solve { min[G] max[D] gan(G, D) + twice * close(G) - beta * weight * E[y ~ Y] mean(D(y)) }`,
    train: `optimizer: adam(1e-3)
  schedule[weight]: constant(1) >> ramp(4, from: 1, to: 0.1)
  schedule[beta]: warmup(3)`,
  }),
  "phases-in-some-steps": spec({
    discriminator: "conv(3, 4) >> tanh >> conv(3, 1)",
    game: `param lazy = 2
loss small(D : b -> Scores) = E[y ~ b] l2(D(y), 0)
solve {
  every lazy { min[D] lazy * small(D) }
  then min[D] E[y ~ Y] softplus(-D(y)) + E[x ~ X] softplus(D(G(x)))
  then every (lazy + 1) { min[G] E[x ~ X] l2(G(x), 1) }
  then min[G] E[x ~ X] softplus(-D(G(x)))
}`,
  }),
  places: spec({
    lets: "net P : X -> Y = conv(3, 3, pad: 1) >> tanh",
    game: `loss patches(G : a -> b, P : a -> b) =
  E[x ~ a] contrast(unit(positions(G(x), 6)), unit(positions(P(x), 6)))
solve {
  min[G, P] patches(G, P) + E[x ~ X] l2(D(G(x)), 1)
  min[D] E[x ~ X] l1(positions(D(G(x)), 3), 1) - E[y ~ Y] mean(positions(D(y), 3))
}`,
  }),
};
