/** The server of `ganc serve`, asked as its page asks, and as others would. */
import { request } from "node:http";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { isLeft, left, right } from "fp-ts/lib/Either.js";
import { type Listening, serve } from "../../src/cli/commands/networks/serving.js";

let listening: Listening;
let token = "";
/** Pictures under way, and the most at once. */
let [under, most] = [0, 0];

beforeAll(async () => {
  const made = await serve({
    mostBytes: 2 ** 20,
    page: (own) => {
      token = own;
      return "<title>page</title>";
    },
    translate: async (bytes, only) => {
      most = Math.max(most, ++under);
      await new Promise((resolve) => setTimeout(resolve, 5));
      under--;
      return bytes.toString() === "bad"
        ? left("it is no picture")
        : right({
            png: Buffer.from(`${bytes}/${only}`),
            ...(bytes.toString() === "odd" ? { words: "It is unlike: 絵 größer." } : {}),
          });
    },
  });
  if (isLeft(made)) throw new Error(made.left);
  listening = made.right;
  await ask("GET", "/");
});
afterAll(() => listening.close());

interface Answer {
  readonly status: number | undefined;
  readonly body: string;
  readonly headers: Readonly<Record<string, unknown>>;
}

const ask = (
  method: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
  body: string | Buffer = "",
): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(listening.address);
    const sent = request({ hostname, port, method, path, headers }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => chunks.push(chunk));
      answer.on("end", () =>
        resolve({
          status: answer.statusCode,
          body: Buffer.concat(chunks).toString(),
          headers: answer.headers,
        }),
      );
    });
    sent.on("error", reject);
    sent.end(body);
  });

const translate = (
  body: string | Buffer,
  headers: Readonly<Record<string, string>> = {},
  path = "/translate?class=2",
) => ask("POST", path, { "x-ganc": token, ...headers }, body);

test("it is this machine's alone, and its page may ask nobody else", async () => {
  expect(listening.address).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
  const { status, body, headers } = await ask("GET", "/");
  expect([status, body]).toEqual([200, "<title>page</title>"]);
  expect(headers["content-security-policy"]).toContain("default-src 'none'");
  expect(headers["access-control-allow-origin"]).toBeUndefined();
});

test("pictures are translated, one after the other", async () => {
  const all = await Promise.all(["a", "b", "c"].map((name) => translate(name)));
  expect(all.map(({ status, body }) => [status, body])).toEqual([
    [200, "a/2"],
    [200, "b/2"],
    [200, "c/2"],
  ]);
  expect(most).toBe(1);
  expect(await translate("bad")).toMatchObject({ status: 422, body: "it is no picture" });
  expect(await translate("a", {}, "/translate?class=-1")).toMatchObject({ status: 400 });
});

test.each<[string, Record<string, string>]>([
  ["no token", { "x-ganc": "" }],
  ["another token", { "x-ganc": "0".repeat(48) }],
  ["another page", { origin: "http://example.com" }],
  ["a page of another port", { origin: "http://127.0.0.1:1" }],
  ["a page without an origin of its own", { origin: "null" }],
  ["a name that leads here", { host: "example.com" }],
])("a request with %s is refused", async (_, headers) => {
  expect(await translate("a", headers)).toMatchObject({ status: 403 });
});

test("what its user should know goes with a picture, in any letters", async () => {
  const { status, body, headers } = await translate("odd");
  expect([status, body]).toEqual([200, "odd/2"]);
  expect(decodeURIComponent(String(headers["x-ganc-words"]))).toBe("It is unlike: 絵 größer.");
  expect((await translate("a")).headers["x-ganc-words"]).toBeUndefined();
});

test("neither is the page shown under another name", async () => {
  expect(await ask("GET", "/", { host: "example.com" })).toMatchObject({ status: 403 });
});

test.each([
  "/../package.json",
  "/%2e%2e/package.json",
  "//etc/passwd",
  "/translate",
  "/index.html",
])("%s leads nowhere", async (path) =>
  expect(await ask("GET", path)).toMatchObject({ status: 404, body: "There is nothing here." }),
);

test("a file that is too large is refused, and the server goes on", async () => {
  const large = await translate(Buffer.alloc(2 ** 20 + 1)).catch((error: Error) => error.message);
  // Node may see the connection closed before it has sent all.
  expect(typeof large === "string" ? large : large.status).toEqual(
    typeof large === "string" ? expect.stringMatching(/EPIPE|ECONNRESET|hang up/) : 413,
  );
  expect(await translate("a")).toMatchObject({ status: 200 });
});

test("a file that is announced as too large is refused before it is sent", async () => {
  const { hostname, port } = new URL(listening.address);
  const headers = { "x-ganc": token, "content-length": String(2 ** 30) };
  const status = await new Promise((resolve, reject) => {
    const sent = request(
      { hostname, port, method: "POST", path: "/translate", headers },
      (answer) => {
        resolve(answer.statusCode);
        sent.destroy();
      },
    );
    sent.on("error", reject);
    sent.write("x");
  });
  expect(status).toBe(413);
  expect(await translate("a")).toMatchObject({ status: 200 });
});

test("a port that is taken is told", async () => {
  const port = Number(new URL(listening.address).port);
  const second = await serve(
    { mostBytes: 1, page: () => "", translate: async () => left("") },
    port,
  );
  expect(isLeft(second) && second.left).toContain(`port ${port} is in use`);
});
