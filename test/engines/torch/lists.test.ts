/** The lists that ganc ships: whole, exact, and of one PyTorch. */
import { expect, test } from "@jest/globals";
import { BUILDS } from "../../../src/engines/torch/builds.js";
import { readList, standIns } from "../../../src/engines/torch/lists.js";

const names = [...new Set(Object.values(BUILDS).flatMap((row) => Object.values(row)))].map(
  ({ list }) => list,
);

test.each([...new Set(names)])("%s pins every package by version and hash", (name) => {
  const { entries, version, key } = readList(name);
  expect(entries.map((entry) => entry.name)).toContain("numpy");
  for (const entry of entries) {
    expect(entry.version).toMatch(/^\d+(\.\d+)+$/);
    expect(entry.hashes.size).toBeGreaterThan(0);
    expect(entry.hashes.size).toBe(entry.text.match(/--hash/g)?.length);
    expect(entry.conditional).toBe(entry.text.includes("sys_platform"));
  }
  expect(version).toBe(readList("torch.txt").version);
  expect(key).toMatch(/^[0-9a-f]{12}$/);
});

test("a library that is stood in for comes with CUDA, and not without", () => {
  const namesOf = (list: string) => readList(list).entries.map(({ name }) => name);
  const more = namesOf("torch-cuda.txt").filter((name) => !namesOf("torch-cpu.txt").includes(name));
  for (const library of standIns()) {
    const [, word = ""] = /^lib([a-z]+)/i.exec(library) ?? [];
    const owner = word.toLowerCase().replace(/^cublaslt$/, "cublas");
    expect(more.some((name) => name.includes(owner))).toBe(true);
  }
});
