/**
 * The project is a border for what a spec reads, and generated code says where in it the spec lies.
 */
import { spawnSync } from "node:child_process";
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

test("every command keeps to the project, and is widened by --root alone", () => {
  const { above, project } = place();
  const name = join(project, "a.gan");
  writeFileSync(name, `import "../secret.gan" (k)\nexpect k == 3\n${spec}`);
  const out = join(above, "out");
  const commands: readonly (readonly string[])[] = [
    ["summary", name],
    ["graph", name, "-o", out],
    ["compile", name, "-o", out],
    ["compile", name, "--emit", "graph", "-o", out],
    ["doc", name],
    ["diff", name, name],
    ["check", name, "--fix"],
  ];
  for (const command of commands) {
    const { status, stderr } = ganc(command, { cwd: project });
    expect([command, status === 0, stderr]).toEqual([
      command,
      false,
      expect.stringContaining("error[GAN208]"),
    ]);
    const widened = ganc([...command, "--root", above], { cwd: project });
    expect([command, widened.status, widened.stderr.includes("GAN208")]).toEqual([
      command,
      0,
      false,
    ]);
  }
  const run = ["run", name, "--data", project];
  expect(ganc(run, { cwd: project }).stderr).toContain("error[GAN208]");
  const { stderr } = ganc([...run, "--root", above], { cwd: project });
  expect(stderr).not.toContain("GAN208");
  expect(stderr).toContain("no folder for domain X");
});

test("what is no file is told by what it is, and nobody waits for it", () => {
  const { project } = place();
  const [pipe, folder] = [join(project, "pipe.gan"), join(project, "folder.gan")];
  spawnSync("mkfifo", [pipe]);
  mkdirSync(folder);
  const name = join(project, "a.gan");
  for (const [path, words, more] of [
    ["pipe.gan", "is a named pipe, not a file", []],
    ["folder.gan", "is a folder, not a spec", []],
    ["/dev/zero", "is a device, not a file", ["--root", "/dev"]],
  ] as const) {
    writeFileSync(name, `import "${path}" (k)\n${spec}`);
    for (const command of ["check", "summary", "compile"]) {
      const { status, stderr } = ganc([command, name, ...more], { cwd: project, timeout: 20_000 });
      expect([path, command, status]).toEqual([path, command, 1]);
      expect(stderr).toContain(words);
    }
  }
  for (const command of ["check", "summary", "fmt", "compile", "graph", "doc"]) {
    const found = ["pipe.gan", "/dev/zero"].map((path) => {
      const { status, stderr } = ganc([command, path], { cwd: project, timeout: 20_000 });
      return [status, stderr.includes("not a file")];
    });
    expect([command, ...found]).toEqual([command, [1, true], [1, true]]);
  }
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
