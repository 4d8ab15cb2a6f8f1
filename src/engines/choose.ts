/** Chooses the engine to train on if the user names none: the fastest of this machine. */
import { existsSync } from "node:fs";
import { ENGINES, type Engine } from "./list.js";
import { runProgram, type Tools } from "./tensorflow/tools.js";

export interface Choice {
  readonly engine: "onnx" | "cuda" | "tensorflow";
  /** A few words for the line that names the engine. */
  readonly why: string;
}

/** Devices through which Linux offers a graphics card for computing: NVIDIA's driver, and WSL's. */
const DEVICES = ["/dev/nvidiactl", "/dev/dxg"];

const hasDevice = (): boolean => process.platform !== "linux" || DEVICES.some(existsSync);

const finds = async (id: string, run: Tools["run"], engines: readonly Engine[]) => {
  const probed = await engines.find((engine) => engine.id === id)?.probe(run);
  return probed?._tag === "Right" ? probed.right : undefined;
};

/**
 * Chooses a graphics card through tfjs or CUDA if there is one, else ONNX Runtime on the processor,
 * which runs a whole step as one graph. It looks for graphics cards only if the machine has a
 * device for one, because asking the engines takes seconds.
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
