/** `ganc plan`: estimates the memory and time of a training. */
import { freemem } from "node:os";
import { type Command, Option } from "commander";
import { isLeft } from "fp-ts/lib/Either.js";
import { recordOf } from "../../../base/record.js";
import { analyse } from "../../../compiler/frontend.js";
import type { Timed } from "../../../contracts/memory.js";
import { isPlanned, type PlannedEngine, planMemory } from "../../../engines/memory-plan.js";
import { memoryLimit } from "../../../engines/sessions/memory-limit.js";
import { reducedBytes, ringBytes } from "../../../engines/torch/traffic.js";
import { timedSteps } from "../../../engines/trial.js";
import type { Model } from "../../../program/model.js";
import {
  type Fitting,
  fittingLine,
  isRefused,
  planText,
  type Times,
  type Traffic,
  timeLine,
  trafficLines,
} from "../../../report/specs/plan-text.js";
import { describe } from "../../../training/files/errors.js";
import { absolute } from "../../../training/opening/begin.js";
import { openDataset, trainingData } from "../../../training/opening/dataset.js";
import { type EngineName, engineNames } from "../../../training/program/compiled.js";
import { totalEpochs } from "../../../training/program/schedule.js";
import { chosenEngine, compiler, placeIn } from "../../compiler/compiler.js";
import { fittingOf } from "../../compiler/fitting.js";
import { diskSources, displayName, sourcesWithin } from "../../specs/spec-files.js";
import { originOf, positive } from "../options.js";
import { analysed, fail, type SpecOptions, settings, withSets } from "../spec-command.js";

interface PlanOptions extends SpecOptions {
  readonly data?: readonly string[];
  readonly engine: EngineName;
  /** Seconds; `true` for the default. */
  readonly time?: number | true;
  /** False by `--no-largest`. */
  readonly largest: boolean;
  readonly json?: boolean;
}

/** Default seconds for timing steps. */
const USUAL = 30;

const variantOf = (spec: string, options: SpecOptions) => (param: string, value: number) =>
  analyse(
    displayName(spec),
    sourcesWithin(options.root),
    new Map([...settings(options), [param, String(value)]]),
  ).result?.model;

/**
 * Counts the steps of an epoch with the given images. If it cannot tell, reports the reason and
 * returns undefined.
 */
const epochSteps = async (spec: string, options: PlanOptions): Promise<number | undefined> => {
  const compiled = await compiler.fromFile(spec, options.set, options.root);
  const origin = originOf(options.data ?? []);
  if (isLeft(compiled) || options.data === undefined) return undefined;
  if (isLeft(origin)) {
    fail(origin.left);
    return undefined;
  }
  const { program } = compiled.right;
  const dataset = await openDataset(absolute(origin.right), program);
  const data = isLeft(dataset) ? dataset : await trainingData(dataset.right, program, 0);
  if (!isLeft(data)) return data.right.stepsPerEpoch;
  fail(describe(data.left));
  return undefined;
};

/** Times steps in a session opened only for this. */
const stepTime = async (
  spec: string,
  model: Model,
  options: PlanOptions,
): Promise<Timed | undefined> => {
  const compiled = await compiler.fromFile(spec, options.set, options.root);
  const session = isLeft(compiled) ? compiled : await compiled.right.open(options.engine, 0);
  if (isLeft(session)) {
    fail(session.left);
    return undefined;
  }
  const seconds = options.time === true ? USUAL : (options.time ?? USUAL);
  try {
    return await timedSteps(session.right, model, 1000 * seconds);
  } finally {
    session.right.dispose();
  }
};

const timesOf = async (
  spec: string,
  model: Model,
  options: PlanOptions,
): Promise<Times | undefined> => {
  const stepsPerEpoch = await epochSteps(spec, options);
  const timed = options.time === undefined ? undefined : await stepTime(spec, model, options);
  const epochs = totalEpochs(model.recipe.schedule);
  return timed && { ...timed, stepsPerEpoch, epochs };
};

/** Numbers of machines that are told of. */
const COUNTS = [2, 4, 8, 16, 64] as const;

/** What machines send one another, where the engine can share steps. */
const trafficOf = (model: Model, engine: EngineName): Traffic | undefined => {
  if (engine !== "torch") return undefined;
  const gradients = reducedBytes(model);
  return {
    gradients,
    ring: recordOf(COUNTS.map((count) => [String(count), ringBytes(gradients, count)])),
  };
};

interface Planned {
  readonly engine: PlannedEngine;
  readonly plan: ReturnType<typeof planMemory>;
  readonly limit: ReturnType<typeof memoryLimit>;
  readonly fitting: Fitting | undefined;
  readonly traffic: Traffic | undefined;
}

const json = (
  spec: string,
  { engine, plan, limit, fitting, traffic }: Planned,
  times?: Times,
): string =>
  JSON.stringify(
    {
      spec,
      engine,
      memory: { ...plan, limit: limit.bytes, of: limit.of, free: freemem() },
      fits: plan.peak <= limit.bytes,
      largest: fitting,
      time: times,
      traffic,
    },
    undefined,
    2,
  );

const planCommand = async (spec: string, options: PlanOptions): Promise<void> => {
  const sound = analysed(spec, options);
  if (sound === undefined) return;
  const say = (text: string): void => {
    if (options.json !== true) process.stdout.write(`${text}\n`);
  };
  const { model } = sound;
  const { engine } = await chosenEngine(options.engine);
  const limit = memoryLimit();
  const plan = planMemory(model, engine, { model, locate: placeIn(diskSources.read) });
  say(planText(plan, limit));
  if (engine === "torch")
    say("That is what ONNX Runtime takes: ganc does not plan the memory of PyTorch.");
  else if (!isPlanned(engine))
    say("The values of a step lie in the graphics card's memory, which ganc cannot plan.");
  const fitting = options.largest
    ? fittingOf(model, variantOf(spec, options), engine, limit.bytes)
    : undefined;
  if (fitting !== undefined)
    say(fittingLine(fitting, model.recipe) ?? "no size and no batch of this spec fits");
  const isTooMuch = isRefused(plan, limit) && isPlanned(engine);
  const times = isTooMuch ? undefined : await timesOf(spec, model, options);
  if (times !== undefined) say(timeLine(times));
  const traffic = trafficOf(model, engine);
  if (traffic !== undefined) say(trafficLines(traffic));
  if (options.json === true)
    process.stdout.write(`${json(spec, { engine, plan, limit, fitting, traffic }, times)}\n`);
  if (plan.peak > limit.bytes && isPlanned(engine)) process.exitCode = 1;
};

export const registerPlan = (program: Command): void => {
  withSets(program.command("plan").argument("<spec>", "a .gan file"))
    .description("Estimate the memory and time of a training before it begins.")
    .option("--data <source...>", "as for `ganc run`, to count the steps of an epoch")
    .addOption(new Option("--engine <name>", "what computes").choices(engineNames).default("auto"))
    .addOption(
      new Option(
        "--time [seconds]",
        `time a few steps, for about this long at most (${USUAL} s); opens the engine, which may take a minute`,
      ).argParser(positive),
    )
    .option("--no-largest", "do not look for the largest size and batch that fit")
    .option("--json", "for programs")
    .action(planCommand);
};
