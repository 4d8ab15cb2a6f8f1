/** Where the documents point, there is something. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "@jest/globals";
import { ganc } from "../support/ganc.js";
import { root } from "../support/specs.js";

const documents = [
  ...["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "bench/README.md"],
  ...readdirSync(join(root, "docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
];

const read = (name: string): string => readFileSync(join(root, name), "utf8");

/** GitHub's name for a heading. */
const anchor = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\w\- ]/g, "")
    .replaceAll(" ", "-");

const anchors = (page: string): readonly string[] =>
  [...page.matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) => anchor(heading));

test.each(documents)("every link of %s leads somewhere", (name) => {
  const links = [...read(name).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target);
  for (const link of links.filter((target) => !/^[a-z]+:/.test(target))) {
    const [file = "", part] = link.split("#");
    const path = file === "" ? name : join(dirname(name), file);
    expect({ link, exists: existsSync(join(root, path)) }).toEqual({ link, exists: true });
    if (part !== undefined) expect(anchors(read(path))).toContain(part);
  }
});

test("README's gallery has every spec, and its table every command", () => {
  const page = read("README.md");
  for (const spec of readdirSync(join(root, "specs/gallery")))
    expect(page).toContain(`(specs/gallery/${spec})`);
  const { stdout } = ganc(["--help"]);
  const commands = [...stdout.matchAll(/^ {2}([a-z]+) (?:\[|<| )/gm)].map(([, name]) => name);
  expect(commands.length).toBeGreaterThan(10);
  for (const command of commands.filter((name) => name !== "help"))
    expect(page).toContain(`\n| \`ganc ${command}`);
});
