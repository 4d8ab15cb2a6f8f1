/**
 * Networks that take more than an image: trained, shown in the samples and used, with the built
 * program.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { isRight } from "fp-ts/lib/Either.js";
import { stream } from "../../src/base/random.js";
import { readImage } from "../../src/data/images/decode.js";
import { encodePng, type RawImage, viewOf } from "../../src/data/images/image.js";
import { root } from "../support/specs.js";
import { removeTemporary, temporary } from "../training/support.js";

let folder = "";

const images = async (where: string, names: readonly string[], side = 8): Promise<void> => {
  mkdirSync(join(folder, where), { recursive: true });
  for (const name of names) {
    const uniform = stream(1, `${where}/${name}`);
    const data = Uint8Array.from({ length: 3 * side * side }, (_, i) => 200 * uniform(i));
    const png = await encodePng({ width: side, height: side, channels: 3, data });
    writeFileSync(join(folder, where, `${name}.png`), png);
  }
};

const critic =
  "net D : X -> Scores = conv(4, 4, stride: 2, pad: 1) >> leaky_relu(0.2) >> conv(4, 1, pad: 1)";
const body = "conv(3, 4, pad: 1) >> relu >> conv(3, 3, pad: 1) >> tanh";

const specs: Readonly<Record<string, string>> = {
  star: `domain X = image(8)
domain L = labels(2)
domain T = labels(2)
net G : (X, T) -> X = (x, c) => (${body})(concat(x, c))
${critic}
net C : X -> Scores = conv(4, 4, stride: 4) >> relu >> dense(2)
solve {
  min[D, C] E[x ~ X] softplus(-D(x)) + E[x ~ X, t ~ T] softplus(D(stop(G(x, t))))
    + E[(x, c) ~ pairs(X, L)] cross_entropy(C(x), c)
  then min[G] E[x ~ X, t ~ T] (softplus(-D(G(x, t))) + cross_entropy(C(G(x, t)), t))
    + 10 * E[(x, c) ~ pairs(X, L), t ~ T] l1(G(G(x, t), c as T), x)
}
train { optimizer: adam(1e-2) schedule: constant(4) batch: 2 }`,
  pooled: `domain X = image(8)
net P : X -> X = avg_pool(3, stride: 1, pad: 1)
net G : X -> X = ${body}
${critic}
solve {
  min[D] E[x ~ X] (softplus(-D(x)) + softplus(D(stop(G(x)))))
  then min[G] E[x ~ X] (softplus(-D(G(x))) + l1(P(G(x)), P(x)))
}
train { optimizer: adam(1e-2) schedule: constant(1) batch: 2 }`,
  pair: `domain X = image(8)
domain Y = image(8)
net G : X -> Y = ${body}
net D : Y -> Scores = conv(4, 4, stride: 2, pad: 1) >> leaky_relu(0.2) >> conv(4, 1, pad: 1)
solve {
  min[D] E[y ~ Y] softplus(-D(y)) + E[x ~ X] softplus(D(stop(G(x))))
  then min[G] E[x ~ X] softplus(-D(G(x)))
}
train { optimizer: adam(1e-2) schedule: constant(1) batch: 2 }`,
  styled: `domain X = image(8)
domain Style = image(8)
domain Z = noise(1, 8, 8)
net G : (X, Style) -> X = (x, s) => (${body})(concat(x, s))
net H : (X, Z) -> X = (x, z) => (${body})(concat(x, z))
${critic}
solve {
  min[D] E[x ~ X] softplus(-D(x)) + E[x ~ X, s ~ Style] softplus(D(stop(G(x, s))))
    + E[x ~ X, z ~ Z] softplus(D(stop(H(x, z))))
  then min[G, H] E[x ~ X, s ~ Style] softplus(-D(G(x, s))) + E[x ~ X, z ~ Z] softplus(-D(H(x, z)))
}
train { optimizer: adam(1e-2) schedule: constant(2) batch: 2 }`,
  scores: `domain Z = noise(4)
net N : Z -> Scores = dense(4) >> tanh
solve { min[N] E[z ~ Z] l2(N(z), 0.5) }
train { optimizer: adam(1e-2) schedule: constant(1) batch: 50 }`,
};

const ganc = (...args: readonly string[]) => {
  const command = [join(root, "bin/ganc.js"), ...args];
  const { status, stdout, stderr } = spawnSync(process.execPath, command, {
    cwd: folder,
    encoding: "utf8",
  });
  return { status, stdout, stderr, lines: stdout.trim().split("\n") };
};

const pixels = async (path: string): Promise<RawImage> => {
  const read = await readImage(join(folder, path));
  if (!isRight(read)) throw new Error(`${path} cannot be read`);
  return viewOf(read.right);
};

/**
 * Whether anything but white and letters is in a grid of samples: its columns, by the colours of
 * their cells.
 */
const coloured = async (run: string): Promise<number> => {
  const [name = ""] = readdirSync(join(folder, run, "samples")).slice(-1);
  const grid = await pixels(join(run, "samples", name));
  const row = 34 + 64;
  let columns = 0;
  let inside = false;
  for (let x = 0; x < grid.width; x++) {
    const at = (row * grid.width + x) * grid.channels;
    const isWhite = [0, 1, 2].every((c) => grid.data[at + c] === 255);
    if (!isWhite && !inside) columns++;
    inside = !isWhite;
  }
  return columns;
};

beforeAll(async () => {
  folder = temporary();
  for (const [name, text] of Object.entries(specs))
    writeFileSync(join(folder, `${name}.gan`), text);
  await images("star/trainX/cat", ["a", "b"]);
  await images("star/trainX/dog", ["c", "d"]);
  await images("X", ["a", "b"]);
  await images("Style", ["a", "b", "lonely"]);
  ganc("run", "star.gan", "--data", "star", "--out", "star-run");
  ganc("run", "styled.gan", "--data", "X=X", "Style=Style", "--out", "styled-run");
});
afterAll(removeTemporary);

test("a sample grid has a column for each class and each draw", async () => {
  expect(await coloured("star-run")).toBe(3);
  // x, style, G(x, style); x, H(x, z1), H(x, z2), H(x, z3)
  expect(await coloured("styled-run")).toBe(7);
});

test("a class is named, or every class has a result", async () => {
  const dog = ganc("translate", "star-run", "X/a.png", "--class", "dog");
  expect(dog).toMatchObject({ status: 0, lines: ["star-run/translated/G/a.png"] });
  const each = ganc("translate", "star-run", "X/a.png");
  expect(each.lines).toEqual([
    "star-run/translated/G/a-cat.png",
    "star-run/translated/G/a-dog.png",
  ]);
  const [one, cat, same] = await Promise.all(
    ["a", "a-cat", "a-dog"].map((name) => pixels(`star-run/translated/G/${name}.png`)),
  );
  expect(one?.data).toEqual(same?.data);
  expect(one?.data).not.toEqual(cat?.data);
});

test("images of one name go together, one goes with all, and the lonely are told", () => {
  const named = ganc("translate", "styled-run", "X", "--net", "G", "--input", "style=Style");
  expect(named.status).toBe(1);
  expect(named.lines).toEqual(["a", "b"].map((n) => `styled-run/translated/G/${n}.png`));
  expect(named.stderr).toContain("Style/lonely.png: it has no partner of the same name.");
  const one = ganc("translate", "styled-run", "X", "--net", "G", "--input", "style=Style/a.png");
  expect(one).toMatchObject({ status: 0 });
  const styles = ganc("translate", "styled-run", "X/a.png", "--net", "G", "--input", "Style=Style");
  expect(styles).toMatchObject({ status: 0 });
  expect(styles.lines).toHaveLength(3);
  expect(new Set(styles.lines).size).toBe(3);
});

test("noise is drawn for each image, again the same by its seed", async () => {
  const h = ["translate", "styled-run", "X", "--net", "H"];
  expect(ganc(...h, "--count", "2", "--seed", "4").lines).toEqual(
    ["a-1", "a-2", "b-1", "b-2"].map((name) => `styled-run/translated/H/${name}.png`),
  );
  const first = await pixels("styled-run/translated/H/a-1.png");
  expect(first.data).not.toEqual((await pixels("styled-run/translated/H/a-2.png")).data);
  ganc(...h, "--seed", "4");
  expect((await pixels("styled-run/translated/H/a.png")).data).toEqual(first.data);
  ganc(...h, "--seed", "5");
  expect((await pixels("styled-run/translated/H/a.png")).data).not.toEqual(first.data);
});

test.each([
  [
    ["star-run", "X/a.png", "--class", "dgo"],
    "There is no class dgo. Did you mean `dog`? Name one of cat, dog, or 0",
  ],
  [["star-run", "X/a.png", "--count", "2"], "--count: G draws no noise"],
  [["star-run", "X/a.png", "--seed", "2"], "--seed: G draws no noise"],
  [["star-run", "--input", "z=X/a.png"], "--input z: G takes one image x."],
  [["star-run", "--class", "cat"], "Name the images to translate"],
  [["styled-run", "X", "--net", "G"], "G takes the images x and style: add --input style=IMAGE."],
  [["styled-run", "X", "--net", "H", "--class", "cat"], "--class: this network takes no class."],
])("wrong use is told: %j", (args, message) => {
  const { status, stderr } = ganc("translate", ...args);
  expect(status).toBe(2);
  expect(stderr).toContain(message);
});

test("a network that learns nothing is no translator, unless it is named", () => {
  expect(ganc("run", "pooled.gan", "--data", "X=X", "--out", "pooled-run").status).toBe(0);
  const chosen = ganc("translate", "pooled-run", "X/a.png");
  expect(chosen.lines).toEqual(["pooled-run/translated/G/a.png"]);
  const named = ganc("translate", "pooled-run", "X/a.png", "--net", "P");
  expect(named.lines).toEqual(["pooled-run/translated/P/a.png"]);
});

test("test images of equal names are partners to judge by; without any, that is said", async () => {
  for (const [where, names] of Object.entries({
    trainX: ["p", "q"],
    trainY: ["r", "s"],
    testX: ["a", "b", "alone"],
    testY: ["a", "b", "broken"],
  }))
    await images(join("pairs", where), names);
  writeFileSync(join(folder, "pairs/testX/broken.png"), "text");
  expect(ganc("run", "pair.gan", "--data", "pairs", "--out", "pair-run").status).toBe(0);
  const judged = ganc("evaluate", "pair-run");
  expect(judged.status).toBe(0);
  expect(judged.stdout).toContain("X -> Y by G, 2 pairs");
  expect(judged.stdout).toContain("input copied");
  expect(judged.stderr).toMatch(/without a partner, in .*testX: alone\.png/);
  expect(judged.stderr).toMatch(/^skipped {5}.*testX\/broken\.png: its content is not an image/m);
  expect(judged.stderr).toContain("note: G has no network that alone leads back, from Y to X.");
  const star = ganc("evaluate", "star-run");
  expect(star.status).toBe(0);
  expect(star.stdout).toMatch(
    /^ {2}cycle error G\(G\(x, next class\), own\) to x\n +lower +\d+ +0\.\d{4} /m,
  );
  expect(star.stdout).toMatch(/^ {2}identity error G\(x, own class\) to x$/m);
  expect(star.stderr).not.toContain("partner");
  const styled = ganc("evaluate", "styled-run");
  expect(styled.status).toBe(0);
  expect(styled.stderr).toContain("note: G takes several images");
  expect(styled.stderr).toContain("note: H takes more than an image");
  expect(styled.stdout).toMatch(/^ {2}diversity +higher /m);
});

test("a run whose networks make no images writes no samples", () => {
  const { status, stdout } = ganc("run", "scores.gan", "--out", "scores-run", "--steps", "2");
  expect(status).toBe(0);
  expect(stdout).not.toContain("samples");
  const samples = join(folder, "scores-run/samples");
  expect(existsSync(samples) ? readdirSync(samples) : []).toEqual([]);
});
