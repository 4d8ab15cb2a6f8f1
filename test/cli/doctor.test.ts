/** `ganc doctor`: every fact on a line or as JSON, with what to do for what is missing. */
import { expect, test } from "@jest/globals";
import { ENGINES } from "../../src/engines/list.js";
import { ganc } from "../support/ganc.js";

test("all facts of the machine are told, and that it can train", () => {
  const { status, stdout, stderr } = ganc(["doctor", "--json"]);
  expect([status, stderr]).toEqual([0, ""]);
  const { canTrain, facts } = JSON.parse(stdout);
  expect(canTrain).toBe(true);
  const names = facts.map(({ name }: { name: string }) => name);
  const engines = ENGINES.map(({ id }) => `engine ${id}`);
  const rest = ["ganc", "node", "platform", "processor", "memory", "cache", "folder", "images"];
  expect(names).toEqual([...rest, ...engines, "python", "pip", "compiler"]);
  for (const fact of facts)
    expect(fact).toMatchObject(
      fact.state === "found" ? { value: expect.any(String) } : { remedy: expect.any(String) },
    );
  const text = ganc(["doctor"]).stdout.trim().split("\n");
  expect(text.length).toBe(names.length + 1);
  expect(text.at(-1)).toBe("This machine can train.");
});
