/** Batches for sessions, drawn from a seed: noise will do where only numbers are compared. */
import { stream } from "../../src/base/random.js";
import type { HostTensor } from "../../src/engines/session.js";
import type { Model } from "../../src/model/model.js";

/** One draw of every domain for a step, in [-1, 1]. */
export const batchOf = (model: Model, step: number, seed = 5): Record<string, HostTensor> =>
  Object.fromEntries(
    model.domains.map(({ name, shape }) => {
      const full = [model.recipe.batch, ...shape];
      const uniform = stream(seed, `batch/${name}/${step}`);
      const size = full.reduce((a, b) => a * b, 1);
      return [
        name,
        { shape: full, data: Float32Array.from({ length: size }, (_, i) => 2 * uniform(i) - 1) },
      ];
    }),
  );

/** The spec with a moving average of its weights. */
export const averaging = (text: string): string =>
  text.replace("train {", "train {\n  average: 0.9");
