/**
 * Why ganc takes the mean of gradients itself: DistributedDataParallel, around each network apart,
 * leaves those of a network inside of another as each process has them. Once that is mended, this
 * fails.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "@jest/globals";
import { torchPython } from "../../bench/torch/python.js";
import { root } from "../support/specs.js";

const folder = mkdtempSync(join(tmpdir(), "ganc-wrapped-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("wrapped apart, a network inside of another keeps the gradients of its process", () => {
  const said = execFileSync(torchPython(), [join(root, "test/torch/wrapped.py"), folder], {
    encoding: "utf8",
    env: {
      ...(process.platform === "linux" ? { GLOO_SOCKET_IFNAME: "lo" } : {}),
      ...process.env,
    },
    stdio: ["ignore", "pipe", "ignore"],
  });
  const { wrapped, by_hand: byHand } = JSON.parse(said);
  expect(byHand).toBeLessThan(1e-6);
  expect(wrapped).toBeGreaterThan(1e-3);
});
