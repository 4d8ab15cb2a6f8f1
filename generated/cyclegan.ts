// Made by ganc from specs/cyclegan.gan. Change the spec and compile it again rather than this file.
import * as tf from "@tensorflow/tfjs";
import {
  Adam,
  apply,
  type Block,
  block,
  type Chance,
  conv,
  convTranspose,
  differentiate,
  instanceNorm,
  l1,
  leakyRelu,
  logOneMinusSigmoid,
  logSigmoid,
  mean,
  network,
  type Objective,
  reflectPad,
  relu,
  repeat,
  residual,
  seq,
  tanh,
  type Values,
} from "ganc/runtime";

/** param size : Int. specs/cyclegan.gan:5 */
export const size = 256;

/** param ngf : Int. specs/cyclegan.gan:6 */
export const ngf = 64;

/** param blocks : Int. specs/cyclegan.gan:8 */
export const blocks = 9;

/** param ndf : Int. specs/cyclegan.gan:7 */
export const ndf = 64;

/** param lambda : Real. specs/cyclegan.gan:9 */
export const lambda = 10;

/** domain X: images [height, width, channels] in [-1, 1]. specs/cyclegan.gan:11 */
export const X = [size, size, 3] as const;

/** domain Y: images [height, width, channels] in [-1, 1]. specs/cyclegan.gan:12 */
export const Y = [size, size, 3] as const;

/** let c7s1(k) = reflect_pad(3) >> conv(7, k) >> instance_norm >> relu. specs/cyclegan.gan:15 */
const c7s1 = (k: number): Block => block("c7s1", reflectPad(3), conv(7, k), instanceNorm(), relu());

/** let d(k) = conv(3, k, stride: 2, pad: 1) >> instance_norm >> relu. specs/cyclegan.gan:16 */
const d = (k: number): Block =>
  block("d", conv(3, k, { stride: 2, pad: 1 }), instanceNorm(), relu());

/**
 * let R(k) = residual( reflect_pad(1) >> conv(3, k) >> instance_norm >> relu >> reflect_pad(1) >>
 * conv(3, k) >> instance_norm). specs/cyclegan.gan:17
 */
const R = (k: number): Block =>
  block(
    "R",
    residual(
      reflectPad(1),
      conv(3, k),
      instanceNorm(),
      relu(),
      reflectPad(1),
      conv(3, k),
      instanceNorm(),
    ),
  );

/**
 * let u(k) = conv_transpose(3, k, stride: 2, pad: 1, output_pad: 1) >> instance_norm >> relu.
 * specs/cyclegan.gan:20
 */
const u = (k: number): Block =>
  block("u", convTranspose(3, k, { stride: 2, pad: 1, outputPad: 1 }), instanceNorm(), relu());

/**
 * let resnet = c7s1(ngf) >> d(2 * ngf) >> d(4 * ngf) >> R(4 * ngf) * blocks >> u(2 * ngf) >> u(ngf)
 * >> reflect_pad(3) >> conv(7, 3) >> tanh. specs/cyclegan.gan:22
 */
const resnet: Block = seq(
  c7s1(ngf),
  d(2 * ngf),
  d(4 * ngf),
  repeat(R(4 * ngf), blocks),
  u(2 * ngf),
  u(ngf),
  reflectPad(3),
  conv(7, 3),
  tanh(),
);

/**
 * let C(k, stride = 2) = conv(4, k, stride: stride, pad: 1) >> instance_norm >> leaky_relu(0.2).
 * specs/cyclegan.gan:27
 */
const C = (k: number, stride = 2): Block =>
  block("C", conv(4, k, { stride: stride, pad: 1 }), instanceNorm(), leakyRelu(0.2));

/**
 * let patchgan = conv(4, ndf, stride: 2, pad: 1) >> leaky_relu(0.2) >> C(2 * ndf) >> C(4 * ndf) >>
 * C(8 * ndf, stride: 1) >> conv(4, 1, pad: 1). specs/cyclegan.gan:28
 */
const patchgan: Block = seq(
  conv(4, ndf, { stride: 2, pad: 1 }),
  leakyRelu(0.2),
  C(2 * ndf),
  C(4 * ndf),
  C(8 * ndf, 1),
  conv(4, 1, { pad: 1 }),
);

/**
 * net G : X -> Y, [n, 256, 256, 3] -> [n, 256, 256, 3] in [-1, 1], 11,378,179 parameters, receptive
 * field 169. specs/cyclegan.gan:32
 */
export const buildG = (): tf.LayersModel => network("G", X, resnet);

/**
 * net F : Y -> X, [n, 256, 256, 3] -> [n, 256, 256, 3] in [-1, 1], 11,378,179 parameters, receptive
 * field 169. specs/cyclegan.gan:33
 */
export const buildF = (): tf.LayersModel => network("F", Y, resnet);

/**
 * net D_X : X -> Scores, [n, 256, 256, 3] -> [n, 30, 30, 1], 2,764,737 parameters, receptive field
 * 70. specs/cyclegan.gan:34
 */
export const buildD_X = (): tf.LayersModel => network("D_X", X, patchgan);

/**
 * net D_Y : Y -> Scores, [n, 256, 256, 3] -> [n, 30, 30, 1], 2,764,737 parameters, receptive field
 * 70. specs/cyclegan.gan:35
 */
export const buildD_Y = (): tf.LayersModel => network("D_Y", Y, patchgan);

/**
 * gan(G : a -> b, D : b -> Scores) = E[y ~ b] log(sigmoid(D(y))) + E[x ~ a] log(1 -
 * sigmoid(D(G(x)))). specs/cyclegan.gan:43
 */
export const gan = ({ Dy, DGx }: Values<"Dy" | "DGx">): tf.Scalar =>
  tf.add(mean(logSigmoid(Dy)), mean(logOneMinusSigmoid(DGx)));

/**
 * cycle(G : a -> b, F : b -> a) = E[x ~ a] l1(F(G(x)), x) + E[y ~ b] l1(G(F(y)), y).
 * specs/cyclegan.gan:46
 */
export const cycle = ({ FGx, x, GFy, y }: Values<"FGx" | "x" | "GFy" | "y">): tf.Scalar =>
  tf.add(l1(FGx, x), l1(GFy, y));

/** The networks, by the names of the spec. */
export interface Networks {
  readonly G: tf.LayersModel;
  readonly F: tf.LayersModel;
  readonly D_X: tf.LayersModel;
  readonly D_Y: tf.LayersModel;
}

/** One draw of every domain: every expectation of a step shares it. */
export interface Draws {
  /** [n, 256, 256, 3], drawn from X */
  readonly x: tf.Tensor4D;
  /** [n, 256, 256, 3], drawn from Y */
  readonly y: tf.Tensor4D;
}

/** The domain that each draw is of. */
export const domains = { x: "X", y: "Y" } as const;

/** min[G, F] gan(G, D_Y) + gan(F, D_X) + lambda * cycle(G, F). specs/cyclegan.gan:51 */
export const minGF = ({ G, F, D_X, D_Y }: Networks, { y, x }: Draws) => {
  const objective = (): Objective<"Gx" | "Fy"> => {
    const D_Yy = apply(D_Y, y);
    const Gx = apply(G, x);
    const D_YGx = apply(D_Y, Gx);
    const D_Xx = apply(D_X, x);
    const Fy = apply(F, y);
    const D_XFy = apply(D_X, Fy);
    const FGx = apply(F, Gx);
    const GFy = apply(G, Fy);
    const ganGD_Y = gan({ Dy: D_Yy, DGx: D_YGx });
    const ganFD_X = gan({ Dy: D_Xx, DGx: D_XFy });
    const cycleGF = cycle({ FGx, x, GFy, y });
    const value: tf.Scalar = tf.addN([ganGD_Y, ganFD_X, tf.mul(lambda, cycleGF)]) as tf.Scalar;
    const terms = {
      "min[G, F]": value,
      "gan(G, D_Y)": ganGD_Y,
      "gan(F, D_X)": ganFD_X,
      "cycle(G, F)": cycleGF,
      L: value,
    };
    return { value, terms, kept: { Gx, Fy } };
  };
  return differentiate([G, F], objective);
};

/**
 * max[D_X, D_Y] gan(G, D_Y) + gan(F, D_X) + lambda * cycle(G, F). specs/cyclegan.gan:51
 * What does not depend on D_X and D_Y is left out.
 */
export const maxD_XD_Y = (
  { D_X, D_Y }: Networks,
  { y, x }: Draws,
  { Gx, Fy }: Values<"Gx" | "Fy">,
) => {
  const objective = (): Objective<never> => {
    const D_Yy = apply(D_Y, y);
    const D_YGx = apply(D_Y, Gx);
    const D_Xx = apply(D_X, x);
    const D_XFy = apply(D_X, Fy);
    const ganGD_Y = gan({ Dy: D_Yy, DGx: D_YGx });
    const ganFD_X = gan({ Dy: D_Xx, DGx: D_XFy });
    const value: tf.Scalar = tf.add(ganGD_Y, ganFD_X);
    return { value };
  };
  return differentiate([D_X, D_Y], objective, { maximise: true });
};

/**
 * What a run carries from step to step beside the networks: Adam's moments, and the image
 * histories.
 */
export const memory = () => ({
  optimizer: new Adam({ beta1: 0.5, beta2: 0.999, epsilon: 1e-8 }),
  histories: {},
});

export type Memory = ReturnType<typeof memory>;

/**
 * One step at the learning rate `rate`: the values of all objectives and losses, for the caller to
 * dispose.
 */
export const step = (
  nets: Networks,
  memory: Memory,
  draws: Draws,
  rate: number,
  _chance: Chance,
): Record<string, tf.Scalar> =>
  tf.tidy(() => {
    const GF = minGF(nets, draws);
    const D_XD_Y = maxD_XD_Y(nets, draws, GF.kept);
    // Every player has been differentiated at the weights held when the step began;
    // now all of them move.
    memory.optimizer.update([nets.G, nets.F], GF.gradients, rate);
    memory.optimizer.update([nets.D_X, nets.D_Y], D_XD_Y.gradients, rate);
    return { ...GF.terms, ...D_XD_Y.terms };
  });

/** All networks, new, with weights of zero: give them values by `initialise`, or load them. */
export const networks = (): Networks => ({
  G: buildG(),
  F: buildF(),
  D_X: buildD_X(),
  D_Y: buildD_Y(),
});
