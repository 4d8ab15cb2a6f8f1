/** `ganc check` as a user calls it, on the built program: formats, fixes, watching, exit codes. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { readProject, root } from "../support/specs.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ganc-check-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
const read = (name: string): string => readFileSync(join(folder, name), "utf8");

const program = join(root, "bin/ganc.js");

const ganc = (args: readonly string[], more: { input?: string; env?: NodeJS.ProcessEnv } = {}) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, "check", ...args], {
    cwd: folder,
    encoding: "utf8",
    input: more.input,
    env: { ...process.env, ...more.env },
  });
  return { status, stdout, stderr };
};

const sound = `domain X = image(8, 8, 3)
domain Y = image(8, 8, 3)
net G : X -> Y = conv(3, 3, pad: 1) >> tanh
net D : Y -> Scores = conv(3, 1)
loss gan(G : a -> b, D : b -> Scores) =
  E[y ~ b] log(sigmoid(D(y))) + E[x ~ a] log(1 - sigmoid(D(G(x))))
solve { min[G] max[D] gan(G, D) }
train { optimizer: adam(2e-4) schedule: constant(9) }
`;

test("a file without networks is a library, and needs no game; networks do", () => {
  write("blocks.gan", "let block(k) = conv(3, k, pad: 1) >> relu\n");
  write("empty.gan", "-- nothing yet\n");
  write("nets.gan", sound.replace(/solve.*\n/, "").replace(/train.*\n/, ""));
  expect(ganc(["blocks.gan"])).toEqual({ status: 0, stdout: "blocks.gan: sound\n", stderr: "" });
  expect(ganc(["empty.gan"]).stderr).toContain("GAN506");
  expect(ganc(["nets.gan"]).stderr).toContain("GAN506");
});

/** A warning and nothing else. */
const doubtful = `${sound.replace(/solve.*\n/, "")}net F : Y -> X = conv(3, 3, pad: 1) >> tanh
net E : X -> Scores = conv(3, 1)
loss cycle(G : a -> b, F : b -> a) = E[x ~ a] l1(F(G(x)), x)
solve {
  min[G]    gan(G, D) + 10 * cycle(G, F)
  min[F]    gan(F, E)
  max[D, E] gan(G, D) + gan(F, E)
}
`;

const misspelt = sound.replace("tanh", "tahn");

test("sound specs are said to be so, and warnings fail only where they are denied", () => {
  write("a.gan", sound);
  write("b.gan", doubtful);
  expect(ganc(["a.gan"])).toEqual({ status: 0, stdout: "a.gan: sound\n", stderr: "" });
  const allowed = ganc(["a.gan", "b.gan"]);
  expect([allowed.status, allowed.stdout]).toEqual([0, "a.gan: sound\nb.gan: sound\n"]);
  expect(allowed.stderr).toMatch(
    /^warning\[GAN601\][\s\S]*\n1 warning\n`ganc explain GAN601` says more.\n$/,
  );
  expect(ganc(["a.gan", "b.gan", "--deny-warnings"]).status).toBe(1);
});

test("errors are on standard error with exit code 1; standard input is checked as `-`", () => {
  const { status, stdout, stderr } = ganc(["-"], { input: misspelt });
  expect([status, stdout]).toEqual([1, ""]);
  expect(stderr).toContain("<stdin>:3:40");
  // What cannot be read is no crash: a path through a file, a name too long to be one.
  write("a.gan", sound);
  for (const wrong of ["missing.gan", "a.gan/b.gan", `${"a".repeat(300)}.gan`])
    expect(ganc([wrong]).stderr).toContain("error[GAN204]");
});

test("a mistake in a file that two specs import is shown once", () => {
  write("base.gan", misspelt);
  write("a.gan", 'import "./base.gan"\n');
  write("b.gan", 'import "./base.gan"\n');
  const { status, stderr } = ganc(["a.gan", "b.gan"]);
  expect(status).toBe(1);
  expect(stderr.match(/GAN201/g)).toHaveLength(2);
  expect(stderr).toContain("\n1 error\n");
});

test("colours: FORCE_COLOR asks for them, NO_COLOR forbids them, a pipe gets none", () => {
  write("a.gan", misspelt);
  const steering = "\u001b[";
  expect(ganc(["a.gan"]).stderr).not.toContain(steering);
  expect(ganc(["a.gan"], { env: { FORCE_COLOR: "1" } }).stderr).toContain(steering);
  expect(ganc(["a.gan"], { env: { FORCE_COLOR: "1", NO_COLOR: "1" } }).stderr).not.toContain(
    steering,
  );
});

test("--format json: one object a line, of the documented fields and no others", () => {
  write("a.gan", misspelt);
  const { status, stdout, stderr } = ganc(["a.gan", "--format", "json"]);
  expect([status, stderr]).toEqual([1, ""]);
  const [line = "", ...rest] = stdout.split("\n");
  expect(rest).toEqual([""]);
  const start = misspelt.indexOf("tahn");
  const range = {
    file: "a.gan",
    start: { line: 3, column: 40, offset: start },
    end: { line: 3, column: 44, offset: start + 4 },
  };
  const found = JSON.parse(line);
  expect(found).toEqual({
    code: "GAN201",
    severity: "error",
    message: "there is no name `tahn`",
    ...range,
    labels: [],
    notes: ["Did you mean `tanh`?"],
    fix: { title: "write `tanh`", edits: [{ ...range, text: "tanh" }] },
    suggestion: null,
  });
  const page = readProject("docs/check.md");
  for (const field of [...Object.keys(found), "line", "column", "offset", "title", "edits", "text"])
    expect(page).toContain(`\`${field}\``);
  expect(ganc(["-", "--format", "json"], { input: sound }).stdout).toBe("");
});

test("--format github: commands with everything escaped that would end them", () => {
  write("a,b.gan", sound.replace("conv(3, 1)", "conv(3, 1) % 2"));
  write("c.gan", sound.replace(/solve.*\n/, ""));
  const { status, stdout } = ganc(["a,b.gan", "c.gan", "--format", "github"]);
  expect(status).toBe(1);
  const [first = "", second = "", ...rest] = stdout.split("\n");
  expect(rest).toEqual([""]);
  expect(first).toMatch(
    /^::error file=a%2Cb\.gan,line=4,endLine=4,col=\d+,endColumn=\d+,title=GAN305::/,
  );
  expect(first).toContain("%25");
  expect(second).toMatch(/^::error file=c\.gan,title=GAN506::.*%0AFor example: `solve/);
});

test("--fix applies what can be applied, round after round, and says so", () => {
  // The names are looked at once the words are right; `tahn` stands in two networks, one fix for
  // both.
  write(
    "a.gan",
    misspelt
      .replace("domain X", "domian X")
      .replace("conv(3, 1)", "conv(3, 3, pad: 1) >> tahn >> conv(3, 1.0)"),
  );
  const { status, stdout, stderr } = ganc(["a.gan", "--fix"]);
  expect([status, stdout]).toEqual([0, "a.gan: sound\n"]);
  expect(stderr.split("\n")).toEqual([
    "a.gan:1:1: GAN101: write `domain`",
    "a.gan:3:40: GAN201: write `tanh` (2 places)",
    "a.gan:4:61: GAN402: write `1`",
    "applied 3 fixes",
    "",
  ]);
  expect(read("a.gan")).toBe(
    sound.replace("conv(3, 1)", "conv(3, 3, pad: 1) >> tanh >> conv(3, 1)"),
  );
  expect(readdirSync(folder)).toEqual(["a.gan"]);
});

test("--fix keeps line endings, permissions and links, and mends what is imported by path", () => {
  const dos = (text: string): string => text.replaceAll("\n", "\r\n");
  write("base.gan", dos(misspelt));
  chmodSync(join(folder, "base.gan"), 0o640);
  symlinkSync("base.gan", join(folder, "link.gan"));
  write("a.gan", 'import "./link.gan"\n');
  expect(ganc(["a.gan", "--fix"]).status).toBe(0);
  expect(read("base.gan")).toBe(dos(sound));
  expect(statSync(join(folder, "base.gan")).mode & 0o777).toBe(0o640);
  expect(read("a.gan")).toBe('import "./link.gan"\n');
});

test("--fix applies no suggestion: what was meant is for the reader to say", () => {
  const other = sound.replace("tanh", "rrelu").replace("adam(", "adamax(");
  write("a.gan", other);
  const { status, stderr } = ganc(["a.gan", "--fix"]);
  expect([status, read("a.gan")]).toEqual([1, other]);
  expect(stderr).toContain("applied 0 fixes\n");
  const short = sound
    .replace("net D :", "net D_Y :")
    .replace("max[D] gan(G, D)", "max[D_Y] gan(G, D_X)");
  write("b.gan", short);
  const { stdout } = ganc(["b.gan", "--format", "json"]);
  const [found] = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect([found.fix, found.suggestion.title]).toEqual([null, "write `D_Y`"]);
});

test("--fix leaves what has no fix, whose exit code is 1", () => {
  write("a.gan", misspelt.replace("max[D] ", ""));
  const { status, stderr } = ganc(["a.gan", "--fix"]);
  expect(status).toBe(1);
  expect(stderr).toContain("applied 1 fix\n");
  expect(stderr).toContain("GAN502");
  expect(read("a.gan")).toBe(sound.replace("max[D] ", ""));
});

test("--fix --dry-run shows a diff and writes nothing", () => {
  write("a.gan", misspelt);
  const { status, stdout, stderr } = ganc(["a.gan", "--fix", "--dry-run"]);
  expect(status).toBe(0);
  expect(stderr).toContain("would apply 1 fix");
  expect(stdout).toBe(
    [
      "--- a.gan",
      "+++ a.gan",
      "@@ -1,6 +1,6 @@",
      " domain X = image(8, 8, 3)",
      " domain Y = image(8, 8, 3)",
      "-net G : X -> Y = conv(3, 3, pad: 1) >> tahn",
      "+net G : X -> Y = conv(3, 3, pad: 1) >> tanh",
      " net D : Y -> Scores = conv(3, 1)",
      " loss gan(G : a -> b, D : b -> Scores) =",
      "   E[y ~ b] log(sigmoid(D(y))) + E[x ~ a] log(1 - sigmoid(D(G(x))))",
      "",
    ].join("\n"),
  );
  expect(read("a.gan")).toBe(misspelt);
});

const patchers: readonly (readonly [string, ...string[]])[] = [
  ["patch", "-p0"],
  ["git", "apply", "-p0"],
];

const names = [
  "a b/x  y.gan",
  " first.gan",
  "last .gan",
  "tab\there.gan",
  'a "quote".gan',
  "back\\slash.gan",
  "\u001b[31m.gan",
  "ünï 画.gan",
  "-.gan",
];

test.each(patchers)(
  "what --dry-run writes is what %s takes, whatever the files are called",
  (command, ...args) => {
    if (spawnSync(command, ["--version"]).error !== undefined) return;
    mkdirSync(join(folder, "a b"));
    const texts = [misspelt, misspelt.replaceAll("\n", "\r\n"), misspelt.trimEnd()];
    const files = names.flatMap((name) =>
      texts.map((_, i) => name.replace(/(?=[^/]*$)/, `${i || ""}`)),
    );
    for (const [i, name] of files.entries()) write(name, texts[i % texts.length] ?? "");
    const { stdout } = ganc([...files.map((name) => `./${name}`), "--fix", "--dry-run"]);
    const done = spawnSync(command, args, { cwd: folder, input: stdout, encoding: "utf8" });
    expect([done.status, done.stderr]).toEqual([0, ""]);
    for (const [i, name] of files.entries())
      expect([name, read(name)]).toEqual([
        name,
        (texts[i % texts.length] ?? "").replace("tahn", "tanh"),
      ]);
  },
);

test("options that do not go together are wrong usage", () => {
  write("a.gan", sound);
  for (const args of [
    ["a.gan", "--dry-run"],
    ["a.gan", "--fix", "--dry-run", "--format", "json"],
    ["a.gan", "--fix", "--watch"],
    ["-", "--fix"],
    ["-", "--watch"],
    ["a.gan", "--format", "xml"],
    [],
  ])
    expect([args, ganc(args, { input: sound }).status]).toEqual([args, 2]);
});

/** Waits until the process has written `text` to standard error `times` times in all. */
const said = (child: ChildProcess, text: string) => {
  let all = "";
  child.stderr?.on("data", (data) => {
    all += data;
  });
  return async (times: number): Promise<string> => {
    while (all.split(text).length <= times) {
      if (child.exitCode !== null) throw new Error(`ended early: ${all}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return all;
  };
};

test("--watch checks again at each change of the spec and its imports, and Ctrl-C ends it", async () => {
  write("base.gan", sound);
  write("a.gan", 'import "./base.gan"\n');
  const child = spawn(process.execPath, [program, "check", "a.gan", "--watch"], { cwd: folder });
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  const rounds = said(child, "Ctrl-C ends\n");
  expect(await rounds(1)).toBe("watching 2 files; Ctrl-C ends\n");
  write("base.gan", misspelt);
  expect(await rounds(2)).toContain("there is no name `tahn`");
  rmSync(join(folder, "base.gan"));
  expect(await rounds(3)).toContain("there is no file `base.gan`");
  write("base.gan", sound);
  // No screen is cleared where there is none.
  expect(await rounds(4)).not.toContain("\u001b");
  rmSync(join(folder, "a.gan"));
  expect(await rounds(5)).toContain("there is no file `a.gan`");
  child.kill("SIGINT");
  expect(await ended).toBe(130);
});

test("a folder stands for all specs in it; a text in UTF-16 is one mistake", () => {
  mkdirSync(join(folder, "deep/er"), { recursive: true });
  write("a.gan", sound);
  write("deep/er/b.gan", sound);
  const { status, stdout } = ganc(["."]);
  expect([status, stdout]).toEqual([0, "a.gan: sound\ndeep/er/b.gan: sound\n"]);
  writeFileSync(join(folder, "wide.gan"), Buffer.from(`\ufeff${sound}`, "utf16le"));
  const { stderr } = ganc(["wide.gan"]);
  expect(stderr).toContain("`wide.gan` is not a text in UTF-8");
  expect(stderr.match(/error\[/g)).toHaveLength(1);
  mkdirSync(join(folder, "empty"));
  expect(ganc(["empty"])).toMatchObject({
    status: 2,
    stderr: "error: there is no .gan file in empty\n",
  });
});
