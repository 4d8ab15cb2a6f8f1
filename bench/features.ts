/**
 * Measures how long the features of an image take: EfficientNet-Lite0 as `ganc evaluate` runs it,
 * its weights in the model, beside the engine's translation, which is handed them with each batch.
 * The weights are drawn, so nothing is downloaded.
 *
 * node dist/bench/features.js [--images n] [--turns n]
 */
import { parseArgs } from "node:util";
import { stream } from "../src/base/random.js";
import { diskSources } from "../src/cli/specs/spec-files.js";
import { analyse, noSettings } from "../src/compiler/frontend.js";
import type { HostTensor } from "../src/contracts/tensor.js";
import { openModel } from "../src/engines/onnx/features.js";
import { openProgram } from "../src/engines/onnx/runtime.js";
import { onnxSession } from "../src/engines/onnx/session.js";
import { featureModelOf } from "../src/training/measuring/frozen-features.js";
import { applyAll } from "../src/training/program/apply.js";
import { reported } from "./reported.js";
import { median } from "./statistics.js";
import { table, verdict } from "./table.js";

const SPEC = "specs/gallery/efficientnet-lite0.gan";

/** Least ratio of the two times. */
const GOAL = 2;

const imagesOf = (count: number, [h, w, c]: readonly [number, number, number]): HostTensor => {
  const draw = stream(1, "bench/features");
  const data = Float32Array.from({ length: count * h * w * c }, (_, i) => 2 * draw(i) - 1);
  return { shape: [count, h, w, c], data };
};

const main = async (): Promise<boolean> => {
  const { values } = parseArgs({
    options: {
      images: { type: "string", default: "16" },
      turns: { type: "string", default: "5" },
    },
  });
  const { result } = analyse(SPEC, diskSources, noSettings);
  const network = result?.model.networks.find(({ isFrozen }) => isFrozen);
  const [input] = network?.inputs ?? [];
  if (result === undefined || network === undefined || input === undefined)
    throw new Error(`${SPEC} has no frozen network`);
  const session = await onnxSession(result.model, { engine: "onnx", seed: 1, open: openProgram });
  const opened = await openModel(await featureModelOf(result.model, network, session));
  if (opened._tag === "Left") throw new Error(`the network ${opened.left}`);
  const features = opened.right;
  const images = imagesOf(Number(values.images), input);
  const sides = {
    "as the engine translates": () => applyAll(session, network.name, [images]),
    "as `ganc evaluate` runs it": () => features.features(images),
  };
  const times = new Map(Object.keys(sides).map((name) => [name, [] as number[]]));
  for (let turn = 0; turn <= Number(values.turns); turn++)
    for (const [name, run] of Object.entries(sides)) {
      const begin = performance.now();
      await run();
      // The first turn opens and warms up.
      if (turn > 0) times.get(name)?.push((performance.now() - begin) / Number(values.images));
    }
  session.dispose();
  features.dispose();
  const medians = [...times].map(([name, all]) => [name, median(all)] as const);
  const [slow = Number.NaN, fast = Number.NaN] = medians.map(([, milliseconds]) => milliseconds);
  const rows = medians.map(([name, milliseconds]) => [name, milliseconds.toFixed(0)]);
  process.stdout.write(`${table([["", "ms an image"], ...rows])}\n\n`);
  const met = slow / fast >= GOAL;
  process.stdout.write(
    `${verdict(met, `${(slow / fast).toFixed(1)} times as fast, and at least ${GOAL}`)}\n`,
  );
  return met;
};

await reported(main);
