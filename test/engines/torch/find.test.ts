/** A Python of the user's own: taken where its PyTorch works, else refused in words. */
import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import type { Ran } from "../../../src/engines/tensorflow/tools.js";
import { findTorch } from "../../../src/engines/torch/find.js";
import { answer, type Mishaps, ran, world } from "./install-fakes.js";

const own = async (probe: Ran) => {
  const it = await world();
  const env = { GANC_TORCH_PYTHON: "/own/python" };
  const mishaps: Mishaps = { ends: { probe } };
  return {
    it,
    install: () => it.install(mishaps, {}, env),
    found: await findTorch({ run: it.run(mishaps), machine: it.machine, env }),
  };
};

test("its PyTorch is taken, with its devices; installing then installs nothing", async () => {
  const devices = [
    { kind: "cpu", name: "" },
    { kind: "cuda", name: "NVIDIA A100" },
  ];
  const { found, install, it } = await own(ran(0, answer("/own/torch", { devices })));
  expect(found).toMatchObject({
    right: {
      python: "/own/python",
      devices: ["cpu", "cuda"],
      label: "torch 2.15 on cuda (NVIDIA A100)",
    },
  });
  const outcome = await install();
  expect(outcome).toMatchObject({ kind: "already", hint: /GANC_TORCH_PYTHON/ });
  expect(it.steps).toEqual(["probe", "probe"]);
});

const unfit: readonly (readonly [string, Ran, string])[] = [
  ["is not there", ran(null), "There is no program /own/python."],
  [
    "has no PyTorch",
    ran(1, "", "Traceback\nModuleNotFoundError: No module named 'torch'\n"),
    "/own/python has no PyTorch.",
  ],
  [
    "has an old one",
    ran(0, answer("/own/torch", { version: "2.5.1" })),
    "Its PyTorch is 2.5.1; 2.6 or later is needed.",
  ],
  [
    "has one that crashes",
    { ...ran(null), absent: false, signal: "SIGSEGV" },
    "The process that loaded PyTorch was ended by SIGSEGV.",
  ],
  [
    "has one that miscalculates",
    ran(0, answer("/own/torch", { devices: [], notes: ["cpu: a product of matrices was 7"] })),
    "PyTorch 2.15.0 loads, but does not compute: cpu: a product of matrices was 7.",
  ],
  ["answers nothing", ran(0, "hello"), "/own/python gave no answer"],
];

test.each(unfit)("one that %s is refused, and what to do is said", async (_, probe, says) => {
  const { found, install } = await own(probe);
  const remedy = "The variable GANC_TORCH_PYTHON names it.";
  expect(found).toMatchObject({ left: expect.stringContaining(says) });
  expect(found).toMatchObject({ left: expect.stringContaining(remedy) });
  expect(await install()).toMatchObject({ kind: "failed", why: { reason: /./ } });
});

test("without PyTorch, what to type is said", async () => {
  const { machine, run } = await world();
  expect(await findTorch({ machine, run: run({}), env: {} })).toEqual({
    left: "PyTorch is not installed for ganc. Install it: ganc engine install torch",
    _tag: "Left",
  });
});

test("an answer is not remembered for another graphics card", async () => {
  const folder = await mkdtemp(join(tmpdir(), "ganc-own-"));
  const [python, file] = [join(folder, "python"), join(folder, "torch")];
  for (const path of [python, file]) await writeFile(path, "");
  const { machine, run, steps } = await world();
  await mkdir(machine.cache);
  const mishaps = { ends: { probe: ran(0, answer(file)) } };
  for (const cards of ["", "", "1"]) {
    const env = { GANC_TORCH_PYTHON: python, CUDA_VISIBLE_DEVICES: cards };
    await findTorch({ machine, run: run(mishaps), env });
  }
  expect(steps).toEqual(["probe", "probe"]);
});
