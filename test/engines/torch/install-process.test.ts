/** The command as users call it, with a Python on the path that only pretends. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { expect, test } from "@jest/globals";
import { root } from "../../support/specs.js";

/** A Python whose environments are copies of itself, and whose pip downloads for ever. */
const python = (pidFile: string): string => `#!/bin/sh
case "$*" in
  *sys.version_info*) echo "cpython 3 11 " ;;
  *"-m venv"*) for last; do :; done; mkdir -p "$last/bin"; cp "$0" "$last/bin/python" ;;
  *download*) echo $$ > "${pidFile}"; sleep 600 ;;
esac
`;

const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 20));
};

test("Ctrl-C ends pip, and leaves nothing half", async () => {
  const folder = mkdtempSync(join(tmpdir(), "ganc-torch-"));
  const [cache, pidFile] = [join(folder, "cache"), join(folder, "pid")];
  writeFileSync(join(folder, "python3"), python(pidFile));
  chmodSync(join(folder, "python3"), 0o755);
  const { GANC_TORCH_PYTHON: _, ...rest } = process.env;
  const env = { ...rest, GANC_CACHE: cache, PATH: [folder, rest.PATH].join(delimiter) };
  const args = [join(root, "bin/ganc.js"), "engine", "install", "torch", "--yes", "--cpu"];
  const child = spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk) => said.push(String(chunk)));
  const ended = once(child, "close");
  await until(() => existsSync(pidFile) && readFileSync(pidFile, "utf8").endsWith("\n"));
  child.kill("SIGINT");
  expect((await ended)[0]).toBe(130);
  expect(said.join("")).toContain("Download PyTorch 2.");
  expect(said.join("")).toContain("Interrupted. The engine is as it was.");
  await until(() => !isRunning(Number(readFileSync(pidFile, "utf8"))));
  expect(readdirSync(cache)).toEqual(["torch-wheels-3.11"]);
  expect(readdirSync(join(cache, "torch-wheels-3.11"))).toEqual([]);
}, 60_000);
