/** The two programs that bench/step.ts compares, behind one face: generated code, and plain tfjs. */
import * as tf from "@tensorflow/tfjs";
import { normals, stream } from "../src/base/random.js";
import type { HostTensor } from "../src/engines/session.js";
import { type GeneratedModule, tfjsSession } from "../src/engines/tfjs/session.js";
import type { Model } from "../src/model/model.js";
import { PlainCycleGan, type PlainLosses, type PlainSizes, turned } from "./plain.js";

export const SPEC = "specs/cyclegan-lsgan.gan";
export const SEED = 1;
export const RATE = 2e-4;

/** By the names that generated code gives them. */
export type Losses = Readonly<Record<string, number>>;

export interface Side {
  /** One training step on the images of that number, loss values included. */
  step(images: Images): Promise<Losses>;
}

export interface Images {
  readonly number: number;
  readonly x: HostTensor;
  readonly y: HostTensor;
}

/** Name, shape and distribution of a parameter, in layer order within its network. */
export interface ParameterInfo {
  readonly name: string;
  readonly shape: readonly number[];
}

/** What the sides need to know of the compiled spec; survives the way to another process. */
export interface Subject {
  readonly sizes: PlainSizes;
  readonly init: { readonly mean: number; readonly std: number };
  /** By network. */
  readonly parameters: Readonly<Record<string, readonly ParameterInfo[]>>;
}

export const subjectOf = (model: Model): Subject => {
  const param = (name: string): number => {
    const value = model.params.find((p) => p.name === name)?.value;
    if (typeof value !== "number") throw new Error(`the spec has no number ${name}`);
    return value;
  };
  return {
    sizes: {
      size: param("size"),
      ngf: param("ngf"),
      ndf: param("ndf"),
      blocks: param("blocks"),
      lambda: param("lambda"),
    },
    init: model.recipe.init,
    parameters: Object.fromEntries(
      model.networks.map((network) => [
        network.name,
        network.parameters.map(({ name, shape }) => ({ name, shape })),
      ]),
    ),
  };
};

/** Images of uniform noise, the same on both sides; a step takes as long on any. */
export const imagesOf = ({ sizes }: Subject, number: number): Images => {
  const image = (domain: string): HostTensor => {
    const draw = stream(SEED, `bench/${domain}/${number}`);
    const shape = [1, sizes.size, sizes.size, 3];
    return {
      shape,
      data: Float32Array.from({ length: 3 * sizes.size ** 2 }, (_, i) => 2 * draw(i) - 1),
    };
  };
  return { number, x: image("X"), y: image("Y") };
};

/** Generated code in ganc's own session, as `ganc run` trains it. */
export const gancSide = (module: GeneratedModule, { init }: Subject): Side => {
  const session = tfjsSession(module, { engine: "bench", seed: SEED, init });
  return {
    step: ({ number, x, y }) => session.step({ batch: { X: x, Y: y }, rate: RATE, step: number }),
  };
};

/** Sets a plain network to the weights that the session draws for its counterpart, turned. */
const initialise = (
  net: tf.LayersModel,
  infos: readonly ParameterInfo[],
  init: Subject["init"],
): void => {
  tf.tidy(() => {
    const weights = infos.map(({ name, shape }) => {
      if (name.endsWith(".bias")) return tf.zeros([...shape]);
      const size = shape.reduce((a, b) => a * b, 1);
      const values = normals(SEED, `init/${name}`, size, init.mean, init.std);
      return turned(tf.tensor(values, [...shape]), [0, 1]);
    });
    net.setWeights(weights);
  });
};

/** The names that generated code gives to the losses. */
const displayed = (losses: PlainLosses): Losses => ({
  "min[G, F]": losses.generators,
  "lsgan.fool(G, D_Y)": losses.foolY,
  "lsgan.fool(F, D_X)": losses.foolX,
  "cycle(G, F)": losses.cycle,
  "identity(G, F)": losses.identity,
  "lsgan.judge(D_Y, G, history: 50)": losses.judgeY,
  "lsgan.judge(D_X, F, history: 50)": losses.judgeX,
});

export const plainSide = ({ sizes, init, parameters }: Subject): Side => {
  const plain = new PlainCycleGan(sizes);
  const nets = { G: plain.G, F: plain.F, D_X: plain.DX, D_Y: plain.DY };
  for (const [name, net] of Object.entries(nets)) initialise(net, parameters[name] ?? [], init);
  const upload = ({ data, shape }: HostTensor): tf.Tensor =>
    tf.tidy(() => turned(tf.tensor(data, [...shape]), [1, 2]));
  return {
    step: async ({ x, y }) => {
      const inputs = [upload(x), upload(y)] as const;
      const losses = await plain.step(...inputs);
      tf.dispose([...inputs]);
      return displayed(losses);
    },
  };
};

/** The largest relative difference between the losses of two sides, and whose it is. */
export const disagreement = (
  a: Losses,
  b: Losses,
): { readonly name: string; readonly relative: number } =>
  [...new Set([...Object.keys(a), ...Object.keys(b)])]
    .map((name) => {
      const [p, q] = [a[name] ?? Number.NaN, b[name] ?? Number.NaN];
      const relative = Math.abs(p - q) / Math.max(Math.abs(p), Math.abs(q));
      return { name, relative: Number.isNaN(relative) ? Number.POSITIVE_INFINITY : relative };
    })
    .reduce((worst, each) => (each.relative > worst.relative ? each : worst));
