/** Lowering of functions of one number to ONNX. */
import type { OnnxEmitter, OnnxLowering } from "../../operator.js";
import { numberOf } from "./attributes.js";

const unary =
  (type: string): OnnxLowering =>
  (emitter, _node, [x]) =>
    emitter.node(type, [x as string]);

export const neg = unary("Neg");
export const exp = unary("Exp");
export const log = unary("Log");
export const tanh = unary("Tanh");
export const sin = unary("Sin");
export const cos = unary("Cos");
export const sigmoid = unary("Sigmoid");
export const softplus = unary("Softplus");
export const abs = unary("Abs");
export const sign = unary("Sign");

/** x to a positive multiple of a half, by products and a root. */
const power2 = (emitter: OnnxEmitter, x: string, halves: number): string => {
  const factors = [
    ...Array<string>(Math.floor(halves / 2)).fill(x),
    ...(halves % 2 === 1 ? [emitter.node("Sqrt", [x])] : []),
  ];
  return factors.reduce((a, b) => emitter.node("Mul", [a, b]));
};

export const power: OnnxLowering = (emitter, node, [x]) => {
  const exponent = numberOf(node, "exponent");
  const halves = 2 * Math.abs(exponent);
  // Pow is a call for each number, and a product is not
  if (!Number.isInteger(halves) || halves === 0 || halves > 8)
    return emitter.node("Pow", [x as string, emitter.floats([exponent], [])]);
  const magnitude = power2(emitter, x as string, halves);
  return exponent < 0 ? emitter.node("Reciprocal", [magnitude]) : magnitude;
};

export const leakyRelu: OnnxLowering = (emitter, node, [x]) => {
  const slope = numberOf(node, "slope");
  return slope === 0
    ? emitter.node("Relu", [x as string])
    : emitter.node("LeakyRelu", [x as string], { alpha: { float: slope } });
};

const FLOAT = 1;

export const leakyStep: OnnxLowering = (emitter, node, [x]) => {
  const slope = numberOf(node, "slope");
  const positive = emitter.node("Greater", [x as string, emitter.floats([0], [])]);
  const step = emitter.node("Cast", [positive], { to: { int: FLOAT } });
  if (slope === 0) return step;
  if (slope > 0 && slope <= 1)
    return emitter.node("Clip", [step, emitter.floats([slope], []), emitter.floats([1], [])]);
  const scaled = emitter.node("Mul", [step, emitter.floats([1 - slope], [])]);
  return emitter.node("Add", [scaled, emitter.floats([slope], [])]);
};

export const clamp: OnnxLowering = (emitter, node, [x]) =>
  emitter.node("Clip", [
    x as string,
    emitter.floats([numberOf(node, "low")], []),
    emitter.floats([numberOf(node, "high")], []),
  ]);

/** No gradient passes through it, and there are none left here. */
export const stop: OnnxLowering = (_emitter, _node, [x]) => x as string;
