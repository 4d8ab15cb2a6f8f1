/** `ganc plan`, and `ganc run` of what cannot fit. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "@jest/globals";
import sharp from "sharp";
import { memoryParts } from "../../src/contracts/memory.js";
import { ganc } from "../support/ganc.js";
import { root } from "../support/specs.js";

const folder = mkdtempSync(join(tmpdir(), "ganc-plan-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Each place is weighed against each other: n pixels hold n² numbers, several times. */
const attention = (size: number, layers = 1): string => `
param size : Int = ${size} where size >= 8 and size % 4 == 0
domain X = image(size)
domain Y = image(size)
net G : X -> Y = conv(3, 8, pad: 1) >> self_attention * ${layers} >> conv(3, 3, pad: 1) >> tanh
net D : Y -> Scores = conv(4, 8, stride: 2, pad: 1) >> leaky_relu(0.2) >> conv(4, 1, pad: 1)
solve {
  min[G] E[x ~ X] softplus(-D(G(x)))
  min[D] E[y ~ Y] softplus(-D(y)) + E[x ~ X] softplus(D(G(x)))
}
train { optimizer: adam(2e-4, beta1: 0.5) schedule: constant(3) }
`;

const specOf = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return name;
};

const images = async (): Promise<string> => {
  for (const domain of ["X", "Y"]) {
    mkdirSync(join(folder, "data", `train${domain}`), { recursive: true });
    for (let i = 0; i < 4; i++)
      await sharp({ create: { width: 16, height: 16, channels: 3, background: "#a0f0c0" } })
        .png()
        .toFile(join(folder, "data", `train${domain}`, `${i}.png`));
  }
  return "data";
};

const plan = (...args: readonly string[]) => ganc(["plan", ...args], { cwd: folder });

test("a plan has every part, what there is, and the largest that fits", () => {
  const spec = specOf("small.gan", attention(16));
  const { status, stdout, stderr } = plan(spec, "--json");
  expect([status, stderr]).toEqual([0, ""]);
  const { memory, fits, largest, engine } = JSON.parse(stdout);
  expect([engine, fits]).toEqual(["onnx", true]);
  expect(Object.keys(memory.parts)).toEqual(Object.keys(memoryParts));
  const sum = Object.values(memory.parts as Record<string, number>).reduce((a, b) => a + b, 0);
  expect(sum).toBeCloseTo(memory.peak, -1);
  // G: 3·8·9+8, attention of 8, 8·3·9+3; D: 3·8·16+8, 8·16+1: and two moments of each
  expect(memory.parts.optimizer).toBe(2 * memory.parts.weights);
  expect(largest.size.param).toBe("size");
  expect(largest.size.value % 4).toBe(0);
  expect(largest.batch).toBeGreaterThan(100);
  // What is told to fit does, and a size much larger does not.
  const at = (size: number) => plan(spec, "--no-largest", "--set", `size=${size}`);
  expect(at(largest.size.value).status).toBe(0);
  const beyond = at(4 * Math.ceil((1.2 * largest.size.value) / 4));
  expect([beyond.status, beyond.stdout + beyond.stderr]).toEqual([
    1,
    expect.stringMatching(/: does not fit|GAN319/),
  ]);
  expect(plan(spec).stdout).toMatch(
    /^memory of a step\n {2}weights .*\n {2}in all .*: fits\n.*\nlargest that fits: size=\d+ at batch 1; batch \d+ with the params as they are\n$/s,
  );
});

test("steps are timed, and an epoch and the schedule told by them", async () => {
  const data = await images();
  const spec = specOf("timed.gan", attention(16));
  const { status, stdout } = plan(spec, "--no-largest", "--time", "5", "--data", data);
  expect(status).toBe(0);
  expect(stdout).toMatch(
    /\ntime: [\d.]+ s a step \(\d were timed\), \d+ s an epoch of 4 steps, \d+ (s|min) for the 3 epochs of the schedule\n$/,
  );
  expect(plan(spec, "--no-largest", "--data", "nowhere").status).toBe(1);
});

test("a step that cannot fit is refused before anything is made", async () => {
  const data = await images();
  const spec = specOf("large.gan", attention(252, 6));
  const run = (...more: readonly string[]) =>
    ganc(["run", spec, "--data", data, "--out", "run", ...more], { cwd: folder });
  const { status, stdout, stderr } = run();
  expect([status, stdout]).toEqual([1, ""]);
  expect(stderr).toMatch(
    /^error: A step needs about [\d.]+ GiB of memory, and this (machine|control group) has [\d.]+ GiB\.\nMost is held by the layer `self_attention(_\d)?` of G \(large\.gan:5:40\): [\d.]+ GiB\.\nLargest that fits: size=\d+ at batch 1\.\nTo try it anyway: --force-memory\n$/,
  );
  expect(readdirSync(folder)).not.toContain("run");
});

test.each([
  ["image(32768)", attention(32768).replace(">> self_attention * 1 ", "")],
  ["attention over 512² places", attention(512)],
])("%s is refused by the checker", (_, text) => {
  const { status, stderr } = plan(specOf("beyond.gan", text));
  expect(status).toBe(1);
  expect(stderr).toMatch(/GAN319/);
});

test("PyTorch's processes send the gradients of each move, in a ring", () => {
  const { status, stdout } = plan(
    join(root, "specs/cyclegan.gan"),
    "--engine",
    "torch",
    "--no-largest",
    "--json",
  );
  expect(status).toBe(0);
  const { traffic } = JSON.parse(stdout);
  // Two generators of 11,378,179 weights, two discriminators of 2,764,737.
  const gradients = 4 * 2 * (11_378_179 + 2_764_737);
  expect(traffic.gradients).toBe(gradients);
  expect(traffic.ring).toMatchObject({ 2: gradients, 4: 1.5 * gradients, 8: 1.75 * gradients });
  const repeated = attention(16)
    .replace("min[D]", "then repeat 3 { min[D]")
    .replace(/\)\)\n}/, ")) }\n}");
  const more = plan(
    specOf("repeated.gan", repeated),
    "--engine",
    "torch",
    "--no-largest",
    "--json",
  );
  const once = plan("small.gan", "--engine", "torch", "--no-largest", "--json");
  const [a, b] = [more, once].map((one) => JSON.parse(one.stdout).traffic.gradients);
  // D: 3 * 8 * 16 + 8, 8 * 16 + 1, twice more
  expect(a - b).toBe(2 * 4 * (3 * 8 * 16 + 8 + 8 * 16 + 1));
  expect(plan("small.gan", "--engine", "torch", "--no-largest").stdout).toMatch(
    /a step takes the mean of [\d.]+ KiB of gradients\.\nEach of so many machines sends in a step, and receives: 2: /,
  );
});
