/**
 * Compares the engines with PyTorch, teacher-forced, as a table: 20 steps of
 * specs/cyclegan-lsgan.gan. `--write` puts the summary into docs/parity.md. `--only` compares the
 * engines whose names have these words in them, and writes nothing.
 *
 * node scripts/torch.js node dist/bench/parity.js [--steps n] [--set name=value]… [--only words]
 * [--write]
 */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { diskSources, packageRoot } from "../src/cli/specs/spec-files.js";
import { analyse, noSettings } from "../src/compiler/frontend.js";
import { compile } from "../src/compiler/index.js";
import type { Precision, Session } from "../src/contracts/session.js";
import type { State } from "../src/contracts/tensor.js";
import { openProgram } from "../src/engines/onnx/runtime.js";
import { onnxSession } from "../src/engines/onnx/session.js";
import { startsIn } from "../src/engines/sessions/starts.js";
import { loadTensorFlow } from "../src/engines/tensorflow/load.js";
import { tfjsExplicitSession } from "../src/engines/tfjs/explicit.js";
import { loadGenerated } from "../src/engines/tfjs/generated-module.js";
import { tfjsSession } from "../src/engines/tfjs/generated-session.js";
import { torchSession } from "../src/engines/torch/session.js";
import { PATIENCE, type World } from "../src/engines/torch/world.js";
import { referenceSession } from "./reference.js";
import { reported } from "./reported.js";
import { SPEC, withBatch } from "./sides.js";
import { median } from "./statistics.js";
import { table, verdict } from "./table.js";
import { type Differences, differences, follow, type Kind, wander } from "./teacher-forcing.js";
import { torchPython } from "./torch/python.js";
import { type Trajectory, trajectoryOf } from "./torch/reference.js";

const SEED = 1;
const AGREEMENT = 1e-4;
type Bounds = Readonly<Record<Kind, number>>;
const exact: Bounds = {
  loss: AGREEMENT,
  gradient: AGREEMENT,
  update: AGREEMENT,
  history: AGREEMENT,
};
/** Of networks in bfloat16: gradients that nearly cancel keep nothing of its 8 bits. */
const low: Bounds = { loss: 0.1, gradient: 4, update: 1, history: 5e-3 };
const SIZES = { size: "32", ngf: "8", ndf: "8", blocks: "2" };

const compiled = async (settings: Readonly<Record<string, string>>) => {
  const given = new Map([...noSettings, ...Object.entries(settings)]);
  const { output } = await compile(SPEC, diskSources, given);
  const { result } = analyse(SPEC, diskSources, given);
  if (output === undefined || result === undefined) throw new Error(`${SPEC} has errors`);
  return { text: output.text, model: output.model, program: result.program };
};

type Compiled = Awaited<ReturnType<typeof compiled>>;

const ulp = 2 ** -23;

/** A state whose weights are one unit in the last place larger. */
const nudged = (state: State): State =>
  new Map(
    [...state].map(([name, { shape, data }]) => [
      name,
      { shape, data: name.startsWith("param/") ? data.map((value) => value * (1 + ulp)) : data },
    ]),
  );

const tfjs = async ({ text, model }: Compiled): Promise<Session> => {
  const loaded = await loadTensorFlow();
  if (loaded._tag === "Left") throw new Error(`${loaded.left.reason} ${loaded.left.remedy}`);
  const module = await loadGenerated(text);
  return tfjsSession(module, { engine: "tfjs", seed: SEED, starts: startsIn(model) });
};

const onnx = ({ model }: Compiled): Promise<Session> =>
  onnxSession(model, { engine: "onnx", seed: SEED, open: openProgram });

const evaluator = ({ model }: Compiled): Promise<Session> =>
  referenceSession(model, { engine: "evaluator", seed: SEED });

const explicit = async ({ model }: Compiled): Promise<Session> => {
  const loaded = await loadTensorFlow();
  if (loaded._tag === "Left") throw new Error(`${loaded.left.reason} ${loaded.left.remedy}`);
  return tfjsExplicitSession(model, { engine: "explicit", seed: SEED });
};

/** The Python that ganc writes, in a process of its own, or in two that share the batch. */
const torch =
  (precision?: Precision, world?: World) =>
  ({ program }: Compiled): Promise<Session> =>
    torchSession(program, {
      engine: "torch",
      seed: SEED,
      python: torchPython(),
      device: "cpu",
      precision,
      world,
    });

const two: World = { size: 2, own: 2, first: 0, patience: PATIENCE };

interface Engine {
  /** As the table names it. */
  readonly name: string;
  readonly open: (output: Compiled) => Promise<Session>;
  /** Most relative difference. */
  readonly most: Bounds;
}

const plain: Precision = { bf16: false, compiled: false, channelsLast: false };

const engines: readonly Engine[] = [
  { name: "float64 evaluator", open: evaluator, most: exact },
  { name: "onnx", open: onnx, most: exact },
  { name: "tensorflow", open: explicit, most: exact },
  { name: "tfjs, generated code", open: tfjs, most: exact },
  { name: "torch", open: torch(), most: exact },
  { name: "torch, compiled", open: torch({ ...plain, compiled: true }), most: exact },
  { name: "torch, bfloat16", open: torch({ ...plain, bf16: true }), most: low },
];

/** What shares a batch needs one. */
const sharing: readonly Engine[] = [
  { name: "torch, a batch of 2", open: torch(), most: exact },
  { name: "torch, two processes, a batch of 2", open: torch(undefined, two), most: exact },
];

/** The numbers of steps after which engines that run on their own are compared. */
const alone = [1, 5, 10, 19] as const;

const kinds: readonly (readonly [Kind, string])[] = [
  ["loss", "losses"],
  ["gradient", "gradients"],
  ["update", "updates"],
  ["history", "histories"],
];

const number = (value: number): string => value.toExponential(1);

/** Makes one row for each kind: median and worst of its tensors, and the name of the worst. */
const summary = ({ tensors, zeros }: Differences): readonly (readonly string[])[] => {
  const rows = kinds.map(([kind, name]) => ({
    name,
    of: tensors.filter((difference) => difference.kind === kind),
  }));
  return [...rows, { name: "0 by algebra", of: zeros }].map(({ name, of }) => {
    const worst = of.reduce((a, b) => (b.relative > a.relative ? b : a));
    const middle = median(of.map(({ relative }) => relative));
    return [name, String(of.length), number(middle), number(worst.relative), worst.name];
  });
};

/** Makes a table of every tensor, with each system's error at its worst step. */
const perTensor = (systems: ReadonlyMap<string, Differences>): string => {
  const named = [...systems.values()].map(
    ({ tensors }) =>
      new Map(tensors.map(({ kind, name, relative }) => [`${kind} ${name}`, relative])),
  );
  // A step of a batch has a history for each sample.
  const keys = new Set(named.flatMap((relatives) => [...relatives.keys()]));
  const rows = [...keys].map((key) => [
    key,
    ...named.map((relatives) => {
      const relative = relatives.get(key);
      return relative === undefined ? "" : number(relative);
    }),
  ]);
  return table([["largest relative L2 of all steps", ...systems.keys()], ...rows]);
};

/** A system in the tables. */
interface System {
  readonly found: Differences;
  readonly most: Bounds;
  /** How far its weights are from the reference's after so many steps on its own. */
  readonly apart: readonly number[];
}

/** The greatest difference of each kind. */
const worstOf = ({ tensors }: Differences): readonly number[] =>
  kinds.map(([kind]) =>
    Math.max(...tensors.filter((one) => one.kind === kind).map(({ relative }) => relative)),
  );

const boundText = (most: Bounds): string =>
  [...new Set(kinds.map(([kind]) => String(most[kind])))].join(", ");

/** The tables of docs/parity.md. */
const markdown = (systems: ReadonlyMap<string, System>): string => {
  const rule = (columns: number) => `|${"---|".repeat(columns)}`;
  const rows = [...systems].filter(([, { found }]) => found.tensors.length > 0);
  return [
    `| engine | ${kinds.map(([, name]) => name).join(" | ")} | bound |`,
    rule(kinds.length + 2),
    ...rows.map(
      ([name, { found, most }]) =>
        `| ${name} | ${worstOf(found).map(number).join(" | ")} | ${boundText(most)} |`,
    ),
    "",
    `| on its own | ${alone.map((steps) => `${steps} step${steps === 1 ? "" : "s"}`).join(" | ")} |`,
    rule(alone.length + 1),
    ...[...systems]
      .filter(([, { apart }]) => apart.length > 0)
      .map(([name, { apart }]) => `| ${name} | ${apart.map(number).join(" | ")} |`),
  ].join("\n");
};

const [begin, end] = ["<!-- bench:parity -->", "<!-- end -->"];

/** Puts the tables into the page, between its two marks. */
const write = (tables: string): void => {
  const path = join(packageRoot, "docs/parity.md");
  const text = readFileSync(path, "utf8");
  const [head] = text.split(begin);
  const [, tail] = text.split(end);
  writeFileSync(path, `${head}${begin}\n${tables}\n${end}${tail}`);
};

const report = (
  trajectories: readonly Trajectory[],
  systems: ReadonlyMap<string, System>,
): boolean => {
  const head = ["", "tensors", "median", "worst", "which"];
  const compared = new Map(
    [...systems].flatMap(([name, { found }]) =>
      found.tensors.length === 0 ? [] : [[name, found] as const],
    ),
  );
  const parts = [...compared].map(([name, found]) => {
    const [, ...rest] = head;
    return table([[name, ...rest], ...summary(found)]);
  });
  const goals = [...systems].flatMap(([name, { found, most }]) => {
    if (found.tensors.length === 0) return [];
    const met =
      found.tensors.every(({ kind, relative }) => relative <= most[kind]) &&
      found.zeros.every(({ relative }) => relative <= most.gradient);
    const goal = `${name} agrees with PyTorch in float64 to ${boundText(most)}, tensor by tensor`;
    return [[met, goal] as const];
  });
  const heads = trajectories.map(({ subject: { sizes }, batch, steps }) => {
    const { size, ngf, ndf, blocks } = sizes;
    const drawn = median(steps.map(({ draws }) => draws));
    return `${SPEC}, size=${size} ngf=${ngf} ndf=${ndf} blocks=${blocks}, a batch of ${batch}: ${steps.length} steps, each from the reference's state; images drawn ${drawn} times (median) to keep away from kinks`;
  });
  const lines = [
    ...heads,
    "",
    perTensor(compared),
    "",
    "0 by algebra: gradients of biases before a normalisation, by the length of the gradient of their layer's weights.",
    "",
    ...parts.flatMap((part) => [part, ""]),
    markdown(systems),
    "",
    ...goals.map(([met, goal]) => verdict(met, goal)),
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
  return goals.every(([met]) => met);
};

const none: Differences = { tensors: [], zeros: [] };

/** PyTorch's own step in float32. */
const byHand = (trajectory: Trajectory): System => {
  const results = trajectory.steps.map(({ float32 }) => float32);
  return { found: differences(trajectory, results), most: exact, apart: [] };
};

const systemOf = async (
  { open, most }: Engine,
  output: Compiled,
  trajectory: Trajectory,
): Promise<System> => {
  const session = await open(output);
  try {
    const found = differences(trajectory, await follow(session, trajectory));
    return { found, most, apart: await wander(session, trajectory, alone) };
  } finally {
    session.dispose();
  }
};

/** The reference beside itself. */
const perturbed = async (output: Compiled, trajectory: Trajectory): Promise<System> => {
  const session = await evaluator(output);
  const apart = await wander(session, trajectory, alone, nudged);
  session.dispose();
  return { found: none, most: exact, apart };
};

const main = async (): Promise<boolean> => {
  const { values } = parseArgs({
    options: {
      steps: { type: "string", default: "20" },
      set: { type: "string", multiple: true, default: [] },
      only: { type: "string", default: "" },
      write: { type: "boolean", default: false },
    },
  });
  const sets = values.set.map((text) => text.split("=") as [string, string]);
  const output = await compiled({ ...SIZES, ...Object.fromEntries(sets) });
  const program = withBatch(output.program, 2);
  const pair = { ...output, program, model: program.model };
  const steps = Number(values.steps);
  const trajectory = ({ model }: Compiled): Trajectory =>
    trajectoryOf({ folder: join(packageRoot, "bench"), model, seed: SEED, steps });
  const systems = new Map<string, System>();
  const trajectories: Trajectory[] = [];
  const compare = async (subject: Compiled, title: string, all: readonly Engine[]) => {
    const chosen = all.filter(({ name }) => name.includes(values.only));
    if (chosen.length === 0) return;
    const found = trajectory(subject);
    trajectories.push(found);
    systems.set(title, byHand(found));
    if (values.only === "" && subject === output)
      systems.set(
        "the reference, begun one unit in the last place away",
        await perturbed(subject, found),
      );
    for (const engine of chosen) systems.set(engine.name, await systemOf(engine, subject, found));
  };
  await compare(output, "PyTorch by hand, float32", engines);
  await compare(pair, "PyTorch by hand, float32, a batch of 2", sharing);
  if (values.write && values.only === "") write(markdown(systems));
  return report(trajectories, systems);
};

await reported(main);
