/** The page on images says what is read. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { formats } from "../../src/data/files/formats.js";
import { root } from "../support/specs.js";

const page = readFileSync(join(root, "docs/images.md"), "utf8");

test("its table has every format with its endings", () => {
  const rows = formats.map(
    ({ name, endings }) => `| ${name} | ${endings.map((ending) => `\`${ending}\``).join(" ")} |`,
  );
  expect(page).toContain(`| format | endings |\n|---|---|\n${rows.join("\n")}\n\n`);
});

test("README names every format", () => {
  const names = formats.map(({ name }) => name).join(", ");
  const readme = readFileSync(join(root, "README.md"), "utf8").replaceAll("\n", " ");
  expect(readme).toContain(names.replace(/, (\w+)$/, " and $1"));
});
