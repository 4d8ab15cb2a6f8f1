import { everyLayer } from "./layers.js";

/**
 * Recipes whose updates have no step of the size of a rounding: engines that mean the same come to
 * the same weights, all but for rounding, and engines that do not, do not.
 */
const spec = (train: string): string => `domain X = image(8, 8, 3)
domain Y = image(8, 8, 3)
net G : X -> Y = conv(3, 4, pad: 1, bias: false) >> instance_norm(affine: true) >> relu >> conv(3, 3, pad: 1) >> tanh
net D : Y -> Scores = conv(4, 4, stride: 2, pad: 1) >> leaky_relu(0.2) >> dense(1)
loss fool(G, D) = E[x ~ X] l2(D(G(x)), 1) + E[x ~ X] l1(G(x), 0.5)
loss judge(G, D) = E[y ~ Y] l2(D(y), 1) + E[x ~ X] l2(D(G(x)), 0)
solve { min[G] 9 * fool(G, D) min[D] 7 * judge(G, D) }
train {
  ${train}
  init: kaiming_normal
  schedule: constant(1)
}
`;

/** Every layer, whose weights decay far more than they move. */
const decaying = everyLayer()
  .replace("adam(1e-3, beta1: 0)", "adamw(0.01, epsilon: 1, decay: 9)")
  .replace(/loss flat.*\n/, "")
  .replace("flat(D) + ", "");

export const recipes: Readonly<Record<string, string>> = {
  "weight decay": spec(`optimizer: adamw(0.02, beta1: 0.5, epsilon: 1, decay: 9)
  optimizer[D]: adamw(0.04, epsilon: 0.5, decay: 6)`),
  "weight decay of every layer": decaying,
  "gradients clipped by norm": spec(`optimizer: sgd(0.05)
  clip_gradient: by_norm(0.4)
  clip_gradient[D]: by_norm(0.7)`),
  "gradients clipped by value": spec(`optimizer: sgd(0.05, momentum: 0.5)
  clip_gradient[D]: by_value(0.05)
  clip_gradient[G]: by_value(0.02)`),
  "gradients clipped, of batches that are summed": spec(`optimizer: sgd(0.05)
  optimizer[G]: adam(0.05, epsilon: 0.1)
  accumulate: 2
  clip_gradient[D]: by_norm(0.5)
  clip_gradient[G]: by_value(0.02)`),
  "weight decay of a maximising player": spec(
    "optimizer: adamw(0.02, epsilon: 1, decay: 9)",
  ).replace("min[D] 7", "max[D] -7"),
};
