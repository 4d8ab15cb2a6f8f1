/**
 * Files of a run that a later version of ganc wrote: which it is, and what to do, instead of a
 * guess at their contents.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "@jest/globals";
import { type Either, isLeft } from "fp-ts/lib/Either.js";
import { readMark } from "../../src/training/checkpoints/checkpoint.js";
import { decodeCounters } from "../../src/training/checkpoints/counters.js";
import { knownFormat, seal } from "../../src/training/files/decode.js";
import { readTensors } from "../../src/training/files/read-tensors.js";
import { encode } from "../../src/training/files/safetensors.js";
import { readImages } from "../../src/training/run-directory/images.js";
import { decodeManifest } from "../../src/training/run-directory/manifest.js";
import { belonging } from "../../src/training/run-directory/run-directory.js";
import { fakeManifest, newRun, removeTemporary, temporary } from "./support.js";

afterAll(removeTemporary);

const newer = JSON.stringify(seal({ format: 99, unheardOf: true }));

const written = (name: string, content: string | Uint8Array): string => {
  const path = join(temporary(), name);
  writeFileSync(path, content);
  return path;
};

const reasonOf = (found: Either<string, unknown>): string => (isLeft(found) ? found.left : "");

test("each file says that a newer version wrote it", async () => {
  const run = await newRun();
  const manifest = fakeManifest();
  const noted = { ...manifest, data: { ...manifest.data, images: "0" } };
  const tensors = Buffer.concat(encode(new Map(), { format: "ganc state 99" }));
  const found = [
    decodeManifest(newer),
    decodeCounters(newer, belonging(run), 1),
    await readMark(written("saved.json", newer), { run: manifest.run }),
    await readImages(written("images.json", newer), noted),
    await readTensors(written("step.safetensors", tensors)),
  ];
  for (const one of found)
    expect(reasonOf(one)).toMatch(
      /^has format 99, and this version of ganc reads formats? 1(, 2)?( and [23])? \(a newer version wrote it: update ganc\)$/,
    );
});

test("what is no format of a later version is not called newer, and others' tensors are read", async () => {
  for (const format of [0, -1, 1.5, 1e300])
    expect(reasonOf(knownFormat(format, [1, 2]))).toBe(
      `has format ${format}, and this version of ganc reads formats 1 and 2`,
    );
  for (const format of ["pt", "ganc state 1", "ganc state"]) {
    const tensors = Buffer.concat(encode(new Map(), { format }));
    expect(isLeft(await readTensors(written("w.safetensors", tensors)))).toBe(false);
  }
});
