/** `ganc doctor`: reports the state of this machine, one fact a line, with remedies. */

import { existsSync, statfsSync } from "node:fs";
import { availableParallelism, cpus, freemem, totalmem } from "node:os";
import { dirname } from "node:path";
import type { Command } from "commander";
import { bytesText } from "../../../base/bytes.js";
import { codecs } from "../../../data/images/codecs.js";
import { type EngineReport, listEngines } from "../../../engines/list.js";
import { thisMachine } from "../../../engines/tensorflow/machine.js";
import { runProgram } from "../../../engines/tensorflow/tools.js";
import { packageVersion } from "../../specs/spec-files.js";
import { outColors } from "./tools.js";

export interface Fact {
  readonly name: string;
  readonly value: string;
  /** `missing` is something that ganc may want; by itself it makes nothing fail. */
  readonly state: "found" | "missing";
  /** Remedy if it is missing. */
  readonly remedy?: string;
}

const found = (name: string, value: string): Fact => ({ name, value, state: "found" });

/** Words the free space of the file system for a folder that may not exist yet. */
const freeAt = (folder: string): string => {
  let path = folder;
  while (!existsSync(path) && dirname(path) !== path) path = dirname(path);
  try {
    const { bavail, bsize } = statfsSync(path);
    return bytesText(bavail * bsize);
  } catch {
    return "an unknown part";
  }
};

/** Looks for a program that installing an engine needs. */
const program = async (name: string, command: readonly string[], remedy: string): Promise<Fact> => {
  const { code, stdout, stderr } = await runProgram()(command);
  const [line = ""] = `${stdout}${stderr}`.trim().split("\n");
  if (code === 0) return found(name, line);
  return {
    name,
    value: "not found; only installing an engine needs it",
    state: "missing",
    remedy,
  };
};

const programs = (): Promise<readonly Fact[]> => {
  const isWindows = process.platform === "win32";
  const python = isWindows ? ["py", "-3"] : ["python3"];
  const pip = "Debian, Ubuntu: apt install python3-pip; elsewhere: python3 -m ensurepip";
  return Promise.all([
    program("python", [...python, "--version"], "Install Python 3."),
    program("pip", [...python, "-m", "pip", "--version"], pip),
    program(
      "compiler",
      [process.env.CXX || "c++", "--version"],
      "None is needed: ganc engine install tensorflow --compiler zig",
    ),
  ]);
};

const engineFact = ({ id, found: value, missing }: EngineReport): Fact => ({
  name: `engine ${id}`,
  value: value ?? missing?.reason ?? "",
  state: value === undefined ? "missing" : "found",
  ...(missing === undefined ? {} : { remedy: missing.remedy }),
});

/** Examines the machine, and whether anything can train on it. */
export const examined = async (): Promise<{ canTrain: boolean; facts: readonly Fact[] }> => {
  const [engines, tools] = await Promise.all([listEngines(), programs()]);
  const { platform, arch, glibc, cache } = thisMachine();
  const libc = glibc === undefined ? "" : `, glibc ${glibc}`;
  const facts = [
    found("ganc", packageVersion()),
    found("node", process.versions.node),
    found("platform", `${platform} ${arch}${libc}`),
    found(
      "processor",
      `${availableParallelism()} threads, ${cpus()[0]?.model.trim() ?? "unknown"}`,
    ),
    found("memory", `${bytesText(totalmem())}, ${bytesText(freemem())} of it free`),
    found(
      "cache",
      `${cache}, ${freeAt(cache)} free${process.env.GANC_CACHE ? ", by GANC_CACHE" : ""}`,
    ),
    found("folder", `${process.cwd()}, ${freeAt(process.cwd())} free`),
    found("images", codecs()),
    ...engines.map(engineFact),
    ...tools,
  ];
  return { canTrain: engines.some(({ available }) => available), facts };
};

const row = ({ name, value, state, remedy }: Fact): string => {
  const mark = state === "found" ? outColors.green("✓") : outColors.red("✗");
  return `${mark} ${outColors.bold(name.padEnd(17))} ${value}${remedy === undefined ? "" : ` ${remedy}`}`;
};

const doctor = async ({ json }: { readonly json?: boolean }): Promise<void> => {
  const { canTrain, facts } = await examined();
  const text = json
    ? JSON.stringify({ canTrain, facts }, undefined, 2)
    : [...facts.map(row), canTrain ? "This machine can train." : "Nothing can train here."].join(
        "\n",
      );
  process.stdout.write(`${text}\n`);
  process.exitCode = canTrain ? 0 : 1;
};

export const registerDoctor = (program: Command): void => {
  program
    .command("doctor")
    .description("Report the state of this machine: versions, engines, caches, memory, disk.")
    .option("--json", "for programs")
    .action(doctor);
};
