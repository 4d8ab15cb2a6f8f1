/** `ganc fmt` as a user calls it: what becomes of files, and the exit codes. */
import {
  chmodSync,
  lstatSync,
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
import { ganc } from "../support/ganc.js";

const ragged = "domain   X=image( 8,8 ,3 )  -- photographs\n\n\n\ndomain Long =  image(8)\n";
const neat = "domain X = image(8, 8, 3)  -- photographs\n\ndomain Long = image(8)\n";
const broken = "domain X = image(8,\n";

let folder: string;
const path = (name: string): string => join(folder, name);
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ganc-fmt-"));
  writeFileSync(path("ragged.gan"), ragged);
  writeFileSync(path("neat.gan"), neat);
  writeFileSync(path("broken.gan"), broken);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const read = (name: string): string => readFileSync(path(name), "utf8");

test("files are rewritten where that changes them, and nothing is left behind", () => {
  const { status, stdout } = ganc(["fmt", "ragged.gan", "neat.gan"], { cwd: folder });
  expect({ status, stdout }).toEqual({ status: 0, stdout: "ragged.gan: formatted\n" });
  expect(read("ragged.gan")).toBe(neat);
  expect(readdirSync(folder).sort()).toEqual(["broken.gan", "neat.gan", "ragged.gan"]);
});

test("permissions stay, links go on pointing, and lines end as they did", () => {
  chmodSync(path("ragged.gan"), 0o600);
  symlinkSync("ragged.gan", path("link.gan"));
  writeFileSync(path("windows.gan"), ragged.replaceAll("\n", "\r\n"));
  const { status } = ganc(["fmt", "link.gan", "windows.gan"], { cwd: folder });
  expect(status).toBe(0);
  expect(lstatSync(path("link.gan")).isSymbolicLink()).toBe(true);
  expect(read("ragged.gan")).toBe(neat);
  expect(statSync(path("ragged.gan")).mode & 0o777).toBe(0o600);
  expect(read("windows.gan")).toBe(neat.replaceAll("\n", "\r\n"));
  expect(ganc(["fmt", "--check", "windows.gan"], { cwd: folder }).status).toBe(0);
});

test("a file may be called as long as the disk allows", () => {
  const name = `${"x".repeat(251)}.gan`;
  writeFileSync(path(name), ragged);
  expect(ganc(["fmt", name], { cwd: folder }).status).toBe(0);
  expect(read(name)).toBe(neat);
  const sound = `domain X = image(8)
net G : X -> X = conv(3, 3, pad: 1) >> tanh
solve { min[G] E[x ~ X] l1(G(x), x) }
train { optimizer: adam(1e-2) schedule: constant(1) batch: 1 }
`;
  writeFileSync(path(name), sound);
  expect(ganc(["compile", name, "-o", "out"], { cwd: folder }).status).toBe(0);
  expect(readdirSync(path("out"))).toEqual([`${"x".repeat(251)}.ts`]);
});

test("--check names what is not formatted, and writes nothing", () => {
  const { status, stdout } = ganc(["fmt", "--check", "ragged.gan", "neat.gan"], { cwd: folder });
  expect({ status, stdout }).toEqual({ status: 1, stdout: "ragged.gan: not formatted\n" });
  expect(read("ragged.gan")).toBe(ragged);
  expect(ganc(["fmt", "--check", "neat.gan"], { cwd: folder }).status).toBe(0);
});

test("- reads standard input and writes standard output", () => {
  expect(ganc(["fmt", "-"], { input: ragged }).stdout).toBe(neat);
  expect(ganc(["fmt", "--check", "-"], { input: ragged })).toMatchObject({
    status: 1,
    stdout: "standard input: not formatted\n",
  });
});

test("a file with mistakes of syntax is shown them and left as it is; the others are formatted", () => {
  const { status, stderr } = ganc(["fmt", "broken.gan", "ragged.gan"], { cwd: folder });
  expect(status).toBe(1);
  expect(stderr).toContain("error[GAN101]");
  expect(stderr).toContain("broken.gan:1");
  expect(read("broken.gan")).toBe(broken);
  expect(read("ragged.gan")).toBe(neat);
});

test("a file that is not there is an error; no file at all is wrong usage", () => {
  const { status, stderr } = ganc(["fmt", "nowhere.gan"], { cwd: folder });
  expect(status).toBe(1);
  expect(stderr).toBe("error: cannot read nowhere.gan: there is no such file or folder\n");
  expect(ganc(["fmt"]).status).toBe(2);
});

test("a folder stands for the specs in it", () => {
  const within = join(folder, "many");
  mkdirSync(join(within, "deep"), { recursive: true });
  mkdirSync(join(within, "none"));
  writeFileSync(join(within, "deep", "a.gan"), "let a=1\n");
  writeFileSync(join(within, "b.gan"), "let b=2\n");
  expect(ganc(["fmt", "many"], { cwd: folder }).status).toBe(0);
  expect([read("many/deep/a.gan"), read("many/b.gan")]).toEqual(["let a = 1\n", "let b = 2\n"]);
  const empty = ganc(["fmt", "many/none"], { cwd: folder });
  expect([empty.status, empty.stderr]).toEqual([2, "error: there is no .gan file in many/none\n"]);
});

test("a text of another encoding is one mistake to every command, and no letter of it is lost", () => {
  const utf16 = Buffer.from(`\ufeff${ragged}`, "utf16le");
  writeFileSync(path("utf16.gan"), utf16);
  writeFileSync(path("plain.gan"), neat);
  for (const args of [
    ["fmt", "utf16.gan"],
    ["fmt", "--check", "utf16.gan"],
    ["check", "utf16.gan"],
    ["summary", "utf16.gan"],
    ["graph", "utf16.gan"],
    ["compile", "utf16.gan"],
    ["doc", "utf16.gan"],
    ["diff", "neat.gan", "utf16.gan"],
    ["run", "utf16.gan", "--data", "X=."],
  ]) {
    const { status, stderr } = ganc(args, { cwd: folder });
    expect([args, status]).not.toEqual([args, 0]);
    expect([args, stderr.match(/GAN102.*/g)?.[0]]).toEqual([
      args,
      "GAN102]: `utf16.gan` is not a text in UTF-8",
    ]);
    expect(stderr).not.toContain("means nothing here");
  }
  // One letter of Latin-1, in a comment.
  const latin = Buffer.from(`-- gr\u00fcn\n${ragged.replace("photo", "ph\u00f6to")}`, "latin1");
  writeFileSync(path("latin.gan"), latin);
  for (const args of [
    ["fmt", "latin.gan"],
    ["fmt", "--check", "latin.gan"],
  ])
    expect(ganc(args, { cwd: folder })).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("latin.gan is not UTF-8 text"),
    });
  const wrong = Buffer.from("-- gr\u00fcn\nlet a() = conv(3, 2) >> tahn\n", "latin1");
  writeFileSync(path("wrong.gan"), wrong);
  const fixed = ganc(["check", "--fix", "wrong.gan"], { cwd: folder });
  expect(fixed.stderr).toContain("wrong.gan is not UTF-8 text, so it was left as it is");
  expect(readFileSync(path("wrong.gan"))).toEqual(wrong);
  expect(readFileSync(path("latin.gan"))).toEqual(latin);
  expect(readFileSync(path("utf16.gan"))).toEqual(utf16);
});
