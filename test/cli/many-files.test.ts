/** As many files as large sets have: more than a call takes arguments. */
import { expect, test } from "@jest/globals";
import { right } from "fp-ts/lib/Either.js";
import { gather } from "../../src/cli/commands/networks/translate-inputs.js";
import { unifiedDiff } from "../../src/cli/specs/diff.js";

const count = 200_000;

test("translate takes folders of them", async () => {
  const quiet = { write: () => true };
  const terminal = { out: quiet, err: quiet, env: {} } as never;
  const file = (path: string) => ({ path, folder: "" });
  const files = Array.from({ length: count }, (_, i) => file(`X/${i}.png`));
  const list = async (path: string) =>
    right({ files: path === "X" ? files : [file(path)], broken: [], beside: [] });
  const gathered = await gather([["X", "X"], ["style.png"]], terminal, list);
  expect(gathered?.rows).toHaveLength(2 * count);
  expect(gathered?.lost).toBe(0);
});

test("a diff of as many lines is written", () => {
  const lines = Array.from({ length: count }, (_, i) => `${i}`).join("\n");
  expect(unifiedDiff("a", "", `${lines}\n`).split("\n")).toHaveLength(count + 4);
});
