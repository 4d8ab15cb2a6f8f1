/**
 * Installations of PyTorch in a small world: what they leave behind when they succeed, fail, are
 * interrupted, or meet.
 */
import { existsSync } from "node:fs";
import { appendFile, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import * as E from "fp-ts/lib/Either.js";
import { findTorch } from "../../../src/engines/torch/find.js";
import type { Outcome } from "../../../src/engines/torch/install.js";
import { type Mishaps, ran, type World, world } from "./install-fakes.js";

const cacheOf = async ({ machine }: World) =>
  (await readdir(machine.cache).catch(() => [])).map((name) => name.replace(/[0-9a-f]{8}$/, "*"));
const why = (outcome: Outcome) =>
  outcome.kind === "failed" ? `${outcome.why.reason} ${outcome.why.remedy}` : outcome.kind;
const found = (it: World, mishaps: Mishaps = {}) =>
  findTorch({ run: it.run(mishaps), machine: it.machine, env: {} });

/** What is left of an installation that succeeded. */
const CLEAN = ["torch-engine-2.15.0-cpu-*", "torch-engine.json"];

const installed = async (): Promise<World> => {
  const it = await world();
  await it.install();
  it.steps.length = 0;
  it.said.length = 0;
  return it;
};

test("a first installation says what it takes, and leaves a PyTorch that works and nothing else", async () => {
  const it = await world();
  const outcome = await it.install();
  expect(outcome).toMatchObject({ kind: "installed", found: { label: "torch 2.15 on cpu" } });
  expect(it.said).toEqual([
    "Download PyTorch 2.15.0 for the processor and what it needs, by pip: 3 MB",
    `Install it for Python 3.11 in ${it.machine.cache}, where it takes 2 MB`,
    "There is no NVIDIA graphics card here, so 6 MB of CUDA are left out",
    "Unpacking it and trying it ...",
  ]);
  expect(await cacheOf(it)).toEqual(CLEAN);
  const python = outcome.kind === "installed" ? outcome.found.python : "";
  expect(python.startsWith(join(it.machine.cache, "torch-engine-2.15.0-cpu-"))).toBe(true);
  const packages = join(python, "../../lib/python3.11/site-packages");
  expect(await readdir(join(packages, "nvidia/cudnn/lib"))).toContain("libcublas.so.13");
  expect(await readFile(join(packages, "ganc-lazy.pth"), "utf8")).toContain("RTLD_LAZY");
});

test("a second installation only asks PyTorch whether it works", async () => {
  const it = await installed();
  expect((await it.install()).kind).toBe("already");
  expect(it.steps).toEqual(["probe"]);
});

test("the engine is found without asking PyTorch again, until something changes", async () => {
  const it = await installed();
  const first = await found(it);
  expect(first).toMatchObject({
    right: { version: "2.15.0", devices: ["cpu"], label: "torch 2.15 on cpu" },
  });
  expect(it.steps).toEqual([]);
  if (E.isLeft(first)) throw new Error(first.left);
  await appendFile(first.right.python, " of another day");
  await found(it);
  await found(it);
  expect(it.steps).toEqual(["probe"]);
});

test("with a graphics card CUDA comes too, and no stand-ins; --cpu leaves it out", async () => {
  const it = await world();
  expect((await it.install({ card: true })).kind).toBe("installed");
  expect(it.steps).toContain("download nvidia-cublas");
  expect(it.said.join("\n")).toMatch(/graphics cards.*Nobody has tested/s);
  expect((await cacheOf(it))[0]).toBe("torch-engine-2.15.0-cuda-*");
  expect((await it.install({}, { kind: "cuda" })).kind).toBe("already");
  expect((await it.install({ card: true }, { kind: "cpu" })).kind).toBe("installed");
  expect(it.said.join("\n")).toContain("By --cpu 6 MB of CUDA are left out");
  expect((await cacheOf(it)).filter((name) => name.startsWith("torch-engine-2"))).toEqual([
    "torch-engine-2.15.0-cpu-*",
  ]);
});

const failures: readonly (readonly [name: string, ends: Mishaps["ends"], says: RegExp])[] = [
  [
    "no Python is new enough",
    { python: ran(0, "cpython 3 9 \n") },
    /takes Python 3.11 to 3.14 .*Found: python3 is 3.9; .*apt install python3 python3-venv/s,
  ],
  [
    "Python has no venv",
    { python: ran(1, "cpython 3 11 \n", "ModuleNotFoundError: No module named 'ensurepip'") },
    /python3 is 3.11 without its module ensurepip/,
  ],
  ["the environment cannot be made", { venv: ran(1, "", "no") }, /apt install python3-venv/],
  [
    "there is no network",
    {
      download: ran(
        1,
        "",
        "Retrying after 'NewConnectionError(…)'\nERROR: No matching distribution found for numpy",
      ),
    },
    /could not download numpy 1.0. It does not reach its package index: .*has been downloaded stays/s,
  ],
  [
    "another file is served",
    { download: ran(1, "", "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM") },
    /its SHA-256 differs.*Do not use it/s,
  ],
  [
    "the disk is full",
    { install: ran(1, "", "OSError: [Errno 28] No space left on device") },
    /could not install PyTorch. The disk is full/,
  ],
  [
    "PyTorch does not load",
    { probe: ran(1, "", "ImportError: libcudart.so.13: no such file") },
    /does not work: PyTorch does not load: libcudart.so.13.* unchanged/s,
  ],
  [
    "the processor is too old",
    { probe: { ...ran(null), absent: false, signal: "SIGILL" } },
    /instructions that this processor does not have/,
  ],
];

test.each(failures)("when %s, that is said and the old engine stays", async (_, ends, says) => {
  const it = await installed();
  const before = await readFile(join(it.machine.cache, "torch-engine.json"), "utf8");
  expect(why(await it.install({ ends: ends ?? {} }, { force: true }))).toMatch(says);
  expect(await readFile(join(it.machine.cache, "torch-engine.json"), "utf8")).toBe(before);
  expect(E.isRight(await found(it))).toBe(true);
  expect((await cacheOf(it)).filter((name) => !name.startsWith("torch-wheels"))).toEqual(CLEAN);
  expect((await it.install({}, { force: true })).kind).toBe("installed");
  expect(await cacheOf(it)).toEqual(CLEAN);
});

test.each(["venv", "download", "install", "probe"] as const)(
  "interrupted at %s, everything is as before, and what has come is not downloaded again",
  async (at) => {
    const it = await world();
    const onStart: Mishaps["onStart"] = (step, name) => {
      if (step === at && name !== "numpy") it.interrupt.abort();
    };
    expect((await it.install({ onStart })).kind).toBe("interrupted");
    const left = await cacheOf(it);
    expect(left).toEqual(at === "venv" ? [] : ["torch-wheels-3.11"]);
    expect(E.isLeft(await found(it))).toBe(true);
    const again = await world(it.machine);
    expect((await again.install()).kind).toBe("installed");
    expect(again.steps.includes("download numpy")).toBe(at === "venv");
    expect(await cacheOf(again)).toEqual(CLEAN);
  },
);

test("a wheel that was cut short is downloaded again", async () => {
  const it = await world();
  await it.install({ ends: { install: ran(1) } });
  await writeFile(join(it.machine.cache, "torch-wheels-3.11/numpy-1.0-py3-none-any.whl"), "the wh");
  it.steps.length = 0;
  expect((await it.install()).kind).toBe("installed");
  // Whether a package is for this system, pip knows.
  expect(it.steps.filter((step) => step.startsWith("download"))).toEqual([
    "download numpy",
    "download only-elsewhere",
  ]);
});

test("what killed installations left is swept, also their lock", async () => {
  const it = await world();
  const mark = `.ganc-${hostname()}~999999999~00000000`;
  for (const name of [mark, "torch-engine-2.14.0-cpu-00000000"])
    await mkdir(join(it.machine.cache, name), { recursive: true });
  await writeFile(join(it.machine.cache, "torch-install.lock"), mark);
  expect((await it.install()).kind).toBe("installed");
  expect(await cacheOf(it)).toEqual(CLEAN);
});

test("of two at once, the second waits and downloads nothing", async () => {
  const it = await world();
  const other = await world(it.machine);
  let second: Promise<Outcome> | undefined;
  const first = await it.install({
    onStart: async (step) => {
      if (step !== "venv") return;
      second = other.install();
      while (!other.said.some((line) => line.includes("waiting for it")))
        await new Promise((resolve) => setTimeout(resolve, 10));
    },
  });
  expect([first.kind, (await second)?.kind]).toEqual(["installed", "already"]);
  expect(other.steps).toEqual(["python", "probe"]);
  expect(await cacheOf(it)).toEqual(CLEAN);
});

test("an environment of an older list is replaced; one that was deleted is repaired", async () => {
  const it = await installed();
  const state = join(it.machine.cache, "torch-engine.json");
  const text = await readFile(state, "utf8");
  await writeFile(state, text.replace(/"key": ".*"/, '"key": "older"'));
  expect((await it.install()).kind).toBe("installed");
  const { folder } = JSON.parse(await readFile(state, "utf8"));
  await rm(join(it.machine.cache, folder), { recursive: true });
  expect(await found(it)).toMatchObject({ left: expect.stringContaining("Install it again") });
  expect((await it.install()).kind).toBe("installed");
  expect(await cacheOf(it)).toEqual(CLEAN);
});

test("who says no gets nothing", async () => {
  const it = await world();
  expect((await it.install({ refuses: true })).kind).toBe("declined");
  expect(existsSync(it.machine.cache)).toBe(false);
});

const refused: readonly (readonly [string, Partial<World["machine"]>, RegExp])[] = [
  ["musl", { glibc: undefined }, /needs the GNU C library, and this Linux has another/],
  ["an old C library", { glibc: "2.27" }, /2.28 or newer; here it is 2.27/],
  [
    "a Mac on Intel",
    { platform: "darwin", arch: "x64" },
    /no current PyTorch for darwin on x64. .*GANC_TORCH_PYTHON/,
  ],
];

test.each(refused)("on %s the reason is said", async (_, machine, says) => {
  const { machine: linux } = await world();
  const it = await world({ ...linux, ...machine });
  expect(why(await it.install())).toMatch(says);
  expect(it.steps).not.toContain("venv");
});
