/** The spec that `ganc init` writes for paired images. */
import { capacity, type Kind, multiplesOf, type Start, unused } from "./kind.js";

const spec = ({ domains, size, channels }: Start): string => {
  const [x = "X", y = "Y"] = domains;
  const { filters } = capacity(size);
  const [G, D] = [unused("G", domains), unused("D", domains)];
  return `-- pix2pix from ${x} to ${y}: each image of ${x} has a partner in ${y}, of the same file name.
-- Isola, Zhu, Zhou, Efros, CVPR 2017.

import std.blocks (level)

-- Smaller is faster: every param can be set for one run, as in \`--set size=64\`.
param size : Int = ${size} where size % 32 == 0 and size >= 64
param ngf : Int = ${filters} where ngf >= 1
param ndf : Int = ${filters} where ndf >= 1
param lambda : Real = 100 where lambda >= 0

domain ${x} = image(size, size, ${channels})
domain ${y} = image(size, size, ${channels})

-- The generator: a U-Net, down to a 32nd of the size and up again, beside what was there on the way down
let deep(below) = level(8 * ngf, below, 8 * ngf, last: dropout(0.5))
let generator =
  conv(4, ngf, stride: 2, pad: 1) >>
  level(2 * ngf, level(4 * ngf, level(8 * ngf, deep(identity), 4 * ngf), 2 * ngf), ngf) >>
  relu >> conv_transpose(4, ${channels}, stride: 2, pad: 1) >> tanh

-- The discriminator: one judgement for each patch of an input and what is said to belong to it
let judge(k, stride = 2) = conv(4, k, stride: stride, pad: 1) >> instance_norm >> leaky_relu(0.2)
let discriminator =
  conv(4, ndf, stride: 2, pad: 1) >> leaky_relu(0.2) >>
  judge(2 * ndf) >> judge(4 * ndf, stride: 1) >> conv(4, 1, pad: 1)

net ${G} : ${x} -> ${y} = generator
net ${D} : (${x}, ${y}) -> Scores = (x, y) => discriminator(concat(x, y))

solve {
  min[${G}] E[x ~ ${x}] softplus(-${D}(x, ${G}(x))) + lambda * E[(x, y) ~ pairs(${x}, ${y})] l1(${G}(x), y)
  min[${D}] 0.5 * E[(x, y) ~ pairs(${x}, ${y})] (softplus(-${D}(x, y)) + softplus(${D}(x, stop(${G}(x)))))
}

train {
  optimizer: adam(2e-4, beta1: 0.5)
  schedule: constant(100) >> linear_to_zero(100)
  batch: 1
  init: normal(0, 0.02)
}
`;
};

export const pix2pix: Kind = {
  name: "pix2pix",
  title: "translation learnt from pairs of images",
  domains: 2,
  sizes: multiplesOf(32, 64, [256, 192, 128, 96, 64]),
  spec,
};
