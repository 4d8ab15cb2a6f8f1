/**
 * Every word that JavaScript keeps, or that all of its objects have, is a name like any other: in
 * every place of a spec that takes one, up to the run and to the generated code.
 */
import { spawnSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "@jest/globals";
import * as tf from "@tensorflow/tfjs";
import { allTokens, Identifier } from "../../grammar/tokens.js";
import { normals } from "../../src/base/random.js";
import { recordOf } from "../../src/base/record.js";
import { builtinNames } from "../../src/operators/index.js";
import { initialise } from "../../src/runtime/index.js";
import {
  emptyFolder,
  type Generated,
  load,
  noChance,
  writeStrictConfig,
} from "../support/generated.js";
import { analyseText, compileText, render, root } from "../support/specs.js";

const inherited = Object.getOwnPropertyNames(Object.prototype);
const words = (
  "abstract arguments async await boolean break case catch class const constructor continue debugger declare default " +
  "delete do enum eval export extends finally for function get global globalThis if implements instanceof interface " +
  "keyof length name namespace never new null number object of package private prototype protected public require " +
  "return set static string super switch symbol this throw try type typeof undefined unknown var void while with yield " +
  "Infinity NaN Array Error Function Map Math Object Promise Record Set String Symbol tf process"
).split(" ");

const kept = new Set(
  allTokens
    .filter((token) => token !== Identifier)
    .map(({ PATTERN }) => (PATTERN as RegExp).source),
);

/** Those that ganc itself does not keep. */
const names = [...new Set([...inherited, ...words])].filter(
  (name) => !kept.has(name) && ![...builtinNames].includes(name),
);

/** A spec with a name in every place; `n(i)` is the i-th. */
const spec = (n: (i: number) => string): string => `
param ${n(0)} : Int = 8 where ${n(0)} % 4 == 0 and ${n(0)} >= 8
domain ${n(1)} = image(${n(0)})
domain ${n(2)} = image(${n(0)})
module ${n(3)} { let ${n(4)}(${n(5)}) = conv(3, ${n(5)}, pad: 1) >> instance_norm }
let ${n(6)} = 4
net ${n(7)} : ${n(1)} -> ${n(2)} =
  let ${n(8)} = ${n(3)}.${n(4)}(${n(6)}) in ${n(8)} >> relu >> conv(3, 3, pad: 1) >> tanh
net ${n(9)} : ${n(2)} -> Scores = conv(4, 1, stride: 2, pad: 1)
let ${n(10)}(${n(11)}) = mean(abs(${n(11)}))
loss ${n(12)}(${n(13)} : a -> b, ${n(14)} : b -> Scores) =
  E[${n(15)} ~ b] log(sigmoid(${n(14)}(${n(15)}))) + E[${n(16)} ~ a] log(1 - sigmoid(${n(14)}(${n(13)}(${n(16)}))))
objective ${n(17)} = ${n(12)}(${n(7)}, ${n(9)})
  + E[(${n(18)}, ${n(19)}) ~ pairs(${n(1)}, ${n(2)})] (let ${n(20)} = ${n(7)}(${n(18)}) - ${n(19)} in ${n(10)}(${n(20)}))
solve { min[${n(7)}] max[${n(9)}] ${n(17)} }
train {
  optimizer: adam(2e-4)
  optimizer[${n(9)}]: adam(1e-4)
  augment[${n(1)}]: resize(${n(0)} + 4) >> random_crop(${n(0)})
  augment[${n(2)}]: resize(${n(0)} + 4) >> random_crop(${n(0)})
  clip[${n(9)}]: 0.1
  average: 0.9
  schedule: constant(1)
}
`;

const places = 21;
const specs = names.map((_, k) => spec((i) => names[(k + i) % names.length] ?? ""));

const folder = emptyFolder("any-name");
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("there are more names than places, so that none is twice in a spec", () => {
  expect(names).toEqual(expect.arrayContaining(["__proto__", "constructor", "toString", "class"]));
  expect(names.length).toBeGreaterThan(places);
});

test("every name is sound in every place", () => {
  specs.forEach((text) => {
    const { diagnostics } = analyseText(text);
    expect(render(diagnostics, { "test.gan": text })).toBe("");
  });
});

let compiled: Promise<readonly string[]> | undefined;
const all = (): Promise<readonly string[]> => {
  compiled ??= Promise.all(specs.map((text) => compileText(text)));
  return compiled;
};

test("the generated code of all of them passes the strictest type check", async () => {
  (await all()).forEach((text, k) => {
    writeFileSync(join(folder, `spec-${k}.ts`), text);
  });
  writeStrictConfig(folder);
  const { status, stdout } = spawnSync(
    process.execPath,
    [join(root, "node_modules/typescript/bin/tsc"), "-p", "."],
    { cwd: folder, encoding: "utf8" },
  );
  expect([status, stdout]).toEqual([0, ""]);
}, 120_000);

/** Of all, those that have a name of `Object.prototype` as a domain or a network. */
const inDanger = names.flatMap((_, k) =>
  [1, 2, 7, 9, 17].some((i) => inherited.includes(names[(k + i) % names.length] ?? "")) ? [k] : [],
);

test("a step of the generated code moves networks that are called so", async () => {
  for (const k of inDanger.filter((_, i) => i % 4 === 0)) {
    const n = (i: number): string => names[(k + i) % names.length] ?? "";
    const module: Generated = await load(folder, `run-${k}`, (await all())[k] ?? "");
    const nets = module.networks();
    expect(Object.keys(nets)).toEqual([n(7), n(9)]);
    expect(Object.values(module.domains)).toEqual([n(1), n(2)]);
    for (const net of Object.values(nets))
      initialise(net, (name, size) => normals(1, name, size).map((value) => 0.2 * value));
    const before = Object.values(nets).map((net) => net.getWeights()[0]?.dataSync().slice());
    const image = (): tf.Tensor4D => tf.randomUniform([1, 8, 8, 3], -1, 1, "float32", 3);
    const draws = recordOf(Object.keys(module.domains).map((key) => [key, image()] as const));
    const values = module.step(nets, module.memory(), draws, 1e-3, noChance);
    expect(Object.keys(values)).toEqual(expect.arrayContaining([`min[${n(7)}]`]));
    const after = Object.values(nets).map((net) => net.getWeights()[0]?.dataSync());
    after.forEach((weights, i) => {
      expect(weights).not.toEqual(before[i]);
    });
  }
});
