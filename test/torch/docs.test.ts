/** The examples of docs/pytorch.md run. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "@jest/globals";
import { recordOf } from "../../src/base/record.js";
import { emitTorch } from "../../src/targets/torch/emit.js";
import { programOfSpec, readProject } from "../support/specs.js";

const python = process.env.GANC_TORCH_PYTHON ?? "python3";
const folder = mkdtempSync(join(tmpdir(), "ganc-pytorch-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const examples = [
  ...readProject("docs/pytorch.md").matchAll(
    /<!-- python (\S+)(.*?) -->\n```python\n([\s\S]*?)```/g,
  ),
];

test("there are examples", () => {
  expect(examples.length).toBeGreaterThan(0);
});

test.each(examples.map(([, spec = "", sets = "", code = ""]) => ({ spec, sets, code })))(
  "the example of $spec",
  ({ spec, sets, code }) => {
    const set = recordOf(
      sets
        .trim()
        .split(" ")
        .map((one) => one.split("=") as [string, string]),
    );
    const name = spec.replace(/^.*\/(.*)\.gan$/, "$1");
    writeFileSync(join(folder, `${name}.py`), emitTorch(programOfSpec(spec, set)));
    writeFileSync(join(folder, "example.py"), code);
    const said = execFileSync(python, ["example.py"], { cwd: folder, encoding: "utf8" });
    expect(said).toMatch(/'cycle\(G, F\)': \d/);
  },
);
