/**
 * `ganc run --nnodes 2`, both machines on this one: the run is that of two processes of one machine
 * but for rounding, and the same to the bit where a process or the second machine is lost on the
 * way.
 */
import { rmSync } from "node:fs";
import { createServer } from "node:net";
import { afterAll, expect, test } from "@jest/globals";
import {
  folderWithSpec,
  type Running,
  start,
  stateOf,
  steps,
  workers,
} from "../support/torch-runs.js";

const folder = folderWithSpec();
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A port that nobody uses. */
const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer();
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { readonly port: number };
      server.close(() => resolve(port));
    });
  });

type Machine = (node: number, ...more: readonly string[]) => Running;

/** Starts machines of one run. */
const machines = async (name: string): Promise<Machine> => {
  const rdzv = `127.0.0.1:${await freePort()}`;
  return (node, ...more) => {
    const among = ["--nnodes", "2", "--node-rank", String(node), "--rdzv", rdzv];
    return start(folder, name, ...among, ...more);
  };
};

const ended = async ({ ended: end, said }: Running): Promise<readonly unknown[]> => [
  await end,
  said(),
];

let undisturbed: unknown;

/** All numbers of a state. */
const numbersOf = (state: unknown): readonly number[] =>
  (state as readonly (readonly [string, unknown, readonly number[]])[]).flatMap(
    ([, , data]) => data,
  );

test("two machines train what one does", async () => {
  const machine = await machines("two machines");
  const second = machine(1);
  const first = machine(0);
  expect(await ended(first)).toEqual([0, expect.stringContaining("2 processes on 2 machines")]);
  expect(await ended(second)).toEqual([0, expect.stringContaining("The run has ended")]);
  undisturbed = stateOf(first.run);
  const alone = start(folder, "one machine", "--nproc", "2");
  expect(await ended(alone)).toEqual([0, expect.anything()]);
  // The processes of one machine have fewer threads, which add in another order; Adam makes more of
  // it, up to some of its steps of 2e-4.
  const [a, b] = [numbersOf(undisturbed), numbersOf(stateOf(alone.run))];
  expect(a.length).toBe(b.length);
  expect(Math.max(...a.map((x, i) => Math.abs(x - (b[i] ?? Number.NaN))))).toBeLessThan(1e-3);
});

test("a process of the second machine is killed: both go on", async () => {
  const machine = await machines("a process is killed");
  const [first, second] = [machine(0), machine(1)];
  await steps(first, 30);
  process.kill(workers(second)[0] as number, "SIGKILL");
  expect(await ended(first)).toEqual([0, expect.stringContaining("try 1 of 3")]);
  expect(await ended(second)).toEqual([0, expect.stringContaining("Waiting for the first")]);
  expect(stateOf(first.run)).toEqual(undisturbed);
});

test("the second machine is lost, and comes back", async () => {
  const machine = await machines("a machine is lost");
  const [first, second] = [machine(0), machine(1)];
  await steps(first, 30);
  second.child.kill("SIGKILL");
  await second.ended;
  const again = machine(1);
  expect(await ended(first)).toEqual([0, expect.stringContaining("another machine is gone")]);
  expect(await ended(again)).toEqual([0, expect.stringContaining("The run has ended")]);
  expect(stateOf(first.run)).toEqual(undisturbed);
});

test("Ctrl-C on the first machine saves, and ends both", async () => {
  const machine = await machines("interrupted");
  const [first, second] = [machine(0), machine(1)];
  await steps(first, 30);
  first.child.kill("SIGINT");
  expect(await ended(first)).toEqual([130, expect.stringContaining("Interrupted, and saved")]);
  expect(await ended(second)).toEqual([0, expect.stringContaining("The run has ended")]);
});

test("a second machine that hangs is noticed; once it is back, the run ends the same", async () => {
  const machine = await machines("a machine hangs");
  const patient = ["--patience", "5"] as const;
  const [first, second] = [machine(0, ...patient), machine(1, ...patient)];
  await steps(first, 30);
  second.child.kill("SIGSTOP");
  while (!first.said().includes("another machine has been silent for 5 s"))
    await new Promise((wait) => setTimeout(wait, 100));
  second.child.kill("SIGCONT");
  expect(await ended(first)).toEqual([0, expect.stringContaining("try 1 of 3")]);
  expect(await ended(second)).toEqual([0, expect.stringContaining("The run has ended")]);
  expect(stateOf(first.run)).toEqual(undisturbed);
});

test("a machine that would train something else is refused", async () => {
  const machine = await machines("refused");
  const first = machine(0);
  const other = machine(1, "--seed", "1");
  expect(await ended(other)).toEqual([
    1,
    expect.stringContaining("The first machine refuses this one: its --seed is another."),
  ]);
  first.child.kill();
  await first.ended;
});
