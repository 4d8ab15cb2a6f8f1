/** The fuzz of the front end, as much of it as CI has time for; `npm run build` compiles it. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { root } from "../support/specs.js";
import { dice } from "./dice.js";
import { mutated } from "./mutate.js";

/** In a process of its own: what takes a millisecond there takes ten in Jest's realm. */
const fuzz = (...args: readonly string[]) => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(root, "dist/test/fuzz/run.js"), ...args],
    { encoding: "utf8" },
  );
  return { status, stdout, stderr };
};

test("no mutated input makes the compiler throw or hang", () => {
  const { status, stdout, stderr } = fuzz("--count", "20000", "--seed", "20170330");
  expect([status, stderr]).toEqual([0, ""]);
  expect(stdout).toMatch(/^20000 mutations of seed 20170330\n/);
  const [, refused, sound] = /(\d+) refused, (\d+) sound/.exec(stdout) ?? [];
  expect(Number(refused) + Number(sound)).toBe(20000);
  // Where nothing stayed sound, nothing past the names would have been tried.
  expect(Number(sound)).toBeGreaterThan(200);
}, 600_000);

test("hardly any single mistake gives more than one error", () => {
  const { status, stdout } = fuzz("--mistakes", "--count", "4000", "--seed", "20170330");
  expect(status).toBe(0);
  const [, refused] = /(\d+) refused/.exec(stdout) ?? [];
  expect(Number(refused)).toBeGreaterThan(3600);
  const [, share] = /more than one error \(([\d.]+) %\)/.exec(stdout) ?? [];
  expect(Number(share)).toBeLessThan(1);
}, 300_000);

test("an input is known by its seed and number, and can be shown", () => {
  expect(mutated("let a = 1", dice(7, 3))).toBe(mutated("let a = 1", dice(7, 3)));
  const shown = fuzz("--seed", "5", "--only", "12");
  expect(shown).toEqual(fuzz("--seed", "5", "--only", "12"));
  expect(shown.stdout.length).toBeGreaterThan(10);
  expect(fuzz("--count", "many").status).toBe(2);
});
