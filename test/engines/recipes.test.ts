/** Every engine moves weights alike by the words of a recipe, update by update. */
import { readFileSync, rmSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { openProgram } from "../../src/engines/onnx/runtime.js";
import { onnxSession } from "../../src/engines/onnx/session.js";
import { startsIn } from "../../src/engines/sessions/starts.js";
import { tfjsExplicitSession } from "../../src/engines/tfjs/explicit.js";
import { type GeneratedModule, tfjsSession } from "../../src/engines/tfjs/generated-session.js";
import { expectSame } from "../support/agreement.js";
import { inputOf } from "../support/batches.js";
import { emptyFolder, load } from "../support/generated.js";
import { recipes } from "../support/recipes.js";
import { compileSpec, modelOf } from "../support/specs.js";
import { useBackend } from "../support/tensorflow.js";

const folder = emptyFolder("recipes");
beforeAll(() => useBackend("cpu"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const seed = 5;

test.each(Object.keys(recipes))("%s: engines come to the same weights", async (name) => {
  const text = recipes[name] as string;
  const model = modelOf(text);
  const code = await compileSpec("test.gan", { "test.gan": text });
  const module = await load(folder, name.replaceAll(" ", "-"), code);
  const first = await onnxSession(model, { engine: "onnx", seed, open: openProgram });
  const others = [
    await tfjsExplicitSession(model, { engine: "explicit", seed }),
    tfjsSession(module as unknown as GeneratedModule, {
      engine: "tape",
      seed,
      starts: startsIn(model),
    }),
  ];
  const start = await first.getState();
  for (let step = 0; step < 5; step++) {
    const input = inputOf(model, step);
    await first.step(input);
    for (const other of others) await other.step(input);
  }
  const reached = await first.getState();
  for (const other of others) expectSame(reached, await other.getState(), 1e-4, 1e-3);
  const [weight = ""] = [...start.keys()].filter((key) => key.endsWith("conv.weight"));
  expect(reached.get(weight)?.data).not.toEqual(start.get(weight)?.data);
  for (const engine of [first, ...others]) engine.dispose();
});

test("a gradient that is too long moves each network by rate times its bound", async () => {
  const model = modelOf(recipes["gradients clipped by norm"] as string);
  const session = await onnxSession(model, { engine: "onnx", seed, open: openProgram });
  const before = await session.getState();
  await session.step(inputOf(model, 0));
  const after = await session.getState();
  for (const [network, bound] of [
    ["G", 0.4],
    ["D", 0.7],
  ] as const) {
    let square = 0;
    for (const [name, { data }] of after)
      if (name.startsWith(`param/${network}.`))
        data.forEach((x, i) => {
          square += (x - (before.get(name)?.data[i] ?? Number.NaN)) ** 2;
        });
    // `inputOf` steps at a rate of its own, of the recipe's optimizer.
    expect(Math.sqrt(square) / inputOf(model, 0).rate).toBeCloseTo(bound, 4);
  }
  session.dispose();
});

test("the recipe of a number kept from step to step is BEGAN's k", async () => {
  const page = readFileSync(new URL("../../docs/recipes.md", import.meta.url), "utf8");
  const [, text = ""] = /```gan whole\n((?:(?!```)[\s\S])*param gamma[\s\S]*?)```/.exec(page) ?? [];
  const small = text.replace("size  = 32", "size  = 4");
  const session = await onnxSession(modelOf(small), { engine: "onnx", seed, open: openProgram });
  const kept = async (): Promise<number> => {
    const state = await session.getState();
    return (
      ([...state].find(([name]) => name.startsWith("param/K."))?.[1].data[0] ?? Number.NaN) + 0.5
    );
  };
  const model = modelOf(small);
  const rate = 0.001;
  for (let step = 0; step < 4; step++) {
    const before = await kept();
    // The rate of `inputOf` is the recipe's optimizer's; K has a share of its own.
    const input = inputOf(model, step, 1e-4);
    const { "real(D)": real = Number.NaN, "made(D, G)": made = Number.NaN } =
      await session.step(input);
    expect(await kept()).toBeCloseTo(Math.min(1, before + rate * (0.5 * real - made)), 6);
    expect(Math.abs(real - made)).toBeGreaterThan(1e-3);
  }
  session.dispose();
});
