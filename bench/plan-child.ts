/**
 * One measurement of bench/plan.ts, in a separate process for a separate memory measurement: makes
 * steps as `ganc run` does.
 */
import { coreCount } from "../src/engines/cores.js";
import { loadOnnxRuntime } from "../src/engines/onnx/runtime.js";
import { onnxSession } from "../src/engines/onnx/session.js";
import { noiseFor } from "../src/engines/trial.js";
import { peakBytes } from "./memory.js";
import { modelOf, type Subject } from "./plan-subjects.js";

/** The result of a process. */
export interface Found {
  /** Peak resident set, in bytes. */
  readonly peak: number;
  /** Processor time of a step in seconds: the least, without the first step. */
  readonly seconds: number;
}

const main = async (): Promise<void> => {
  const { spec, settings, batch, checkpoint, steps } = JSON.parse(
    process.argv[2] ?? "",
  ) as Subject & {
    readonly steps: number;
  };
  const model = modelOf({ spec, settings, batch, checkpoint });
  const loaded = await loadOnnxRuntime();
  if (loaded._tag === "Left") throw new Error(loaded.left.reason);
  const { open } = loaded.right;
  const options = { engine: "onnx", seed: 1, threads: coreCount(), open };
  const session = await onnxSession(model, options);
  const draws = noiseFor(model);
  const times: number[] = [];
  for (let step = 0; step < steps; step++) {
    const { user, system } = process.cpuUsage();
    await session.step({ ...draws, rate: 1e-4, step });
    const now = process.cpuUsage();
    times.push(now.user + now.system - user - system);
  }
  // The first step allocates memory from the system, and is slower.
  const seconds = Math.min(...times.slice(1)) / 1e6;
  process.stdout.write(JSON.stringify({ peak: peakBytes(), seconds } satisfies Found));
};

await main();
