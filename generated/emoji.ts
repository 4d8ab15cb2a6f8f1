// Made by ganc from specs/emoji.gan. Change the spec and compile it again rather than this file.
import * as tf from "@tensorflow/tfjs";
import {
  Adam,
  apply,
  type Block,
  block,
  type Chance,
  concat,
  conv,
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
  upsample,
  type Values,
} from "ganc/runtime";

/** param size : Int. specs/emoji.gan:7 */
export const size = 64;

/** param ngf : Int. specs/emoji.gan:8 */
export const ngf = 16;

/** param blocks : Int. specs/emoji.gan:10 */
export const blocks = 3;

/** param ndf : Int. specs/emoji.gan:9 */
export const ndf = 32;

/** param lambda : Real. specs/emoji.gan:11 */
export const lambda = 10;

/** domain Noto: images [height, width, channels] in [-1, 1]. specs/emoji.gan:13 */
export const Noto = [size, size, 3] as const;

/** domain Fluent: images [height, width, channels] in [-1, 1]. specs/emoji.gan:14 */
export const Fluent = [size, size, 3] as const;

/**
 * let finish = reflect_pad(1) >> conv(3, 2 * ngf) >> relu >> conv(1, 3) >> tanh. specs/emoji.gan:24
 */
const finish: Block = seq(reflectPad(1), conv(3, 2 * ngf), relu(), conv(1, 3), tanh());

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
 * let up(k) = upsample(2) >> reflect_pad(1) >> conv(3, k) >> instance_norm >> relu.
 * specs/emoji.gan:17
 */
const up = (k: number): Block =>
  block("up", upsample(2), reflectPad(1), conv(3, k), instanceNorm(), relu());

/**
 * let painting = c7s1(ngf) >> d(2 * ngf) >> d(4 * ngf) >> R(4 * ngf) * blocks >> up(2 * ngf) >>
 * up(ngf). specs/emoji.gan:19
 */
const painting: Block = seq(
  c7s1(ngf),
  d(2 * ngf),
  d(4 * ngf),
  repeat(R(4 * ngf), blocks),
  up(2 * ngf),
  up(ngf),
);

/** let translator = x => finish(concat(painting(x), x)). specs/emoji.gan:25 */
const translator: Block = (x) => finish(concat(painting(x), x));

/**
 * let C(k, stride = 2) = conv(4, k, stride: stride, pad: 1) >> instance_norm >> leaky_relu(0.2).
 * specs/cyclegan.gan:27
 */
const C = (k: number, stride = 2): Block =>
  block("C", conv(4, k, { stride: stride, pad: 1 }), instanceNorm(), leakyRelu(0.2));

/**
 * let patches = conv(4, ndf, stride: 2, pad: 1) >> leaky_relu(0.2) >> C(2 * ndf) >> C(4 * ndf,
 * stride: 1) >> conv(4, 1, pad: 1). specs/emoji.gan:28
 */
const patches: Block = seq(
  conv(4, ndf, { stride: 2, pad: 1 }),
  leakyRelu(0.2),
  C(2 * ndf),
  C(4 * ndf, 1),
  conv(4, 1, { pad: 1 }),
);

/**
 * net G : Noto -> Fluent, [n, 64, 64, 3] -> [n, 64, 64, 3] in [-1, 1], 275,763 parameters,
 * receptive field 69. specs/emoji.gan:32
 */
export const buildG = (): tf.LayersModel => network("G", Noto, translator);

/**
 * net F : Fluent -> Noto, [n, 64, 64, 3] -> [n, 64, 64, 3] in [-1, 1], 275,763 parameters,
 * receptive field 69. specs/emoji.gan:33
 */
export const buildF = (): tf.LayersModel => network("F", Fluent, translator);

/**
 * net D_Noto : Noto -> Scores, [n, 64, 64, 3] -> [n, 14, 14, 1], 167,649 parameters, receptive
 * field 34. specs/emoji.gan:34
 */
export const buildD_Noto = (): tf.LayersModel => network("D_Noto", Noto, patches);

/**
 * net D_Fluent : Fluent -> Scores, [n, 64, 64, 3] -> [n, 14, 14, 1], 167,649 parameters, receptive
 * field 34. specs/emoji.gan:35
 */
export const buildD_Fluent = (): tf.LayersModel => network("D_Fluent", Fluent, patches);

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
  readonly D_Noto: tf.LayersModel;
  readonly D_Fluent: tf.LayersModel;
}

/** One draw of every domain: every expectation of a step shares it. */
export interface Draws {
  /** [n, 64, 64, 3], drawn from Noto */
  readonly noto: tf.Tensor4D;
  /** [n, 64, 64, 3], drawn from Fluent */
  readonly fluent: tf.Tensor4D;
}

/** The domain that each draw is of. */
export const domains = { noto: "Noto", fluent: "Fluent" } as const;

/**
 * min[G, F] lsgan.fool(G, D_Fluent) + lsgan.fool(F, D_Noto) + lambda * cycle(G, F) + 0.5 * lambda *
 * identity(G, F). specs/emoji.gan:40
 */
export const minGF = ({ G, F, D_Noto, D_Fluent }: Networks, { noto, fluent }: Draws) => {
  const objective = (): Objective<"G_noto" | "F_fluent"> => {
    const G_noto = apply(G, noto);
    const D_Fluent_G_noto = apply(D_Fluent, G_noto);
    const F_fluent = apply(F, fluent);
    const D_Noto_F_fluent = apply(D_Noto, F_fluent);
    const F_G_noto = apply(F, G_noto);
    const G_F_fluent = apply(G, F_fluent);
    const G_fluent = apply(G, fluent);
    const F_noto = apply(F, noto);
    const lsganFoolGD_Fluent = lsganFool({ DGx: D_Fluent_G_noto });
    const lsganFoolFD_Noto = lsganFool({ DGx: D_Noto_F_fluent });
    const cycleGF = cycle({ FGx: F_G_noto, x: noto, GFy: G_F_fluent, y: fluent });
    const identityGF = identity({ Gy: G_fluent, y: fluent, Fx: F_noto, x: noto });
    const value: tf.Scalar = tf.addN([
      lsganFoolGD_Fluent,
      lsganFoolFD_Noto,
      tf.mul(lambda, cycleGF),
      tf.mul(0.5 * lambda, identityGF),
    ]) as tf.Scalar;
    const terms = {
      "min[G, F]": value,
      "lsgan.fool(G, D_Fluent)": lsganFoolGD_Fluent,
      "lsgan.fool(F, D_Noto)": lsganFoolFD_Noto,
      "cycle(G, F)": cycleGF,
      "identity(G, F)": identityGF,
    };
    return { value, terms, kept: { G_noto, F_fluent } };
  };
  return differentiate([G, F], objective);
};

/** min[D_Fluent] lsgan.judge(D_Fluent, G, history: 50). specs/emoji.gan:42 */
export const minD_Fluent = (
  { D_Fluent }: Networks,
  { fluent }: Draws,
  { G_noto }: Values<"G_noto">,
  histories: Memory["histories"],
  chance: Chance,
) => {
  const objective = (): Objective<never> => {
    const D_Fluent_fluent = apply(D_Fluent, fluent);
    const past_G_noto = histories["minD_Fluent/G_noto"].recall(
      G_noto,
      chance.recall("minD_Fluent/G_noto"),
    );
    const D_Fluent_past_G_noto = apply(D_Fluent, past_G_noto);
    const lsganJudgeD_FluentG = lsganJudge({ Dy: D_Fluent_fluent, DpastGx: D_Fluent_past_G_noto });
    const value: tf.Scalar = lsganJudgeD_FluentG;
    const terms = { "lsgan.judge(D_Fluent, G, history: 50)": lsganJudgeD_FluentG };
    return { value, terms };
  };
  return differentiate([D_Fluent], objective);
};

/** min[D_Noto] lsgan.judge(D_Noto, F, history: 50). specs/emoji.gan:43 */
export const minD_Noto = (
  { D_Noto }: Networks,
  { noto }: Draws,
  { F_fluent }: Values<"F_fluent">,
  histories: Memory["histories"],
  chance: Chance,
) => {
  const objective = (): Objective<never> => {
    const D_Noto_noto = apply(D_Noto, noto);
    const past_F_fluent = histories["minD_Noto/F_fluent"].recall(
      F_fluent,
      chance.recall("minD_Noto/F_fluent"),
    );
    const D_Noto_past_F_fluent = apply(D_Noto, past_F_fluent);
    const lsganJudgeD_NotoF = lsganJudge({ Dy: D_Noto_noto, DpastGx: D_Noto_past_F_fluent });
    const value: tf.Scalar = lsganJudgeD_NotoF;
    const terms = { "lsgan.judge(D_Noto, F, history: 50)": lsganJudgeD_NotoF };
    return { value, terms };
  };
  return differentiate([D_Noto], objective);
};

/**
 * What a run carries from step to step beside the networks: Adam's moments, and the image
 * histories.
 */
export const memory = () => ({
  optimizer: new Adam({ beta1: 0.5, beta2: 0.999, epsilon: 1e-8 }),
  histories: {
    "minD_Fluent/G_noto": new ImageHistory(50),
    "minD_Noto/F_fluent": new ImageHistory(50),
  },
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
    const D_Fluent = minD_Fluent(nets, draws, GF.kept, memory.histories, chance);
    const D_Noto = minD_Noto(nets, draws, GF.kept, memory.histories, chance);
    // Every player has been differentiated at the weights held when the step began;
    // now all of them move.
    memory.optimizer.update([nets.G, nets.F], GF.gradients, rate);
    memory.optimizer.update([nets.D_Fluent], D_Fluent.gradients, rate);
    memory.optimizer.update([nets.D_Noto], D_Noto.gradients, rate);
    return { ...GF.terms, ...D_Fluent.terms, ...D_Noto.terms };
  });

/** All networks, new, with weights of zero: give them values by `initialise`, or load them. */
export const networks = (): Networks => ({
  G: buildG(),
  F: buildF(),
  D_Noto: buildD_Noto(),
  D_Fluent: buildD_Fluent(),
});
