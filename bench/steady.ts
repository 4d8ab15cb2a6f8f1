/**
 * Checks that a run does not grow with its length: compares the resident memory and open files of
 * `ganc run` at a thousand steps and at the end, for a small game that uses everything that keeps
 * something.
 *
 * node dist/bench/steady.js [--steps n]
 */
import { spawn } from "node:child_process";
import {
  closeSync,
  existsSync,
  fstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { parseArgs } from "node:util";
import { stream } from "../src/base/random.js";
import { packageRoot } from "../src/cli/specs/spec-files.js";
import { encodePng } from "../src/data/images/image.js";
import { megabytes } from "./memory.js";
import { reported } from "./reported.js";
import { table, verdict } from "./table.js";

/**
 * Step at which everything has been in use: histories are full, images decoded, grids made,
 * checkpoints removed.
 */
const WARM = 1000;
/** Most times that resident memory at the end may be of that at a thousand steps. */
const GROWTH_LIMIT = 1.05;

/**
 * A game with a history, an average, phases, dropout, spectral normalisation, noise, crops and
 * flips.
 */
const SPEC = `domain X = image(8)
domain Y = image(8)
domain Z = noise(1, 8, 8)
net G : (X, Z) -> Y = (x, z) => (conv(3, 4, pad: 1) >> relu >> dropout(0.5) >> conv(3, 3, pad: 1) >> tanh)(concat(x, z))
net D : Y -> Scores = spectral_norm(conv(4, 4, stride: 2, pad: 1) >> leaky_relu(0.2) >> conv(4, 1, pad: 1))
solve {
  repeat 2 { min[D] E[y ~ Y] softplus(-D(y)) + E[x ~ X, z ~ Z] softplus(D(replay(G(x, z), 50))) }
  then min[G] E[x ~ X, z ~ Z] softplus(-D(G(x, z)))
}
train {
  optimizer: adam(1e-4)
  schedule: constant(1_000_000)
  batch: 1 average: 0.9
  augment: resize(10) >> random_crop(8) >> random_flip
}
`;

const IMAGES = 24;

const material = async (folder: string): Promise<void> => {
  writeFileSync(join(folder, "game.gan"), SPEC);
  for (const domain of ["trainX", "trainY"]) {
    mkdirSync(join(folder, "data", domain), { recursive: true });
    for (let k = 0; k < IMAGES; k++) {
      const uniform = stream(1, `${domain}/${k}`);
      const data = Uint8Array.from({ length: 432 }, (_, i) => 255 * uniform(i));
      const png = await encodePng({ width: 12, height: 12, channels: 3, data });
      writeFileSync(join(folder, "data", domain, `${k}.png`), png);
    }
  }
};

/** Returns the last step in the log. */
const lastStep = (log: string): number => {
  if (!existsSync(log)) return 0;
  const file = openSync(log, "r");
  try {
    const { size } = fstatSync(file);
    const tail = Buffer.alloc(Math.min(size, 4096));
    readSync(file, tail, 0, tail.length, size - tail.length);
    const [, step] = [...tail.toString("utf8").matchAll(/"step":(\d+)/g)].at(-1) ?? [];
    return Number(step ?? 0);
  } finally {
    closeSync(file);
  }
};

interface Reading {
  readonly step: number;
  readonly bytes: number;
  /** Number of descriptors: files, pipes, sockets. */
  readonly open: number;
}

/** Reads a training process; undefined if it has ended. */
const readingOf = (pid: number, step: number): Reading | undefined => {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    const [, kilobytes] = /^VmRSS:\s+(\d+) kB/m.exec(status) ?? [];
    const open = readdirSync(`/proc/${pid}/fd`).length;
    return kilobytes === undefined ? undefined : { step, bytes: 1024 * Number(kilobytes), open };
  } catch {
    return undefined;
  }
};

/** Trains, and takes a reading at regular steps; the last one before the run ends. */
const readings = async (folder: string, steps: number): Promise<readonly Reading[]> => {
  const bin = join(packageRoot, "bin/ganc.js");
  const often = ["--checkpoint-every", "200 steps", "--sample-every", "200 steps"];
  const args = ["run", "game.gan", "--data", "data", "--out", "run", ...often];
  // Work after the end of a run is not measured, so the run is longer.
  const child = spawn(process.execPath, [bin, ...args, "--steps", `${2 * steps}`], {
    cwd: folder,
    stdio: "ignore",
  });
  const found: Reading[] = [];
  try {
    for (let next = WARM; next <= steps && child.exitCode === null; ) {
      await wait(5);
      const step = lastStep(join(folder, "run/metrics.jsonl"));
      const reading = step < next ? undefined : readingOf(child.pid ?? 0, step);
      if (reading === undefined) continue;
      found.push(reading);
      next += WARM;
    }
  } finally {
    child.kill("SIGKILL");
  }
  return found;
};

const main = async (): Promise<boolean> => {
  if (!existsSync("/proc/self/status")) throw new Error("only Linux tells what a process holds");
  const { values } = parseArgs({ options: { steps: { type: "string", default: "10000" } } });
  const steps = Number(values.steps);
  const folder = mkdtempSync(join(tmpdir(), "ganc-steady-"));
  try {
    await material(folder);
    const found = await readings(folder, steps);
    const [first, last] = [found[0], found.at(-1)];
    if (first === undefined || last === undefined || last.step < steps)
      throw new Error("the run ended before its steps were made");
    const rows = found.map(({ step, bytes, open }) => [
      String(step),
      megabytes(bytes),
      (bytes / first.bytes).toFixed(3),
      String(open),
    ]);
    process.stdout.write(
      `${table([["step", "resident", "of the first", "open files"], ...rows])}\n\n`,
    );
    const isSteady = last.bytes <= GROWTH_LIMIT * first.bytes;
    const isClosed = last.open <= first.open;
    process.stdout.write(
      `${verdict(isSteady, `resident after ${steps} steps at most ${GROWTH_LIMIT} times that after ${WARM}`)}\n` +
        `${verdict(isClosed, "no more files open than then")}\n`,
    );
    return isSteady && isClosed;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

await reported(main);
