/** Which engine to train on where nobody said: the fastest that this machine has. */
import { existsSync } from "node:fs";
import { ENGINES, type Engine } from "./list.js";
import { runProgram, type Tools } from "./tensorflow/tools.js";

export interface Choice {
  readonly engine: "onnx" | "cuda" | "tensorflow";
  /** In a few words, for the line that names the engine. */
  readonly why: string;
}

/** Nodes through which Linux gives programs a graphics card that computes: NVIDIA's driver, and that of WSL. */
const DEVICES = ["/dev/nvidiactl", "/dev/dxg"];

const hasDevice = (): boolean => process.platform !== "linux" || DEVICES.some(existsSync);

const finds = async (id: string, run: Tools["run"], engines: readonly Engine[]) => {
  const probed = await engines.find((engine) => engine.id === id)?.probe(run);
  return probed?._tag === "Right" ? probed.right : undefined;
};

/**
 * A graphics card through tfjs or CUDA, where there is one; else ONNX Runtime on the processor, which runs a whole step as
 * one graph. Graphics cards are looked for only where the machine shows one: asking the engines takes seconds.
 */
export const chooseEngine = async (
  run: Tools["run"] = runProgram(),
  engines: readonly Engine[] = ENGINES,
  device: boolean = hasDevice(),
): Promise<Choice> => {
  if (device) {
    if ((await finds("tensorflow", run, engines))?.includes("GPU") === true)
      return { engine: "tensorflow", why: "the fastest here: it has the graphics card" };
    if ((await finds("cuda", run, engines)) !== undefined)
      return { engine: "cuda", why: "the fastest here: it has the graphics card" };
    return { engine: "onnx", why: "the fastest here without a graphics card that it could use" };
  }
  return { engine: "onnx", why: "the fastest here without a graphics card" };
};
