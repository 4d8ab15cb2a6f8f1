import { readFileSync } from "node:fs";
import { afterAll, expect, test } from "@jest/globals";
import { isRight } from "fp-ts/lib/Either.js";
import type { Session } from "../../../src/contracts/session.js";
import { listCheckpoints } from "../../../src/training/checkpoints/checkpoint-list.js";
import { describe } from "../../../src/training/files/errors.js";
import { encode } from "../../../src/training/files/safetensors.js";
import { fakeData, fakeSession } from "../fake.js";
import { failure, newRun, removeTemporary, resume, success, trainIn } from "../support.js";

afterAll(removeTemporary);

const stateBytes = async (session: Session): Promise<string> =>
  Buffer.concat(encode(await session.getState())).toString("hex");

/** Without times, which no two runs share. */
const loggedIn = (path: string): readonly unknown[] =>
  readFileSync(path, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => ({ ...JSON.parse(line), elapsed: 0 }));

test("10 steps are 4 steps, a new process and 6 more, bit for bit, log and all", async () => {
  const straight = fakeSession();
  const whole = await newRun();
  success((await trainIn(whole, straight, fakeData(), { limits: { steps: 10 } })).result);

  const parts = await newRun();
  const first = await trainIn(parts, fakeSession(), fakeData(), { limits: { steps: 4 } });
  expect(success(first.result)).toMatchObject({ ending: "steps", position: { epoch: 1, step: 4 } });
  const second = fakeSession();
  const start = await resume(parts, second);
  success((await trainIn(parts, second, fakeData(), { start, limits: { steps: 10 } })).result);

  expect(await stateBytes(second)).toBe(await stateBytes(straight));
  expect(loggedIn(parts.metrics)).toEqual(loggedIn(whole.metrics));
  expect(loggedIn(whole.metrics)).toHaveLength(10);
});

test("what was logged after the newest checkpoint is made again, not written twice", async () => {
  const run = await newRun();
  const until = (step: number) => ({ limits: { steps: step }, checkpointEvery: { steps: 3 } });
  const failing = fakeSession({ report: (step, m) => (step === 5 ? { ...m, gan: NaN } : m) });
  await trainIn(run, failing, fakeData(), until(8));
  expect(await listCheckpoints(run.checkpoints)).toEqual([3]);
  const session = fakeSession();
  const start = await resume(run, session);
  success((await trainIn(run, session, fakeData(), { start, ...until(8) })).result);
  expect(loggedIn(run.metrics)).toMatchObject(Array.from({ length: 8 }, (_, step) => ({ step })));
});

test("a loss that is no number stops the run, with the term, the step and what is safe", async () => {
  const run = await newRun();
  const session = fakeSession({
    report: (step, m) => (step === 5 ? { ...m, cycle: Infinity } : m),
  });
  const { result } = await trainIn(run, session, fakeData(), { checkpointEvery: { steps: 2 } });
  expect(describe(failure(result))).toBe(
    [
      "cycle became Infinity at step 5 (epoch 2).",
      "Training stopped, because nothing sensible can follow.",
      "The newest whole checkpoint is that of step 4.",
      "Resuming from it would repeat the same steps: change the spec first (a lower rate, a larger batch, another loss).",
    ].join("\n"),
  );
});

test("weights that are no numbers never become a checkpoint", async () => {
  const run = await newRun();
  const session = fakeSession();
  const poisoned: Session = {
    ...session,
    getState: async () => {
      const state = new Map(await session.getState());
      state.set("param/G.w", { shape: [1], data: Float32Array.of(NaN) });
      return state;
    },
  };
  const { result } = await trainIn(run, poisoned, fakeData(), { limits: { steps: 2 } });
  expect(failure(result)).toMatchObject({ kind: "not-finite", what: "param/G.w" });
  expect(await listCheckpoints(run.checkpoints)).toEqual([]);
});

test("the schedule ends a run, and its rates reach the session", async () => {
  const run = await newRun();
  const { result, events } = await trainIn(run, fakeSession(), fakeData(2));
  expect(success(result)).toMatchObject({ ending: "schedule", position: { epoch: 4, step: 8 } });
  const rates = events.flatMap((event) => (event.kind === "step" ? [event.rate] : []));
  expect(rates).toEqual(
    [1, 1, 1, 1, 1 - 1 / 3, 1 - 1 / 3, 1 - 2 / 3, 1 - 2 / 3].map((factor) => 0.01 * factor),
  );
});

test("an interrupt finishes the step that is being made and saves it", async () => {
  const run = await newRun();
  const interrupt = new AbortController();
  const { result, events } = await trainIn(run, fakeSession(), fakeData(), {
    signal: interrupt.signal,
    sampleEvery: { epochs: 1000 },
    listener: (event) => {
      if (event.kind === "step" && event.position.step === 4) interrupt.abort();
    },
  });
  expect(success(result)).toMatchObject({ ending: "interrupted", position: { step: 5 } });
  expect(await listCheckpoints(run.checkpoints)).toEqual([5]);
  expect(events.map(({ kind }) => kind).slice(-3)).toEqual(["interrupted", "checkpoint", "sample"]);
});

test("who never wants samples gets none at the end either", async () => {
  const { events } = await trainIn(await newRun(), fakeSession(), fakeData(2));
  expect(events.some(({ kind }) => kind === "sample")).toBe(false);
  expect(events.at(-1)?.kind).toBe("checkpoint");
});

test("minutes count from the start of this session", async () => {
  const run = await newRun();
  const setting = { limits: { minutes: 3 / 60_000 } };
  const first = success((await trainIn(run, fakeSession(), fakeData(), setting)).result);
  expect(first).toMatchObject({ ending: "minutes", position: { step: 3 } });
  const session = fakeSession();
  const start = await resume(run, session);
  const second = await trainIn(run, session, fakeData(), { ...setting, start });
  expect(success(second.result)).toMatchObject({ ending: "minutes", position: { step: 6 } });
});

test("images of another size than the spec's are an error before the first step", async () => {
  const run = await newRun();
  const data = fakeData();
  const { result } = await trainIn(run, fakeSession(), {
    ...data,
    epoch: async function* (epoch, from) {
      for await (const drawn of data.epoch(epoch, from))
        yield {
          ...drawn,
          batch: { ...drawn.batch, Y: { shape: [1, 1, 1, 3], data: new Float32Array(3) } },
        };
    },
  });
  expect(failure(result)).toMatchObject({ kind: "shape", domain: "Y", expected: [1, 2, 2, 3] });
});

test("images that vanish in the middle end the run with its last step saved", async () => {
  const run = await newRun();
  const data = fakeData();
  const { result } = await trainIn(run, fakeSession(), {
    ...data,
    epoch: async function* (epoch, from) {
      for await (const drawn of data.epoch(epoch, from)) {
        if (epoch === 1) throw new Error("the folder is gone");
        yield drawn;
      }
    },
  });
  expect(failure(result)).toEqual({ kind: "data", reason: "the folder is gone" });
  expect(await listCheckpoints(run.checkpoints)).toEqual([4]);
});

test("a data set without images is an error, not a wait without end", async () => {
  const run = await newRun();
  const { result } = await trainIn(run, fakeSession(), {
    ...fakeData(),
    epoch: async function* () {},
  });
  expect(failure(result)).toMatchObject({ kind: "data" });
});

test("a sample that cannot be made is mentioned and training goes on", async () => {
  const run = await newRun();
  const { result, events } = await trainIn(run, fakeSession(), fakeData(), {
    limits: { steps: 3 },
    sampleEvery: { steps: 1 },
    sample: async () => ({
      _tag: "Left",
      left: { kind: "file", path: "sample.png", reason: "permission denied" },
    }),
  });
  expect(isRight(result)).toBe(true);
  expect(events.filter(({ kind }) => kind === "notice")).toHaveLength(3);
});
