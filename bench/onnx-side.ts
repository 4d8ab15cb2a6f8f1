/** The side of bench/step.ts whose whole step is one ONNX graph. */
import { loadOnnxRuntime } from "../src/engines/onnx/runtime.js";
import { onnxSession } from "../src/engines/onnx/session.js";
import type { Model } from "../src/program/model.js";
import { SEED, type Side, sessionSide } from "./sides.js";

export const onnxSide = async (
  model: Model,
): Promise<{ readonly engine: string; readonly side: Side }> => {
  const loaded = await loadOnnxRuntime();
  if (loaded._tag === "Left") throw new Error(`${loaded.left.reason} ${loaded.left.remedy}`);
  const { version, open } = loaded.right;
  const engine = `ONNX Runtime ${version}`;
  return { engine, side: sessionSide(await onnxSession(model, { engine, seed: SEED, open })) };
};
