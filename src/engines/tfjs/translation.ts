/**
 * A session on tfjs that only translates: feeds and results are on the host, and nothing stays on
 * the device between runs.
 */
import * as tf from "@tensorflow/tfjs";
import type { Session } from "../../contracts/session.js";
import type { HostTensor } from "../../contracts/tensor.js";
import type { Model } from "../../program/model.js";
import { toHost } from "../../runtime/index.js";
import type { GraphOptions, Load } from "../sessions/graph-session.js";
import { translationSession } from "../sessions/translation-session.js";
import { executable } from "./execute.js";
import { without } from "./explicit.js";

const uploaded = ({ data, shape }: HostTensor): tf.Tensor =>
  tf.keep(tf.tensor(data, [...shape], "float32"));

const load: Load = async (graph) => {
  const program = executable(graph, () => true);
  const wanted = new Set(graph.inputs.map((node) => String(node.attributes.name)));
  return {
    run: async (feeds) => {
      const given = [...feeds].filter(([name]) => wanted.has(name));
      const made = program.run(new Map(given.map(([name, tensor]) => [name, uploaded(tensor)])));
      const results = new Map<string, HostTensor>();
      for (const [name, tensor] of made) results.set(name, await toHost(tensor));
      tf.dispose([...made.values()]);
      return results;
    },
    dispose: () => program.dispose(),
  };
};

/** Opens it on the current tfjs backend. */
export const tfjsTranslation = (model: Model, options: GraphOptions): Session =>
  translationSession(model, { ...options, passes: { exact: true, without } }, load);
