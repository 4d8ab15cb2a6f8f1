/**
 * What a user sees of an error inside of ganc: whose it is and how to report it, and a stack only
 * when it is asked for.
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { root } from "../support/specs.js";

/** Breaks what `ganc explain` does, from outside. */
const broken = `data:text/javascript,process.stdout.write = () => { throw new TypeError("all broken"); };`;

const ganc = (env: NodeJS.ProcessEnv = {}) => {
  const args = ["--import", broken, join(root, "bin/ganc.js"), "explain"];
  const { status, stderr } = spawnSync(process.execPath, args, {
    encoding: "utf8",
    env: { ...process.env, ...env },
  });
  return { status, stderr };
};

test("an error inside of ganc says that it is one, how to report it, and shows no stack", () => {
  const { status, stderr } = ganc();
  expect(status).toBe(70);
  expect(stderr).toMatch(
    /^error: this is a bug in ganc [\d.]+, not in your input:\n {2}TypeError: all broken\n/,
  );
  expect(stderr).toContain("Please report it");
  expect(stderr).not.toMatch(/^\s+at /m);
});

test("GANC_DEBUG=1 shows where it happened", () => {
  expect(ganc({ GANC_DEBUG: "1" }).stderr).toMatch(/^\s+at .*explain/m);
});
