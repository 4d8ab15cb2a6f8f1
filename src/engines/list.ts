/** The table of engines, and their state on this machine. */
import * as E from "fp-ts/lib/Either.js";
import { tryProvider } from "./onnx/providers.js";
import {
  loadOnnxRuntime,
  type Provider,
  providerRemedies,
  providerTitles,
} from "./onnx/runtime.js";
import { isPrebuilt } from "./tensorflow/install.js";
import { noPackage, otherTfjs } from "./tensorflow/install-plan.js";
import { HOW_TO_INSTALL } from "./tensorflow/load.js";
import { thisMachine } from "./tensorflow/machine.js";
import { type Missing, missing } from "./tensorflow/missing.js";
import { findPackage } from "./tensorflow/package.js";
import { probeAddon, probeEngine } from "./tensorflow/probe.js";
import { runProgram, type Tools } from "./tensorflow/tools.js";
import { lookForTorch } from "./torch/find.js";

export interface EngineReport {
  /** Value of `--engine`. */
  readonly id: string;
  /** For example `tfjs on libtensorflow`. */
  readonly title: string;
  /** What it can do, and how fast. */
  readonly capabilities: string;
  readonly available: boolean;
  /** Version and device of an available engine. */
  readonly found?: string;
  /** Why it is not available, and how to get it. */
  readonly missing?: Missing;
}

type Probed = E.Either<Missing, string>;

export interface Engine extends Pick<EngineReport, "id" | "title" | "capabilities"> {
  /**
   * Probes the engine. The right side is version and device. Never rejects; a native crash is a
   * left.
   */
  readonly probe: (run: Tools["run"]) => Promise<Probed>;
}

const probeTensorFlow: Engine["probe"] = async (run) => {
  const found = findPackage();
  if (found === undefined) return E.left(noPackage);
  if (!found.sharesTfjs) return E.left(otherTfjs(found.name));
  const loaded = await probeAddon(run, found.addon);
  if (E.isLeft(loaded))
    return E.left(missing(`The addon does not load: ${loaded.left}`, HOW_TO_INSTALL));
  const computed = await probeEngine(run, found.addon, found.folder);
  if (E.isLeft(computed))
    return E.left(missing(`The addon loads, but ${computed.left}`, HOW_TO_INSTALL));
  const origin = isPrebuilt(loaded.right, found) ? ", the package's own binary" : "";
  return E.right(
    `TensorFlow ${computed.right.version}, ${computed.right.gpu ? "GPU" : "CPU"}${origin}`,
  );
};

const probeOnnx: Engine["probe"] = async () => {
  const loaded = await loadOnnxRuntime();
  return E.isLeft(loaded) ? loaded : E.right(`ONNX Runtime ${loaded.right.version}, CPU`);
};

const probeProvider =
  (provider: Provider): Engine["probe"] =>
  async (run) => {
    const { missing: reason } = await tryProvider(provider, run);
    return reason === undefined
      ? E.right(`ONNX Runtime, ${providerTitles[provider]}`)
      : E.left(missing(reason, providerRemedies[provider]));
  };

const probeTorch: Engine["probe"] = async (run) => {
  const found = await lookForTorch({ run, machine: thisMachine(), env: process.env }, true);
  if (E.isLeft(found)) return found;
  const { version, devices, device, notes, python } = found.right;
  const also = devices.length > 1 ? ` and ${devices[0]}` : "";
  return E.right([`PyTorch ${version} on ${device}${also}, by ${python}`, ...notes].join("; "));
};

/** The engines, one row each. */
export const ENGINES: readonly Engine[] = [
  {
    id: "onnx",
    title: "one ONNX graph for a whole step, on the processor",
    capabilities: "trains and translates, fast; comes with ganc",
    probe: probeOnnx,
  },
  {
    id: "webgpu",
    title: "the same graph through WebGPU",
    capabilities: "trains and translates; what has no kernel there runs on the processor",
    probe: probeProvider("webgpu"),
  },
  {
    id: "cuda",
    title: "the same graph through CUDA",
    capabilities: "trains and translates; what has no kernel there runs on the processor",
    probe: probeProvider("cuda"),
  },
  {
    id: "tensorflow",
    title: "tfjs on libtensorflow",
    capabilities: "trains and translates, fast",
    probe: probeTensorFlow,
  },
  {
    id: "torch",
    title: "PyTorch, in a Python of its own",
    capabilities: "trains and translates by the Python that ganc compiles, fast",
    probe: probeTorch,
  },
  {
    id: "cpu",
    title: "tfjs in plain JavaScript",
    capabilities: "trains and translates, very slowly: for tiny sizes only",
    probe: async () => E.right(`JavaScript, Node ${process.versions.node}`),
  },
  {
    id: "wasm",
    title: "tfjs on WebAssembly",
    capabilities: "cannot train",
    probe: async () =>
      E.left(
        missing(
          "tfjs's WebAssembly backend has no kernel for the gradient of a convolution's filter (Conv2DBackpropFilter).",
          "Train with tensorflow or cpu.",
        ),
      ),
  },
];

/** Probes every engine, in the order of the table. */
export const listEngines = (
  run: Tools["run"] = runProgram(),
  engines: readonly Engine[] = ENGINES,
): Promise<EngineReport[]> =>
  Promise.all(
    engines.map(async ({ probe, ...engine }) => {
      const probed = await probe(run);
      return E.isRight(probed)
        ? { ...engine, available: true, found: probed.right }
        : { ...engine, available: false, missing: probed.left };
    }),
  );
