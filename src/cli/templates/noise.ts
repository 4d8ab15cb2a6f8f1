/** The specs that `ganc init` writes for images from noise, without or with classes. */
import { capacity, type Kind, type Sizes, type Start, unused } from "./kind.js";

/** Counts how often the side doubles from 4 x 4 to `size`, a power of two. */
const doublings = (size: number): number => Math.log2(size / 4);

/**
 * Writes the filters where the side has been halved `k` times: doubled each time, up to 8 times as
 * many.
 */
const filters = (name: string, k: number): string =>
  k === 0 ? name : `${Math.min(8, 2 ** k)} * ${name}`;

const spec = (start: Start): string => {
  const { domains, size, channels, classes } = start;
  const [x = "X"] = domains;
  const ofClasses = classes > 0;
  const name = (wanted: string): string => unused(wanted, domains);
  const [G, D, Z, Class] = [name("G"), name("D"), name("Z"), name("Class")];
  const half = doublings(size);
  const steps = Array.from({ length: half - 1 }, (_, i) => i + 1);
  const ups = [...steps].reverse().map((k) => `up(${filters("ngf", k - 1)}) >> `);
  const downs = steps.map((k) => `down(${filters("ndf", k)}) >> `);
  const widest = filters("ngf", half - 1);
  const { filters: width } = capacity(size);
  return `-- Images like those of ${x}, made of noise${ofClasses ? " and a class" : ""}.
-- ${ofClasses ? "Mirza and Osindero 2014, on the networks of " : ""}DCGAN: Radford, Metz, Chintala, ICLR 2016.
${ofClasses ? "" : "\nimport std.losses (nonsaturating)\n"}
param ngf : Int = ${2 * width} where ngf >= 1
param ndf : Int = ${2 * width} where ndf >= 1

domain ${Z} = noise(100)
domain ${x} = image(${size}, ${size}, ${channels})
${ofClasses ? `domain ${Class} = labels(${classes})\n` : ""}
let up(k) = conv_transpose(4, k, stride: 2, pad: 1) >> batch_norm >> relu
let down(k) = conv(4, k, stride: 2, pad: 1) >> batch_norm >> leaky_relu(0.2)

let generator =
  dense(4 * 4 * ${widest}) >> reshape(4, 4, ${widest}) >> batch_norm >> relu >>
  ${ups.join("")}conv_transpose(4, ${channels}, stride: 2, pad: 1) >> tanh

let discriminator =
  conv(4, ndf, stride: 2, pad: 1) >> leaky_relu(0.2) >>
  ${downs.join("")}conv(4, 1)

${ofClasses ? conditional({ x, G, D, Z, Class }) : plain({ x, G, D, Z })}
train {
  optimizer: adam(2e-4, beta1: 0.5)
  schedule: constant(100)
  batch: 32
  init: normal(0, 0.02)
}
`;
};

type Names = Readonly<Record<"x" | "G" | "D" | "Z", string>>;

const plain = ({ x, G, D, Z }: Names): string => `net ${G} : ${Z} -> ${x} = generator
net ${D} : ${x} -> Scores = discriminator

solve {
  min[${G}] nonsaturating.fool(${G}, ${D})
  min[${D}] nonsaturating.judge(${D}, ${G})
}
`;

const conditional = ({ x, G, D, Z, Class }: Names & { readonly Class: string }): string =>
  `-- The class is asked for, and judged
net ${G} : (${Z}, ${Class}) -> ${x} = (z, c) => generator(concat(z, c))
net ${D} : (${x}, ${Class}) -> Scores = (x, c) => discriminator(concat(x, c))

solve {
  min[${G}] E[z ~ ${Z}, c ~ ${Class}] softplus(-${D}(${G}(z, c), c))
  min[${D}] E[(x, c) ~ pairs(${x}, ${Class})] softplus(-${D}(x, c))
    + E[z ~ ${Z}, c ~ ${Class}] softplus(${D}(stop(${G}(z, c)), c))
}
`;

/** Sides that doubling 4 x 4 gives. The discriminator's last window covers the remaining side. */
const sizes: Sizes = {
  allows: (side) => [32, 64, 128, 256].includes(side),
  words: "32, 64, 128 or 256",
  offered: [128, 64, 32],
};

export const dcgan: Kind = {
  name: "dcgan",
  title: "images made of noise",
  domains: 1,
  sizes,
  spec,
};

export const cgan: Kind = {
  name: "cgan",
  title: "images made of noise and a class",
  domains: 1,
  isOfClasses: true,
  sizes,
  spec,
};
