/** `ganc engine install`: asks, shows progress, and says how it ended. */
import * as tensorflow from "../../../engines/tensorflow/install.js";
import { thisMachine } from "../../../engines/tensorflow/machine.js";
import type { Missing } from "../../../engines/tensorflow/missing.js";
import { findPackage } from "../../../engines/tensorflow/package.js";
import type { Tools } from "../../../engines/tensorflow/tools.js";
import * as torch from "../../../engines/torch/install.js";
import { exitCode } from "../../terminal/interrupt.js";
import { complain, errColors, outColors, say, withTools } from "./tools.js";

/** How an installation ended: it works, in a line or more, or what both engines may say. */
type Ending =
  | { readonly kind: "works"; readonly lines: readonly string[] }
  | { readonly kind: "declined" | "interrupted" }
  | { readonly kind: "failed"; readonly why: Missing };

/** Reports an ending and returns the exit code. `by` is the first signal that came. */
const report = (ending: Ending, by: NodeJS.Signals | undefined): number => {
  switch (ending.kind) {
    case "works":
      say(`${outColors.green("✓")} ${ending.lines.join("\n  ")}`);
      return 0;
    case "declined":
      complain("Nothing was downloaded or changed.");
      return 1;
    case "interrupted":
      complain("Interrupted. The engine is as it was.");
      return exitCode(by);
    case "failed":
      complain(`${errColors.red("✗")} ${ending.why.reason}\n  ${ending.why.remedy}`);
      return 1;
  }
};

export interface InstallOptions {
  readonly yes?: boolean;
  readonly force?: boolean;
  readonly cuda?: boolean;
  readonly cpu?: boolean;
  readonly compiler?: string;
}

const works = (...lines: readonly string[]): Ending => ({ kind: "works", lines });

const installTensorFlow = async (given: InstallOptions, tools: Tools): Promise<Ending> => {
  const options = {
    force: given.force === true,
    cuda: given.cuda === true,
    compiler: given.compiler,
  };
  const outcome = await tensorflow.installTensorFlow(findPackage(), thisMachine(), options, tools);
  if (outcome.kind === "already")
    return works(
      `The engine tensorflow is already installed: TensorFlow ${outcome.version}${outcome.prebuilt ? ", the package's own binary" : ""}.`,
    );
  if (outcome.kind === "installed")
    return works(
      `The engine tensorflow works: TensorFlow ${outcome.version} on the ${outcome.gpu ? "GPU" : "CPU"}.`,
    );
  return outcome;
};

const installTorch = async (given: InstallOptions, tools: Tools): Promise<Ending> => {
  const kind = given.cpu ? "cpu" : given.cuda ? "cuda" : undefined;
  const outcome = await torch.installTorch(
    { machine: thisMachine(), env: process.env },
    { force: given.force === true, kind },
    tools,
  );
  if (outcome.kind !== "already" && outcome.kind !== "installed") return outcome;
  const { label, notes, python } = outcome.found;
  return outcome.kind === "already"
    ? works(
        `The engine torch is already installed: ${label}, by ${python}.`,
        ...(outcome.hint === undefined ? [] : [outcome.hint]),
        ...notes,
      )
    : works(`The engine torch works: ${label}.`, ...notes);
};

/** The engines that can be installed, and how. */
const installers = { tensorflow: installTensorFlow, torch: installTorch };

export type Installable = keyof typeof installers;
export const INSTALLABLE = Object.keys(installers) as Installable[];

/** Options that mean something for one engine only. */
const onlyFor: Readonly<Partial<Record<keyof InstallOptions, Installable>>> = {
  cpu: "torch",
  compiler: "tensorflow",
};

/** Says which option is out of place; undefined if none is. */
const misplaced = (name: Installable, given: InstallOptions): string | undefined => {
  for (const option of ["cpu", "compiler"] as const)
    if (given[option] !== undefined && onlyFor[option] !== name)
      return `--${option} is for the engine ${onlyFor[option]} only.`;
  return given.cpu && given.cuda ? "Give --cpu or --cuda, not both." : undefined;
};

/** Installs an engine, and sets the exit code. */
export const install = async (name: Installable, given: InstallOptions): Promise<void> => {
  const wrong = misplaced(name, given);
  if (wrong !== undefined) {
    complain(wrong);
    process.exitCode = 2;
    return;
  }
  process.exitCode = await withTools(given, async (tools, by) =>
    report(await installers[name](given, tools), by()),
  );
};
