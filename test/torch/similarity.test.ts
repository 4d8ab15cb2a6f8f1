/** std.similarity against the papers' formulas, written in PyTorch. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { isLeft } from "fp-ts/lib/Either.js";
import { torchPython } from "../../bench/torch/python.js";
import { compiler } from "../../src/cli/compiler/compiler.js";
import type { HostTensor } from "../../src/contracts/tensor.js";
import { inputOf } from "../support/batches.js";
import { root } from "../support/specs.js";

const measures = ["ssim", "histogram", "style", "ms_ssim"] as const;
type Measures = Partial<Record<(typeof measures)[number], number>>;

const nested = ({ shape: [n = 1, h = 1, w = 1, c = 1], data }: HostTensor) =>
  [...Array(n).keys()].map((i) =>
    [...Array(h).keys()].map((y) =>
      [...Array(w).keys()].map((x) =>
        [...Array(c).keys()].map((k) => data[((i * h + y) * w + x) * c + k]),
      ),
    ),
  );

/** Their terms by name: what a run reports of them. */
const spec = (
  size: number,
  some: readonly string[],
): string => `import std.similarity (${some.join(", ")})
domain X = image(${size})
net G : X -> X = conv(3, 3, pad: 1) >> rescale(20) >> tanh
${some
  .map((name) => {
    const value = name === "histogram" ? "l1(histogram(G(x)), histogram(x))" : `${name}(G(x), x)`;
    return `objective L_${name} = E[x ~ X] ${value}`;
  })
  .join("\n")}
solve { min[G] ${some.map((name) => `L_${name}`).join(" + ")} }
train { optimizer: adam(1e-3) schedule: constant(1) batch: 2 }
`;

test.each([
  [24, measures.slice(0, 3)],
  [176, measures],
])("at %d pixels", async (size, some) => {
  const sources = [{ name: "spec.gan", text: spec(size, some) }];
  const compiled = await compiler.fromSources(sources, "spec.gan", {});
  if (isLeft(compiled)) throw new Error(compiled.left);
  const { model } = compiled.right;
  if (model === undefined) throw new Error("it is compiled");
  for (const engine of ["onnx", "cpu", "torch"] as const) {
    if (engine === "cpu" && size > 100) continue;
    const session = await compiled.right.open(engine, 3);
    if (isLeft(session)) throw new Error(session.left);
    const input = inputOf(model, 0);
    const [x] = Object.values(input.batch);
    if (x === undefined) throw new Error("there is a batch");
    const made = await session.right.translate("G", [x]);
    const metrics = await session.right.step({ ...input, rate: 1e-3 });
    session.right.dispose();
    const answer = execFileSync(torchPython(), [join(root, "test/torch/similarity.py")], {
      input: JSON.stringify({ u: nested(made), v: nested(x) }),
      encoding: "utf8",
      maxBuffer: 2 ** 28,
    });
    const theirs = JSON.parse(answer) as Measures;
    for (const name of some) {
      const [ours, expected] = [metrics[`L_${name}`] ?? Number.NaN, theirs[name] ?? 0];
      expect([engine, name, ours]).toEqual([engine, name, expect.closeTo(expected, 5)]);
      expect(Math.abs(expected)).toBeGreaterThan(1e-4);
    }
  }
});
