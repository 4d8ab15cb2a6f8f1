/** The sides of bench/step.ts on tfjs: ganc's two sessions, and plain tfjs. */
import * as tf from "@tensorflow/tfjs";
import { normals } from "../src/base/random.js";
import type { HostTensor } from "../src/contracts/tensor.js";
import { tfjsExplicitSession } from "../src/engines/tfjs/explicit.js";
import { type GeneratedModule, tfjsSession } from "../src/engines/tfjs/generated-session.js";
import type { Model } from "../src/program/model.js";
import { PlainCycleGan, type PlainLosses, turned } from "./plain.js";
import {
  type Losses,
  type ParameterInfo,
  SEED,
  type Side,
  type Subject,
  sessionSide,
} from "./sides.js";

/** Runs generated code, differentiated by the tape. */
export const gancSide = (module: GeneratedModule, { init }: Subject): Side =>
  sessionSide(tfjsSession(module, { engine: "bench", seed: SEED, init }));

/** Runs the step's graph kernel by kernel. */
export const explicitSide = async (model: Model): Promise<Side> =>
  sessionSide(await tfjsExplicitSession(model, { engine: "bench", seed: SEED }));

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

/** Names the losses as generated code does. */
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
