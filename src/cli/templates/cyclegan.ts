/** The spec that `ganc init` writes for two unpaired sets of images. */
import { capacity, type Kind, multiplesOf, type Start } from "./kind.js";

/** Names the generators `G` and `F` as in the paper, unless a domain has that name. */
const translators = ([x, y]: readonly [string, string]): readonly [string, string] =>
  [x, y].some((name) => name === "G" || name === "F") ? [`To${y}`, `To${x}`] : ["G", "F"];

const spec = ({ domains: [x = "X", y = "Y"], size, channels }: Start): string => {
  const { filters, blocks } = capacity(size);
  const [G, F] = translators([x, y]);
  return `-- CycleGAN between ${x} and ${y}: two sets of images, none of which has a partner in the other.
-- Zhu, Park, Isola, Efros, ICCV 2017, trained as in its section 4.

import std.losses (lsgan, identity)

-- Smaller is faster: every param can be set for one run, as in \`--set size=64\`.
param size : Int = ${size} where size % 4 == 0 and size >= 24
param ngf : Int = ${filters} where ngf >= 1
param ndf : Int = ${filters} where ndf >= 1
param blocks : Int = ${blocks} where blocks >= 0
param lambda : Real = 10 where lambda >= 0

domain ${x} = image(size, size, ${channels})
domain ${y} = image(size, size, ${channels})

-- Generators: down to a quarter of the size, residual blocks, and up again
let down(k) = conv(3, k, stride: 2, pad: 1) >> instance_norm >> relu
let up(k) = upsample(2) >> reflect_pad(1) >> conv(3, k) >> instance_norm >> relu
let block(k) = residual(
  reflect_pad(1) >> conv(3, k) >> instance_norm >> relu >>
  reflect_pad(1) >> conv(3, k) >> instance_norm)

let generator =
  reflect_pad(3) >> conv(7, ngf) >> instance_norm >> relu >>
  down(2 * ngf) >> down(4 * ngf) >> block(4 * ngf) * blocks >> up(2 * ngf) >> up(ngf) >>
  reflect_pad(3) >> conv(7, ${channels}) >> tanh

-- Discriminators: one judgement for each patch of an image
let judge(k, stride = 2) = conv(4, k, stride: stride, pad: 1) >> instance_norm >> leaky_relu(0.2)
let discriminator =
  conv(4, ndf, stride: 2, pad: 1) >> leaky_relu(0.2) >>
  judge(2 * ndf) >> judge(4 * ndf, stride: 1) >> conv(4, 1, pad: 1)

net ${G} : ${x} -> ${y} = generator
net ${F} : ${y} -> ${x} = generator
net D_${x} : ${x} -> Scores = discriminator
net D_${y} : ${y} -> Scores = discriminator

-- There and back again: what keeps a translation close to its original
loss cycle(G : a -> b, F : b -> a) =
  E[x ~ a] l1(F(G(x)), x) + E[y ~ b] l1(G(F(y)), y)

solve {
  min[${G}, ${F}] lsgan.fool(${G}, D_${y}) + lsgan.fool(${F}, D_${x})
    + lambda * cycle(${G}, ${F}) + 0.5 * lambda * identity(${G}, ${F})
  min[D_${y}] lsgan.judge(D_${y}, ${G}, history: 50)
  min[D_${x}] lsgan.judge(D_${x}, ${F}, history: 50)
}

train {
  optimizer: adam(2e-4, beta1: 0.5)
  schedule: constant(100) >> linear_to_zero(100)
  batch: 1
  init: normal(0, 0.02)
  augment: resize(size * 286 // 256) >> random_crop(size) >> random_flip
}
`;
};

export const cyclegan: Kind = {
  name: "cyclegan",
  title: "translation between two sets of images without pairs",
  domains: 2,
  sizes: multiplesOf(4, 24, [256, 192, 128, 96, 64, 48, 32]),
  spec,
};
