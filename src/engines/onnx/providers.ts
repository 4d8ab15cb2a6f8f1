/**
 * Tells whether this machine has a provider. It asks in a separate process, because a failing
 * driver may end its process.
 */
import { createRequire } from "node:module";
import { add } from "../../graph/operators/arithmetic.js";
import { constant, input } from "../../graph/operators/sources.js";
import { emitOnnx } from "../../targets/onnx/emit.js";
import { encodeOnnx } from "../../targets/onnx/encode.js";
import { lastWords, type Ran, runProgram, type Tools } from "../tensorflow/tools.js";
import { type Provider, silence } from "./runtime.js";

export interface ProviderReport {
  readonly provider: Provider;
  /** The reason in a sentence if it is not available; undefined if it computes. */
  readonly missing?: string;
}

const TRY = `
const [, library, provider, model] = process.argv;
const ort = require(library);
(async () => {
  const session = await ort.InferenceSession.create(Buffer.from(model, "base64"), {
    executionProviders: [provider],
    logSeverityLevel: 4,
  });
  const { y } = await session.run({ x: new ort.Tensor("float32", Float32Array.of(40), [1]) });
  if (y.data[0] !== 42) throw new Error("it computes wrongly: 40 + 2 gave " + y.data[0]);
  process.exit(0);
})().catch((error) => {
  console.error("Error: " + error.message);
  process.exit(1);
});`;

/** Encodes a model of y = x + 2, for one number. */
const smallModel = (): string => {
  const x = input("x", [1]);
  const graph = { name: "try", inputs: [x], outputs: new Map([["y", add(x, constant(2, [1]))]]) };
  const bytes = encodeOnnx(emitOnnx(graph, { producer: "ganc", metadata: {} }));
  return Buffer.from(bytes).toString("base64");
};

/** Strips names of functions and files from the library's message. */
const plain = (message: string): string =>
  message
    .replace(/^.* was false\. /, "")
    .replace(/^Ort\w+: /, "")
    .replace(/\.?$/, ".");

const whyNot = (ran: Ran): string => {
  if (ran.signal !== null) return `The process that tried it was ended by ${ran.signal}.`;
  const line = /^Error: (.*)$/m.exec(ran.stderr)?.[1];
  return line === undefined
    ? `The process that tried it failed: ${lastWords(ran)}`
    : `ONNX Runtime says: ${plain(line)}`;
};

const findLibrary = (): string | undefined => {
  try {
    return createRequire(import.meta.url).resolve("onnxruntime-node");
  } catch {
    return undefined;
  }
};

/** Lets the provider add two numbers in a separate process, about 0.3 s. Never rejects. */
export const tryProvider = async (
  provider: Provider,
  run: Tools["run"] = runProgram(),
): Promise<ProviderReport> => {
  const library = findLibrary();
  if (library === undefined) return { provider, missing: "onnxruntime-node is not installed." };
  const command = [process.execPath, "-e", TRY, library, provider, smallModel()];
  const ran = await run(command, { NODE_OPTIONS: "", [silence]: "1" });
  return ran.code === 0 ? { provider } : { provider, missing: whyNot(ran) };
};
