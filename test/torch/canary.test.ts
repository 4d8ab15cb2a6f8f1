/**
 * The files that run something elsewhere: Python does what they say, and ganc refuses them. So the
 * canary of test/weights would have sung.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "@jest/globals";
import { isLeft } from "fp-ts/lib/Either.js";
import { torchPython } from "../../bench/torch/python.js";
import { readPth } from "../../src/weights/pth.js";
import { unzip } from "../../src/weights/unzip.js";
import { zip } from "../../src/weights/zip.js";
import { malicious } from "../weights/malicious.js";

const folder = mkdtempSync(join(tmpdir(), "ganc-canary-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const attacks = [
  "REDUCE of os.system",
  "REDUCE of posix.system",
  "INST of os.system",
  "in an older file",
  "in the head of an older file",
];

/** PyTorch asks archives for a version first. */
const asPyTorchAsks = (file: Uint8Array): Uint8Array =>
  file[0] === 0x80
    ? file
    : new Uint8Array(Buffer.concat(zip([...unzip(file), ["archive/version", Buffer.from("3\n")]])));

test.each(attacks)("%s runs in Python, and not here", (name) => {
  const canary = join(folder, name.replaceAll(/\W/g, "-"));
  const [file = new Uint8Array()] = malicious(canary)[name] ?? [];
  expect(isLeft(readPth(file))).toBe(true);
  expect(existsSync(canary)).toBe(false);
  const path = `${canary}.pth`;
  writeFileSync(path, asPyTorchAsks(file));
  const load = `import sys, torch\ntry: torch.load(sys.argv[1], weights_only=False)\nexcept Exception: pass`;
  execFileSync(torchPython(), ["-c", load, path]);
  expect(existsSync(canary)).toBe(true);
});
