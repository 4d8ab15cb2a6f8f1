/** Adapts the compiler and the engines to runs. */

import { availableParallelism } from "node:os";
import { dirname, resolve } from "node:path";
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import { impossible } from "../../base/impossible.js";
import { recordOf } from "../../base/record.js";
import { lineStarts, positionAt, type Span } from "../../base/source.js";
import type { Program, SourceSet, Sources } from "../../compiler/index.js";
import { analyse, compile } from "../../compiler/index.js";
import { precisionText, type Session } from "../../contracts/session.js";
import type { Diagnostic } from "../../diagnostics/diagnostic.js";
import { renderDiagnostics } from "../../diagnostics/render.js";
import { chooseEngine } from "../../engines/choose.js";
import { coreCount } from "../../engines/cores.js";
import { type Provider, providerTitles } from "../../engines/onnx/runtime.js";
import { EngineFailure } from "../../engines/sessions/failure.js";
import { loadTensorFlow } from "../../engines/tensorflow/load.js";
import { alone, type World } from "../../engines/torch/world.js";
import { publishedAs } from "../../engines/weights/published.js";
import { startOf } from "../../parameters/starts.js";
import { type Model, type Network, repetitionsOf } from "../../program/model.js";
import { domainsText } from "../../program/naming.js";
import { planStep } from "../../program/plan.js";
import type {
  CompiledSpec,
  Compiler,
  EngineName,
  OnTorch,
  Purpose,
  Sets,
  Sharing,
} from "../../training/program/compiled.js";
import type { NetworkInfo, SpecProgram } from "../../training/program/program.js";
import { spotsOf } from "../../weights/fit.js";
import { displayName, sourcesWithin, standardSources } from "../specs/spec-files.js";
import { reportWidth, wantsColour } from "../terminal/terminal.js";
import { memoryWords } from "./memory.js";

const rendered = (diagnostics: readonly Diagnostic[], sources: Sources): string =>
  renderDiagnostics(diagnostics, {
    colour: wantsColour(process.stderr, process.env),
    width: reportWidth(process.stderr),
    textOf: sources.read,
  }).trimEnd();

/** Writes where a span begins: `cyclegan.gan:3:4`. */
export const placeIn =
  (textOf: (file: string) => string | undefined) =>
  ({ file, start }: Span): string => {
    const { line, column } = positionAt(lineStarts(textOf(file) ?? ""), start);
    return `${file}:${line}:${column}`;
  };

/** Names first weights: published ones, or a file beside the spec. */
const weightsOf = (network: Network): Pick<NetworkInfo, "weights" | "published" | "spots"> => {
  const { span, weights } = network;
  if (weights === undefined) return {};
  const spots = spotsOf(network);
  return publishedAs(weights) === undefined
    ? { weights: resolve(dirname(span.file), weights), spots }
    : { published: weights, spots };
};

const networkInfo = (model: Model, sourceSet: SourceSet): readonly NetworkInfo[] => {
  const place = placeIn((file) => sourceSet.files.get(file)?.text);
  return model.networks.map((network) => ({
    name: network.name,
    from: domainsText(network.from),
    to: network.to,
    ...weightsOf(network),
    weightsPlace: network.weightsSpan === undefined ? undefined : place(network.weightsSpan),
    parameters: network.parameters.map(({ name, shape }) => ({ name, shape })),
    // What is drawn finds its own way from wherever it begins.
    statistics: network.buffers.filter(
      ({ name }) => name.startsWith(`${network.name}.`) && startOf(name) !== undefined,
    ),
  }));
};

export const programOf = (
  model: Model,
  sourceSet: SourceSet,
  step = planStep(model),
): SpecProgram => ({
  name: model.name,
  entry: sourceSet.entry,
  sources: [...sourceSet.files].map(([name, file]) => ({ name, text: file.text })),
  params: recordOf(model.params.map((param) => [param.name, param.value])),
  domains: model.domains,
  networks: networkInfo(model, sourceSet),
  recipe: model.recipe,
  repetitions: repetitionsOf(model),
  draws: step.draws,
  players: step.players.map(({ player, leads, total }) => ({
    networks: player.networks,
    leads,
    sense: player.sense,
    // Losses are logged without their factors; only an optimum of 0 does not depend on them.
    aim: total === undefined && player.aim !== 0 ? undefined : player.aim,
  })),
});

/**
 * Starts a tfjs backend and returns its label. The left side says what is missing and how to get
 * it.
 */
const startTfjs = async (name: "tensorflow" | "cpu"): Promise<Either<string, string>> => {
  if (name === "tensorflow") {
    const loaded = await loadTensorFlow();
    if (isLeft(loaded)) return left(`${loaded.left.reason}\n${loaded.left.remedy}`);
    const { version, gpu } = loaded.right;
    return right(`tfjs on tensorflow ${version}${gpu ? " (GPU)" : ""}`);
  }
  const tf = await import("@tensorflow/tfjs");
  await tf.setBackend("cpu");
  // On first use it would advise installing tfjs-node; users of this engine know of it.
  Object.assign(tf.backend(), { firstUse: false });
  return right("tfjs in plain JavaScript");
};

interface Opening {
  readonly seed: number;
  /** Reason for this engine if it was chosen automatically. */
  readonly why: string | undefined;
  readonly locate: (span: Span) => string;
  readonly purpose: Purpose;
  readonly torch?: OnTorch | undefined;
}

/**
 * Opens tfjs with explicit forward and backward code: half the memory of the readable form that
 * `ganc compile` writes, at the same speed, without a module to load.
 */
const openTfjs = async (
  name: "tensorflow" | "cpu",
  model: Model,
  { seed, why, locate, purpose }: Opening,
): Promise<Either<string, Session>> => {
  const started = await startTfjs(name);
  if (isLeft(started)) return started;
  if (purpose === "translate") {
    const { tfjsTranslation } = await import("../../engines/tfjs/translation.js");
    return right(tfjsTranslation(model, { engine: started.right, why, seed, locate }));
  }
  const { tfjsExplicitSession } = await import("../../engines/tfjs/explicit.js");
  const threads = name === "cpu" ? 1 : availableParallelism();
  const options = { engine: started.right, why, threads, seed, locate };
  return right(await tfjsExplicitSession(model, options));
};

/**
 * Opens generated code: on TensorFlow if it is available and nothing else was requested, otherwise
 * in plain JavaScript.
 */
const openCode = async (
  asked: EngineName,
  model: Model,
  { seed, text }: { readonly seed: number; readonly text: string },
): Promise<Either<string, Session>> => {
  const fast = asked === "cpu" ? undefined : await startTfjs("tensorflow");
  const isFast = fast !== undefined && fast._tag === "Right";
  if (asked === "tensorflow" && fast !== undefined && isLeft(fast)) return fast;
  const started = isFast ? fast : await startTfjs("cpu");
  if (isLeft(started)) return started;
  const { codeSession } = await import("../../engines/tfjs/code-session.js");
  const options = {
    engine: `${started.right}, generated code`,
    why: asked === "auto" && !isFast ? "as TensorFlow is not installed" : undefined,
    threads: isFast ? availableParallelism() : 1,
    seed,
    name: model.name,
    text,
  };
  return right(await codeSession(model, options));
};

const openOnnx = async (
  provider: Provider,
  model: Model,
  { seed, why, locate, purpose }: Opening,
): Promise<Either<string, Session>> => {
  const { loadOnnxRuntime } = await import("../../engines/onnx/runtime.js");
  const { onnxSession, onnxTranslation } = await import("../../engines/onnx/session.js");
  const runtime = await loadOnnxRuntime();
  if (isLeft(runtime)) return left(`${runtime.left.reason}\n${runtime.left.remedy}`);
  const { version, open } = runtime.right;
  const engine = `ONNX Runtime ${version} (${providerTitles[provider]})`;
  try {
    const openHere: typeof open = (bytes, how) => open(bytes, { ...how, provider });
    const threads = provider === "cpu" ? coreCount() : undefined;
    const options = { engine, why, threads, seed, locate, open: openHere };
    return right(
      purpose === "translate" ? onnxTranslation(model, options) : await onnxSession(model, options),
    );
  } catch (error) {
    if (provider === "cpu") {
      if (!(error instanceof EngineFailure)) throw error;
      return left(`${engine} cannot compute this: ${error.message}`);
    }
    const [reason] = (error instanceof Error ? error.message : String(error)).split("\n");
    return left(
      `ONNX Runtime cannot compute on ${providerTitles[provider]} here: ${reason}\n\`ganc engine\` says what this machine has.`,
    );
  }
};

/** The processes of this machine among all. */
const worldOf = ({ nproc, nnodes, nodeRank, patience, rdzv }: Sharing): World => ({
  size: nproc * nnodes,
  own: nproc,
  first: nproc * nodeRank,
  patience,
  host: rdzv?.host,
});

/** What PyTorch computes with here, on the best device that there is. */
const torchOptions = async (
  { model }: Program,
  { seed, why, locate }: Pick<Opening, "seed" | "why" | "locate">,
  { sharing, precision }: OnTorch,
) => {
  const { nproc = 1, nnodes = 1 } = sharing ?? {};
  const size = nproc * nnodes;
  const { sharingFault } = await import("../../engines/torch/sharing.js");
  const fault = sharingFault(model, size, locate);
  if (fault !== undefined) return left(fault);
  const { findTorch } = await import("../../engines/torch/find.js");
  const found = await findTorch();
  if (isLeft(found)) return found;
  const { python, label, devices } = found.right;
  // Processes talk by gloo or NCCL, which know nothing of Apple's graphics.
  const device = devices.find((one) => one === "cuda" || (one === "mps" && size === 1)) ?? "cpu";
  const threads = device === "cpu" ? Math.max(1, Math.floor(coreCount() / nproc)) : undefined;
  const machines = nnodes === 1 ? "" : ` on ${nnodes} machines`;
  const words = [
    label,
    ...(precision === undefined ? [] : [precisionText(precision)]),
    ...(size === 1 ? [] : [`${size} processes${machines}`]),
  ];
  const engine = words.join(", ");
  const world = sharing === undefined ? alone : worldOf(sharing);
  return right({ engine, why, seed, python, device, threads, world, precision } as const);
};

/** Opens PyTorch in a process of its own, or in several. */
const openTorch = async (program: Program, opening: Opening): Promise<Either<string, Session>> => {
  const { purpose, torch = {} } = opening;
  const options = await torchOptions(program, opening, torch);
  if (isLeft(options)) return options;
  const { torchSession, torchTranslation } = await import("../../engines/torch/session.js");
  try {
    if (purpose === "translate") return right(await torchTranslation(program, options.right));
    const { rdzv, same } = torch.sharing ?? {};
    const elsewhere = rdzv === undefined || same === undefined ? undefined : { rdzv, same };
    return right(await torchSession(program, options.right, undefined, elsewhere));
  } catch (error) {
    if (!(error instanceof EngineFailure)) throw error;
    return left(`${options.right.engine} cannot compute this: ${error.message}`);
  }
};

/** Resolves `auto` to the fastest engine of this machine. */
export const chosenEngine = async (asked: EngineName) =>
  asked === "auto" ? await chooseEngine() : { engine: asked, why: undefined };

const compiled = async (
  entry: string,
  sources: Sources,
  sets: Sets,
): Promise<Either<string, CompiledSpec>> => {
  const settings = new Map(Object.entries(sets));
  const { diagnostics, sourceSet, result } = analyse(entry, sources, settings);
  if (result === undefined) return left(rendered(diagnostics, sources));
  const { model, program } = result;
  const locate = placeIn(sources.read);
  const open: CompiledSpec["open"] = async (asked, seed, purpose = "train", torch) => {
    if (purpose === "code") {
      const text = (await compile(entry, sources, settings)).output?.text;
      return openCode(asked, model, { seed, text: text ?? impossible("what is sound compiles") });
    }
    const { engine, why } = await chosenEngine(asked);
    if (engine === "torch") return openTorch(program, { seed, why, locate, purpose, torch });
    return engine === "tensorflow" || engine === "cpu"
      ? openTfjs(engine, model, { seed, why, locate, purpose })
      : openOnnx(engine === "onnx" ? "cpu" : engine, model, { seed, why, locate, purpose });
  };
  const variant = (param: string, value: number): Model | undefined =>
    analyse(entry, sources, new Map([...settings, [param, String(value)]])).result?.model;
  const memory: CompiledSpec["memory"] = async (asked, purpose) => {
    const engine = purpose === "code" && asked === "auto" ? "tensorflow" : asked;
    return memoryWords({ model, locate }, variant, (await chosenEngine(engine)).engine, purpose);
  };
  const follow: CompiledSpec["follow"] = async (seed, torch, same, draw) => {
    const options = await torchOptions(program, { seed, why: undefined, locate }, torch);
    if (isLeft(options)) return options;
    const { nodeRank: node, rdzv = impossible("machines that meet nowhere") } = torch.sharing;
    const { follow: followFirst } = await import("../../engines/torch/follow.js");
    return right(await followFirst({ program, options: options.right, rdzv, node, same, draw }));
  };
  return right({ program: programOf(model, sourceSet), model, memory, open, follow });
};

export const compiler: Compiler = {
  fromFile: (path, sets, root) => compiled(displayName(path), sourcesWithin(root), sets),
  fromSources: (sources, entry, sets) => {
    const texts = new Map(sources.map(({ name, text }) => [name, text]));
    // A run holds the texts of all its files, including those of the library at that time.
    const read = (name: string): string | undefined =>
      texts.get(name) ?? standardSources.read(name);
    return compiled(entry, { libraries: standardSources.libraries, read }, sets);
  },
};
