/** Images of another size than their domain's, where nothing resizes them. */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { encodePng } from "../../../src/data/images/image.js";
import { ganc } from "../../support/ganc.js";

const folder = mkdtempSync(join(tmpdir(), "ganc-sizes-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const image = async (name: string, side: number): Promise<void> => {
  const data = Uint8Array.from({ length: side * side * 3 }, (_, i) => (i * 37) % 256);
  mkdirSync(join(folder, "X"), { recursive: true });
  writeFileSync(
    join(folder, "X", name),
    await encodePng({ width: side, height: side, channels: 3, data }),
  );
};

const spec = (augment: string): string => `domain X = image(8, 8, 3)
net G : X -> X = conv(3, 3, pad: 1) >> tanh
solve { min[G] E[x ~ X] l1(G(x), x) }
train { optimizer: adam(1e-2) schedule: constant(1) ${augment} }
`;

const run = (augment: string, out: string) => {
  writeFileSync(join(folder, "a.gan"), spec(augment));
  return ganc(["run", "a.gan", "--data", "X=X", "--out", out, "--steps", "4"], { cwd: folder });
};

beforeAll(async () => {
  for (const name of ["a.png", "b.png", "c.png"]) await image(name, 16);
});

test("without a resize the chain to write is told, and no run is made", () => {
  const chain = "augment: resize(8) >> random_flip";
  const { status, stderr } = run("augment: random_flip", "refused");
  expect(status).toBe(1);
  expect(stderr.replaceAll(/\s+/g, " ")).toContain(
    "none of the 3 images examined has the 8 x 8 pixels of domain X (a.png: 16 x 16), and `augment` does not resize them.",
  );
  expect(stderr).toContain(`Write \`${chain}\` in the \`train\` block`);
  expect(existsSync(join(folder, "refused"))).toBe(false);
  expect(run(chain, "mended").status).toBe(0);
  // Without a chain images are resized.
  expect(run("", "default").status).toBe(0);
});

test("where some fit, the others are passed over by name, as before", async () => {
  await image("d.png", 8);
  const { status, stderr } = run("augment: random_flip", "some");
  expect(status).toBe(0);
  expect(stderr).toContain("16 x 16 pixels where domain X has 8 x 8");
});
