/**
 * A small world for installations: pip, a compiler and Node as they answer, wheels of a few bytes.
 */
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { installTensorFlow, type Outcome } from "../../../src/engines/tensorflow/install.js";
import type { Options } from "../../../src/engines/tensorflow/install-plan.js";
import type { Machine } from "../../../src/engines/tensorflow/machine.js";
import type { TfjsNode } from "../../../src/engines/tensorflow/package.js";
import type { Ran, Tools } from "../../../src/engines/tensorflow/tools.js";
import type { Table, Wheel } from "../../../src/engines/tensorflow/wheels.js";

interface Member {
  readonly path: string;
  readonly text: string;
  readonly mode: number;
}

const numbers = (...fields: readonly (readonly [value: number, bytes: 2 | 4])[]): Buffer =>
  Buffer.concat(
    fields.map(([value, bytes]) => {
      const buffer = Buffer.alloc(bytes);
      buffer.writeUIntLE(value, 0, bytes);
      return buffer;
    }),
  );

/** A zip archive whose members are stored as they are. */
const zip = (members: readonly Member[]): Buffer => {
  const local: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const { path, text, mode } of members) {
    const data = Buffer.from(text);
    const name = Buffer.from(path);
    const common = numbers(
      ...([
        [20, 2],
        [0, 2],
        [0, 2],
        [0, 4],
      ] as const),
      ...([
        [crc32(data), 4],
        [data.length, 4],
        [data.length, 4],
        [name.length, 2],
        [0, 2],
      ] as const),
    );
    const head = Buffer.concat([numbers([0x04034b50, 4]), common, name, data]);
    const rest = numbers([0, 2], [0, 2], [0, 2], [mode * 0x10000, 4], [offset, 4]);
    central.push(numbers([0x02014b50, 4], [0x0314, 2]), common, rest, name);
    local.push(head);
    offset += head.length;
  }
  const directory = Buffer.concat(central);
  const count = members.length;
  const end = numbers([0x06054b50, 4], [0, 2], [0, 2], [count, 2], [count, 2]);
  return Buffer.concat([
    ...local,
    directory,
    end,
    numbers([directory.length, 4], [offset, 4], [0, 2]),
  ]);
};

const file = (path: string, text: string, mode = 0o644): Member => ({ path, text, mode });

const archives: Readonly<Record<string, Buffer>> = {
  "tensorflow-cpu": zip([
    file("tensorflow/libtensorflow_cc.so.2", "library"),
    file("tensorflow/include/tensorflow/c/c_api.h", "header"),
    file("tensorflow/python/unwanted.py", "unwanted"),
  ]),
  ziglang: zip([file("ziglang/zig", "zig", 0o755), file("ziglang/lib/std.zig", "std")]),
};

const wheel = (name: string, keep: readonly string[], needs: readonly string[]): Wheel => ({
  package: name,
  version: "1.0",
  platform: "any",
  python: "3.12",
  abi: "none",
  sha256: createHash("sha256")
    .update(archives[name] ?? "")
    .digest("hex"),
  bytes: 1000,
  unpacked: 2000,
  keep,
  needs,
});

const library = "tensorflow/libtensorflow_cc.so.2";
export const tensorflow = wheel("tensorflow-cpu", [library, "tensorflow/include/"], [library]);
export const zig = wheel("ziglang", ["ziglang/"], ["ziglang/zig"]);
const table: Table = { "linux-x64": { cpu: tensorflow, zig, measured: true } };

const ran = (code: number | null, stdout = "", stderr = ""): Ran => ({
  code,
  signal: null,
  absent: code === null,
  stdout,
  stderr,
});

const WORKS = "works with ";

/**
 * What a Node process says of a fake addon: it works as long as the library it is bound to is
 * there.
 */
const node = async (addon: string): Promise<Ran> => {
  const text = await readFile(addon, "utf8").catch(() => undefined);
  if (text === undefined) return ran(1, "", "Error: Cannot find module");
  if (!text.startsWith(WORKS)) return ran(1, "", "Error: undefined symbol: TF_Version");
  const bound = text.slice(WORKS.length);
  const there = await readFile(bound, "utf8").catch(() => undefined);
  return there === undefined
    ? ran(1, "", "Error: libtensorflow_cc.so.2: cannot open shared object file")
    : ran(0, JSON.stringify({ version: "2.21.0", library: bound, gpu: false, wrong: "" }));
};

/** What can go wrong in the world. */
export interface Mishaps {
  readonly pip?: "fails" | "brings another file";
  readonly compiler?: "absent" | "fails" | "makes a broken addon";
  readonly refuses?: boolean;
  /** Called when the named program starts. */
  readonly onStart?: (program: "pip" | "compiler") => void;
}

const pip = async (command: readonly string[], { pip: mishap }: Mishaps): Promise<Ran> => {
  if (command.includes("--version")) return ran(0, "pip 23");
  if (mishap === "fails") return ran(1, "", "ERROR: No matching distribution found");
  const wanted = await readFile(command[command.indexOf("-r") + 1] ?? "", "utf8");
  const name = wanted.split("==")[0] ?? "";
  const bytes = archives[name] ?? Buffer.alloc(0);
  const into = command[command.indexOf("--dest") + 1] ?? "";
  const brought = mishap === undefined ? bytes : Buffer.concat([bytes, Buffer.from("!")]);
  await writeFile(join(into, `${name}-1.0-any.whl`), brought);
  return ran(0);
};

const compiler = async (
  command: readonly string[],
  { compiler: mishap }: Mishaps,
): Promise<Ran> => {
  if (command.includes("--version")) return ran(mishap === "absent" ? null : 0);
  if (mishap === "fails") return ran(1, "", "tfjs_backend.cc:1: error: no");
  const bound = command.find((word) => word.endsWith("libtensorflow_cc.so.2")) ?? "";
  const output = command[command.indexOf("-o") + 1] ?? "";
  await writeFile(output, mishap === "makes a broken addon" ? "broken" : WORKS + bound);
  return ran(0);
};

export interface World {
  readonly found: TfjsNode;
  readonly machine: Machine;
  /** Every line said, in order. */
  readonly said: string[];
  /** Every program started, except Node. */
  readonly started: (readonly string[])[];
  readonly interrupt: AbortController;
  install(mishaps?: Mishaps, options?: Partial<Options>): Promise<Outcome>;
}

/** An empty package folder and an empty cache. */
export const world = async (): Promise<World> => {
  const root = await mkdtemp(join(tmpdir(), "ganc-install-"));
  const folder = join(root, "package");
  const addon = join(folder, "lib", "napi-v8", "tfjs_binding.node");
  await mkdir(folder);
  const said: string[] = [];
  const started: (readonly string[])[] = [];
  const interrupt = new AbortController();
  const machine: Machine = {
    platform: "linux",
    arch: "x64",
    glibc: "2.36",
    cache: join(root, "cache"),
  };
  const found: TfjsNode = { name: "@tensorflow/tfjs-node-gpu", folder, addon, sharesTfjs: true };
  const run =
    (mishaps: Mishaps): Tools["run"] =>
    async (command) => {
      if (command[0] === process.execPath) return node(command[3] ?? "");
      started.push(command);
      const program = command.includes("pip") ? "pip" : "compiler";
      if (!command.includes("--version")) mishaps.onStart?.(program);
      return interrupt.signal.aborted
        ? { ...ran(null), signal: "SIGTERM", absent: false }
        : program === "pip"
          ? pip(command, mishaps)
          : compiler(command, mishaps);
    };
  const tools = (mishaps: Mishaps): Tools => ({
    run: run(mishaps),
    say: (line) => void said.push(line),
    progress: () => ({ at: () => {}, end: () => {} }),
    confirm: async () => mishaps.refuses !== true,
    signal: interrupt.signal,
  });
  const install = (mishaps: Mishaps = {}, options: Partial<Options> = {}) =>
    installTensorFlow(
      found,
      machine,
      { force: false, cuda: false, compiler: undefined, ...options },
      tools(mishaps),
      table,
    );
  return { found, machine, said, started, interrupt, install };
};
