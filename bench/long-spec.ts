/**
 * Writes a spec of any length in which every declaration is used, as if a project had grown into
 * one file.
 */

/** Lines of a group of declarations, including its clause in `solve`. */
const groupLines = 20;

const group = (i: number): string => `
-- Group ${i}: a generator, its discriminator, and what they play for.
param width_${i} : Int = 4 where width_${i} >= 1
param weight_${i} : Real = 0.5 where weight_${i} >= 0

let c_${i}(k, kernel = 3) = conv(kernel, k, pad: kernel // 2) >> instance_norm >> relu
let block_${i}(k) = residual(c_${i}(k) >> conv(3, k, pad: 1) >> instance_norm)
let generator_${i} =
  c_${i}(width_${i}) >> block_${i}(width_${i}) * 2 >> conv(1, 3) >> tanh

let discriminator_${i} = conv(4, width_${i}, stride: 2, pad: 1) >> leaky_relu(0.2) >> conv(3, 1)
net G_${i} : X -> Y = generator_${i}
net D_${i} : Y -> Scores = discriminator_${i}

loss gan_${i}(G : a -> b, D : b -> Scores, w : Real) =
  E[y ~ b] log(sigmoid(D(y))) + E[x ~ a] log(1 - sigmoid(D(G(x))))
  + w * E[x ~ a] l1(G(x), x as b)

objective L_${i} = gan_${i}(G_${i}, D_${i}, weight_${i})`;

const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => i);

/** Writes a spec of at least that many lines. */
export const longSpec = (lines: number): string => {
  const groups = numbers(Math.ceil(lines / groupLines));
  return `domain X = image(16)
domain Y = image(16)
${groups.map(group).join("\n")}

solve {
${groups.map((i) => `  min[G_${i}] max[D_${i}] L_${i}`).join("\n")}
}

train {
  optimizer: adam(2e-4, beta1: 0.5)
  schedule:  constant(1)
}
`;
};
