/** The processes that trained in a run, as its folder tells them. */
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "@jest/globals";
import { left, right } from "fp-ts/lib/Either.js";
import { coreCount } from "../../../src/engines/cores.js";
import { describe } from "../../../src/training/files/errors.js";
import {
  noteSession,
  readSessions,
  type SessionBegin,
} from "../../../src/training/run-directory/sessions.js";
import { failure, removeTemporary, success, temporary } from "../support.js";

afterAll(removeTemporary);

const begin: SessionBegin = {
  kind: "begin",
  at: "2020-01-01T00:00:00.000Z",
  pid: 1,
  command: ["ganc", "run", "a b.gan"],
  versions: { ganc: "0.1.0", node: "22.0.0" },
  engine: "fake",
  threads: null,
  platform: "linux x64",
  cpu: "none",
  cores: 2,
  memory: 2 ** 34,
  step: 0,
};

const end = { kind: "end", at: begin.at, ending: "steps", step: 5, epoch: 1 } as const;

test("a process that was killed has no end, and what it left of a line is passed over", async () => {
  const run = { sessions: join(temporary(), "sessions.jsonl") };
  expect(await readSessions(run)).toEqual(right([]));
  success(await noteSession(run, begin));
  success(await noteSession(run, { ...begin, step: 3 }));
  success(await noteSession(run, end));
  appendFileSync(run.sessions, '{"kind":"begin","at":');
  success(await noteSession(run, { ...begin, step: 5 }));
  expect(await readSessions(run)).toEqual(
    right([
      { begin, end: undefined },
      { begin: { ...begin, step: 3 }, end },
      { begin: { ...begin, step: 5 }, end: undefined },
    ]),
  );
  expect(readFileSync(run.sessions, "utf8").split("\n")).toHaveLength(6);
});

test("a line that a later version wrote, or that is none, is passed over", async () => {
  const run = { sessions: join(temporary(), "sessions.jsonl") };
  writeFileSync(run.sessions, '{"kind":"pause"}\nnothing\n[]\n');
  success(await noteSession(run, end));
  success(await noteSession(run, begin));
  expect(await readSessions(run)).toEqual(right([{ begin, end: undefined }]));
});

test("what is no file is neither read nor written", async () => {
  const run = { sessions: join(temporary(), "sessions.jsonl") };
  mkdirSync(run.sessions);
  expect(describe(failure(await noteSession(run, begin)))).toBe(
    `${run.sessions}: it is a folder, not a file`,
  );
  expect(await readSessions(run)).toEqual(left(expect.stringContaining("folder")));
});

test("threads of one core count once", () => {
  const thread = (socket: number, core: number) =>
    `processor\t: 0\nphysical id\t: ${socket}\ncore id\t\t: ${core}\n`;
  const text = [thread(0, 0), thread(0, 1), thread(0, 0), thread(0, 1), thread(1, 0)].join("\n");
  expect(coreCount(() => text)).toBe(3);
  expect(coreCount(() => "processor: 0")).toBeGreaterThan(0);
});
