/**
 * Two processes that share each batch make the steps of one: over every construct of the language
 * that they can share they report the same values and come to the same state, histories and running
 * statistics among it. What they cannot share is refused.
 */
import { afterAll, describe, expect, test } from "@jest/globals";
import type { Span } from "../../src/base/source.js";
import { torchSession } from "../../src/engines/torch/session.js";
import { sharingFault } from "../../src/engines/torch/sharing.js";
import { startTeam } from "../../src/engines/torch/team.js";
import type { Program } from "../../src/program/program.js";
import { difference, expectSame, gradients, largestOf } from "../support/agreement.js";
import { averaging, inputOf, samplesOf } from "../support/batches.js";
import { constructs } from "../support/constructs.js";
import { programOf } from "../support/specs.js";

const seed = 5;
const python = process.env.GANC_TORCH_PYTHON ?? "python3";
const options = { engine: "torch", seed, python, device: "cpu", threads: 1 } as const;

const one = startTeam(python);
const two = startTeam(python, { size: 2, own: 2, first: 0, patience: 30 });
afterAll(() => {
  one.dispose();
  two.dispose();
});

/** The spec with a batch that two can share. */
const even = (text: string): string =>
  /\bbatch: \d/.test(text)
    ? text.replace(/\bbatch: 3/, "batch: 4")
    : text.replace("train {", "train {\n  batch: 2");

const faultOf = ({ model }: Program, size = 2): string | undefined =>
  sharingFault(model, size, ({ start }) => `place ${start}`);

/** Without the layer that looks at samples of the whole batch, which is refused. */
const apart = (text: string): string =>
  text.replaceAll(/minibatch_stddev(\([^()]*\))?/g, "identity");

const programs = Object.entries(constructs).map(
  ([name, text]) => [name, programOf(averaging(even(apart(text))))] as const,
);
const shared = programs.filter(([, program]) => faultOf(program) === undefined);

test("nearly every construct can be shared", () => {
  const refused = programs.filter((each) => !shared.includes(each)).map(([name]) => name);
  expect(refused).toMatchInlineSnapshot(`
[
  "expectations-within-expectations",
]
`);
});

describe("from the state of one each time", () => {
  test.each(shared)("%s", async (_, program) => {
    const { model } = program;
    const first = await torchSession(program, options, one);
    const second = await torchSession(program, options, two);
    expectSame(await first.getState(), await second.getState(), 1e-12);
    for (let step = 0; step < 3; step++) {
      const input = inputOf(model, step);
      await second.setState(await first.getState());
      const [a, b] = [await first.step(input), await second.step(input)];
      expect(Object.keys(b)).toEqual(Object.keys(a));
      for (const [label, value] of Object.entries(a))
        expect([label, b[label]]).toEqual([label, expect.closeTo(value, 5)]);
      const [left, right] = [await first.getState(), await second.getState()];
      expectSame(gradients(left), gradients(right), 1e-3, 1e-2 * largestOf(gradients(left)));
      expectSame(left, right, 2.1e-3 / 0.02, 0.02);
    }
    const network = model.networks.find(({ from }) => from.length > 1) ?? model.networks[0];
    const images = (network?.from ?? []).map((domain) => samplesOf(model, domain));
    await second.setState(await first.getState());
    const made = await first.translate(network?.name ?? "", images);
    const same = await second.translate(network?.name ?? "", images);
    expect(difference(made.data, same.data)).toBe(0);
  });
});

test("twenty steps with image histories, each for itself", async () => {
  const text = constructs.histories as string;
  const program = programOf(text.replace("train {", "train {\n  batch: 4"));
  const first = await torchSession(program, options, one);
  const second = await torchSession(program, options, two);
  for (let step = 0; step < 20; step++) {
    const input = inputOf(program.model, step, 2e-4);
    const [a, b] = [await first.step(input), await second.step(input)];
    for (const [label, value] of Object.entries(a))
      expect([step, label, b[label]]).toEqual([step, label, expect.closeTo(value, 4)]);
  }
  const [left, right] = [await first.getState(), await second.getState()];
  expectSame(left, right, 1e-3, 0.02);
});

test("a layer that looks at samples of the whole batch is refused", () => {
  const program = programOf(even(constructs["every-layer"] ?? ""));
  expect(faultOf(program)).toMatchInlineSnapshot(
    `"\`minibatch_stddev\` looks at samples of the whole batch together: 2 processes, each with a part of it, would train something else. Train this in one process."`,
  );
});

/** Objectives of one network, each by the part of it that two processes cannot share. */
const beyondMeans: Readonly<Record<string, string>> = {
  "softplus(E[x ~ X] l2(G(x), 1))": "softplus(E[x ~ X] l2(G(x), 1))",
  "2 * log(1 + E[x ~ X] l1(G(x), x)) + E[x ~ X] l1(G(x), x)": "log(1 + E[x ~ X] l1(G(x), x))",
  "E[x ~ X] l1(G(x), x) * E[x ~ X] l2(G(x), 1)": "E[x ~ X] l1(G(x), x) * E[x ~ X] l2(G(x), 1)",
  "1 / exp(E[x ~ X] l1(G(x), x))": "1 / exp(E[x ~ X] l1(G(x), x))",
};

test.each(Object.entries(beyondMeans))("%s is refused, by its place", (objective, part) => {
  const text = `domain X = image(8, 8, 3)
net G : X -> X = conv(3, 3, pad: 1) >> tanh
solve { min[G] ${objective} }
train { optimizer: sgd(1e-2) schedule: constant(1) batch: 2 }
`;
  const { model } = programOf(text);
  const at = ({ start, end }: Span): string => `\`${text.slice(start, end)}\``;
  expect(sharingFault(model, 1, at)).toBeUndefined();
  expect(sharingFault(model, 2, at)).toBe(
    `What stands at \`${part}\` depends on an expectation of the whole batch by more than its share: 2 processes, each with a part of the batch, would train something else. Only sums of expectations, with constant factors, can be shared: train this in one process.`,
  );
});

test("sums of expectations with constant factors are shared", () => {
  const text = `domain X = image(8, 8, 3)
net G : X -> X = conv(3, 3, pad: 1) >> tanh
solve { min[G] 2 * (E[x ~ X] softplus(l2(G(x), 1)) - 3 * E[x ~ X] l1(G(x), x)) / 4 + 1 }
train { optimizer: sgd(1e-2) schedule: constant(1) batch: 2 }
`;
  expect(faultOf(programOf(text))).toBeUndefined();
});

test("a batch that does not divide is refused, with those that do", () => {
  const program = programOf(even(constructs.layers ?? ""));
  expect(faultOf(program, 3)).toMatchInlineSnapshot(
    `"A batch of 2 cannot be shared by 3 processes, which get the same number of samples each: write \`batch: 3\`, or start 2 processes."`,
  );
});
