/**
 * A run that is killed again and again, as a rule while it writes, ends as the one that never was.
 */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { compileFolders, ended, start } from "../support/child.js";
import { draw } from "./fake.js";
import { contents } from "./folders.js";
import { mortalDisk } from "./mortal.js";
import { goOn } from "./mortal-run.js";
import { newRun, removeTemporary, success, temporary } from "./support.js";

const steps = 180;
const kills = 50;
/**
 * Of them, aimed at a checkpoint; the others at any write: of the log, of samples, of what a resume
 * tidies up.
 */
const aimed = 36;
const seed = 20;

const ofCheckpoint = / of (step-\d+\.(safetensors|json)|latest\.json|saved\.json)(\.unfinished)?$/;

const code = temporary();

beforeAll(() => {
  const rooms = ["base", "data", "engines", "graph", "operators", "program", "training"].map(
    (room) => `src/${room}`,
  );
  compileFolders([...rooms, "test/training"], code);
});

afterAll(removeTemporary);

/** The run that is never killed, and what the disk is paid for its last checkpoint. */
const straight = async (): Promise<{ path: string; cost: number }> => {
  const { path } = await newRun();
  const raw = mortalDisk(undefined);
  let before = 0;
  let cost = 0;
  const listener = ({ kind }: { readonly kind: string }): void => {
    if (kind === "checkpoint") cost = raw.spent() - before;
    before = raw.spent();
  };
  success(await goOn(path, { steps, raw, listener }));
  return { path, cost };
};

test("50 kills, most of them within the write of a checkpoint, change no bit of a run", async () => {
  const { path: unhurt, cost } = await straight();
  const { path } = await newRun();
  const words: string[] = [];
  for (let k = 0; k < kills; k++) {
    const inCheckpoint = k < aimed;
    const fate = inCheckpoint
      ? {
          checkpoint: Math.floor(2 * draw(seed, k, 0)),
          life: Math.ceil((cost * (((13 * k) % aimed) + draw(seed, k, 1))) / aimed),
        }
      : { life: Math.ceil(3 * cost * draw(seed, k, 1)) };
    const args = [path, String(steps), JSON.stringify(fate)];
    const end = await ended(start(code, "test/training/mortal-child.ts", args));
    expect([k, end.signal, end.output]).toEqual([
      k,
      "SIGKILL",
      expect.stringMatching(/^killed: .*\n$/),
    ]);
    words.push(end.output.trim());
  }
  expect(success(await goOn(path, { steps, raw: mortalDisk(undefined) }))).toEqual([]);
  expect(contents(path)).toEqual(contents(unhurt));
  expect(words.filter((said) => ofCheckpoint.test(said)).length).toBeGreaterThan(kills / 2);
  // Within bytes, and on both sides of what brings a file into its place
  for (const file of ["safetensors", String.raw`step-\d+\.json`, "saved.json"])
    expect(words).toContainEqual(expect.stringMatching(`in write of .*${file}`));
  for (const moment of ["open", "close", "rename", "unlink"])
    expect(words).toContainEqual(expect.stringMatching(`(before|after) ${moment} of `));
  expect(words).toContainEqual(expect.stringContaining("metrics.jsonl"));
});
