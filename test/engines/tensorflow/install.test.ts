/**
 * Installations in a small world: what they leave behind when they succeed, fail, are interrupted,
 * or meet.
 */
import { mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { expect, test } from "@jest/globals";
import { wheelFolder } from "../../../src/engines/tensorflow/cache.js";
import type { Outcome } from "../../../src/engines/tensorflow/install.js";
import { type Mishaps, tensorflow, type World, world, zig } from "./install-fakes.js";

const list = (folder: string) => readdir(folder).catch(() => [] as string[]);
const addonOf = ({ found }: World) => readFile(found.addon, "utf8").catch(() => undefined);
const cacheOf = ({ machine }: World) => list(machine.cache);
const besideAddon = ({ found }: World) => list(dirname(found.addon));
const libraryOf = ({ machine }: World) =>
  join(wheelFolder(machine.cache, tensorflow), "tensorflow", "libtensorflow_cc.so.2");
const why = (outcome: Outcome) =>
  outcome.kind === "failed" ? `${outcome.why.reason} ${outcome.why.remedy}` : outcome.kind;

/** A world in which the engine has been installed already. */
const installed = async (): Promise<World> => {
  const it = await world();
  await it.install();
  it.started.length = 0;
  it.said.length = 0;
  return it;
};

test("a first installation leaves a working addon, the wanted files and nothing else", async () => {
  const it = await world();
  expect(await it.install()).toEqual({ kind: "installed", version: "2.21.0", gpu: false });
  expect(it.said[0]).toContain("Download tensorflow-cpu 1.0 by pip");
  expect(await addonOf(it)).toBe(`works with ${libraryOf(it)}`);
  expect(await besideAddon(it)).toEqual(["tfjs_binding.node"]);
  expect(await cacheOf(it)).toEqual([`tensorflow-cpu-1.0-${tensorflow.sha256.slice(0, 12)}`]);
  const kept = await readdir(wheelFolder(it.machine.cache, tensorflow), { recursive: true });
  expect(kept.filter((name) => /\.(2|h|py|json)$/.test(name)).sort()).toEqual([
    "ganc.json",
    "tensorflow/include/tensorflow/c/c_api.h",
    "tensorflow/libtensorflow_cc.so.2",
  ]);
});

test("a second installation starts no program but Node", async () => {
  const it = await installed();
  const again = await it.install();
  expect(again).toEqual({ kind: "already", version: "2.21.0", prebuilt: false });
  expect(it.started).toEqual([]);
});

test("another copy of ganc compiles against the same cache and downloads nothing", async () => {
  const it = await installed();
  await rm(it.found.addon);
  expect((await it.install()).kind).toBe("installed");
  expect(it.started.some((command) => command.includes("download"))).toBe(false);
});

test("the package's own prebuilt addon is used where it works", async () => {
  const it = await world();
  const own = join(it.found.folder, "deps", "lib", "libtensorflow.so.2");
  await mkdir(dirname(own), { recursive: true });
  await mkdir(dirname(it.found.addon), { recursive: true });
  await writeFile(own, "library");
  await writeFile(it.found.addon, `works with ${own}`);
  expect(await it.install()).toEqual({ kind: "already", version: "2.21.0", prebuilt: true });
  expect(await cacheOf(it)).toEqual([]);
});

test("a cache that was deleted or cut short is repaired", async () => {
  const it = await installed();
  await rm(it.machine.cache, { recursive: true });
  expect((await it.install()).kind).toBe("installed");
  await rm(libraryOf(it));
  expect((await it.install()).kind).toBe("installed");
  expect(it.said.join("\n")).toContain("damaged: tensorflow/libtensorflow_cc.so.2 is gone");
  expect((await it.install()).kind).toBe("already");
  expect(await cacheOf(it)).toHaveLength(1);
});

test("--force finds a change of the cached files that left their size alone", async () => {
  const it = await installed();
  await writeFile(libraryOf(it), "librarY");
  expect((await it.install()).kind).toBe("already");
  expect((await it.install({}, { force: true })).kind).toBe("installed");
  expect(it.said.join("\n")).toContain("has other contents");
  expect(await readFile(libraryOf(it), "utf8")).toBe("library");
});

test("without a compiler the one from the registry is unpacked, executable, and called", async () => {
  const it = await world();
  expect((await it.install({ compiler: "absent" })).kind).toBe("installed");
  const file = join(wheelFolder(it.machine.cache, zig), "ziglang", "zig");
  expect((await stat(file)).mode & 0o111).toBe(0o111);
  expect(it.started.some(([program]) => program === file)).toBe(true);
});

const failures: readonly (readonly [name: string, mishaps: Mishaps, says: RegExp])[] = [
  ["pip fails", { pip: "fails" }, /No matching distribution found .*pip config list/s],
  ["pip brings another file", { pip: "brings another file" }, /its SHA-256 differs/],
  ["the compiler fails", { compiler: "fails" }, /error: no .*--compiler zig/s],
  ["the addon is broken", { compiler: "makes a broken addon" }, /undefined symbol.* unchanged/s],
];

test.each(failures)("when %s, that is said and the old addon stays", async (_, mishaps, says) => {
  const it = await world();
  await mkdir(dirname(it.found.addon), { recursive: true });
  await writeFile(it.found.addon, "old");
  expect(why(await it.install(mishaps))).toMatch(says);
  expect(await addonOf(it)).toBe("old");
  expect(await besideAddon(it)).toEqual(["tfjs_binding.node"]);
  expect((await cacheOf(it)).filter((name) => name.startsWith("."))).toEqual([]);
  expect((await it.install()).kind).toBe("installed");
});

test.each(["pip", "compiler"] as const)(
  "interrupted at %s, everything is as before",
  async (at) => {
    const it = await world();
    const onStart = (program: string) => program === at && it.interrupt.abort();
    expect((await it.install({ onStart })).kind).toBe("interrupted");
    expect(await addonOf(it)).toBeUndefined();
    expect(await besideAddon(it)).toEqual([]);
    expect((await cacheOf(it)).filter((name) => name.startsWith("."))).toEqual([]);
  },
);

test("who declines the download has nothing changed", async () => {
  const it = await world();
  expect((await it.install({ refuses: true })).kind).toBe("declined");
  expect(await cacheOf(it)).toEqual([]);
});

test("what a killed installation left is swept away", async () => {
  const it = await world();
  // No process has this id: Linux's largest is 2^22.
  const left = `.ganc-${hostname()}~9999999~00000000`;
  await mkdir(join(it.machine.cache, left, "wheel"), { recursive: true });
  await mkdir(dirname(it.found.addon), { recursive: true });
  await writeFile(join(dirname(it.found.addon), `${left}.node`), "half");
  await it.install();
  expect(await cacheOf(it)).toHaveLength(1);
  expect(await besideAddon(it)).toEqual(["tfjs_binding.node"]);
});

test("two installations at once both succeed", async () => {
  const it = await world();
  const outcomes = await Promise.all([it.install(), it.install(), it.install()]);
  expect(outcomes.map(({ kind }) => kind)).toEqual(["installed", "installed", "installed"]);
  expect(await cacheOf(it)).toHaveLength(1);
  expect(await besideAddon(it)).toEqual(["tfjs_binding.node"]);
  expect((await it.install()).kind).toBe("already");
});

test("an error of the file system is a report, not an exception", async () => {
  const it = await world();
  await writeFile(it.machine.cache, "a file where the folder should be");
  expect(why(await it.install())).toMatch(/^The installation failed: /);
});
