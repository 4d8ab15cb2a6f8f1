/**
 * The ONNX models of the flagships, by the checker of the onnx package: valid, every type and shape
 * inferred anew.
 */
import { execFileSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "@jest/globals";
import { torchPython } from "../../bench/torch/python.js";
import { impossible } from "../../src/base/impossible.js";
import type { Graph } from "../../src/graph/graph.js";
import { sum } from "../../src/graph/operators/arithmetic.js";
import { input } from "../../src/graph/operators/sources.js";
import { stepProgram, translateProgram } from "../../src/lowering/programs.js";
import { onnxModel } from "../../src/targets/onnx/model-file.js";
import { emptyFolder } from "../support/generated.js";
import { modelOfSpec, root } from "../support/specs.js";

interface Answer {
  readonly metadata: Readonly<Record<string, string>>;
  readonly outputs: readonly string[];
  readonly complaint: string | null;
}

const folder = emptyFolder("onnx-checker");
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const check = (models: readonly Uint8Array[]): readonly Answer[] => {
  const paths = models.map((bytes, i) => {
    const path = join(folder, `${i}.onnx`);
    writeFileSync(path, bytes);
    return path;
  });
  const script = join(root, "test/torch/onnx-checker.py");
  const text = execFileSync(torchPython(), [script, ...paths], { encoding: "utf8" });
  return JSON.parse(text) as readonly Answer[];
};

const specs = ["specs/cyclegan.gan", "specs/cyclegan-lsgan.gan"];
/** Fewer blocks than the paper's nine say nothing less; images and filters are the paper's. */
const set = { blocks: "2" };

test.each(specs)("%s: step and translation are valid models that say what they are", (spec) => {
  const model = modelOfSpec(spec, set);
  const [network = impossible("there is no network")] = model.networks;
  const programs: readonly Graph[] = [
    stepProgram(model),
    stepProgram(model, { exact: true }),
    translateProgram(network, 1),
  ];
  const answers = check(programs.map((graph) => onnxModel(graph, model)));
  expect(answers).toHaveLength(programs.length);
  for (const [i, { complaint, metadata, outputs }] of answers.entries()) {
    expect(complaint).toBeNull();
    expect(outputs).toEqual([...(programs[i] as Graph).outputs.keys()]);
    expect(Object.keys(metadata).sort()).toEqual(["params", "program", "spec"]);
    expect(metadata.spec).toBe(spec);
    expect(metadata.program).toBe(programs[i]?.name);
    expect(JSON.parse(metadata.params ?? "")).toEqual({
      size: 256,
      ngf: 64,
      ndf: 64,
      blocks: 2,
      lambda: 10,
    });
  }
});

test("the checker finds what is wrong: an output of another shape than is said", () => {
  const x = input("x", [2, 3]);
  const total = { ...sum(x, [0]), shape: [2, 3] };
  const graph: Graph = { name: "wrong", inputs: [x], outputs: new Map([["y", total]]) };
  const [answer] = check([onnxModel(graph, modelOfSpec("specs/cyclegan.gan", set))]);
  expect(answer?.complaint).toMatch(/shape|dimension/i);
});
