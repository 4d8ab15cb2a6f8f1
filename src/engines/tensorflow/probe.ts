/**
 * Tests the native addon in a separate Node process: whether it loads and computes. A library that
 * does not fit the processor would end this process.
 */
import type { Either } from "fp-ts/lib/Either.js";
import * as E from "fp-ts/lib/Either.js";
import * as t from "io-ts";
import { lastWords, type Ran, type Tools } from "./tools.js";

const Loaded = t.readonly(
  t.type({
    /** Version of libtensorflow, for example `2.21.0`. */
    version: t.string,
    /** Path of the libtensorflow that the addon uses; empty if the system does not tell. */
    library: t.string,
  }),
);
export type Loaded = t.TypeOf<typeof Loaded>;

const Computed = t.readonly(t.type({ version: t.string, gpu: t.boolean, wrong: t.string }));
export type Computed = t.TypeOf<typeof Computed>;

const QUIET = { TF_CPP_MIN_LOG_LEVEL: "3", NODE_OPTIONS: "", NODE_NO_WARNINGS: "1" };

const LOAD = `
const addon = require(process.argv[1]);
const library = process.report.getReport().sharedObjects.find((f) => /[\\\\/](lib)?tensorflow(_cc)?\\.[^\\\\/]*$/.test(f));
console.log(JSON.stringify({ version: addon.TF_Version, library: library ?? "" }));`;

// A convolution, its two gradients and a transposed convolution, on numbers with known results.
const COMPUTE = `
const [, addon, folder] = process.argv;
const util = require("util");
util.isNullOrUndefined = (x) => x === null || x === undefined;
util.isArray = Array.isArray;
const here = require("module").createRequire(folder + "/package.json");
// The package asks node-pre-gyp for its addon.
const finder = here.resolve("@mapbox/node-pre-gyp");
require.cache[finder] = Object.assign(new (require("module"))(finder), { loaded: true, exports: { find: () => addon } });
const tf = here(folder);
const first = (x) => x.dataSync()[0];
const x = tf.ones([1, 8, 8, 2]);
const w = tf.ones([3, 3, 2, 4]);
const [dx, dw] = tf.grads((a, b) => tf.conv2d(a, b, 1, "valid"))([x, w]);
const found = [
  ["conv2d", first(tf.conv2d(x, w, 1, "valid")), 18],
  ["conv2d's input gradient", first(dx), 4],
  ["conv2d's filter gradient", first(dw), 36],
  ["conv2dTranspose", first(tf.conv2dTranspose(x, tf.ones([3, 3, 4, 2]), [1, 17, 17, 4], 2, "valid")), 2],
];
const wrong = found.filter(([, got, due]) => got !== due).map(([name, got, due]) => name + " gave " + got + ", due is " + due);
const backend = tf.backend();
if (backend.binding !== require(addon)) wrong.push("another addon answered");
console.log(JSON.stringify({ version: backend.binding.TF_Version, gpu: backend.isUsingGpuDevice === true, wrong: wrong.join("; ") }));`;

const whyNot = (ran: Ran): string => {
  if (ran.signal === "SIGILL")
    return "it uses instructions that this processor does not have (AVX is needed).";
  if (ran.signal !== null) return `the process that loaded it was ended by ${ran.signal}.`;
  const line = /^(?:\w*Error: )(.*)$/m.exec(ran.stderr)?.[1];
  return line ?? `the process that loaded it failed:\n${lastWords(ran)}`;
};

const answer = <A>(codec: t.Decoder<unknown, A>, ran: Ran): Either<string, A> => {
  if (ran.code !== 0) return E.left(whyNot(ran));
  const lines = ran.stdout.trim().split("\n");
  const parsed = E.tryCatch(
    () => JSON.parse(lines[lines.length - 1] ?? "") as unknown,
    () => undefined,
  );
  const decoded = E.isRight(parsed) ? codec.decode(parsed.right) : E.left([]);
  return E.isRight(decoded) ? decoded : E.left("the process that loaded it gave no answer.");
};

type Run = Tools["run"];

/** Loads only the addon file, about 0.3 s. The left side is the reason why it does not load. */
export const probeAddon = async (run: Run, addon: string): Promise<Either<string, Loaded>> =>
  answer(Loaded, await run([process.execPath, "-e", LOAD, addon], QUIET));

/**
 * Computes with the addon file through the package in `folder`, about 1.5 s. The left side is the
 * reason why it cannot.
 */
export const probeEngine = async (
  run: Run,
  addon: string,
  folder: string,
): Promise<Either<string, Computed>> => {
  const found = answer(
    Computed,
    await run([process.execPath, "-e", COMPUTE, addon, folder], QUIET),
  );
  return E.isRight(found) && found.right.wrong !== ""
    ? E.left(`it computes wrongly: ${found.right.wrong}.`)
    : found;
};
