/** Colours: a program that reads ganc through a pipe gets none, also where a CI service runs it. */
import { expect, test } from "@jest/globals";
import { ganc } from "../support/ganc.js";

const steering = "\u001b[";

test.each([["doctor"], ["engine"], ["weights"], ["runs"], ["check", "missing.gan"]])(
  "%s %s: no colours in a pipe where CI is set; FORCE_COLOR asks for them",
  (...args) => {
    const text = (env: Readonly<Record<string, string>>) => {
      const { stdout, stderr } = ganc(args, { env });
      return stdout + stderr;
    };
    const plain = text({ CI: "true" });
    expect(plain).not.toBe("");
    expect(plain).not.toContain(steering);
    if (args[0] !== "runs") expect(text({ FORCE_COLOR: "1" })).toContain(steering);
  },
);
