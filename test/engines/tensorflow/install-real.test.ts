/**
 * The engine as it is installed on this machine. These tests need it:
 * `ganc engine install tensorflow`.
 */
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import util from "node:util";
import { expect, test } from "@jest/globals";
import * as tf from "@tensorflow/tfjs";
import * as E from "fp-ts/lib/Either.js";
import { installTensorFlow } from "../../../src/engines/tensorflow/install.js";
import { loadTensorFlow } from "../../../src/engines/tensorflow/load.js";
import { thisMachine } from "../../../src/engines/tensorflow/machine.js";
import { findPackage } from "../../../src/engines/tensorflow/package.js";
import { probeAddon, probeEngine } from "../../../src/engines/tensorflow/probe.js";
import { runProgram, type Tools } from "../../../src/engines/tensorflow/tools.js";

const run = runProgram();
const found = findPackage();
if (found === undefined) throw new Error("@tensorflow/tfjs-node-gpu is not installed");

test("the engine is there already, and nothing is downloaded or compiled", async () => {
  const programs: (string | undefined)[] = [];
  const tools: Tools = {
    run: (command, env) => {
      programs.push(command[0]);
      return run(command, env);
    },
    say: () => {},
    progress: () => ({ at: () => {}, end: () => {} }),
    confirm: async () => false,
    signal: new AbortController().signal,
  };
  const options = { force: false, cuda: false, compiler: undefined };
  const outcome = await installTensorFlow(found, thisMachine(), options, tools);
  expect(outcome.kind).toBe("already");
  expect(programs).toEqual([process.execPath]);
});

test("the addon computes convolutions and their gradients", async () => {
  const computed = await probeEngine(run, found.addon, found.folder);
  expect(computed).toMatchObject({ right: { wrong: "" } });
});

test("an addon that is not there does not pass by the one that is", async () => {
  const other = join(tmpdir(), "no-such-addon.node");
  expect(E.isLeft(await probeAddon(run, other))).toBe(true);
  expect(E.isLeft(await probeEngine(run, other, found.folder))).toBe(true);
});

test("it loads as the tfjs that generated code imports, on a Node without the old util functions", async () => {
  for (const name of ["isNullOrUndefined", "isArray"]) Reflect.deleteProperty(util, name);
  const loaded = await loadTensorFlow();
  if (E.isLeft(loaded)) throw new Error(loaded.left.reason);
  expect(loaded.right.version).toMatch(/^2\.\d+\.\d+/);
  expect(loaded.right.tf).toBe(createRequire(import.meta.url)("@tensorflow/tfjs"));
  expect(tf.getBackend()).toBe("tensorflow");
  const image = loaded.right.tf.ones<tf.Rank.R4>([1, 4, 4, 1]);
  const filter = tf.ones<tf.Rank.R4>([3, 3, 1, 1]);
  expect([...tf.conv2d(image, filter, 1, "valid").dataSync()]).toEqual([9, 9, 9, 9]);
});
