/**
 * Compares the engines with PyTorch, teacher-forced, as a table: 20 steps of
 * specs/cyclegan-lsgan.gan.
 *
 * node scripts/torch.js node dist/bench/parity.js [--steps n] [--set name=value]…
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { diskSources, packageRoot } from "../src/cli/specs/spec-files.js";
import { noSettings } from "../src/compiler/frontend.js";
import { compile } from "../src/compiler/index.js";
import type { Session } from "../src/contracts/session.js";
import { openProgram } from "../src/engines/onnx/runtime.js";
import { onnxSession } from "../src/engines/onnx/session.js";
import { loadTensorFlow } from "../src/engines/tensorflow/load.js";
import { tfjsExplicitSession } from "../src/engines/tfjs/explicit.js";
import { loadGenerated } from "../src/engines/tfjs/generated-module.js";
import { tfjsSession } from "../src/engines/tfjs/generated-session.js";
import { referenceSession } from "./reference.js";
import { reported } from "./reported.js";
import { SPEC } from "./sides.js";
import { median } from "./statistics.js";
import { table, verdict } from "./table.js";
import { type Differences, differences, follow, type Kind } from "./teacher-forcing.js";
import { type Trajectory, trajectoryOf } from "./torch/reference.js";

const SEED = 1;
const AGREEMENT = 1e-4;
const SIZES = { size: "32", ngf: "8", ndf: "8", blocks: "2" };

const compiled = async (settings: Readonly<Record<string, string>>) => {
  const { output } = await compile(
    SPEC,
    diskSources,
    new Map([...noSettings, ...Object.entries(settings)]),
  );
  if (output === undefined) throw new Error(`${SPEC} has errors`);
  return output;
};

type Compiled = Awaited<ReturnType<typeof compiled>>;

const tfjs = async ({ text, model }: Compiled): Promise<Session> => {
  const loaded = await loadTensorFlow();
  if (loaded._tag === "Left") throw new Error(`${loaded.left.reason} ${loaded.left.remedy}`);
  const module = await loadGenerated(text);
  return tfjsSession(module, { engine: "tfjs", seed: SEED, init: model.recipe.init });
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

const engines: Readonly<Record<string, (output: Compiled) => Promise<Session>>> = {
  evaluator,
  onnx,
  tfjs,
  explicit,
};

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
  const [first] = systems.values();
  const rows = (first?.tensors ?? []).map(({ kind, name }) => [
    `${kind} ${name}`,
    ...[...systems.values()].map(({ tensors }) =>
      number(tensors.find((d) => d.kind === kind && d.name === name)?.relative ?? Number.NaN),
    ),
  ]);
  return table([["largest relative L2 of all steps", ...systems.keys()], ...rows]);
};

const report = (trajectory: Trajectory, systems: ReadonlyMap<string, Differences>): boolean => {
  const head = ["", "tensors", "median", "worst", "which"];
  const parts = [...systems].map(([name, found]) => {
    const [, ...rest] = head;
    return table([[name, ...rest], ...summary(found)]);
  });
  const goals = [...systems].map(([name, { tensors, zeros }]) => {
    const met = [...tensors, ...zeros].every(({ relative }) => relative <= AGREEMENT);
    return [
      met,
      `${name} agrees with PyTorch in float64 to ${AGREEMENT}, tensor by tensor`,
    ] as const;
  });
  const { size, ngf, ndf, blocks } = trajectory.subject.sizes;
  const drawn = trajectory.steps.map(({ draws }) => draws);
  const lines = [
    `${SPEC}, size=${size} ngf=${ngf} ndf=${ndf} blocks=${blocks}`,
    `${drawn.length} steps, each from the reference's state; images drawn ${median(drawn)} times (median) to keep away from kinks`,
    "",
    perTensor(systems),
    "",
    "0 by algebra: gradients of biases before a normalisation, by the length of the gradient of their layer's weights.",
    "",
    ...parts.flatMap((part) => [part, ""]),
    ...goals.map(([met, goal]) => verdict(met, goal)),
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
  return goals.every(([met]) => met);
};

const main = async (): Promise<boolean> => {
  const { values } = parseArgs({
    options: {
      steps: { type: "string", default: "20" },
      set: { type: "string", multiple: true, default: [] },
    },
  });
  const sets = values.set.map((text) => text.split("=") as [string, string]);
  const output = await compiled({ ...SIZES, ...Object.fromEntries(sets) });
  const folder = join(packageRoot, "bench");
  const steps = Number(values.steps);
  const trajectory = trajectoryOf({ folder, model: output.model, seed: SEED, steps });
  const systems = new Map<string, Differences>();
  const single = trajectory.steps.map(({ float32 }) => float32);
  systems.set("PyTorch float32", differences(trajectory, single));
  for (const [name, open] of Object.entries(engines)) {
    const session = await open(output);
    systems.set(name, differences(trajectory, await follow(session, trajectory)));
    session.dispose();
  }
  return report(trajectory, systems);
};

await reported(main);
