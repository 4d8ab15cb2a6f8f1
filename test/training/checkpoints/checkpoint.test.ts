import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "@jest/globals";
import { isRight, right } from "fp-ts/lib/Either.js";
import { setAside, writeCheckpoint } from "../../../src/training/checkpoints/checkpoint.js";
import { listCheckpoints } from "../../../src/training/checkpoints/checkpoint-list.js";
import { loadCheckpoint } from "../../../src/training/checkpoints/find-checkpoint.js";
import { seal } from "../../../src/training/files/decode.js";
import { attempt, makeFolder, type RawDisk, realDisk } from "../../../src/training/files/disk.js";
import { describe } from "../../../src/training/files/errors.js";
import { beginning } from "../../../src/training/program/schedule.js";
import {
  belonging,
  checkSpace,
  claimFresh,
  createRun,
  holdRun,
  newestDirectory,
  openRun,
  type RunDirectory,
  store,
} from "../../../src/training/run-directory/run-directory.js";
import { compileFolders, ended, start } from "../../support/child.js";
import { fakeData, fakeSession, tensor } from "../fake.js";
import {
  failure,
  fakeManifest,
  newRun,
  removeTemporary,
  resume,
  success,
  temporary,
  trainIn,
} from "../support.js";

afterAll(removeTemporary);

const file = (run: RunDirectory, step: number, ending = "safetensors"): string =>
  join(run.checkpoints, `step-${String(step).padStart(8, "0")}.${ending}`);

/** Whatever the state is of. */
const anySession = { setState: async () => undefined };

const find = async (run: RunDirectory) =>
  loadCheckpoint(run.checkpoints, belonging(run), anySession);

const withCheckpoints = async (steps: number): Promise<RunDirectory> => {
  const run = await newRun();
  const setting = { limits: { steps }, checkpointEvery: { steps: 1 } };
  success((await trainIn(run, fakeSession(), fakeData(), setting)).result);
  return run;
};

test("the newest three are kept, and latest.json points at the newest", async () => {
  const run = await withCheckpoints(5);
  expect(await listCheckpoints(run.checkpoints)).toEqual([5, 4, 3]);
  expect(readdirSync(run.checkpoints)).toHaveLength(7);
  const latest = JSON.parse(readFileSync(join(run.checkpoints, "latest.json"), "utf8"));
  expect(latest).toEqual({
    step: 5,
    tensors: "step-00000005.safetensors",
    counters: "step-00000005.json",
  });
});

test.each<readonly [string, (run: RunDirectory) => void, string]>([
  [
    "torn",
    (run) => truncateSync(file(run, 3), 900),
    'step-00000003.safetensors is cut off: the data of "param/F.w" is incomplete',
  ],
  ["missing", (run) => unlinkSync(file(run, 3)), "step-00000003.safetensors is missing"],
  [
    "damaged",
    (run) => {
      const bytes = readFileSync(file(run, 3));
      bytes[bytes.length - 1] = (bytes[bytes.length - 1] ?? 0) ^ 1;
      writeFileSync(file(run, 3), bytes);
    },
    "step-00000003.safetensors was damaged: its contents do not fit its fingerprint",
  ],
  [
    "torn counters",
    (run) => truncateSync(file(run, 3, "json"), 30),
    "step-00000003.json is not JSON, or is cut off",
  ],
  [
    "foreign",
    (run) => {
      const counters = JSON.parse(readFileSync(file(run, 3, "json"), "utf8"));
      delete counters.fingerprint;
      const foreign = seal({ ...counters, run: "8899aabbccddeeff" });
      writeFileSync(file(run, 3, "json"), JSON.stringify(foreign));
    },
    "step-00000003.json belongs to another run",
  ],
])(
  "a newest checkpoint that is %s is passed over, and it is said why",
  async (_, damage, reason) => {
    const run = await withCheckpoints(3);
    damage(run);
    const found = success(await find(run));
    expect(found.checkpoint.position.step).toBe(2);
    expect(found.passedOver).toEqual([reason]);
    await setAside(run.checkpoints, 2);
    expect(await listCheckpoints(run.checkpoints)).toEqual([2, 1]);
  },
);

test("without a whole checkpoint, each one's fault is told", async () => {
  const run = await withCheckpoints(2);
  for (const step of [1, 2]) unlinkSync(file(run, step));
  expect(describe(failure(await find(run)))).toBe(
    `${run.checkpoints} holds no whole checkpoint.\nstep-00000002.safetensors is missing\nstep-00000001.safetensors is missing`,
  );
});

/** A disk with room for so many more bytes; what is removed does not come back. */
const smallDisk = (bytes: number): RawDisk => {
  let room = bytes;
  return {
    ...realDisk,
    open: async (path, flags) => {
      const handle = await realDisk.open(path, flags);
      return {
        write: (async (data: Uint8Array, from: number, length: number) => {
          if (length > room) throw Object.assign(new Error("no space"), { code: "ENOSPC" });
          room -= length;
          return handle.write(data, from, length);
        }) as unknown as typeof handle.write,
        sync: () => handle.sync(),
        close: () => handle.close(),
      };
    },
  };
};

test("a disk that fills up leaves the newest checkpoint whole and nothing half-written, wherever it fills", async () => {
  const state = new Map([["param/w", tensor([100], (i) => i)]]);
  const other = new Map([["param/w", tensor([100], (i) => -i)]]);
  const kept = new Set<number>();
  for (let room = 0; ; room += 90) {
    const run = await newRun();
    const at = (step: number) => ({
      position: { ...beginning, step },
      stepsPerEpoch: 4,
      engine: "fake",
    });
    success(await writeCheckpoint(store(run), { ...at(1), state }));
    const full = store(run, {}, smallDisk(room));
    const written = await writeCheckpoint(full, { ...at(2), state: other });
    const safe = success(await find(run)).checkpoint;
    expect(safe.state).toEqual(safe.position.step === 1 ? state : other);
    expect(readdirSync(run.checkpoints).filter((name) => name.endsWith(".unfinished"))).toEqual([]);
    if (isRight(written)) break;
    expect(written.left).toMatchObject({ kind: "disk-full", saved: safe.position.step });
    kept.add(safe.position.step);
  }
  // Both came about: a disk too small for the tensors, and one that filled up after the new
  // checkpoint was whole.
  expect([...kept]).toEqual([1, 2]);
});

const mounted = (folder: string): boolean =>
  spawnSync("mount", ["-t", "tmpfs", "-o", "size=512k", "ganc-test", folder]).status === 0;

/** Only where this user may mount; the test before has the same with a disk that is made up. */
test("a real disk that is full ends a run with what was saved before", async () => {
  const disk = temporary();
  if (!mounted(disk)) return;
  try {
    const run = success(await createRun(join(disk, "run"), fakeManifest()));
    const session = fakeSession({ ballast: 30_000 });
    const goOn = async (steps: number, keep: number, start = beginning) =>
      trainIn(run, session, fakeData(), {
        start,
        keep,
        limits: { steps },
        checkpointEvery: { steps: 1 },
      });
    // Six checkpoints of 120 kB do not fit on 512 kB: the older ones have to go.
    success((await goOn(6, 10)).result);
    expect((await listCheckpoints(run.checkpoints)).length).toBeLessThan(5);
    success((await goOn(7, 1, await resume(run, session))).result);
    writeFileSync(join(disk, "filler"), new Uint8Array(300_000));
    const { result } = await goOn(9, 1, await resume(run, session));
    expect(failure(result)).toMatchObject({ kind: "disk-full", saved: 7 });
    expect(success(await find(run)).checkpoint.position.step).toBe(7);
  } finally {
    spawnSync("umount", [disk]);
  }
});

test("a process that is killed while it writes leaves a folder that can be resumed", async () => {
  const code = temporary();
  const folders = ["base", "data", "engines", "graph", "operators", "program", "training"].map(
    (room) => `src/${room}`,
  );
  compileFolders([...folders, "test/training"], code);
  const run = await newRun();
  let last = 0;
  for (let attempt = 0; attempt < 4; attempt++) {
    const child = start(code, "test/training/child.ts", [run.path, "4000000"]);
    const end = ended(child);
    // It writes all the time; a varying number of checkpoints lets the kill fall on varying
    // moments.
    await new Promise<void>((resolve) => {
      child.on("message", (step) => {
        if (Number(step) < 2 + attempt) return;
        last = Number(step);
        resolve();
      });
      child.on("close", () => resolve());
    });
    child.kill("SIGKILL");
    const { signal, output } = await end;
    expect(`${signal} ${output}`).toBe("SIGKILL ");
    const found = success(await find(run));
    expect(found.passedOver).toEqual([]);
    expect(found.checkpoint.position.step).toBeGreaterThanOrEqual(last);
    const lock = success(await holdRun(run));
    await lock.release();
    expect(readdirSync(run.checkpoints).filter((name) => name.endsWith(".unfinished"))).toEqual([]);
    for (const name of readdirSync(run.checkpoints)) unlinkSync(join(run.checkpoints, name));
  }
});

test("two processes cannot hold one run; a lock of a process that is gone is void", async () => {
  const run = await newRun();
  const lock = success(await holdRun(run));
  expect(describe(failure(await holdRun(run)))).toContain(
    `in use by another run (process ${process.pid}`,
  );
  await lock.release();
  const gone = spawnSync(process.execPath, ["-e", ""]).pid;
  const holders = [
    { pid: gone, host: hostname(), started: null },
    // The same number, given to another process since
    { pid: process.pid, host: hostname(), started: "0" },
  ];
  for (const holder of holders) {
    writeFileSync(join(run.path, "lock"), JSON.stringify(holder));
    await success(await holdRun(run)).release();
  }
  const elsewhere = { pid: gone, host: "another-machine", started: null };
  writeFileSync(join(run.path, "lock"), JSON.stringify(elsewhere));
  expect(failure(await holdRun(run))).toMatchObject({ kind: "locked", host: "another-machine" });
  const said = describe(failure(await holdRun(run)));
  expect(said).toContain(
    `if another-machine or that process is gone, remove ${join(run.path, "lock")}.`,
  );
  writeFileSync(join(run.path, "lock"), "{}");
  await success(await holdRun(run)).release();
  // Something that no run made in its place is left to whom it belongs
  spawnSync("mkfifo", [join(run.path, "lock")]);
  expect(failure(await holdRun(run))).toEqual({
    kind: "file",
    path: join(run.path, "lock"),
    reason: "it is a named pipe, not a file: if nobody needs it, remove it",
  });
});

test("a folder in the place of what a checkpoint writes is told before anything is trained", async () => {
  const run = await newRun();
  for (const path of [run.mark, join(run.checkpoints, "latest.json")]) {
    mkdirSync(path);
    expect(describe(failure(await holdRun(run)))).toBe(
      `${path}: it is a folder, not a file: if nobody needs it, remove it`,
    );
    expect(existsSync(join(run.path, "lock"))).toBe(false);
    rmdirSync(path);
  }
  await success(await holdRun(run)).release();
});

const testPosix = process.platform === "win32" ? test.skip : test;

testPosix(
  "a pipe, or a link that leads nowhere, in the place of a file is refused by name",
  async () => {
    const run = await newRun();
    for (const path of [run.mark, run.images, join(run.checkpoints, "latest.json")])
      for (const [make, words] of [
        [() => spawnSync("mkfifo", [path]), "is a named pipe, not a file"],
        [() => symlinkSync("nowhere", path), "is a link that leads nowhere"],
      ] as const) {
        make();
        const said = describe(failure(await holdRun(run)));
        expect(said).toBe(`${path}: it ${words}: if nobody needs it, remove it`);
        unlinkSync(path);
      }
    await success(await holdRun(run)).release();
  },
);

test("a folder that takes no new run says what it holds", async () => {
  const said = async (path: string) => describe(failure(await createRun(path, fakeManifest())));
  const run = await newRun();
  expect(await said(run.path)).toBe(
    `${run.path} is not empty. Add --resume to go on with the run in it, or choose another folder with --out.`,
  );
  unlinkSync(join(run.path, "manifest.json"));
  writeFileSync(join(run.path, "manifest.json.unfinished"), "{");
  expect(await said(run.path)).toBe(
    `${run.path} holds the beginnings of a run, and no manifest: if no run is beginning in it now, remove it, or choose another folder with --out.`,
  );
  writeFileSync(join(run.path, "novel.txt"), "");
  expect(await said(run.path)).toBe(
    `${run.path} is not empty, and holds no run: empty it, or choose another folder with --out.`,
  );
});

test("a new run never takes the folder of another", async () => {
  const base = join(temporary(), "runs", "cyclegan");
  expect(await newestDirectory(base)).toBeUndefined();
  for (const expected of [base, `${base}-2`, `${base}-3`]) {
    const path = success(await claimFresh(base));
    expect(path).toBe(expected);
    success(await createRun(path, fakeManifest()));
    expect(await newestDirectory(base)).toBe(expected);
  }
  mkdirSync(`${base}-10`);
  mkdirSync(`${base}-old`);
  expect(await newestDirectory(base)).toBe(`${base}-3`);
  expect(failure(await createRun(base, fakeManifest()))).toMatchObject({ kind: "usage" });
});

test("of runs that begin at once each gets a folder of its own, and one folder takes one", async () => {
  const base = join(temporary(), "runs", "cyclegan");
  const claimed = await Promise.all(Array.from({ length: 8 }, () => claimFresh(base)));
  const numbered = Array.from({ length: 8 }, (_, i) => (i === 0 ? base : `${base}-${i + 1}`));
  expect(claimed.map(success).sort()).toEqual(numbered.sort());
  const one = join(temporary(), "one");
  const made = await Promise.all(Array.from({ length: 8 }, () => createRun(one, fakeManifest())));
  const failures = made.flatMap((each) => (each._tag === "Left" ? [each.left] : []));
  expect(failures).toHaveLength(7);
  expect(failures.every(({ kind }) => kind === "usage")).toBe(true);
});

const refusal = (code: string) => (): never => {
  throw Object.assign(new Error(code), { code });
};

test("a folder that cannot be made is told by its cause", async () => {
  const folder = temporary();
  writeFileSync(join(folder, "file"), "");
  const told = async (path: string, mkdir?: (path: string) => void) =>
    describe(failure(await attempt("it", async () => makeFolder(path, mkdir))));
  expect(await told(join(folder, "file"))).toBe("it: a part of this path is a file, not a folder");
  expect(await told(join(folder, "file", "a", "b"))).toContain("is a file, not a folder");
  expect(await told(join(folder, "x".repeat(300)))).toContain("longer than this disk allows");
  expect(await told(join(folder, "a"), refusal("EROFS"))).toBe("it: this disk can only be read");
  expect(await told(join(folder, "a"), refusal("EACCES"))).toBe("it: permission denied");
  expect(await told(join(folder, "a"), refusal("ENOSPC"))).toContain("The disk is full");
  // Where the folder above is missing, its cause counts.
  const missingAbove = (path: string) =>
    path.endsWith("b") ? refusal("ENOENT")() : refusal("EROFS")();
  expect(await told(join(folder, "a", "b"), missingAbove)).toContain("this disk can only be read");
  makeFolder(join(folder, "deep", "er", "still"));
  makeFolder(join(folder, "deep", "er", "still"));
  expect(existsSync(join(folder, "deep", "er", "still"))).toBe(true);
});

test("a manifest whose recipe an earlier version wrote in a form of its own is read", async () => {
  const run = await newRun();
  const path = join(run.path, "manifest.json");
  const manifest = JSON.parse(readFileSync(path, "utf8"));
  delete manifest.fingerprint;
  manifest.format = 1;
  manifest.recipe = {
    optimizer: { kind: "adam", rate: 2e-4, beta1: 0.5, beta2: 0.999, epsilon: 1e-8 },
    schedule: [{ kind: "constant", epochs: 1 }],
  };
  writeFileSync(path, JSON.stringify(manifest));
  expect(success(await openRun(run.path)).manifest.spec).toEqual(fakeManifest().spec);
});

test("a manifest says what is wrong with it", async () => {
  const run = await newRun();
  const path = join(run.path, "manifest.json");
  const text = readFileSync(path, "utf8");
  const reason = async (changed: string) => {
    writeFileSync(path, changed);
    return describe(failure(await openRun(run.path)));
  };
  const changed = "was changed: its contents do not fit its fingerprint";
  /** As somebody who knows of the fingerprint would change it. */
  const resealed = (from: string, to: string): string => {
    const { fingerprint: _, ...manifest } = JSON.parse(text.replace(from, to));
    return JSON.stringify(seal(manifest));
  };
  expect(await reason(text.slice(0, 400))).toMatch(/manifest.json is not JSON, or is cut off$/);
  expect(await reason(text.replace('"format": 2', '"format": 9'))).toMatch(
    /has format 9, and this version of ganc reads formats 1, 2 and 3 \(a newer version wrote it: update ganc\)$/,
  );
  for (const [from, to] of [
    ['"format": 2', '"format": 1'],
    ['"seed": 1', '"seed": 2'],
    ['"stepsPerEpoch": 4', '"stepsPerEpoch": 5'],
    ['"lambda": 10', '"lambda": 11'],
    ["made up", "made down"],
  ] as const)
    expect([to, await reason(text.replace(from, to))]).toEqual([
      to,
      expect.stringMatching(`manifest.json ${changed}$`),
    ]);
  const bare = text.replace(/,\n\s*"fingerprint": "\w+"/, "");
  expect(await reason(bare)).toMatch(/manifest.json has lost its fingerprint$/);
  for (const [from, to, field] of [
    ['"seed": 1', '"seed": "x"', "seed"],
    ['"seed": 1', '"seed": -1', "seed"],
    ['"seed": 1', '"seed": 1.5', "seed"],
    ['"stepsPerEpoch": 4', '"stepsPerEpoch": 0', "data.stepsPerEpoch"],
    ['"stepsPerEpoch": 4', '"stepsPerEpoch": 1e30', "data.stepsPerEpoch"],
  ] as const)
    expect(await reason(resealed(from, to))).toMatch(`is malformed at "${field}"`);
  expect(await reason(resealed('"lambda": 10', '"lambda": 11'))).toMatch(
    /the spec that it holds does not fit its fingerprint$/,
  );
  unlinkSync(path);
  spawnSync("mkfifo", [path]);
  expect(describe(failure(await openRun(run.path)))).toMatch(
    /manifest.json is a named pipe, not a file$/,
  );
  unlinkSync(path);
  expect(describe(failure(await openRun(run.path)))).toMatch(/it has no manifest.json$/);
  writeFileSync(path, text);
  expect(success(await openRun(run.path)).manifest).toEqual(fakeManifest());
});

test("too little space is an error before anything is made", async () => {
  const path = join(temporary(), "not", "yet", "there");
  const error = failure(await checkSpace(path, 4_000_000, 3, async () => right(10_000_000)));
  expect(describe(error)).toBe(
    `There is too little space for ${path}: its checkpoints take 16 MB, but 10 MB are free.\nFree some, or choose another place with --out.`,
  );
  success(await checkSpace(path, 4_000_000, 3, async () => right(20_000_000)));
  success(await checkSpace(path, 1));
});
