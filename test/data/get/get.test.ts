/**
 * Data sets over HTTP: from a server of our own, which breaks off, lies, redirects, and knows no
 * ranges.
 */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, expect, test } from "@jest/globals";
import { type GetRequest, getSet } from "../../../src/data/get/get.js";
import { publishedSets, urlOf } from "../../../src/data/get/sets.js";
import { fault, folderOf, noise, ok } from "../pictures.js";
import { type ZipEntry, zipOf } from "../zips.js";

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

const serve = (answer: Answer): Promise<string> =>
  new Promise((resolve) => {
    const server = createServer(answer);
    servers.push(server);
    server.listen(0, "127.0.0.1", () =>
      resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    );
  });

const contents: readonly ZipEntry[] = ["trainA", "trainB", "testA", "testB"].map((folder, i) => ({
  name: `set/${folder}/1.png`,
  content: noise(64, 64, i).data,
  isStored: true,
}));

const archive = zipOf(contents);

const sha256 = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");

interface Host {
  readonly bytes?: Buffer;
  readonly tag?: string;
  readonly knowsRanges?: boolean;
  /**
   * How many bytes each answer sends before the connection breaks; those behind the last send all.
   */
  readonly breaks?: readonly number[];
}

/** What the newest request downloads to. */
let partial = "";

/**
 * Sends a part, and breaks the connection once it is written: what a client has not read by then it
 * loses.
 */
const breakOff = (response: ServerResponse, bytes: Buffer, from = 0): void => {
  response.write(bytes);
  const wanted = from + bytes.length;
  const look = setInterval(() => {
    if ((statSync(partial, { throwIfNoEntry: false })?.size ?? 0) < wanted) return;
    clearInterval(look);
    response.destroy();
  }, 5);
};

/** A server of one file, and the ranges that it was asked for. */
const host = async ({ bytes = archive, tag = '"1"', knowsRanges = true, breaks = [] }: Host) => {
  const asked: (string | undefined)[] = [];
  const url = await serve(({ headers }, response) => {
    const { range } = headers;
    const cut = breaks[asked.length];
    asked.push(range);
    const isRange = knowsRanges && range !== undefined && headers["if-range"] === tag;
    const from = isRange ? Number(/\d+/.exec(range)?.[0]) : 0;
    const body = bytes.subarray(from);
    response.writeHead(isRange ? 206 : 200, {
      "content-length": body.length,
      etag: tag,
      ...(isRange ? { "content-range": `bytes ${from}-${bytes.length - 1}/${bytes.length}` } : {}),
    });
    if (cut === undefined) response.end(body);
    else breakOff(response, body.subarray(0, cut), from);
  });
  return { url: `${url}/set.zip`, asked };
};

const request = async (from: string, more: Partial<GetRequest> = {}) => {
  const folder = await folderOf({});
  const notes: string[] = [];
  const given: GetRequest = {
    from,
    to: join(folder, "set"),
    hashes: join(folder, "cache", "archives.json"),
    now: "2026-01-02T03:04:05Z",
    progress: () => undefined,
    note: (text) => notes.push(text),
    pause: 1,
    ...more,
  };
  partial = `${given.to}.zip.part`;
  return { folder, notes, given };
};

const isWhole = (to: string): boolean =>
  contents.every(({ name, content }) =>
    readFileSync(join(to, name.slice(4))).equals(Buffer.from(content ?? [])),
  );

test("a connection that breaks is taken up where it broke, and what comes is the archive", async () => {
  const { url, asked } = await host({ breaks: [10_000, 5_000] });
  const { given, folder, notes } = await request(url);
  const got = ok(await getSet(given));
  expect(asked).toEqual([undefined, "bytes=10000-", "bytes=15000-"]);
  expect([got.files, got.sha256, got.since]).toEqual([4, sha256(archive), undefined]);
  expect(isWhole(given.to)).toBe(true);
  expect(notes).toHaveLength(2);
  expect(readdirSync(folder).sort()).toEqual(["cache", "set"]);
});

test("a download that was given up goes on another day, and anew where the file has changed", async () => {
  const first = await host({ breaks: [9_000, 0, 0, 0] });
  const { given } = await request(first.url);
  expect(fault(await getSet(given))).toMatch(/8\.79 KiB are kept: the same command goes on/);
  expect(existsSync(given.to)).toBe(false);
  ok(await getSet(given));
  expect(first.asked.at(-1)).toBe("bytes=9000-");
  const other = zipOf(contents.slice(0, 2));
  let bytes = archive;
  let tag = '"a"';
  const url = await serve((asked, response) => {
    const isRange = asked.headers["if-range"] === tag;
    response.writeHead(isRange ? 206 : 200, { etag: tag, "content-length": bytes.length });
    if (bytes === archive) breakOff(response, bytes.subarray(0, 7_000));
    else response.end(bytes);
  });
  const changing = await request(url);
  expect(fault(await getSet(changing.given))).toMatch(/are kept/);
  [bytes, tag] = [other, '"b"'];
  expect(ok(await getSet(changing.given)).sha256).toBe(sha256(other));
  expect(changing.notes).toContain("the server sends it again from the beginning");
});

test("a server without ranges sends it anew", async () => {
  const { url, asked } = await host({ breaks: [10_000], knowsRanges: false });
  const { given, notes } = await request(url);
  ok(await getSet(given));
  expect(asked).toEqual([undefined, "bytes=10000-"]);
  expect(notes.at(-1)).toBe("the server sends it again from the beginning");
  expect(isWhole(given.to)).toBe(true);
});

test("redirects are followed; what is not there, or is no archive, says so and leaves nothing", async () => {
  const { url } = await host({});
  const moved = await serve((_, response) => response.writeHead(302, { location: url }).end());
  ok(await getSet((await request(moved)).given));
  const none = await serve((_, response) => response.writeHead(404).end("no"));
  const missing = await request(none);
  expect(fault(await getSet(missing.given))).toBe(`${none}: the server answers 404 Not Found`);
  const page = await serve((_, response) => response.end("<html>"));
  const wrong = await request(page);
  expect(fault(await getSet(wrong.given))).toMatch(/cannot be read as a zip archive/);
  expect(readdirSync(wrong.folder)).toEqual(["cache"]);
  const gone = await serve(() => undefined);
  servers.pop()?.close();
  const nobody = await request(gone);
  expect(fault(await getSet(nobody.given))).toMatch(/its server refuses connections/);
});

test("a server that falls silent counts as broken", async () => {
  const url = await serve((_, response) => {
    response.writeHead(200, { "content-length": 100 });
    response.write("P");
  });
  expect(fault(await getSet((await request(url, { patience: 50 })).given))).toMatch(
    /no more data came/,
  );
});

test("the hash of the first download is noted, and another one is refused unless it is accepted", async () => {
  let bytes = archive;
  const url = await serve((_, response) => response.end(bytes));
  const { given } = await request(url);
  ok(await getSet(given));
  const again = { ...given, to: `${given.to}-2`, now: "2026-02-02T00:00:00Z" };
  expect(ok(await getSet(again)).since).toBe("2026-01-02T03:04:05Z");
  bytes = zipOf(contents.slice(0, 3));
  const changed = { ...given, to: `${given.to}-3` };
  expect(fault(await getSet(changed))).toContain(
    `it has changed since 2026-01-02: its SHA-256 was ${sha256(archive)} and is ${sha256(bytes)}`,
  );
  expect(existsSync(changed.to)).toBe(false);
  expect(ok(await getSet({ ...changed, acceptsChange: true })).since).toBeUndefined();
  const wrong = { ...given, to: `${given.to}-4`, sha256: "0".repeat(64) };
  expect(fault(await getSet(wrong))).toMatch(/as --sha256 says/);
});

test("an archive on the disk is unpacked and stays; odd entries are left out; nothing is written over", async () => {
  const odd = zipOf([...contents, { name: "../escape.png", content: noise(2, 2, 1).data }]);
  const folder = await folderOf({ "set.zip": odd, "bomb.zip": zipOf([]) });
  const { given } = await request(join(folder, "set.zip"));
  const got = ok(await getSet(given));
  expect(got.passed).toEqual([
    { name: "../escape.png", reason: "its name leads out of the archive" },
  ]);
  expect([isWhole(given.to), existsSync(join(folder, "set.zip"))]).toEqual([true, true]);
  expect(existsSync(join(given.to, "..", "escape.png"))).toBe(false);
  expect(fault(await getSet(given))).toMatch(/exists already, and is not overwritten/);
  const liar = { name: "set/x.png", content: Buffer.alloc(100_000), claimed: 10 };
  writeFileSync(join(folder, "liar.zip"), zipOf([liar]));
  const lying = await request(join(folder, "liar.zip"));
  expect(fault(await getSet(lying.given))).toMatch(/could not be unpacked/);
  expect(readdirSync(lying.folder)).toEqual([]);
});

test("every published set has a URL of its own", () => {
  const urls = publishedSets.map(urlOf);
  expect(new Set(urls).size).toBe(urls.length);
  expect(urls).toContain("http://efrosgans.eecs.berkeley.edu/cyclegan/datasets/horse2zebra.zip");
});
