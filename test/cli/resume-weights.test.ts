/** A run that ends before its first checkpoint goes on with the weights that it began with. */
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "@jest/globals";
import { encode, noise } from "../data/pictures.js";
import { ganc } from "../support/ganc.js";
import { removeTemporary, temporary } from "../training/support.js";

afterAll(removeTemporary);

const spec = (weights = "") => `domain X = image(8)
net G : X -> X = conv(3, 3, pad: 1) >> tanh${weights}
solve { min[G] E[x ~ X] l1(G(x), x) }
train { optimizer: adam(1e-2) schedule: constant(2) batch: 1 }
`;

test("first weights are read again from their files, which must be as they were", async () => {
  const cwd = temporary();
  const at = (...path: string[]) => join(cwd, ...path);
  mkdirSync(at("X"));
  writeFileSync(at("X", "a.png"), await encode(noise(8, 8, 1)));
  writeFileSync(at("before.gan"), spec());
  writeFileSync(at("spec.gan"), spec(' from "w.safetensors"'));
  const run = (name: string, ...args: string[]) =>
    ganc(["run", name, "--steps", "1", ...args], { cwd });
  const save = () => {
    const [name = ""] = readdirSync(at("before", "checkpoints")).filter((one) =>
      one.endsWith(".safetensors"),
    );
    copyFileSync(at("before", "checkpoints", name), at("w.safetensors"));
  };
  const loss = (): number =>
    JSON.parse(readFileSync(at("run", "metrics.jsonl"), "utf8")).metrics["min[G]"];
  expect(run("before.gan", "--data", "X=X", "--out", "before").status).toBe(0);
  save();
  expect(run("spec.gan", "--data", "X=X", "--out", "run").status).toBe(0);
  const first = loss();
  const forget = () => {
    for (const name of ["checkpoints", "saved.json", "metrics.jsonl"])
      rmSync(at("run", name), { recursive: true });
  };
  forget();
  expect(run("run", "--resume").status).toBe(0);
  expect(loss()).toBe(first);
  forget();
  ganc(["run", "before", "--resume"], { cwd });
  rmSync(at("before", "checkpoints", "step-00000001.safetensors"));
  save();
  const { status, stderr } = run("run", "--resume");
  expect([status, stderr]).toEqual([1, expect.stringContaining("was changed since the run began")]);
  rmSync(at("w.safetensors"));
  expect(run("run", "--resume").stderr).toContain("w.safetensors: is missing");
  expect(run("spec.gan", "--data", "X=X", "--out", "new").stderr).toContain(
    "w.safetensors: is missing\nThe first weights of G come from it, by `from` at spec.gan:2:50.",
  );
});
