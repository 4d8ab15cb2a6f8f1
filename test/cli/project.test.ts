/**
 * `ganc compile --project` as a stranger has it: written by the built program, installed by a plain
 * `npm install`, type-checked, trained, and read by ganc. The packages come from npm's cache, or
 * else from its registry.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import sharp from "sharp";
import { encodePng } from "../../src/data/images/image.js";
import { noise } from "../data/pictures.js";
import { ganc } from "../support/ganc.js";
import { removeTemporary, temporary } from "../training/support.js";

const spec = `import std.losses (lsgan)

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
`;

const noiseSpec = `domain Z = noise(4)
domain X = image(8, 8, 1)
net G : Z -> X = dense(64) >> reshape(8, 8, 1) >> tanh
net D : X -> Scores = conv(4, 4, stride: 2, pad: 1) >> leaky_relu(0.2) >> conv(4, 1)
solve {
  every 2 { min[D] E[x ~ X] l2(D(x), 0) } then
  repeat 2 { min[D] E[x ~ X] softplus(-D(x)) + E[z ~ Z] softplus(D(G(z))) } then
  min[G] E[z ~ Z] softplus(-D(G(z)))
}
train { optimizer: adam(2e-4) schedule: constant(10) batch: 2 }
`;

let folder = "";
let project = "";

/** What npm has told this process of itself is not that project's. */
const env = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(npm_|node_options)/i.test(name)),
);

const call = (command: string, args: readonly string[], cwd = project) => {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, env, encoding: "utf8" });
  return { status, stdout, stderr };
};

const npm = (...args: readonly string[]): string => {
  const { status, stdout, stderr } = call("npm", args);
  expect([status, stdout, stderr]).toEqual([0, expect.any(String), expect.any(String)]);
  return stdout;
};

beforeAll(async () => {
  folder = temporary();
  project = join(folder, "my project");
  writeFileSync(join(folder, "two.gan"), spec);
  writeFileSync(join(folder, "made.gan"), noiseSpec);
  for (const [k, name] of ["trainX", "trainY"].entries()) {
    mkdirSync(join(folder, "images", name), { recursive: true });
    for (let i = 0; i < 5; i++)
      writeFileSync(
        join(folder, "images", name, `${i}.png`),
        await encodePng(noise(24, 24, 10 * k + i)),
      );
  }
  const written = ganc(["compile", "two.gan", "--project", "my project"], { cwd: folder });
  expect(written).toMatchObject({ status: 0, stderr: "" });
  expect(written.stdout).toContain("npm run train -- --data FOLDER");
  npm("install", "--prefer-offline", "--no-audit", "--no-fund");
}, 300_000);
afterAll(removeTemporary);

type Losses = Readonly<Record<string, number>>;

const lossesOf = (run: string): readonly Losses[] =>
  readFileSync(join(run, "metrics.jsonl"), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line).metrics);

const images = () => join(folder, "images");

test("it holds the code that compile writes, and pins what it needs", () => {
  const { stdout } = ganc(["compile", "two.gan", "-o", "-"], { cwd: folder });
  expect(readFileSync(join(project, "src/generated/two.ts"), "utf8")).toBe(stdout);
  for (const file of ["package.json", "vendor/ganc/package.json"]) {
    const { dependencies, devDependencies = {} } = JSON.parse(
      readFileSync(join(project, file), "utf8"),
    );
    const others = Object.entries({ ...dependencies, ...devDependencies }).filter(
      ([, version]) => !/^\d+\.\d+\.\d+$/.test(String(version)),
    );
    expect(others).toEqual(file === "package.json" ? [["ganc", "file:vendor/ganc"]] : []);
  }
});

test("it trains as ganc does, and each goes on where the other stopped", async () => {
  const quiet = ["--sample-every", "never", "--no-report"];
  const plain = ["run", "two.gan", "--data", "images", "--out", "plain", "--steps", "9", ...quiet];
  expect(ganc(plain, { cwd: folder }).status).toBe(0);
  const words = npm("run", "train", "--", "--data", images(), "--steps", "4", "--save-every", "2");
  expect(words).toContain("step 4, epoch 1");
  const run = join(project, "runs/first");
  expect(existsSync(join(run, "checkpoints/step-00000004.safetensors"))).toBe(true);
  expect(ganc(["run", run, "--resume", "--steps", "6", ...quiet]).status).toBe(0);
  expect(npm("run", "train", "--", "--resume", "--steps", "9")).toContain("9 steps");
  const [straight, mixed] = [lossesOf(join(folder, "plain")), lossesOf(run)];
  expect(mixed).toHaveLength(9);
  for (const [step, losses] of mixed.entries()) {
    expect(Object.keys(losses)).toEqual(expect.arrayContaining(["min[G, F]", "back(G, F)"]));
    for (const [name, value] of Object.entries(losses)) {
      const other = straight[step]?.[name] as number;
      expect([step, name, value]).toEqual([step, name, expect.closeTo(other, 3)]);
    }
  }
  // A picture is the same by either.
  const picture = join(folder, "picture.png");
  writeFileSync(picture, await encodePng(noise(16, 16, 99)));
  npm("run", "translate", "--", "runs/first", "G", picture, "out/made.png");
  const own = ganc(["translate", run, picture, "--net", "G", "--size", "domain", "--out", "ours"], {
    cwd: folder,
  });
  expect([own.status, own.stderr]).toEqual([0, expect.any(String)]);
  const greyOf = (path: string) => sharp(path).toColourspace("b-w").raw().toBuffer();
  const [a, b] = [
    await greyOf(join(project, "out/made.png")),
    await greyOf(join(folder, "ours/picture.png")),
  ];
  expect([a.length, b.length]).toEqual([16 * 16, 16 * 16]);
  expect(Math.max(...a.map((level, i) => Math.abs(level - (b[i] ?? 0))))).toBeLessThan(2);
  expect(Math.max(...a) - Math.min(...a)).toBeGreaterThan(20);
  const listed = ganc(["runs", join(project, "runs")]);
  expect([listed.status, listed.stdout]).toEqual([0, expect.stringContaining("stopped")]);
});

test("what goes wrong is told in words, with no stack", () => {
  const { status, stderr } = call("npm", ["run", "-s", "train", "--", "--out", "x", "--resume"]);
  expect(status).toBe(1);
  expect(stderr).toBe("error: x is not a run that can be used: it does not exist\n");
  const { stderr: none } = call("npm", ["run", "-s", "train", "--", "--out", "x"]);
  expect(none).toBe("error: Say where the images are: data, for the domains X, Y.\n");
});

test.each([
  [["--seed", "a"], "--seed takes a whole number from 0 on, not a"],
  [["--steps", "x"], "--steps takes a whole number from 1 on, not x"],
  [["--steps", "1.5"], "--steps takes a whole number from 1 on, not 1.5"],
  [["--steps", "0"], "--steps takes a whole number from 1 on, not 0"],
  [["--save-every", ""], "--save-every takes a whole number from 1 on, not "],
  [["--data", "X=a", "--data", "b"], "--data: write DOMAIN=FOLDER in place of b"],
  [["--data", "a", "--data", "b"], "--data: write DOMAIN=FOLDER in place of a"],
  [["--bogus"], "Unknown option '--bogus'"],
])("train %j is refused before anything is written", (args, words) => {
  const { status, stderr } = call("npm", ["run", "-s", "train", "--", "--out", "wrong", ...args]);
  expect([status, stderr]).toEqual([1, expect.stringContaining(`error: ${words}`)]);
  expect(stderr).not.toContain("    at ");
  expect(existsSync(join(project, "wrong"))).toBe(false);
});

test("train takes one folder for each domain behind --data, and tells its options", () => {
  const data = ["X", "Y"].map((name) => `${name}=${join(images(), `train${name}`)}`);
  const args = ["run", "-s", "train", "--", "--out", "apart", "--steps", "1", "--data", ...data];
  expect(call("npm", args)).toMatchObject({ status: 0, stderr: "" });
  expect(call("npm", ["run", "-s", "train", "--", "--help"])).toMatchObject({
    status: 0,
    stdout: expect.stringContaining("[--resume]"),
  });
});

test("its README says how to write it anew with the params that it has", () => {
  const wide = spec.replace("conv(3, 4, pad: 1) >> relu", "conv(3, width, pad: 1) >> relu");
  writeFileSync(
    join(folder, "a wide.gan"),
    wide.replace("domain X", "param width : Int = 4\ndomain X"),
  );
  const set = ["--set", "width=5"];
  const { status, stdout } = ganc(["compile", "a wide.gan", "--project", "a b", ...set], {
    cwd: folder,
  });
  expect([status, stdout]).toEqual([0, expect.stringContaining("cd 'a b' && npm install")]);
  expect(readFileSync(join(folder, "a b/README.md"), "utf8").replaceAll("\n", " ")).toContain(
    "`ganc compile 'a wide.gan' --project . --set width=5`",
  );
});

test("a folder without a name, and one where none can be made, are refused", () => {
  const here = ganc(["compile", "two.gan", "--project", ""], { cwd: folder });
  expect([here.status, here.stderr]).toEqual([2, expect.stringContaining("name of a folder")]);
  expect(existsSync(join(folder, "package.json"))).toBe(false);
  const nowhere = ganc(["compile", "two.gan", "--project", "/proc/nowhere"], { cwd: folder });
  expect([nowhere.status, nowhere.stderr]).toEqual([
    1,
    expect.stringContaining("cannot write /proc/nowhere"),
  ]);
});

test("a run of another spec is refused", () => {
  writeFileSync(
    join(folder, "other.gan"),
    spec.replace("conv(3, 4, pad: 1) >> relu", "conv(3, 5, pad: 1) >> relu"),
  );
  const args = ["run", "other.gan", "--data", "images", "--out", "other", "--steps", "1"];
  expect(ganc(args, { cwd: folder }).status).toBe(0);
  const other = join(folder, "other");
  const { status, stderr } = call("npm", ["run", "-s", "train", "--", "--out", other, "--resume"]);
  expect([status, stderr]).toEqual([1, expect.stringContaining("a run of another spec")]);
});

test("of noise it makes images, and phases that repeat draw anew", () => {
  expect(ganc(["compile", "made.gan", "--project", "made"], { cwd: folder }).status).toBe(0);
  const own = join(folder, "made");
  symlinkSync(join(project, "node_modules"), join(own, "node_modules"));
  const run = (...args: readonly string[]) => {
    const { status, stdout, stderr } = call("npm", ["run", "-s", ...args], own);
    expect([status, stderr]).toEqual([0, ""]);
    return stdout;
  };
  run("train", "--", "--data", `X=${join(images(), "trainX")}`, "--steps", "2");
  expect(run("translate", "--", "runs/first", "some", "3")).toBe(
    "some/0001.png\nsome/0002.png\nsome/0003.png\n",
  );
  expect(lossesOf(join(own, "runs/first"))).toHaveLength(2);
});

test("it is written anew over its own files, and over nobody else's", () => {
  const compile = (into: string) =>
    ganc(["compile", "two.gan", "--project", into], { cwd: folder });
  expect(compile("my project").status).toBe(0);
  const train = join(project, "src/train.ts");
  const before = readFileSync(train, "utf8");
  writeFileSync(train, `${before}// mine\n`);
  const changed = compile("my project");
  expect([changed.status, changed.stderr]).toEqual([1, expect.stringContaining("src/train.ts")]);
  expect(readFileSync(train, "utf8")).toBe(`${before}// mine\n`);
  writeFileSync(train, before);
  mkdirSync(join(folder, "others"));
  writeFileSync(join(folder, "others/notes.txt"), "mine");
  const refused = compile("others");
  expect([refused.status, refused.stderr]).toEqual([
    1,
    "error: others is not empty, and has no .ganc-project.json, by which ganc knows a project of its own: choose another folder.\n",
  ]);
  const both = ganc(["compile", "two.gan", "--project", "p", "--emit", "onnx"], { cwd: folder });
  expect([both.status, existsSync(join(folder, "p"))]).toEqual([2, false]);
});
