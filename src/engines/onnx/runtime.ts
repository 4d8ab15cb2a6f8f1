/** Opens ONNX Runtime: from the bytes of a model to a runnable program. */
import type { Either } from "fp-ts/lib/Either.js";
import * as E from "fp-ts/lib/Either.js";
import type * as Ort from "onnxruntime-node";
import type { Program } from "../../contracts/session.js";
import type { HostTensor, Tensors } from "../../contracts/tensor.js";
import { type Missing, missing } from "../tensorflow/missing.js";

/** ONNX Runtime's execution providers, by its own names. */
export type Provider = "cpu" | "webgpu" | "cuda";

export const providerTitles: Readonly<Record<Provider, string>> = {
  cpu: "CPU",
  webgpu: "WebGPU",
  cuda: "CUDA",
};

/** What to do if a provider is not available. */
export const providerRemedies: Readonly<Record<Provider, string>> = {
  cpu: "Install it: npm install onnxruntime-node",
  webgpu: "It needs a graphics card with a driver for Vulkan, Metal or Direct3D 12.",
  cuda: "It needs an NVIDIA card, CUDA 12 and cuDNN 9, and the libraries that onnxruntime-node downloads: ONNXRUNTIME_NODE_INSTALL=cuda12 npm rebuild onnxruntime-node",
};

export interface ProgramOptions {
  /** Default: cpu. Operators without a kernel of the provider run on the processor. */
  readonly provider?: Provider;
  /** Threads of one operator on the processor, at least 1. Default: the number of cores. */
  readonly threads?: number;
  /** Whether to free memory after each run instead of keeping it for the next. */
  readonly lean?: boolean;
}

export interface OnnxRuntime {
  /** For example `1.30.0`. */
  readonly version: string;
  readonly open: (model: Uint8Array, options?: ProgramOptions) => Promise<Program>;
}

const sessionOptions = ({
  provider = "cpu",
  threads,
  lean = false,
}: ProgramOptions): Ort.InferenceSession.SessionOptions => ({
  executionProviders: provider === "cpu" ? ["cpu"] : [provider, "cpu"],
  graphOptimizationLevel: "all",
  // Planning all memory at once keeps a third more of it, and is not faster.
  enableMemPattern: false,
  enableCpuMemArena: !lean,
  // No logging: failures are thrown too, and explained in terms of the spec.
  logSeverityLevel: 4,
  ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
});

class OrtProgram implements Program {
  constructor(
    private readonly ort: typeof Ort,
    private readonly session: Ort.InferenceSession,
  ) {}

  private tensor({ shape, data }: HostTensor): Ort.Tensor {
    return new this.ort.Tensor("float32", data, shape);
  }

  async run(feeds: Tensors, into: Tensors = new Map()): Promise<Tensors> {
    const given = this.session.inputNames.flatMap((name) => {
      const feed = feeds.get(name);
      return feed === undefined ? [] : [[name, this.tensor(feed)] as const];
    });
    const asked = this.session.outputNames.map((name) => {
      const target = into.get(name);
      return [name, target === undefined ? null : this.tensor(target)] as const;
    });
    const results = await this.session.run(Object.fromEntries(given), Object.fromEntries(asked));
    return new Map(
      this.session.outputNames.map((name) => {
        const { dims, data } = results[name] as Ort.Tensor;
        return [name, into.get(name) ?? { shape: dims, data: data as Float32Array }];
      }),
    );
  }

  dispose(): void {
    void this.session.release();
  }
}

/** Unwraps a CommonJS package, which arrives as `default`. */
const ofCommonJs = <A>(module: A): A => (module as { default?: A }).default ?? module;

/** The variable that turns off ONNX Runtime's telemetry. */
export const silence = "ORT_DISABLE_TELEMETRY";

/** Loads the library. The left side says why it is not available, and how to get it. */
export const ortLibrary = async (): Promise<Either<Missing, typeof Ort>> => {
  try {
    // Otherwise the library would report its use, and complain if it cannot store an identity for
    // that.
    process.env[silence] ??= "1";
    return E.right(ofCommonJs(await import("onnxruntime-node")));
  } catch (error) {
    const [reason] = (error instanceof Error ? error.message : String(error)).split("\n");
    return E.left(missing(`onnxruntime-node does not load: ${reason}`, providerRemedies.cpu));
  }
};

/**
 * Loads the library and wraps it. The left side says why it is not available, and how to get it.
 */
export const loadOnnxRuntime = async (): Promise<Either<Missing, OnnxRuntime>> =>
  E.map((ort: typeof Ort): OnnxRuntime => {
    const open: OnnxRuntime["open"] = async (model, options = {}) =>
      new OrtProgram(ort, await ort.InferenceSession.create(model, sessionOptions(options)));
    return { version: ort.env.versions.node ?? ort.env.versions.common, open };
  })(await ortLibrary());

/**
 * Makes a model runnable. The first call loads the library.
 * @throws Error (rejects) if the library or the provider is not available, or the model is invalid
 */
export const openProgram: OnnxRuntime["open"] = async (model, options) => {
  const runtime = await loadOnnxRuntime();
  if (E.isLeft(runtime)) throw new Error(`${runtime.left.reason} ${runtime.left.remedy}`);
  return runtime.right.open(model, options);
};
