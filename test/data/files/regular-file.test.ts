import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "@jest/globals";
import { left, right } from "fp-ts/lib/Either.js";
import { openRegular, readRegular, readRegularText } from "../../../src/data/files/regular-file.js";

const folder = mkdtempSync(join(tmpdir(), "ganc-test-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const at = (name: string): string => join(folder, name);

test("a file is read whole, through a link too; one above the bound is refused unread", async () => {
  writeFileSync(at("text"), "åäö\n");
  symlinkSync("text", at("link"));
  expect(await readRegularText(at("link"), 7)).toEqual(right("åäö\n"));
  expect(await readRegular(at("text"), 6)).toEqual(
    left("is too large to be read: it has more than 6 bytes"),
  );
  writeFileSync(at("empty"), "");
  expect(await readRegularText(at("empty"), 0)).toEqual(right(""));
});

const makePipe = (): string => {
  spawnSync("mkfifo", [at("pipe")]);
  return at("pipe");
};

test("what is no file is said, at once, and nothing is read of it", async () => {
  mkdirSync(at("folder"));
  symlinkSync("loop", at("loop"));
  symlinkSync("/dev/zero", at("device"));
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(at("socket"), resolve));
  const answers = [
    [at("nothing"), "is missing"],
    [join(at("text"), "below"), "is missing: a part of its path is a file, not a folder"],
    [at("folder"), "is a folder, not a file"],
    [makePipe(), "is a named pipe, not a file"],
    [at("socket"), "is a socket, not a file"],
    [at("device"), "is a device, not a file"],
    [at("loop"), "is a link that leads back to itself"],
  ] as const;
  for (const [path, reason] of answers) {
    expect([path, await openRegular(path)]).toEqual([path, left(reason)]);
    expect(await readRegular(path, 10)).toEqual(left(reason));
  }
  await new Promise((resolve) => server.close(resolve));
});
