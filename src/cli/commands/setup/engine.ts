/**
 * `ganc engine`: lists the engines of this machine; `ganc engine install` installs a missing one.
 */
import { Argument, type Command } from "commander";
import { type EngineReport, listEngines } from "../../../engines/list.js";
import { INSTALLABLE, type Installable, type InstallOptions, install } from "./engine-install.js";
import { outColors, say } from "./tools.js";

const rows = ({ id, title, capabilities, found, missing }: EngineReport): readonly string[] => [
  `${found === undefined ? outColors.red("✗") : outColors.green("✓")} ${outColors.bold(id.padEnd(11))} ${title}: ${capabilities}`,
  ...(found === undefined ? [] : [`  ${"".padEnd(11)} ${found}`]),
  ...(missing === undefined
    ? []
    : [missing.reason, missing.remedy].map((text) => `  ${"".padEnd(11)} ${text}`)),
];

const list = async (): Promise<void> => {
  for (const line of (await listEngines()).flatMap(rows)) say(line);
};

/** Adds `engine` and `engine install <name>` to the program. */
export const registerEngine = (program: Command): void => {
  const engine = program
    .command("engine")
    .description("List the engines of this machine, and why others are missing.")
    .action(list);
  engine
    .command("install")
    .description("Install an engine on this machine, from package registries only.")
    .addArgument(new Argument("<name>", "the engine").choices(INSTALLABLE))
    .option("-y, --yes", "download without asking")
    .option("--force", "install again even if the engine works, and check the hashes of the cache")
    .option("--cuda", "with CUDA: 572 MB for tensorflow, 3 GB for torch; not tested")
    .option("--cpu", "of torch, without CUDA even where there is a graphics card")
    .option(
      "--compiler <command>",
      "of tensorflow, the C++ compiler, or zig for the one from the package registry",
    )
    .action((name: Installable, options: InstallOptions) => install(name, options));
};
