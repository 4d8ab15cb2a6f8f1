/**
 * However a training ends it is saved, and what only fails to be shown does not end it: real
 * processes, pipes, signals.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { encodePng } from "../../src/data/images/image.js";
import { root } from "../support/specs.js";
import { removeTemporary, temporary } from "../training/support.js";

const ganc = join(root, "bin/ganc.js");
const isPosix = process.platform !== "win32";

const spec = `domain X = image(8)
domain Y = image(8)
net G : X -> Y = conv(3, 3, pad: 1) >> tanh
net D : Y -> Scores = conv(1, 4)
loss gan(G : a -> b, D : b -> Scores) =
  E[y ~ b] log(sigmoid(D(y))) + E[x ~ a] log(1 - sigmoid(D(G(x))))
solve { min[G] max[D] gan(G, D) }
train { optimizer: adam(2e-4, beta1: 0.5) schedule: constant(1000000) }
`;

let base = "";

beforeAll(async () => {
  base = temporary();
  writeFileSync(join(base, "tiny.gan"), spec);
  const data = Uint8Array.from({ length: 192 }, (_, k) => (91 * k) % 256);
  const png = await encodePng({ width: 8, height: 8, channels: 3, data });
  for (const folder of ["trainA", "trainB"]) {
    mkdirSync(join(base, "data", folder), { recursive: true });
    for (let i = 0; i < 2; i++) writeFileSync(join(base, "data", folder, `${i}.png`), png);
  }
});

afterAll(removeTemporary);

const seldom = ["--sample-every", "never", "--checkpoint-every", "never"];
const training = (out: string, ...more: readonly string[]): readonly string[] => [
  ...["run", "tiny.gan", "--data", "data", "--out", out, ...seldom, ...more],
];

/** A line of bash, in which `ganc …` is a command. */
const bash = (line: string) =>
  spawnSync("bash", ["-c", `ganc() { "${process.execPath}" "${ganc}" "$@"; }; ${line}`], {
    cwd: base,
    encoding: "utf8",
  });

const steps = (run: string): number =>
  existsSync(join(base, run, "metrics.jsonl"))
    ? readFileSync(join(base, run, "metrics.jsonl"), "utf8").split("\n").length - 1
    : 0;

/**
 * Of a run that has ended: its lock is gone, and its newest checkpoint is that of its last step.
 */
const isSaved = (run: string): boolean => {
  const last = `step-${String(steps(run)).padStart(8, "0")}.safetensors`;
  return (
    !existsSync(join(base, run, "lock")) &&
    existsSync(join(base, run, "checkpoints", last)) &&
    readdirSync(join(base, run)).every((name) => !name.startsWith("lock"))
  );
};

const start = (run: string, before: readonly string[] = []): ChildProcess =>
  spawn(process.execPath, [...before, ganc, ...training(run)], { cwd: base });

const whenTraining = async (run: string): Promise<void> => {
  while (steps(run) < 3) await wait(20);
};

const ended = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve) => child.on("close", (code) => resolve(code)));

test("a training whose reader goes away, or whose log is on a full disk, is made to its end", () => {
  if (!isPosix) return;
  const line = (out: string) => `ganc ${training(out, "--steps", "5").join(" ")}`;
  const shown = (line: string) => bash(`${line}; echo \${PIPESTATUS[0]}`).stdout.trimEnd();
  expect(shown(`${line("head")} 2>&1 | head -1`)).toMatch(/\n1$/);
  expect(steps("head")).toBe(5);
  expect(isSaved("head")).toBe(true);
  expect(shown(`${line("closed")} >&- 2>&-`)).toBe("0");
  expect(isSaved("closed")).toBe(true);
  if (!existsSync("/dev/full")) return;
  for (const [out, redirection] of Object.entries({
    full1: ">/dev/full",
    full2: "2>/dev/full",
    fullBoth: ">/dev/full 2>&1",
  })) {
    expect(shown(`${line(out)} ${redirection}`)).toMatch(/(^|\n)1$/);
    expect(steps(out)).toBe(5);
    expect(isSaved(out)).toBe(true);
  }
});

test("Ctrl-C saves though `tee` died of it first", async () => {
  if (!isPosix) return;
  const child = start("tee");
  const code = ended(child);
  await whenTraining("tee");
  child.stdout?.destroy();
  child.stderr?.destroy();
  child.kill("SIGINT");
  expect(await code).toBe(130);
  expect(isSaved("tee")).toBe(true);
});

test.each(["SIGHUP", "SIGTERM", "SIGQUIT", "SIGXCPU", "SIGUSR2"] as const)(
  "%s saves and gives the lock back",
  async (signal) => {
    if (!isPosix) return;
    const child = start(signal);
    const code = ended(child);
    await whenTraining(signal);
    child.kill(signal);
    expect(await code).toBe(128 + constants.signals[signal]);
    expect(isSaved(signal)).toBe(true);
  },
);

/**
 * Runs the words after it at a terminal of their own, which goes away as soon as a byte comes in.
 */
const atTerminal = `import os, pty, sys, threading
pid, master = pty.fork()
if pid == 0: os.execv(sys.argv[1], sys.argv[1:])
def drain():
    try:
        while os.read(master, 4096): pass
    except OSError: pass
threading.Thread(target=drain, daemon=True).start()
sys.stdin.read(1)
os.close(master)
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))`;

const hasTerminals = isPosix && spawnSync("python3", ["-c", "import pty"]).status === 0;

(hasTerminals ? test : test.skip)(
  "a terminal that goes away leaves a run that is saved",
  async () => {
    const words = [process.execPath, ganc, ...training("terminal")];
    const child = spawn("python3", ["-c", atTerminal, ...words], { cwd: base });
    let said = "";
    child.stdout.on("data", (text) => {
      said += text;
    });
    const code = ended(child);
    await whenTraining("terminal");
    child.stdin.write("x");
    expect([await code, said.trim()]).toEqual([0, "129"]);
    expect(isSaved("terminal")).toBe(true);
  },
);

test("an error that nobody caught saves too, and is told as a bug in ganc", async () => {
  const metrics = JSON.stringify(join(base, "uncaught", "metrics.jsonl"));
  const broken = `data:text/javascript,import fs from "node:fs";
    const timer = setInterval(() => {
      if (!fs.existsSync(${metrics}) || fs.statSync(${metrics}).size === 0) return;
      clearInterval(timer);
      throw new TypeError("all broken");
    }, 20);`.replaceAll(/\n\s*/g, " ");
  const child = start("uncaught", ["--import", broken]);
  let said = "";
  child.stderr?.on("data", (text) => {
    said += text;
  });
  expect(await ended(child)).toBe(70);
  expect(said).toContain("this is a bug in ganc");
  expect(said).toContain("TypeError: all broken");
  expect(said).not.toMatch(/^\s+at /m);
  expect(isSaved("uncaught")).toBe(true);
});

test("what only shows something ends where nobody reads it, and says so where it is lost", () => {
  if (!isPosix) return;
  expect(bash(`ganc summary tiny.gan | head -0; echo \${PIPESTATUS[0]}`)).toMatchObject({
    stdout: "0\n",
    stderr: "",
  });
  if (!existsSync("/dev/full")) return;
  const lost = bash("ganc summary tiny.gan >/dev/full");
  expect(lost.status).toBe(1);
  expect(lost.stderr).toContain("no space is left on the disk");
  expect(lost.stderr).not.toMatch(/^\s+at /m);
  const compiled = bash("ganc compile tiny.gan --out made >/dev/full");
  expect(compiled.status).toBe(1);
  expect(readdirSync(join(base, "made"))).toHaveLength(1);
});

test("a folder in a spec's place is told as one, and that of a run with what to type", () => {
  mkdirSync(join(base, "old"), { recursive: true });
  writeFileSync(join(base, "old", "manifest.json"), "{}");
  mkdirSync(join(base, "lr=0.1"), { recursive: true });
  const said = (...args: readonly string[]) =>
    spawnSync(process.execPath, [ganc, ...args], { cwd: base, encoding: "utf8" }).stderr;
  expect(said("summary", "old")).toContain("`old` is the folder of a run, not a spec");
  expect(said("summary", "old")).toContain("ganc run old --resume");
  expect(said("summary", ".")).toContain("is a folder, not a spec");
  expect(said("summary", ".")).toContain("such as `tiny.gan`");
  expect(said("summary", "none.gan")).toContain("there is no file `none.gan`");
  expect(said("run", "tiny.gan", "--data", "lr=0.1")).toContain("write ./lr=0.1");
  expect(said("compile", "tiny.gan", "--out", "tiny.gan/x/")).toContain("is a file, not a folder");
});
