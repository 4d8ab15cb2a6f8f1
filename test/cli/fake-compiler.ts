/** The fake program of the training tests as a compiler gives it, over images of 2 x 2 pixels. */
import { setTimeout } from "node:timers/promises";
import { left, right } from "fp-ts/lib/Either.js";
import type { Session } from "../../src/contracts/session.js";
import type { Compiler, Sets } from "../../src/training/program/compiled.js";
import type { SpecProgram } from "../../src/training/program/program.js";
import { type FakeOptions, fakeProgram, fakeSession } from "../training/fake.js";

const resize = { kind: "resize", height: 2, width: 2 } as const;

const program: SpecProgram = {
  ...fakeProgram,
  recipe: {
    ...fakeProgram.recipe,
    augment: Object.fromEntries(["X", "Y"].map((name) => [name, [resize]])),
  },
};

const withSets = (sets: Sets, text: string): SpecProgram => ({
  ...program,
  sources: [{ name: "fake.gan", text }],
  params: {
    ...program.params,
    ...Object.fromEntries(Object.entries(sets).map(([name, value]) => [name, Number(value)])),
  },
});

/** `fake.gan` compiles, and nothing else does. `during` is called before each step. */
export const fakeCompiler = (
  options: FakeOptions = {},
  during: (step: number) => void = () => undefined,
): Compiler => {
  const open = async (_: string, seed: number) => {
    const session = fakeSession({ ...options, seed });
    const slow: Session = {
      ...session,
      step: async (input) => {
        during(input.step);
        // A turn for signals
        await setTimeout(1);
        return session.step(input);
      },
    };
    return right(slow);
  };
  return {
    fromFile: async (path, sets) =>
      path === "fake.gan"
        ? right({ program: withSets(sets, "-- the fake\n"), open })
        : left(`${path}: no such file`),
    fromSources: async ([source], _, sets) =>
      right({ program: withSets(sets, source?.text ?? ""), open }),
  };
};
