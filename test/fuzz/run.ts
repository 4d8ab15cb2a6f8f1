/**
 * Whatever stands in a file, the front end answers: `npm run fuzz -- --count 1000000 --seed 1`.
 *
 * An input is known by seed and number: `--only 123` shows one. `--mistakes` makes one mistake in
 * each sound spec, as people do, and counts how many give more than one error. Exit codes: 0 all
 * answered, 1 not, 2 wrong usage.
 */
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import { errorsOf } from "./oracle.js";
import { inputOf, type Manner, type Tally, type Work } from "./worker.js";

/** Seconds on one input, of which most take milliseconds, after which it counts as a hang. */
const patience = 30;

const { values } = parseArgs({
  options: {
    count: { type: "string", default: "20000" },
    seed: { type: "string", default: "1" },
    jobs: { type: "string", default: "1" },
    only: { type: "string" },
    mistakes: { type: "boolean", default: false },
  },
});

const whole = (name: string, text: string): number => {
  if (/^\d+$/.test(text)) return Number(text);
  process.stderr.write(`error: --${name} takes a whole number, not ${text}\n`);
  process.exit(2);
};

const count = whole("count", values.count);
const seed = whole("seed", values.seed);
const jobs = Math.max(1, whole("jobs", values.jobs));
const manner: Manner = values.mistakes ? "mistakes" : "mutations";

const how = (index: number): string =>
  `npm run fuzz -- --seed ${seed} --only ${index}${values.mistakes ? " --mistakes" : ""}`;

const fail = (index: number, why: string): void => {
  process.stdout.write(`input ${index} of seed ${seed}: ${why}\nTo see it: ${how(index)}\n\n`);
  process.exitCode = 1;
};

/** What one thread found; nothing where it did not end, which is reported. */
const workDone = (from: number): Promise<Tally | undefined> =>
  new Promise((done) => {
    const at = new SharedArrayBuffer(4);
    const place = new Int32Array(at);
    const work: Work = { manner, seed, from, step: jobs, to: count, at };
    const worker = new Worker(fileURLToPath(new URL("./worker.js", import.meta.url)), {
      workerData: work,
    });
    let [last, since] = [-1, 0];
    const end = (tally: Tally | undefined, why?: string): void => {
      clearInterval(timer);
      if (why !== undefined) fail(Atomics.load(place, 0), why);
      done(tally);
      void worker.terminate();
    };
    const timer = setInterval(() => {
      const now = Atomics.load(place, 0);
      since = now === last ? since + 1 : 0;
      last = now;
      // A million takes an hour; a terminal shows how far the first thread is.
      if (from === 0 && process.stderr.isTTY === true) process.stderr.write(`\r${now}/${count} `);
      if (since >= patience) end(undefined, `no answer for ${patience} s`);
    }, 1000);
    worker.on("message", (tally: Tally) => end(tally));
    // Out of memory, for example.
    worker.on("error", (error) => end(undefined, String(error)));
  });

const showOne = (index: number): void => {
  const text = inputOf(manner, seed, index);
  process.stdout.write(`${text}\n`);
  for (const { code, message } of errorsOf(text)) process.stdout.write(`${code}: ${message}\n`);
};

const runAll = async (): Promise<void> => {
  // Before anything can go wrong, so that whatever does can be repeated.
  process.stdout.write(`${count} ${manner} of seed ${seed}\n`);
  const found = await Promise.all(Array.from({ length: jobs }, (_, from) => workDone(from)));
  const tallies = found.filter((tally) => tally !== undefined);
  for (const { index, error } of tallies.flatMap(({ failures }) => failures)) fail(index, error);
  const sum = (of: (tally: Tally) => number): number => tallies.reduce((n, t) => n + of(t), 0);
  const refused = sum((tally) => tally.refused);
  const several = tallies.flatMap((tally) => tally.several);
  const [slowest] = tallies.map((tally) => tally.slowest).sort((a, b) => b.seconds - a.seconds);
  const share = ((100 * several.length) / Math.max(1, refused)).toFixed(2);
  process.stdout.write(
    [
      `${refused} refused, ${sum((t) => t.sound)} sound`,
      `${several.length} gave more than one error (${share} %): ${several.slice(0, 10).join(", ")}`,
      // None where no thread came to its end.
      ...(slowest === undefined
        ? []
        : [`the slowest is ${slowest.index}: ${slowest.seconds.toFixed(2)} s`]),
      "",
    ].join("\n"),
  );
};

if (values.only === undefined) await runAll();
else showOne(whole("only", values.only));
