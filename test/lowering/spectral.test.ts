/**
 * Spectral normalisation: the weight that a layer uses has the largest singular value 1, and
 * gradients know of the division.
 */
import { expect, test } from "@jest/globals";
import { stream } from "../../src/base/random.js";
import { gradients } from "../../src/graph/differentiate.js";
import { evaluate } from "../../src/graph/evaluate.js";
import type { Tensor } from "../../src/graph/operator.js";
import { mul, sum } from "../../src/graph/operators/arithmetic.js";
import { input, tensor } from "../../src/graph/operators/sources.js";
import { spectralNorm } from "../../src/lowering/spectral.js";

const shape = [2, 2, 3, 4];
const size = 48;
const uniform = stream(1, "spectral");
const weight = Float64Array.from({ length: size }, (_, i) => 2 * uniform(i) - 1);

const axes = shape.map((_, i) => i);

/** One step for the outputs along an axis; `loss` is a weighted sum of the normalised weight. */
const step = (axis: number) => {
  const [w, u] = [input("w", shape), input("u", [shape[axis] ?? 0])];
  const normalised = spectralNorm(w, u, axis);
  const factors = Array.from({ length: size }, (_, i) => uniform(100 + i));
  const loss = sum(mul(normalised.weight, tensor(factors, shape)), axes);
  const gradient = gradients(loss, [w]).get(w);
  if (gradient === undefined) throw new Error("there is no gradient");
  return {
    name: "spectral",
    inputs: [w, u],
    outputs: new Map([
      ["weight", normalised.weight],
      ["u", normalised.u],
      ["loss", loss],
      ["gradient", gradient],
    ]),
  };
};

const run = (axis: number, w: Float64Array, u: Float64Array): ReadonlyMap<string, Tensor> =>
  evaluate(
    step(axis),
    new Map([
      ["w", { shape, data: w }],
      ["u", { shape: [u.length], data: u }],
    ]),
  );

const data = (results: ReadonlyMap<string, Tensor>, name: string): Float64Array =>
  results.get(name)?.data ?? new Float64Array();

/** u after power iteration has come to rest. */
const rest = (axis: number): Float64Array => {
  let u = Float64Array.from({ length: shape[axis] ?? 0 }, (_, i) => uniform(500 + i));
  for (let i = 0; i < 300; i++) u = data(run(axis, weight, u), "u") as Float64Array<ArrayBuffer>;
  return u;
};

/** The rows of the matrix whose outputs stand along the axis. */
const rowsOf = (values: Float64Array, axis: number): readonly (readonly number[])[] => {
  const inner = shape.slice(axis + 1).reduce((a, b) => a * b, 1);
  const side = shape[axis] ?? 0;
  const rows = Array.from({ length: side }, (): number[] => []);
  values.forEach((value, i) => {
    rows[Math.floor(i / inner) % side]?.push(value);
  });
  return rows;
};

/**
 * The largest |Wx| over many unit vectors x, none of which can be beyond the largest singular
 * value.
 */
const stretches = (rows: readonly (readonly number[])[]): readonly number[] =>
  Array.from({ length: 200 }, (_, k) => {
    const x = (rows[0] ?? []).map((_unused, i) => uniform(1000 + 50 * k + i) - 0.5);
    const length = Math.hypot(...x);
    return (
      Math.hypot(...rows.map((row) => row.reduce((s, w, i) => s + w * (x[i] ?? 0), 0))) / length
    );
  });

test.each([2, 3])(
  "outputs along axis %i: no unit vector is stretched, and one keeps its length",
  (axis) => {
    const u = rest(axis);
    const rows = rowsOf(data(run(axis, weight, u), "weight"), axis);
    for (const stretch of stretches(rows)) expect(stretch).toBeLessThan(1 + 1e-9);
    const back = (rows[0] ?? []).map((_, i) =>
      rows.reduce((s, row, r) => s + (row[i] ?? 0) * (u[r] ?? 0), 0),
    );
    expect(Math.hypot(...back)).toBeCloseTo(1, 9);
  },
);

test("where power iteration rests, the gradient is that of finite differences", () => {
  const u = rest(3);
  const gradient = data(run(3, weight, u), "gradient");
  for (const i of [0, 7, 20, 47]) {
    const at = (by: number): number =>
      data(
        run(
          3,
          weight.map((w, j) => (j === i ? w + by : w)),
          u,
        ),
        "loss",
      )[0] ?? Number.NaN;
    expect((at(1e-5) - at(-1e-5)) / 2e-5).toBeCloseTo(gradient[i] ?? Number.NaN, 6);
  }
});
