/** docs/std.md is what `ganc doc std` writes; UPDATE=1 writes it anew. */
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { analyse } from "../../src/compiler/frontend.js";
import { format } from "../../src/format/format.js";
import { documentation } from "../../src/report/specs/documentation.js";
import { ganc } from "../support/ganc.js";
import { expectFile } from "../support/golden.js";
import { readProject, root, sources } from "../support/specs.js";

test("docs/std.md has every library as it is now", () => {
  const { status, stdout } = ganc(["doc", "std"]);
  expect(status).toBe(0);
  expectFile(join(root, "docs/std.md"), stdout);
  expect(ganc(["doc", "std.losses"]).stdout).toContain("## lsgan.fool\n");
});

const text = `-- What this file is.

-- A comment that belongs to nothing.

-- How wide,
-- and how deep.
param width : Int = 4
param depth : Int = 2

module m {
  -- Twice.
  let twice(f) =
    f >>
    f
}
`;

test("a declaration is written with the comment directly above it, neighbours together", () => {
  const formatted = format({ name: "x.gan", text });
  expect(formatted).toMatchObject({ right: text });
  expect(documentation({ title: "x", text })).toBe(`# x

What this file is.

## width, depth

How wide,
and how deep.

\`\`\`gan
param width : Int = 4
param depth : Int = 2
\`\`\`

## m

## m.twice

Twice.

\`\`\`gan
let twice(f) =
  f >>
  f
\`\`\`
`);
});

test("networks get the table of their layers, equal ones one", () => {
  const { result } = analyse("specs/cyclegan.gan", sources());
  const page = documentation({
    title: "specs/cyclegan.gan",
    text: readProject("specs/cyclegan.gan"),
    model: result?.model,
  });
  expect(page).toContain("## G, F, D_X, D_Y\n");
  expect(page).toContain(
    "D_X, D_Y: 256x256x3 -> 30x30x1, 2,764,737 parameters, receptive field 70.",
  );
  expect(page).toContain("| conv | 4, 64, stride: 2, pad: 1 | 128x128x64 | 3,136 | 4 |");
  expect(page).toContain("\n\nThe full objective, equations (1) to (3)\n\n```gan\nloss gan(");
});

test("what there is not is an error with what there is; a file can be named", () => {
  const wrong = ganc(["doc", "std.nothing"]);
  expect(wrong.status).toBe(1);
  expect(wrong.stderr).toContain("std.losses");
  expect(ganc(["doc", "specs/emoji.gan"]).stdout).toMatch(/^# specs\/emoji\.gan\n/);
});
