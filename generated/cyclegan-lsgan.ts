// Made by ganc from specs/cyclegan-lsgan.gan. Change the spec and compile it again rather than this file.
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
  ImageHistory,
  instanceNorm,
  l1,
  l2,
  leakyRelu,
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

/** fool(min G : a -> b, max D : b -> Scores) = E[x ~ a] l2(D(G(x)), 1). std/losses.gan:21 */
export const lsganFool = ({ DGx }: Values<"DGx">): tf.Scalar => l2(DGx, 1);

/**
 * cycle(G : a -> b, F : b -> a) = E[x ~ a] l1(F(G(x)), x) + E[y ~ b] l1(G(F(y)), y).
 * specs/cyclegan.gan:46
 */
export const cycle = ({ FGx, x, GFy, y }: Values<"FGx" | "x" | "GFy" | "y">): tf.Scalar =>
  tf.add(l1(FGx, x), l1(GFy, y));

/**
 * identity(min G : a -> b, min F : b -> a) = E[y ~ b] l1(G(y as a), y) + E[x ~ a] l1(F(x as b), x).
 * std/losses.gan:64
 */
export const identity = ({ Gy, y, Fx, x }: Values<"Gy" | "y" | "Fx" | "x">): tf.Scalar =>
  tf.add(l1(Gy, y), l1(Fx, x));

/**
 * judge(min D : b -> Scores, max G : a -> b, history : Int = 0) = 0.5 * (E[y ~ b] l2(D(y), 1) + E[x
 * ~ a] l2(D(replay(G(x), history)), 0)). std/losses.gan:23
 */
export const lsganJudge = ({ Dy, DpastGx }: Values<"Dy" | "DpastGx">): tf.Scalar =>
  tf.mul(0.5, tf.add(l2(Dy, 1), l2(DpastGx, 0)));

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

/**
 * min[G, F] lsgan.fool(G, D_Y) + lsgan.fool(F, D_X) + lambda * cycle(G, F) + 0.5 * lambda *
 * identity(G, F). specs/cyclegan-lsgan.gan:8
 */
export const minGF = ({ G, F, D_X, D_Y }: Networks, { x, y }: Draws) => {
  const objective = (): Objective<"Gx" | "Fy"> => {
    const Gx = apply(G, x);
    const D_YGx = apply(D_Y, Gx);
    const Fy = apply(F, y);
    const D_XFy = apply(D_X, Fy);
    const FGx = apply(F, Gx);
    const GFy = apply(G, Fy);
    const Gy = apply(G, y);
    const Fx = apply(F, x);
    const lsganFoolGD_Y = lsganFool({ DGx: D_YGx });
    const lsganFoolFD_X = lsganFool({ DGx: D_XFy });
    const cycleGF = cycle({ FGx, x, GFy, y });
    const identityGF = identity({ Gy, y, Fx, x });
    const value: tf.Scalar = tf.addN([
      lsganFoolGD_Y,
      lsganFoolFD_X,
      tf.mul(lambda, cycleGF),
      tf.mul(0.5 * lambda, identityGF),
    ]) as tf.Scalar;
    const terms = {
      "min[G, F]": value,
      "lsgan.fool(G, D_Y)": lsganFoolGD_Y,
      "lsgan.fool(F, D_X)": lsganFoolFD_X,
      "cycle(G, F)": cycleGF,
      "identity(G, F)": identityGF,
    };
    return { value, terms, kept: { Gx, Fy } };
  };
  return differentiate([G, F], objective);
};

/** min[D_Y] lsgan.judge(D_Y, G, history: 50). specs/cyclegan-lsgan.gan:10 */
export const minD_Y = (
  { D_Y }: Networks,
  { y }: Draws,
  { Gx }: Values<"Gx">,
  histories: Memory["histories"],
  chance: Chance,
) => {
  const objective = (): Objective<never> => {
    const D_Yy = apply(D_Y, y);
    const pastGx = histories["minD_Y/Gx"].recall(Gx, chance.recall("minD_Y/Gx"));
    const D_YpastGx = apply(D_Y, pastGx);
    const lsganJudgeD_YG = lsganJudge({ Dy: D_Yy, DpastGx: D_YpastGx });
    const value: tf.Scalar = lsganJudgeD_YG;
    const terms = { "lsgan.judge(D_Y, G, history: 50)": lsganJudgeD_YG };
    return { value, terms };
  };
  return differentiate([D_Y], objective);
};

/** min[D_X] lsgan.judge(D_X, F, history: 50). specs/cyclegan-lsgan.gan:11 */
export const minD_X = (
  { D_X }: Networks,
  { x }: Draws,
  { Fy }: Values<"Fy">,
  histories: Memory["histories"],
  chance: Chance,
) => {
  const objective = (): Objective<never> => {
    const D_Xx = apply(D_X, x);
    const pastFy = histories["minD_X/Fy"].recall(Fy, chance.recall("minD_X/Fy"));
    const D_XpastFy = apply(D_X, pastFy);
    const lsganJudgeD_XF = lsganJudge({ Dy: D_Xx, DpastGx: D_XpastFy });
    const value: tf.Scalar = lsganJudgeD_XF;
    const terms = { "lsgan.judge(D_X, F, history: 50)": lsganJudgeD_XF };
    return { value, terms };
  };
  return differentiate([D_X], objective);
};

/**
 * What a run carries from step to step beside the networks: Adam's moments, and the image
 * histories.
 */
export const memory = () => ({
  optimizer: new Adam({ beta1: 0.5, beta2: 0.999, epsilon: 1e-8 }),
  histories: { "minD_Y/Gx": new ImageHistory(50), "minD_X/Fy": new ImageHistory(50) },
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
  chance: Chance,
): Record<string, tf.Scalar> =>
  tf.tidy(() => {
    const GF = minGF(nets, draws);
    const D_Y = minD_Y(nets, draws, GF.kept, memory.histories, chance);
    const D_X = minD_X(nets, draws, GF.kept, memory.histories, chance);
    // Every player has been differentiated at the weights held when the step began;
    // now all of them move.
    memory.optimizer.update([nets.G, nets.F], GF.gradients, rate);
    memory.optimizer.update([nets.D_Y], D_Y.gradients, rate);
    memory.optimizer.update([nets.D_X], D_X.gradients, rate);
    return { ...GF.terms, ...D_Y.terms, ...D_X.terms };
  });

/** All networks, new, with weights of zero: give them values by `initialise`, or load them. */
export const networks = (): Networks => ({
  G: buildG(),
  F: buildF(),
  D_X: buildD_X(),
  D_Y: buildD_Y(),
});
