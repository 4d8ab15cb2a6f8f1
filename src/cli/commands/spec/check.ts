/**
 * `ganc check`: reports mistakes in specs for people and programs. It can also fix them, or check
 * again at every change.
 */
import { type Command, Option } from "commander";
import type { Sources } from "../../../compiler/index.js";
import { type Diagnostic, hasErrors } from "../../../diagnostics/diagnostic.js";
import { asJson, asWorkflowCommands } from "../../../diagnostics/machine.js";
import {
  type Checked,
  checkAll,
  nameOf,
  recording,
  sourcesWithInput,
  standardInput,
} from "../../specs/checking.js";
import { diffOf, mend, writeMended } from "../../specs/mending.js";
import { watch } from "../../specs/watching.js";
import { counted } from "../../terminal/progress-text.js";
import { fail, type SpecOptions, settings, show, specsGiven, withSets } from "../spec-command.js";

interface CheckOptions extends SpecOptions {
  readonly format: "text" | "json" | "github";
  readonly denyWarnings?: true;
  readonly fix?: true;
  readonly dryRun?: true;
  readonly watch?: true;
}

const report = (
  { diagnostics, sound }: Checked,
  textOf: Sources["read"],
  { format, denyWarnings }: CheckOptions,
): void => {
  if (format === "json") process.stdout.write(asJson(diagnostics, textOf));
  if (format === "github") process.stdout.write(asWorkflowCommands(diagnostics, textOf));
  if (format !== "text") return;
  show(diagnostics, textOf);
  const first = diagnostics.find(({ severity }) => severity === "error") ?? diagnostics[0];
  if (first !== undefined) process.stderr.write(`\`ganc explain ${first.code}\` says more.\n`);
  if (denyWarnings === true && diagnostics.length > 0) return;
  for (const name of sound) process.stdout.write(`${name}: sound\n`);
};

const failed = (diagnostics: readonly Diagnostic[], { denyWarnings }: CheckOptions): boolean =>
  hasErrors(diagnostics) || (denyWarnings === true && diagnostics.length > 0);

const checkOnce = (specs: readonly string[], options: CheckOptions): void => {
  const sources = sourcesWithInput(options.root);
  const checked = checkAll(specs, settings(options), sources);
  report(checked, sources.read, options);
  if (failed(checked.diagnostics, options)) process.exitCode = 1;
};

const checkAndFix = (specs: readonly string[], options: CheckOptions): void => {
  const mended = mend(specs, settings(options), sourcesWithInput(options.root));
  const { checked, changes, refused, textOf } = mended;
  refused.forEach(fail);
  if (options.dryRun === true) process.stdout.write(diffOf(mended));
  else writeMended(mended).forEach(fail);
  const fixes = changes.length === 1 ? "1 fix" : `${changes.length} fixes`;
  const did = options.dryRun === true ? `would apply ${fixes}` : `applied ${fixes}`;
  process.stderr.write(`${[...changes, did].join("\n")}\n`);
  // A dry run writes only the diff to standard output, so that `patch` can read it.
  report(options.dryRun === true ? { ...checked, sound: [] } : checked, textOf, options);
  if (failed(checked.diagnostics, options)) process.exitCode = 1;
};

/** Clears the screen on a terminal only; logs keep everything. */
const clear = (): void => {
  if (process.stderr.isTTY === true) process.stderr.write("\u001b[H\u001b[2J");
};

const checkAgainAndAgain = async (
  specs: readonly string[],
  options: CheckOptions,
): Promise<void> => {
  process.exitCode = await watch(() => {
    clear();
    const { sources, stamps } = recording(sourcesWithInput(options.root));
    report(checkAll(specs, settings(options), sources), sources.read, options);
    process.stderr.write(`watching ${counted(stamps.size, "file")}; Ctrl-C ends\n`);
    return stamps;
  });
};

/** Returns which options conflict, or undefined. */
const misuse = (specs: readonly string[], options: CheckOptions): string | undefined => {
  const { fix, dryRun, watch: again, format } = options;
  if (dryRun === true && fix !== true) return "--dry-run needs --fix";
  if (dryRun === true && format !== "text") return `--dry-run writes a diff, not ${format}`;
  if (again === true && fix === true) return "--watch cannot be combined with --fix";
  if (!specs.includes(standardInput)) return undefined;
  if (fix === true) return "--fix changes files, and standard input is not a file";
  return again === true ? "--watch looks at files, and standard input is not a file" : undefined;
};

const checkCommand = async (
  given: readonly string[],
  options: CheckOptions,
  command: Command,
): Promise<void> => {
  const wrong = misuse(given, options);
  if (wrong !== undefined) command.error(`error: ${wrong}`, { exitCode: 2 });
  const specs = specsGiven(given, command).map(nameOf);
  if (options.watch === true) await checkAgainAndAgain(specs, options);
  else if (options.fix === true) checkAndFix(specs, options);
  else checkOnce(specs, options);
};

const codes = `
Exit codes: 0 no errors (with --deny-warnings: no warnings either), 1 some are left, 2 wrong usage, 130 Ctrl-C.
With --fix, what is left after it decides. docs/check.md describes the formats.`;

export const registerCheck = (program: Command): void => {
  withSets(
    program
      .command("check")
      .argument("<specs...>", ".gan files, or folders of them; - is standard input"),
  )
    .description("Report the mistakes in a spec, and how to fix them.")
    .addOption(
      new Option("--format <format>", "for people, for programs, for GitHub's annotations")
        .choices(["text", "json", "github"])
        .default("text"),
    )
    .option("--fix", "apply the fixes to the files, including imported ones")
    .option("--dry-run", "with --fix: print what would change as a diff, and write nothing")
    .option("--watch", "check again whenever one of the files changes")
    .option("--deny-warnings", "count warnings as errors")
    .addHelpText("after", codes)
    .action(checkCommand);
};
