/**
 * Random sound graphs: an operator on inputs, its gradients, and the gradients of those, with odd
 * names and constants.
 */
import fc from "fast-check";
import { gradients } from "../../src/graph/differentiate.js";
import type { Graph, Node } from "../../src/graph/graph.js";
import { add, mul } from "../../src/graph/operators/arithmetic.js";
import { constant, input, tensor } from "../../src/graph/operators/sources.js";
import { cases } from "./cases.js";
import { inner } from "./tensors.js";

const labels = fc.option(
  fc.oneof(fc.constantFrom("G.R_3.conv_2", "", ' " ', "-- x", "a\r", "\u2028"), fc.string()),
  { nil: undefined },
);

/** Lists with runs, and all that a float64 can be. */
const numbers = fc
  .array(
    fc.tuple(fc.oneof(fc.constantFrom(0, -0, 1), fc.double()), fc.integer({ min: 1, max: 5 })),
    {
      minLength: 1,
    },
  )
  .map((runs) => runs.flatMap(([value, count]) => Array<number>(count).fill(value)));

const anyCase = fc.oneof(...Object.values(cases));

export const graphs: fc.Arbitrary<Graph> = fc
  .record({
    made: anyCase,
    names: fc.uniqueArray(fc.string(), { minLength: 7, maxLength: 7 }),
    label: labels,
    data: numbers,
    name: fc.string(),
  })
  .map(({ made: { operands, build }, names: [extra = "", ...names], label, data, name }) => {
    const inputs = operands.map(({ shape }, i) => input(names[i] as string, shape));
    const y: Node = { ...build(...inputs), label };
    const first = [...gradients(inner(y, mul(y, y)), inputs).values()];
    const total = first.map((dx) => inner(dx, dx)).reduce(add, constant(0));
    const second = [...gradients(total, inputs).values()];
    const outputs = [y, total, ...second, tensor(data, [data.length, 1])];
    return {
      name,
      inputs: [...inputs, input(extra, [])],
      outputs: new Map(outputs.map((node, i) => [`${extra}${names.join()}${i}`, node])),
    };
  });
