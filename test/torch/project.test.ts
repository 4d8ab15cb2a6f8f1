/**
 * `ganc compile --target torch --project` as a stranger has it: the project draws what ganc draws,
 * trains as `ganc run` does, and each goes on with the other's runs.
 */
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { isLeft } from "fp-ts/lib/Either.js";
import sharp from "sharp";
import { programOf as specProgramOf } from "../../src/cli/compiler/compiler.js";
import { sourcesWithin } from "../../src/cli/specs/spec-files.js";
import { analyse } from "../../src/compiler/index.js";
import type { HostTensor, State } from "../../src/contracts/tensor.js";
import { encodePng } from "../../src/data/images/image.js";
import { Bookkeeping, firstState } from "../../src/engines/sessions/bookkeeping.js";
import { stepPrograms } from "../../src/lowering/programs.js";
import { readTensors } from "../../src/training/files/read-tensors.js";
import { openDataset, trainingData } from "../../src/training/opening/dataset.js";
import { noise } from "../data/pictures.js";
import { ganc } from "../support/ganc.js";
import { root } from "../support/specs.js";
import { removeTemporary, temporary } from "../training/support.js";

const python = process.env.GANC_TORCH_PYTHON ?? "python3";

const specs: Readonly<Record<string, string>> = {
  two: `import std.losses (lsgan)
domain X = image(16, 16, 3)
domain Y = image(16, 16, 1, low: 0, high: 1)
net G : X -> Y = conv(3, 4, pad: 1) >> relu >> conv(3, 1, pad: 1) >> sigmoid
net F : Y -> X = conv(3, 4, pad: 1) >> instance_norm >> conv(3, 3, pad: 1) >> tanh
net D : Y -> Scores = conv(4, 4, stride: 2, pad: 1) >> leaky_relu(0.2) >> conv(4, 1, pad: 1)
loss back(G : a -> b, F : b -> a) = E[x ~ a] l1(F(G(x)), x)
solve {
  min[G, F] lsgan.fool(G, D) + 2 * back(G, F) + back(F, G)
  min[D] E[y ~ Y] l2(D(y), 1) + E[x ~ X] l2(D(replay(G(x), 4)), 0)
}
train {
  optimizer: adam(2e-3, beta1: 0.5)
  schedule: constant(4)
  augment: resize(20) >> random_crop(16) >> random_flip
  average: 0.9
  init: normal(0, 0.1)
}
`,
  paired: `domain X = image(12, 12, 3)
domain Y = image(12, 12, 3)
net G : X -> Y = conv(3, 3, pad: 1) >> dropout(0.5) >> conv(3, 3, pad: 1) >> tanh
solve { min[G] E[(x, y) ~ pairs(X, Y)] l1(G(x), y) }
train {
  optimizer: sgd(1e-2)
  schedule: constant(2) >> linear_to_zero(2)
  augment: resize(14) >> random_crop(12) >> random_flip
  batch: 2
  accumulate: 2
}
`,
  filed: `domain X = image(8, 8, 3)
domain L = labels(2)
net C : X -> Scores = conv(3, 4) >> relu >> global_avg_pool >> dense(2)
solve { min[C] E[(x, l) ~ pairs(X, L)] cross_entropy(C(x), l) }
train {
  optimizer: adam(1e-3) schedule: constant(3) augment: resize(8) batch: 3
  init: kaiming_uniform init[C]: orthogonal(1.4)
}
`,
  halves: `domain X = image(12, 12, 3)
domain Y = image(12, 12, 3)
net G : X -> Y = conv(3, 3, pad: 1) >> tanh
solve { min[G] E[(x, y) ~ pairs(X, Y)] l1(G(x), y) }
train { optimizer: sgd(1e-2) schedule: constant(2) augment: resize(13) >> random_crop(12) }
`,
  changed: `domain X = image(12, 12, 3)
domain Y = image(12, 12, 1)
domain M = image(12, 12, 1, low: 0)
net G : X -> Y = conv(3, 1, pad: 1) >> tanh
solve { min[G] E[(x, y, m) ~ pairs(X, Y, M)] l1((1 - m) * G(x), (1 - m) * y) }
train {
  optimizer: sgd(1e-2)
  schedule: constant(2)
  augment: color_jitter(0.4, contrast: 0.4, saturation: 0.4, hue: 0.1) >> resize(16, 14) >>
    random_rotation(40) >> cutout(5) >> random_crop(12) >> random_flip >>
    color_jitter(0.2, contrast: 0.3, shared: true) >> cutout(3)
  augment[Y]: resize(16, 14) >> random_rotation(40, fill: true) >>
    color_jitter(hue: 0.5, brightness: 1.5) >> random_crop(12) >> random_flip
  augment[M]: resize(16, 14, nearest: true) >> random_rotation(40, nearest: true) >>
    random_crop(12) >> random_flip
  batch: 2
}
`,
  few: `domain X = image(8, 8, 3)
domain Y = image(8, 8, 3)
net G : X -> Y = conv(3, 3, pad: 1) >> tanh
net D : Y -> Scores = conv(4, 1)
solve {
  min[G] E[(x, y) ~ pairs(X, Y, all: false)] l1(G(x), y) + E[x ~ X] l2(D(G(x)), 1)
  min[D] E[y ~ Y] l2(D(y), 1) + E[x ~ X] l2(D(G(x)), 0)
}
train { optimizer: sgd(1e-2) schedule: constant(2) augment: resize(9) >> random_crop(8) batch: 2 }
`,
  three: `domain X = image(8, 8, 3)
domain Y = image(8, 8, 1)
domain M = image(8, 8, 1, low: 0)
domain L = labels(2)
net G : (X, L) -> Y = (x, l) => (conv(3, 1, pad: 1) >> tanh)(concat(x, l))
param part = 4
solve { min[G] part * E[(x, y, m, l) ~ pairs(X, Y, M, L)] l1((1 - m) * G(x, l), (1 - m) * y) }
train {
  optimizer: adam(1e-3)
  schedule: constant(3) schedule[part]: ramp(3, from: 1, to: 0.2)
  augment: resize(9) >> random_crop(8) >> random_flip
  batch: 2
}
`,
  shared: `domain X = image(12, 12, 3)
domain Y = image(12, 12, 1, low: 0, high: 1)
domain Z = noise(2)
net G : (X, Z) -> Y = (x, z) => (conv(3, 4, pad: 1) >> batch_norm >> relu >> dropout(0.3) >>
  conv(3, 1, pad: 1) >> sigmoid)(concat(x, z))
net D : Y -> Scores = conv(4, 4, stride: 2) >> leaky_relu(0.2) >> batch_norm(running: true) >>
  conv(4, 1, pad: 1)
solve {
  min[G] E[x ~ X, z ~ Z] l2(D(G(x, z)), 1)
  min[D] E[y ~ Y] l2(D(y), 1) + E[x ~ X, z ~ Z] l2(D(replay(G(x, z), 4)), 0)
}
train {
  optimizer: adam(2e-3, beta1: 0.5)
  schedule: constant(4)
  augment: resize(14) >> random_crop(12) >> random_flip
  average: 0.9
  batch: 2
  accumulate: 2
  init: normal(0, 0.1)
}
`,
  whole: `domain X = image(8, 8, 3)
net G : X -> X = conv(3, 3, pad: 1) >> tanh
solve { min[G] softplus(E[x ~ X] l2(G(x), 1)) }
train { optimizer: sgd(1e-2) schedule: constant(1) augment: resize(8) batch: 3 }
`,
  made: `domain Z = noise(5)
domain U = uniform(3)
domain X = image(8, 8, 1)
net G : (Z, U) -> X = (z, u) => (dense(64) >> reshape(8, 8, 1) >> tanh)(concat(z, u))
net D : X -> Scores = spectral_norm(conv(4, 4, stride: 2, pad: 1)) >> leaky_relu(0.2) >> conv(4, 1)
solve {
  every 2 { min[D] E[x ~ X] l2(D(x), 0) } then
  repeat 2 { min[D] E[x ~ X] softplus(-D(x)) + E[z ~ Z, u ~ U] softplus(D(G(z, u))) } then
  min[G] E[z ~ Z, u ~ U] softplus(-D(G(z, u)))
}
train {
  optimizer: adam(2e-4) schedule: constant(10) augment: resize(8) batch: 2
  init[G]: xavier_uniform init[D]: kaiming_normal(0.2)
}
`,
};

let folder = "";
const at = (...names: readonly string[]): string => join(folder, ...names);

const py = (cwd: string, ...args: readonly string[]) => {
  const { status, stdout, stderr } = spawnSync(python, args, { cwd, encoding: "utf8" });
  return { status, stdout, stderr };
};

/** Runs a program of a project, which must end well. */
const well = (cwd: string, ...args: readonly string[]): string => {
  const done = py(cwd, ...args);
  expect(done).toMatchObject({ status: 0 });
  return done.stdout;
};

beforeAll(async () => {
  folder = temporary();
  for (const [k, name] of ["trainX", "trainY"].entries()) {
    mkdirSync(at("images", name), { recursive: true });
    mkdirSync(at("pictures", name), { recursive: true });
    for (let i = 0; i < 11; i++) {
      const image = await encodePng(noise(24, 26, 100 * k + i));
      if (i < 5) writeFileSync(at("images", name, `${i}.png`), image);
      writeFileSync(at("pictures", name, `${i}.png`), image);
      mkdirSync(at("few", name), { recursive: true });
      writeFileSync(at("few", name, `${i < 3 ? i : 20 * k + i}.png`), image);
    }
  }
  for (const [d, domain] of ["X", "Y", "M"].entries()) {
    mkdirSync(at("changed", domain), { recursive: true });
    for (let i = 0; i < 5; i++)
      writeFileSync(
        at("changed", domain, `${i}.png`),
        await encodePng(noise(19, 23, 900 + 10 * d + i, domain === "X" ? 3 : 1)),
      );
    for (const [k, name] of ["class 10", "class 2"].entries()) {
      mkdirSync(at("filed images", domain, name), { recursive: true });
      for (let i = 0; i < 4; i++)
        writeFileSync(
          at("filed images", domain, name, `${i}.png`),
          await encodePng(noise(9, 9, 200 * d + 50 * k + i)),
        );
    }
  }
  for (const [name, text] of Object.entries(specs)) {
    writeFileSync(at(`${name}.gan`), text);
    const args = ["compile", `${name}.gan`, "--target", "torch", "--project", `${name} project`];
    expect(ganc(args, { cwd: folder })).toMatchObject({ status: 0, stderr: "" });
  }
}, 300_000);
afterAll(removeTemporary);

const dataOf: Readonly<Record<string, string>> = {
  two: "images",
  paired: "pictures",
  filed: "filed images",
  halves: "pictures/trainX:BtoA",
  changed: "changed",
  few: "few",
  three: "filed images",
  shared: "pictures",
  whole: "pictures",
  made: "images",
};

/** Tensors by name, from draws.py. */
const readDraws = (path: string): State => {
  const bytes = readFileSync(path);
  const end = bytes.indexOf("\n");
  const listed: [string, number[]][] = JSON.parse(bytes.subarray(0, end).toString());
  let from = end + 1;
  return new Map(
    listed.map(([name, shape]) => {
      const count = shape.reduce((a, b) => a * b, 1);
      const data = new Float32Array(count);
      Buffer.from(data.buffer).set(bytes.subarray(from, from + 4 * count));
      from += 4 * count;
      return [name, { shape, data }];
    }),
  );
};

/** The largest difference of two tensors of one shape. */
const apart = (a: HostTensor, b: HostTensor): number => {
  expect(a.shape).toEqual(b.shape);
  return a.data.reduce((most, value, i) => Math.max(most, Math.abs(value - (b.data[i] ?? NaN))), 0);
};

test.each(Object.keys(specs))("%s: weights and batches are those that ganc draws", async (name) => {
  const seed = 7;
  well(
    folder,
    join(root, "test/torch/draws.py"),
    at(`${name} project`),
    at(dataOf[name] ?? ""),
    String(seed),
    at(`${name}.draws`),
  );
  const drawn = readDraws(at(`${name}.draws`));
  const { result, sourceSet } = analyse(at(`${name}.gan`), sourcesWithin(undefined), new Map());
  if (result === undefined) throw new Error("the spec is unsound");
  const { model } = result;
  const spec = specProgramOf(model, sourceSet);
  const books = new Bookkeeping(model, seed, stepPrograms(model, {}));
  for (const [key, tensor] of await firstState(model, books, seed)) {
    // Averages begin with the first step.
    if (key.startsWith("average/")) continue;
    const own = drawn.get(`first/${key}`);
    // Logarithms and cosines may differ in their last bit between two libraries of mathematics.
    if (own !== undefined) expect([key, apart(own, tensor) < 1e-7]).toEqual([key, true]);
    else expect([key, tensor.data.every((value) => value === 0)]).toEqual([key, true]);
  }
  const origin = { kind: "folder", path: at(dataOf[name] ?? "") } as const;
  const dataset = await openDataset(origin, spec);
  if (isLeft(dataset)) throw new Error(JSON.stringify(dataset.left));
  const data = await trainingData(dataset.right, spec, seed);
  if (isLeft(data)) throw new Error(JSON.stringify(data.left));
  let compared = 0;
  for (const epoch of [0, 1]) {
    let step = -1;
    for await (const { batch, again = [] } of data.right.epoch(epoch, 0)) {
      if (++step >= 6) break;
      for (const [k, draws] of [batch, ...again].entries())
        for (const [key, tensor] of Object.entries(draws)) {
          const own = drawn.get(`${epoch}/${step}/${k}/${key}`);
          if (own === undefined) throw new Error(`no ${epoch}/${step}/${k}/${key}`);
          const domain = model.domains.find((one) => one.name === key.split("#")[0]);
          const most = domain?.kind === "noise" ? 1e-6 : 0;
          expect([key, apart(own, tensor) <= most]).toEqual([key, true]);
          compared++;
        }
    }
  }
  expect(compared).toBeGreaterThan(3);
});

type Losses = Readonly<Record<string, number>>;

const lossesOf = (run: string): readonly Losses[] =>
  readFileSync(join(run, "metrics.jsonl"), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line).metrics);

const quiet = ["--sample-every", "never", "--no-report", "--engine", "onnx"];

/** Losses that both report differ by less than that share. */
const alike = (a: readonly Losses[], b: readonly Losses[], share: number): void => {
  expect(a.length).toBe(b.length);
  for (const [i, losses] of a.entries())
    for (const [name, value] of Object.entries(losses)) {
      const other = b[i]?.[name];
      if (other !== undefined)
        expect([i, name, Math.abs(value - other) <= share * (Math.abs(value) + 1e-3)]).toEqual([
          i,
          name,
          true,
        ]);
    }
};

const tensorsOf = async (run: string, step: number): Promise<State> => {
  const name = `step-${String(step).padStart(8, "0")}.safetensors`;
  const read = await readTensors(join(run, "checkpoints", name));
  if (isLeft(read)) throw new Error(read.left);
  return read.right.tensors;
};

test("it trains as ganc does, and each goes on where the other stopped", async () => {
  const project = at("two project");
  const plain = ["run", "two.gan", "--data", "images", "--out", "plain", "--steps", "9", ...quiet];
  expect(ganc(plain, { cwd: folder }).status).toBe(0);
  const words = well(project, "train.py", "--data", "../images", "--steps", "4");
  expect(words).toContain("step 4, epoch 1: min[G, F] ");
  const run = join(project, "runs/first");
  expect(ganc(["run", run, "--resume", "--steps", "6", ...quiet]).status).toBe(0);
  well(project, "train.py", "--resume", "--steps", "9");
  alike(lossesOf(run), lossesOf(at("plain")), 1e-4);
  const [own, other] = [await tensorsOf(run, 9), await tensorsOf(at("plain"), 9)];
  expect([...own.keys()].sort()).toEqual([...other.keys()].sort());
  // In front of a norm a bias has no effect: its gradient is rounding, and Adam makes it large.
  for (const [name, tensor] of own)
    if (!name.endsWith("F.conv.bias"))
      expect([name, apart(tensor, other.get(name) as HostTensor) < 1e-4]).toEqual([name, true]);
  // And a run that ganc began.
  well(project, "train.py", "--out", at("plain"), "--resume", "--steps", "11");
  expect(ganc(["run", at("plain"), "--resume", "--steps", "12", ...quiet]).stderr).not.toContain(
    "changed",
  );
});

/** Runs train.py of a project in that many processes by torchrun. */
const torchrun = (count: number, name: string, ...args: readonly string[]) => {
  const run = ["-m", "torch.distributed.run", "--standalone", `--nproc_per_node=${count}`];
  const env = {
    OMP_NUM_THREADS: "1",
    ...(process.platform === "linux" ? { GLOO_SOCKET_IFNAME: "lo" } : {}),
    ...process.env,
  };
  const options = { cwd: at(`${name} project`), encoding: "utf8", env } as const;
  return spawnSync(python, [...run, "train.py", ...args], options);
};

/**
 * Biases that a norm takes out again, and what it keeps of them: their gradient is rounding, and
 * Adam makes it large.
 */
const isIdle = (name: string): boolean => /\/([GD]\.conv\.bias|D\.batch_norm\.mean)$/.test(name);

test("torchrun shares its steps: two processes make those of one", async () => {
  const project = at("shared project");
  const data = ["--data", "../pictures"];
  well(project, "train.py", ...data, "--out", "alone", "--steps", "7");
  const first = torchrun(2, "shared", ...data, "--out", "both", "--steps", "4");
  expect(first).toMatchObject({ status: 0 });
  // Each line once, and one process that keeps the run.
  expect(first.stdout.match(/^step 4, epoch 2: /gm)).toHaveLength(1);
  expect(torchrun(2, "shared", "--out", "both", "--resume", "--steps", "7").status).toBe(0);
  alike(lossesOf(join(project, "both")), lossesOf(join(project, "alone")), 1e-4);
  const [both, alone] = [
    await tensorsOf(join(project, "both"), 7),
    await tensorsOf(join(project, "alone"), 7),
  ];
  expect([...both.keys()].sort()).toEqual([...alone.keys()].sort());
  expect([...both.keys()]).toEqual(
    expect.arrayContaining([expect.stringMatching(/^history\/.*\/3$/), "buffer/D.batch_norm.mean"]),
  );
  for (const [name, tensor] of both)
    if (!isIdle(name))
      expect([name, apart(tensor, alone.get(name) as HostTensor) < 1e-4]).toEqual([name, true]);
  const sessions = readFileSync(join(project, "both/sessions.jsonl"), "utf8");
  expect(sessions.match(/"kind":"begin"/g)).toHaveLength(2);
  expect(sessions).toContain("PyTorch 2.15.0 (cpu, 2 processes)");
  // ganc and one process go on with it.
  expect(ganc(["run", join(project, "both"), "--resume", "--steps", "8", ...quiet]).status).toBe(0);
});

test("torchrun is refused where processes cannot share a step", () => {
  const env = { ...process.env, WORLD_SIZE: "3" };
  const refused = (name: string, data: string): string => {
    const args = ["train.py", "--data", data, "--out", "never"];
    const done = spawnSync(python, args, { cwd: at(`${name} project`), encoding: "utf8", env });
    expect(done.status).toBe(1);
    expect(readdirSync(at(`${name} project`))).not.toContain("never");
    return done.stderr;
  };
  expect(refused("shared", "../pictures")).toBe(
    "error: A batch of 2 cannot be shared by 3 processes, which get the same number of samples each: give the spec a batch that 3 divides, and write the project anew.\n",
  );
  expect(refused("whole", "../pictures")).toBe(
    "error: What stands at whole.gan:3:16 depends on an expectation of the whole batch by more than its share: several processes, each with a part of the batch, would train something else. Only sums of expectations, with constant factors, can be shared: train this in one process.\n",
  );
});

test("a run that is killed ends with the bits of one that is not", async () => {
  const project = at("two project");
  const args = ["train.py", "--data", "../images", "--save-every", "3", "--out"];
  well(project, ...args, "whole", "--steps", "14");
  const child = spawn(python, [...args, "killed", "--steps", "14"], { cwd: project });
  await new Promise<void>((done) => {
    child.stdout.on("data", (chunk: Buffer) => {
      if (chunk.toString().includes("step 8")) child.kill("SIGKILL");
    });
    child.on("close", () => done());
  });
  well(project, "train.py", "--out", "killed", "--resume", "--steps", "14");
  const [a, b] = [
    await tensorsOf(join(project, "killed"), 14),
    await tensorsOf(join(project, "whole"), 14),
  ];
  expect([...a]).toEqual([...b]);
  expect(lossesOf(join(project, "killed"))).toEqual(lossesOf(join(project, "whole")));
});

test("Ctrl-C ends it behind a step, saved", async () => {
  const project = at("two project");
  const child = spawn(python, ["train.py", "--data", "../images", "--out", "ended"], {
    cwd: project,
  });
  let said = "";
  await new Promise<void>((done) => {
    child.stdout.on("data", (chunk: Buffer) => {
      const isFirst = !said.includes("step 6");
      said += chunk.toString();
      if (isFirst && said.includes("step 6")) child.kill("SIGINT");
    });
    child.on("close", () => done());
  });
  expect(said).toMatch(/go on with --out ended --resume\n$/);
  const [, made] = /(\d+) steps; go on/.exec(said) ?? [];
  expect(readdirSync(join(project, "ended/checkpoints"))).toContain(
    `step-${String(made).padStart(8, "0")}.json`,
  );
  expect(readFileSync(join(project, "ended/sessions.jsonl"), "utf8")).toContain(
    `"ending":"interrupted"`,
  );
});

test("a picture is translated as ganc does it", async () => {
  const project = at("two project");
  const picture = at("images/trainX/1.png");
  well(project, "translate.py", at("plain"), "G", picture, at("own.png"));
  const words = ["translate", at("plain"), picture, "--net", "G", "--size", "domain"];
  expect(ganc([...words, "--out", at("other")]).status).toBe(0);
  const [name = ""] = readdirSync(at("other")).filter((one) => one.endsWith(".png"));
  const [own, other] = await Promise.all(
    [at("own.png"), at("other", name)].map((path) => sharp(path).raw().toBuffer()),
  );
  expect(own?.length).toBe(other?.length);
  const most = own?.reduce((m, value, i) => Math.max(m, Math.abs(value - (other?.[i] ?? 0))), 0);
  expect(most).toBeLessThanOrEqual(1);
});

test("an exported project translates as the run does, and trains", async () => {
  const words = ganc(["export", "plain", "--to", "torch", "-o", "exported"], { cwd: folder });
  expect(words).toMatchObject({ status: 0, stderr: "" });
  const picture = at("images/trainX/2.png");
  well(at("exported"), "translate.py", "weights.safetensors", "G", picture, at("a.png"));
  well(at("two project"), "translate.py", at("plain"), "G", picture, at("b.png"));
  expect(readFileSync(at("a.png"))).toEqual(readFileSync(at("b.png")));
  well(at("exported"), "train.py", "--data", at("images"), "--steps", "1");
  expect(ganc(["export", "plain", "--to", "torch", "-o", "images"], { cwd: folder })).toMatchObject(
    {
      status: 1,
      stderr: expect.stringContaining("is not empty"),
    },
  );
});

test("phases, accumulation, classes and noise train; noise makes images", () => {
  for (const name of ["paired", "halves", "changed", "few", "filed", "three", "made"]) {
    const said = well(
      at(`${name} project`),
      "train.py",
      "--data",
      at(dataOf[name] ?? ""),
      "--steps",
      "3",
    );
    const run = at(`${name} project/runs/first`);
    expect(said).toContain("step 3");
    const other = at(`${name} plain`);
    const args = ["run", `${name}.gan`, "--data", dataOf[name] ?? "", "--out", other];
    expect(ganc([...args, "--steps", "3", ...quiet], { cwd: folder })).toMatchObject({ status: 0 });
    alike(lossesOf(run), lossesOf(other), 1e-4);
  }
  const words = well(at("made project"), "translate.py", "runs/first", "G", "out", "5");
  expect(words.trim().split("\n")).toHaveLength(5);
  expect(readdirSync(at("made project/out"))).toHaveLength(5);
});

test("in bfloat16 the losses stay within 2 % of float32, and compiled within rounding", () => {
  const project = at("two project");
  const losses = (...options: readonly string[]): readonly Losses[] => {
    const out = `as${options.join("")}`;
    well(project, "train.py", "--data", "../images", "--steps", "3", "--out", out, ...options);
    return lossesOf(join(project, out));
  };
  const whole = losses();
  alike(losses("--bf16"), whole, 0.02);
  alike(losses("--compile"), whole, 1e-4);
});

test("what cannot be done is said in a sentence", () => {
  const project = at("two project");
  const said = (...args: readonly string[]): string => {
    const { status, stderr } = py(project, "train.py", ...args);
    expect(status).toBe(1);
    expect(stderr).not.toContain("Traceback");
    return stderr;
  };
  expect(said("--out", "n1")).toContain("Say where the images are: --data, for the domains X, Y.");
  expect(said("--data", "nowhere", "--out", "n2")).toContain("there is no such folder");
  expect(said("--data", "X=../images/trainX", "--out", "n3")).toContain("domain Y");
  expect(said("--resume", "--out", "n4")).toContain("holds no run");
  expect(said("--data", "../images", "--out", "whole")).toContain("Add --resume");
  expect(said("--resume", "--out", "whole", "--seed", "3")).toContain("began with seed 0");
  expect(said("--resume", "--out", at("paired plain"))).toContain("another spec");
  expect(said("--data", "../images", "--out", "n5", "--channels-last")).toContain("instance norm");
  writeFileSync(
    join(project, "whole/lock"),
    JSON.stringify({ pid: process.pid, host: "elsewhere", started: null }),
  );
  expect(said("--resume", "--out", "whole")).toContain("trains in it");
  rmSync(join(project, "whole/lock"));
  mkdirSync(at("broken/trainX"), { recursive: true });
  mkdirSync(at("broken/trainY"), { recursive: true });
  for (const name of ["trainX", "trainY"]) writeFileSync(at("broken", name, "a.png"), "no image");
  expect(said("--data", at("broken"), "--out", "n6")).toContain("cannot be read as an image");
});

test("it pins what its tests ran", () => {
  const lines = readFileSync(at("two project/requirements.txt"), "utf8").trim().split("\n");
  expect(lines.map((line) => line.replace(/==.*/, ""))).toEqual([
    "numpy",
    "torch",
    "pillow",
    "safetensors",
  ]);
  const script = "import importlib.metadata as m, sys; print([m.version(n) for n in sys.argv[1:]])";
  for (const line of lines) {
    const [name = "", version = ""] = line.split("==");
    expect(well(folder, "-c", script, name)).toContain(`'${version}`);
  }
});

test("ruff and mypy have nothing to say", () => {
  for (const name of Object.keys(specs)) {
    const project = at(`${name} project`);
    const width = ["--no-cache", "--line-length", "100"];
    const rules = ["--select", "E,F,I,UP,B,SIM,RUF"];
    expect(py(project, "-m", "ruff", "check", ...width, ...rules, ".")).toMatchObject({
      status: 0,
    });
    const laid = py(project, "-m", "ruff", "format", ...width, "--check", ".");
    expect(laid).toMatchObject({ status: 0 });
  }
  const strict = ["--strict", "--allow-untyped-calls", "--no-incremental"];
  const { stdout } = py(at("two project"), "-m", "mypy", ...strict, "train.py", "translate.py");
  expect(stdout).toContain("Success");
});
