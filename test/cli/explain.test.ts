/** `ganc explain` as a user calls it, on the built program. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { catalogue } from "../../src/diagnostics/catalogue.js";
import { explain } from "../../src/diagnostics/explain.js";
import { root } from "../support/specs.js";

const ganc = (...args: readonly string[]) => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(root, "bin/ganc.js"), "explain", ...args],
    { cwd: root, encoding: "utf8" },
  );
  return { status, stdout, stderr };
};

test("a code is explained, however it is written", () => {
  const text = explain("GAN301", 80);
  for (const written of ["GAN301", "gan301", "301"])
    expect(ganc(written)).toEqual({ status: 0, stdout: text, stderr: "" });
  expect(text).toContain("Wrong:");
  for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
});

test("without a code all are listed", () => {
  const { status, stdout } = ganc();
  expect(status).toBe(0);
  expect(
    stdout
      .trim()
      .split("\n")
      .map((line) => line.slice(0, 6)),
  ).toEqual(Object.keys(catalogue));
});

test("an unknown code is an error that names the nearest, and too many are wrong usage", () => {
  const { status, stdout, stderr } = ganc("GAN391");
  expect([status, stdout]).toEqual([1, ""]);
  expect(stderr).toMatch(/^error: there is no code GAN391; the nearest is GAN301/);
  expect(ganc("GAN301", "GAN302").status).toBe(2);
});
