/** `ganc diff` as a user calls it: exit codes and forms. */
import { expect, test } from "@jest/globals";
import { ganc } from "../support/ganc.js";

test("the same in meaning is 0, different 1, in error 2", () => {
  const same = ganc(["diff", "specs/cyclegan.gan", "specs/cyclegan.gan"]);
  expect(same).toMatchObject({ status: 0, stdout: "The same in meaning.\n" });
  const { status, stdout } = ganc(["diff", "specs/cyclegan.gan", "specs/cyclegan-lsgan.gan"]);
  expect(status).toBe(1);
  expect(stdout).toMatch(/^Objectives\n/);
  const wrong = ganc(["diff", "specs/cyclegan.gan", "specs/nowhere.gan"]);
  expect(wrong.status).toBe(2);
  expect(wrong.stderr).toContain("GAN204");
});

test("--format json holds what differs by its parts", () => {
  const { stdout } = ganc(["diff", "specs/cyclegan.gan", "specs/emoji.gan", "--format", "json"]);
  const found = JSON.parse(stdout);
  expect(found.same).toBe(false);
  expect(found.params).toContainEqual({ name: "blocks", before: "9", after: "3" });
  expect(found.networks[0]).toMatchObject({ name: "G", type: { before: "X -> Y" } });
});
