/** The sides of bench/step.ts on tfjs: ganc's two sessions, and plain tfjs. */

import * as tf from "@tensorflow/tfjs";
import type { HostTensor } from "../src/contracts/tensor.js";
import { startValues } from "../src/engines/sessions/starts.js";
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
export const gancSide = (module: GeneratedModule, { starts }: Subject): Side =>
  sessionSide(tfjsSession(module, { engine: "bench", seed: SEED, starts }));

/** Runs the step's graph kernel by kernel. */
export const explicitSide = async (model: Model): Promise<Side> =>
  sessionSide(await tfjsExplicitSession(model, { engine: "bench", seed: SEED }));

/** Sets a plain network to the weights that the session draws for its counterpart, turned. */
const initialise = (
  net: tf.LayersModel,
  infos: readonly ParameterInfo[],
  starts: Subject["starts"],
): void => {
  const startOf = new Map(starts.map((start) => [start.name, start]));
  tf.tidy(() => {
    const all = infos.map(({ name, shape }) => {
      const start = startOf.get(`param/${name}`);
      if (start === undefined) throw new Error(`nothing says how ${name} begins`);
      const values = startValues(start, SEED);
      const weights = tf.tensor(values, [...shape]);
      return shape.length < 2 ? weights : turned(weights, [0, 1]);
    });
    net.setWeights(all);
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

export const plainSide = ({ sizes, starts, parameters }: Subject): Side => {
  const plain = new PlainCycleGan(sizes);
  const nets = { G: plain.G, F: plain.F, D_X: plain.DX, D_Y: plain.DY };
  for (const [name, net] of Object.entries(nets)) initialise(net, parameters[name] ?? [], starts);
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
