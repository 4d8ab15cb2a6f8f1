/** The project is a border for what a spec reads, and generated code says where in it the spec lies. */
import { mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { ganc } from "../support/ganc.js";

const spec = `domain X = image(8)
net G : X -> X = conv(3, 3, pad: 1) >> tanh
net D : X -> Scores = conv(4, 1, stride: 2, pad: 1)
solve { min[G] max[D] E[y ~ X] log(sigmoid(D(y))) + E[x ~ X] log(1 - sigmoid(D(G(x)))) }
train { optimizer: adam(2e-4) schedule: constant(1) }
`;

/** A package with a spec in a folder of its own, and a file beside the package. */
const place = (): { readonly above: string; readonly project: string } => {
  const above = mkdtempSync(join(tmpdir(), "ganc-border-"));
  const project = join(above, "project");
  mkdirSync(join(project, "specs"), { recursive: true });
  writeFileSync(join(project, "package.json"), "{}");
  writeFileSync(join(project, "shared.gan"), "let k = 3\n");
  writeFileSync(join(above, "secret.gan"), "let k = 3\n");
  symlinkSync(join(above, "secret.gan"), join(project, "specs", "link.gan"));
  return { above, project };
};

test("imports stay in the project, whatever way they take; --root widens it", () => {
  const { above, project } = place();
  const check = (path: string, ...more: string[]) => {
    const name = join(project, "specs", "a.gan");
    writeFileSync(name, `import "${path}" (k)\nexpect k == 3\n${spec}`);
    return ganc(["check", name, ...more], { cwd: project });
  };
  expect(check("../shared.gan").status).toBe(0);
  for (const path of [
    "../../secret.gan",
    join(above, "secret.gan"),
    "link.gan",
    "/dev/zero",
    "/etc/hostname",
    "/",
    "/no/such.gan",
  ]) {
    const { status, stderr } = check(path);
    expect([path, status, stderr]).toEqual([path, 1, expect.stringContaining("error[GAN208]")]);
  }
  expect(check("../../secret.gan", "--root", above).status).toBe(0);
  expect(check("link.gan", "--root", above).status).toBe(0);
});

test("without a package the spec's own folder is the border", () => {
  const { above } = place();
  mkdirSync(join(above, "loose"));
  const name = join(above, "loose", "a.gan");
  writeFileSync(name, `import "../secret.gan" (k)\nexpect k == 3\n${spec}`);
  expect(ganc(["check", name]).stderr).toContain("error[GAN208]");
});

test("first weights lie in the project too", () => {
  const { project } = place();
  const name = join(project, "a.gan");
  const from = (path: string) => spec.replace(">> tanh", `>> tanh from "${path}"`);
  writeFileSync(name, from("../w.safetensors"));
  expect(ganc(["check", name]).stderr).toContain("error[GAN208]");
  writeFileSync(name, from("w.safetensors"));
  expect(ganc(["check", name]).stderr).not.toContain("GAN208");
});

test("what is compiled is the same from every folder and by every name of the spec", () => {
  const { above, project } = place();
  writeFileSync(join(project, "specs", "a.gan"), spec);
  symlinkSync(project, join(above, "again"));
  const ways: readonly (readonly [string, string])[] = [
    [project, "specs/a.gan"],
    [join(project, "specs"), "a.gan"],
    [above, "project/specs/a.gan"],
    [above, "again/specs/a.gan"],
    [above, join(project, "specs", "a.gan")],
  ];
  for (const ending of ["ts", "graph", "onnx"]) {
    const made = ways.map(([cwd, name], i) => {
      const out = join(above, `${i}.${ending}`);
      const emit = ending === "ts" ? "tfjs" : ending;
      expect(ganc(["compile", name, "--emit", emit, "-o", out], { cwd }).status).toBe(0);
      return readFileSync(out);
    });
    for (const one of made) expect(one.equals(made[0] ?? Buffer.of())).toBe(true);
    expect(made[0]?.includes(above)).toBe(false);
  }
});
