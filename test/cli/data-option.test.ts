/** What `--data` is read as. */
import { expect, test } from "@jest/globals";
import { originOf } from "../../src/cli/commands/options.js";

test("a folder for each domain, one for all, or the emoji", () => {
  expect(originOf(["X=a", "Y=b"])).toMatchObject({ right: { paths: { X: "a", Y: "b" } } });
  expect(originOf(["photos"])).toMatchObject({ right: { kind: "folder", path: "photos" } });
  expect(originOf(["emoji"])).toMatchObject({ right: { kind: "emoji" } });
});

test("a domain that is given twice is refused, as is what is neither", () => {
  expect(originOf(["X=a", "X=b", "Y=c"])).toMatchObject({
    left: expect.stringContaining("X is given two folders"),
  });
  expect(originOf(["a", "b"])).toMatchObject({ left: expect.stringContaining("--data takes") });
});
