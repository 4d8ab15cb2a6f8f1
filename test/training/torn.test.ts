/**
 * Files of a run that were cut off, zeroed or changed, or that something else stands in the place
 * of: the run goes on as if nothing had been, from what is whole, or it is refused by the name of
 * what is broken. Nothing waits, nothing is silently wrong.
 */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { basename, dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { isLeft } from "fp-ts/lib/Either.js";
import { type RawDisk, type RawFile, realDisk } from "../../src/training/files/disk.js";
import { describe } from "../../src/training/files/errors.js";
import { draw } from "./fake.js";
import { contents } from "./folders.js";
import { goOn } from "./mortal-run.js";
import { newRun, removeTemporary, success, temporary } from "./support.js";

const begun = 10;
const steps = 20;
const seed = 3;

/** A run of ten steps, one of twenty, and a place for damaged copies of the former. */
let [short, long, base] = ["", "", ""];
let files: readonly string[] = [];
let copies = 0;
const servers: Server[] = [];

beforeAll(async () => {
  for (const [limit, keep] of [
    [begun, (path: string) => (short = path)],
    [steps, (path: string) => (long = path)],
  ] as const) {
    const { path } = await newRun();
    success(await goOn(path, { steps: limit, raw: quick }));
    keep(path);
  }
  base = temporary();
  files = Object.keys(contents(short));
});

afterAll(() => {
  for (const server of servers) server.close();
  removeTemporary();
});

const copy = (): string => {
  const path = join(base, String(copies++));
  cpSync(short, path, { recursive: true });
  return path;
};

/** What goes on may have fewer of these lines where it says so. */
const log = "metrics.jsonl";

/** Where the run goes on from; its files are the ones that count. */
const newest = `step-000000${begun}.`;

/**
 * Passed over, never read again, or (a manifest, whose fingerprint holds it) read and found to say
 * the same.
 */
const isAside = (name: string): boolean => /set-aside|samples|manifest/.test(name);

/** Its files outlast no power cut: there is none here, and there are hundreds of runs. */
const quick: RawDisk = {
  ...realDisk,
  open: async (path, flags) => {
    const handle = await realDisk.open(path, flags);
    return {
      write: handle.write.bind(handle) as RawFile["write"],
      sync: async () => undefined,
      close: () => handle.close(),
    };
  },
};

/** Goes on with a run of whose files `damaged` are not as they were. */
const check = async (path: string, damaged: readonly string[], how: string): Promise<string> => {
  const outcome = await goOn(path, { steps, raw: quick });
  const at = [how, ...damaged];
  if (isLeft(outcome)) {
    const said = describe(outcome.left);
    const names = damaged.map((name) => basename(name)).concat(damaged.map(dirname));
    expect([...at, said, names.some((name) => said.includes(name))]).toEqual([...at, said, true]);
    expect([...at, said]).toEqual([...at, expect.not.stringMatching(/^\s+at |Error:|undefined/m)]);
    return "refused";
  }
  const notices = outcome.right.join("\n");
  for (const name of damaged.filter((one) => one.includes(newest) || one === log))
    if (!isSame(path, name))
      expect([...at, notices]).toEqual([...at, expect.stringContaining(stemOf(name))]);
  const made = contents(path);
  // The counters hold a fingerprint of the log, such as it is.
  const isOfLog = (name: string): boolean => name === log || /step-\d+\.json$/.test(name);
  for (const [name, bytes] of Object.entries(contents(long)))
    if (!isAside(name) && !(notices.includes(log) && isOfLog(name)))
      expect([...at, name, made[name] === bytes]).toEqual([...at, name, true]);
  return notices === "" ? "went on" : "went on, and said so";
};

/** A damage that the run itself has undone, or that was none. */
const isSame = (path: string, name: string): boolean =>
  contents(long)[name] === undefined
    ? contents(path)[`checkpoints/set-aside/${basename(name)}`] === undefined
    : contents(path)[name] === contents(long)[name];

/** A checkpoint is two files, and one of them is named. */
const stemOf = (name: string): string => basename(name).replace(/\.(json|safetensors)$/, "");

type Damage = (bytes: Buffer, k: number) => Buffer;

const cutAt =
  (share: number): Damage =>
  (bytes) =>
    bytes.subarray(0, Math.floor(share * bytes.length));

const flipped: Damage = (bytes, k) => {
  const changed = Buffer.from(bytes);
  const at = Math.floor(draw(seed, k, 0) * bytes.length);
  changed[at] = (changed[at] ?? 0) ^ (1 << Math.floor(8 * draw(seed, k, 1)));
  return changed;
};

const damages: Readonly<Record<string, Damage>> = {
  empty: cutAt(0),
  "a quarter": cutAt(0.25),
  half: cutAt(0.5),
  "without its last byte": (bytes) => bytes.subarray(0, -1),
  zeros: (bytes) => Buffer.alloc(bytes.length),
  "zeros from the middle": (bytes) =>
    Buffer.concat([
      cutAt(0.5)(bytes, 0),
      Buffer.alloc(bytes.length - Math.floor(bytes.length / 2)),
    ]),
  "longer by zeros": (bytes) => Buffer.concat([bytes, Buffer.alloc(100)]),
  ...Object.fromEntries(Array.from({ length: 8 }, (_, k) => [`flipped ${k}`, flipped])),
};

const spoil = (path: string, name: string, damage: Damage, k: number): void => {
  const bytes = readFileSync(join(path, name));
  writeFileSync(join(path, name), damage(bytes, k));
};

test("a file that is cut off, zeroed or changed by a bit", async () => {
  const outcomes = new Set<string>();
  let k = 0;
  for (const name of files)
    for (const [how, damage] of Object.entries(damages)) {
      const path = copy();
      spoil(path, name, damage, k++);
      outcomes.add(await check(path, [name], how));
    }
  expect([...outcomes].sort()).toEqual(["refused", "went on", "went on, and said so"]);
});

test("several files at once", async () => {
  const all = Object.entries(damages);
  for (let k = 0; k < 60; k++) {
    const path = copy();
    const [how, damage] = all[Math.floor(draw(seed, k, 2) * all.length)] as (typeof all)[number];
    const some = files.filter((_, n) => draw(seed, k, 3, n) < 0.3);
    for (const [n, name] of some.entries()) spoil(path, name, damage, 100 * k + n);
    await check(path, some, how);
  }
});

const inPlace: Readonly<Record<string, (path: string) => unknown>> = {
  nothing: () => undefined,
  "a folder": (path) => mkdirSync(path),
  "a folder with a file in it": (path) => {
    mkdirSync(path);
    writeFileSync(join(path, "file"), "");
  },
  "a named pipe": (path) => spawnSync("mkfifo", [path]),
  "a socket": (path) =>
    new Promise<void>((resolve) => servers.push(createServer().listen(path, resolve))),
  "a link to nothing": (path) => symlinkSync("nowhere", path),
  "a link to itself": (path) => symlinkSync(basename(path), path),
  "a link to a folder": (path) => symlinkSync(".", path),
};

const others = [
  "lock",
  "checkpoints",
  "samples",
  "checkpoints/step-00000012.json.unfinished",
  "saved.json.unfinished",
];

test("something else in the place of a file or a folder", async () => {
  if (process.platform === "win32") return;
  for (const name of [...files, ...others])
    for (const [how, put] of Object.entries(inPlace)) {
      const path = copy();
      rmSync(join(path, name), { recursive: true, force: true });
      await put(join(path, name));
      await check(path, [name], how);
    }
});
