/**
 * When a run that trains writes its page: at samples, not too often, and without harm where it
 * cannot.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "@jest/globals";
import { isLeft, isRight, right } from "fp-ts/lib/Either.js";
import { liveReport } from "../../src/cli/reports/live-report.js";
import { beginning } from "../../src/training/program/schedule.js";
import { fakeProgram, fakeSession } from "../training/fake.js";
import { newRun, removeTemporary } from "../training/support.js";

afterEach(removeTemporary);

const compiled = { program: fakeProgram, open: async () => right(fakeSession({})) };

const noData = { name: "none", hash: "", describe: () => "no images" };

const begun = async (displaced = async () => undefined) => {
  const run = await newRun();
  let time = 0;
  const [dataset, session] = [{ ...noData, train: {} }, fakeSession({})];
  const ready = { compiled, run, displaced, dataset, session, start: beginning };
  const live = await liveReport(ready, true, () => time);
  const page = join(run.path, "report.html");
  let step = 0;
  const shown = (): string | undefined =>
    /"steps":(\[[\d,]*\])/.exec(existsSync(page) ? readFileSync(page, "utf8") : "")?.[1];
  /** The steps that the page shows once it shows `steps`, or has had time to. */
  const sample = async (after: number, steps: string): Promise<string | undefined> => {
    time += after;
    const position = { ...beginning, step: step++, elapsed: time };
    live.event({ kind: "step", position, rate: 1, metrics: { loss: step } });
    live.event({ kind: "sample", path: "" });
    // The page is written beside the training: nobody is told when.
    await new Promise((done) => setTimeout(done, 100));
    for (let i = 0; i < 500 && shown() !== steps; i++)
      await new Promise((done) => setTimeout(done, 20));
    return shown();
  };
  return { run, live, page, sample };
};

test("samples that come fast share a page, and the end writes it in any case", async () => {
  const { live, page, sample } = await begun();
  expect(await sample(1000, "[0]")).toBe("[0]");
  expect(await sample(1000, "[0]")).toBe("[0]");
  expect(await sample(20_000, "[0,1,2]")).toBe("[0,1,2]");
  expect(readFileSync(page, "utf8")).toContain('class="badge"');
  expect(await sample(1000, "[0,1,2]")).toBe("[0,1,2]");
  const finished = await live.finish();
  expect(isRight(finished) && finished.right).toBe(page);
  expect(readFileSync(page, "utf8")).toContain('"steps":[0,1,2,3]');
  expect(readFileSync(page, "utf8")).not.toContain('class="badge"');
});

test("where the folder is the run's no more, nothing is written", async () => {
  const elsewhere = { kind: "usage", reason: "" } as const;
  const { live, page, run } = await begun(async () => elsewhere as never);
  expect(await live.finish()).toEqual(right(undefined));
  expect(existsSync(page)).toBe(false);
  rmSync(run.path, { recursive: true });
});

test("what stands in its place is left, and the reason is a value", async () => {
  const { live, page } = await begun();
  mkdirSync(page);
  const finished = await live.finish();
  expect(isLeft(finished) && finished.left).toMatchObject({ kind: "file", path: page });
  expect(statSync(page).isDirectory()).toBe(true);
});
