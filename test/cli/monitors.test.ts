/** Monitors as a user of `ganc run` meets them. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "@jest/globals";
import { encode, noise } from "../data/pictures.js";
import { ganc } from "../support/ganc.js";
import { removeTemporary, temporary } from "../training/support.js";

afterAll(removeTemporary);

const spec = (rate: string, schedule: string) => `domain X = image(8)
net G : X -> X = conv(3, 3, pad: 1) >> tanh
net H : X -> Scores = conv(3, 4)
solve { min[G] E[x ~ X] l1(G(x), x) min[H] E[x ~ X] exp(square(total(H(x)))) }
train { optimizer: adam(1e-3) optimizer[H]: ${rate} schedule: ${schedule} batch: 1 }
`;

const folder = async (text: string): Promise<string> => {
  const cwd = temporary();
  mkdirSync(join(cwd, "X"));
  writeFileSync(join(cwd, "X", "one.png"), await encode(noise(8, 8, 1)));
  writeFileSync(join(cwd, "a.gan"), text);
  return cwd;
};

const train = (cwd: string, ...args: readonly string[]) =>
  ganc(["run", "a.gan", "--data", "X=X", "--out", "run", ...args], { cwd });

test("what is said stands in the terminal and in monitors.jsonl; --stop-on names what there is", async () => {
  const quiet = spec("adam(1e-3)", "constant(1) >> linear_to_zero(1, reached: true)").replace(
    "exp(square(total(H(x))))",
    "square(mean(H(x)))",
  );
  const cwd = await folder(quiet);
  const wrong = train(cwd, "--stop-on", "colapse");
  expect([wrong.status, wrong.stderr]).toEqual([
    2,
    expect.stringContaining('Is "collapse" meant?'),
  ]);
  const { status, stderr } = train(cwd, "--stop-on", "collapse, jump");
  expect([status, stderr]).toEqual([
    0,
    expect.stringContaining("warning: idle_epoch: Epoch 2 of 2 runs at a rate of 0"),
  ]);
  const [line, ...others] = readFileSync(join(cwd, "run", "monitors.jsonl"), "utf8")
    .trim()
    .split("\n");
  expect(others).toEqual([]);
  expect(JSON.parse(line ?? "")).toMatchObject({
    step: 0,
    monitor: "idle_epoch",
    level: "warning",
  });
});

test("a loss that is no number any more is told with the images of its batch", async () => {
  const cwd = await folder(spec("sgd(1e3)", "constant(60)"));
  const { status, stderr } = train(cwd);
  expect(status).toBe(1);
  expect(stderr).toMatch(/became (NaN|-?Infinity) at step \d+/);
  expect(stderr).toContain("Its batch: one.png.");
  const lines = readFileSync(join(cwd, "run", "monitors.jsonl"), "utf8")
    .trim()
    .split("\n");
  expect(JSON.parse(lines.at(-1) ?? "")).toMatchObject({ monitor: "explosion", level: "stop" });
});
