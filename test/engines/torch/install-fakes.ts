/** A small world for installations of PyTorch: a Python and its pip as they answer. */
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Machine } from "../../../src/engines/tensorflow/machine.js";
import type { Ran, Tools } from "../../../src/engines/tensorflow/tools.js";
import type { Build, Table } from "../../../src/engines/torch/builds.js";
import { installTorch, type Outcome } from "../../../src/engines/torch/install.js";
import type { Options } from "../../../src/engines/torch/install-plan.js";
import { type List, parseList } from "../../../src/engines/torch/lists.js";

/** What the index serves for a package. */
const contents = (name: string): string => `the wheel of ${name}`;

const entry = (name: string, condition = ""): string => {
  const hash = createHash("sha256").update(contents(name)).digest("hex");
  return `${name}==1.0${condition} \\\n    --hash=sha256:${hash}\n`;
};

const common = `# a list\n${entry("numpy")}${entry("torch").replaceAll("==1.0", "==2.15.0")}`;
const lists: Readonly<Record<Build["kind"], List>> = {
  cpu: parseList(common + entry("only-elsewhere", " ; sys_platform == 'win32'")),
  cuda: parseList(common + entry("nvidia-cublas")),
};

const build = (kind: Build["kind"], bytes: number): Build => ({
  kind,
  title: kind === "cpu" ? "the processor" : "NVIDIA's graphics cards",
  list: `torch-${kind}.txt`,
  bytes,
  unpacked: 2e6,
  standIns: kind === "cpu",
  measured: kind === "cpu",
});
const table: Table = { "linux-x64": { cpu: build("cpu", 3e6), cuda: build("cuda", 9e6) } };

export const ran = (code: number | null, stdout = "", stderr = ""): Ran => ({
  code,
  signal: null,
  absent: code === null,
  stdout,
  stderr,
});

/** What a PyTorch that works answers. */
export const answer = (file: string, more: object = {}): string =>
  JSON.stringify({
    version: "2.15.0",
    file,
    devices: [{ kind: "cpu", name: "" }],
    notes: [],
    ...more,
  });

type Step = "python" | "venv" | "download" | "install" | "probe";

/** What can go wrong, or be otherwise, in the world. */
export interface Mishaps {
  /** How a step ends instead of doing its work. */
  readonly ends?: Readonly<Partial<Record<Step, Ran>>>;
  readonly card?: boolean;
  readonly refuses?: boolean;
  /** Called when a step starts, with the name of its package where it is a download. */
  readonly onStart?: (step: Step, name: string) => void | Promise<void>;
}

const after = (command: readonly string[], option: string): string =>
  command[command.indexOf(option) + 1] ?? "";

const stepOf = (command: readonly string[]): Step => {
  if (command.includes("venv")) return "venv";
  if (command.includes("download")) return "download";
  if (command.includes("install")) return "install";
  return command.includes("-I") ? "python" : "probe";
};

const packagesOf = (python: string): string =>
  join(dirname(python), "..", "lib", "python3.11", "site-packages");

const download = async (command: readonly string[]): Promise<Ran> => {
  const wanted = await readFile(after(command, "-r"), "utf8");
  if (wanted.includes("win32")) return ran(0);
  const [, name = "", version = ""] = /^(.*)==(\S+)/.exec(wanted) ?? [];
  const file = `${name.replaceAll("-", "_")}-${version}-py3-none-any.whl`;
  await writeFile(join(after(command, "--dest"), file), contents(name));
  return ran(0);
};

/** Puts each wheel that the list asks for into the environment, and torch as a package. */
const install = async (command: readonly string[]): Promise<Ran> => {
  const wanted = await readFile(after(command, "-r"), "utf8");
  const wheels = await readdir(after(command, "--find-links"));
  const packages = packagesOf(command[0] ?? "");
  for (const [, name = ""] of wanted.matchAll(/^([\w-]+)==(?!.*win32)/gm)) {
    const wheel = wheels.find((file) => file.startsWith(`${name.replaceAll("-", "_")}-`));
    if (wheel === undefined) return ran(1, "", `ERROR: No matching distribution found for ${name}`);
    await mkdir(join(packages, name, "lib"), { recursive: true });
    await writeFile(join(packages, name, "__init__.py"), contents(name));
  }
  await writeFile(join(packages, "torch", "lib", "libtorch_cuda.so"), "");
  return ran(0);
};

const probe = async (python: string): Promise<Ran> => {
  const file = join(packagesOf(python), "torch", "__init__.py");
  const there = await readFile(file, "utf8").catch(() => undefined);
  return there === undefined ? ran(null) : ran(0, `noise\n${answer(file)}\n`);
};

const venv = async (folder: string): Promise<Ran> => {
  await mkdir(join(folder, "bin"), { recursive: true });
  await mkdir(join(folder, "lib", "python3.11", "site-packages"), { recursive: true });
  await writeFile(join(folder, "bin", "python"), "python");
  return ran(0);
};

const work = (step: Step, command: readonly string[]): Promise<Ran> => {
  const last = command.at(-1) ?? "";
  const works: Readonly<Record<Step, () => Promise<Ran>>> = {
    python: async () => (command[0] === "python3" ? ran(0, "cpython 3 11 \n") : ran(null)),
    venv: () => venv(last),
    download: () => download(command),
    install: () => install(command),
    probe: () => probe(command[0] ?? ""),
  };
  return works[step]();
};

export interface World {
  readonly machine: Machine;
  /** Every line said, in order. */
  readonly said: string[];
  /** The steps that were begun, and of which package. */
  readonly steps: string[];
  readonly interrupt: AbortController;
  readonly run: (mishaps: Mishaps) => Tools["run"];
  install(
    mishaps?: Mishaps,
    options?: Partial<Options>,
    env?: Readonly<Record<string, string>>,
  ): Promise<Outcome>;
}

/** A machine with an empty cache, or another copy of ganc on one. */
export const world = async (machineOf?: Machine): Promise<World> => {
  const root = await mkdtemp(join(tmpdir(), "ganc-torch-"));
  const said: string[] = [];
  const steps: string[] = [];
  const interrupt = new AbortController();
  const machine: Machine = machineOf ?? {
    platform: "linux",
    arch: "x64",
    glibc: "2.36",
    cache: join(root, "cache"),
  };
  const run =
    (mishaps: Mishaps): Tools["run"] =>
    async (command) => {
      if (command[0] === "nvidia-smi") return ran(mishaps.card ? 0 : null);
      const step = stepOf(command);
      const list = step === "download" ? await readFile(after(command, "-r"), "utf8") : "";
      const name = list.split("==")[0] ?? "";
      steps.push(`${step} ${name}`.trim());
      await mishaps.onStart?.(step, name);
      return interrupt.signal.aborted
        ? { ...ran(null), signal: "SIGTERM", absent: false }
        : (mishaps.ends?.[step] ?? work(step, command));
    };
  const tools = (mishaps: Mishaps): Tools => ({
    run: run(mishaps),
    say: (line) => void said.push(line),
    progress: () => ({ at: () => {}, end: () => {} }),
    confirm: async () => mishaps.refuses !== true,
    signal: interrupt.signal,
  });
  const install: World["install"] = (mishaps = {}, options = {}, env = {}) =>
    installTorch(
      { machine, env },
      { force: false, kind: undefined, ...options },
      tools(mishaps),
      table,
      ({ kind }) => lists[kind],
    );
  return { machine, said, steps, interrupt, run, install };
};
