/**
 * ganc as others get it: packed, installed into an empty project by a plain `npm install`, and used
 * from there. The packages come from npm's cache, or else from its registry. No CUDA is downloaded:
 * the variables that could say so are taken away, as on a machine that cannot reach its host.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { encodePng } from "../../src/data/images/image.js";
import { root } from "../support/specs.js";

const folder = mkdtempSync(join(tmpdir(), "ganc-package-"));
const project = join(folder, "project");
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What npm has told this process of itself, its `ignore-scripts` too, is not that project's. */
const env = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(npm_|onnxruntime_|node_options)/i.test(name)),
);

const call = (command: string, args: readonly string[], cwd = project) => {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, env, encoding: "utf8" });
  return { status, stdout, said: `${stdout}${stderr}` };
};

const ganc = (...args: readonly string[]) => call("npx", ["--no-install", "ganc", ...args]);

const use = `import { compile, type Sources } from "ganc";
import * as runtime from "ganc/runtime";

const sources: Sources = { libraries: [], read: () => undefined };
export const found: Promise<number> = compile("a.gan", sources).then((r) => r.diagnostics.length);
export const names: readonly string[] = Object.keys(runtime);
`;

const spec = `import std.losses (lsgan)

domain X = image(24, 24, 3)
domain Y = image(24, 24, 3)

let small = conv(3, 4, pad: 1) >> relu >> conv(3, 3, pad: 1) >> tanh
net G : X -> Y = small
net F : Y -> X = small
net D : Y -> Scores = conv(4, 4, stride: 2, pad: 1) >> leaky_relu(0.2) >> conv(4, 1, pad: 1)

loss back(G : a -> b, F : b -> a) = E[x ~ a] l1(F(G(x)), x)

solve {
  min[G, F] lsgan.fool(G, D) + 2 * back(G, F) + back(F, G)
  min[D] lsgan.judge(D, G)
}

train {
  optimizer: adam(2e-4, beta1: 0.5)
  schedule: constant(1)
  batch: 1
}
`;

const files: Readonly<Record<string, string>> = {
  "package.json": JSON.stringify({ name: "someone-s", private: true, type: "module" }),
  "use.ts": use,
  "my.gan": spec,
};

beforeAll(async () => {
  mkdirSync(project);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(project, name), text);
  for (const [k, set] of ["trainA", "trainB"].entries()) {
    mkdirSync(join(project, "images", set), { recursive: true });
    for (const i of [1, 2]) {
      const data = new Uint8Array(24 * 24 * 3).fill(40 * i + 90 * k);
      const png = await encodePng({ width: 24, height: 24, channels: 3, data });
      writeFileSync(join(project, "images", set, `${i}.png`), png);
    }
  }
  const packed = call("npm", ["pack", "--pack-destination", folder], root);
  expect([packed.status, packed.said]).toEqual([0, expect.stringContaining("ganc-0.1.0.tgz")]);
  const flags = ["--prefer-offline", "--no-audit", "--no-fund"];
  const installed = call("npm", ["install", "../ganc-0.1.0.tgz", ...flags]);
  expect([installed.status, installed.said]).toEqual([0, expect.stringContaining("added")]);
}, 300_000);

test("no library of CUDA was downloaded, and one who asks for it is not overruled", () => {
  const libraries = join(project, "node_modules/onnxruntime-node/bin/napi-v6/linux/x64");
  if (process.platform !== "linux" || process.arch !== "x64") return;
  const cuda = join(libraries, "libonnxruntime_providers_cuda.so");
  expect(existsSync(cuda)).toBe(true);
  rmSync(cuda);
  const script = join(project, "node_modules/ganc/scripts/before-install.js");
  const asked = { ...env, ONNXRUNTIME_NODE_INSTALL: "cuda12" };
  spawnSync(process.execPath, [script], { cwd: project, env: asked });
  expect(existsSync(cuda)).toBe(false);
  spawnSync(process.execPath, [script], { cwd: project, env });
  expect(existsSync(cuda)).toBe(true);
});

test("a spec is checked, trained on the processor, and compiled", () => {
  expect(ganc("check", "my.gan")).toMatchObject({ status: 0, stdout: "my.gan: sound\n" });
  const run = ganc("run", "my.gan", "--data", "images", "--steps", "2", "--engine", "onnx");
  expect([run.status, run.said]).toEqual([0, expect.stringContaining("2")]);
  expect(ganc("report", "runs/my")).toMatchObject({ status: 0, stdout: "runs/my/report.html\n" });
  expect(ganc("compile", "my.gan", "-o", "gen")).toMatchObject({ status: 0 });
});

test.each([
  ["typescript-5.4", "bundler", "esnext"],
  ["typescript-5.4", "node16", "node16"],
  ["typescript", "bundler", "esnext"],
  ["typescript", "node16", "node16"],
])(
  "what it exports, and generated code, have types for %s with %s",
  (version, moduleResolution, module) => {
    const compilerOptions = {
      target: "es2022",
      lib: ["es2022", "dom"],
      module,
      moduleResolution,
      strict: true,
      skipLibCheck: false,
      noEmit: true,
      types: [],
    };
    const config = { compilerOptions, include: ["use.ts", "gen"] };
    writeFileSync(join(project, "tsconfig.json"), JSON.stringify(config));
    const { stdout } = call(process.execPath, [
      join(root, `node_modules/${version}/bin/tsc`),
      "-p",
      ".",
    ]);
    // tfjs's own declarations do not pass, nor do those of WebGPU that it brings, beside the DOM's
    // of today
    const foreign = /^( |node_modules\/@(tensorflow|webgpu)\/|\S*lib\.dom\.d\.ts)/;
    expect(stdout.split("\n").filter((line) => line !== "" && !foreign.test(line))).toEqual([]);
  },
);
