/**
 * Runs TypeScript of this project in a process of its own, for tests that kill it or fill its disk.
 */
import { type ChildProcess, fork } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { transformSync } from "@swc/core";

const root = fileURLToPath(new URL("../../", import.meta.url));

const filesIn = (folder: string): readonly string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => join(folder, name));

const compile = (file: string, into: string): void => {
  const { code } = transformSync(readFileSync(join(root, file), "utf8"), {
    jsc: { target: "es2022", parser: { syntax: "typescript" } },
    module: { type: "es6" },
    configFile: false,
    swcrc: false,
  });
  const out = join(into, file.replace(/\.ts$/, ".js"));
  mkdirSync(dirname(out), { recursive: true });
  writeFileSync(out, code);
};

/**
 * Strips the types of the folders (relative to the project) into `into`, which is empty; nothing is
 * checked.
 */
export const compileFolders = (folders: readonly string[], into: string): void => {
  for (const file of folders.flatMap(filesIn)) compile(file, into);
  writeFileSync(join(into, "package.json"), '{ "type": "module" }');
  symlinkSync(join(root, "node_modules"), join(into, "node_modules"));
};

/** Starts a script that `compileFolders` compiled. */
export const start = (into: string, script: string, args: readonly string[]): ChildProcess =>
  fork(join(into, script.replace(/\.ts$/, ".js")), args, {
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    execArgv: [],
  });

export interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly output: string;
}

/** Waits for the end of a process and gives all that it wrote. */
export const ended = (child: ChildProcess): Promise<Ended> =>
  new Promise((resolve) => {
    let output = "";
    child.stdout?.on("data", (data) => {
      output += data;
    });
    child.stderr?.on("data", (data) => {
      output += data;
    });
    child.on("close", (code, signal) => resolve({ code, signal, output }));
  });
