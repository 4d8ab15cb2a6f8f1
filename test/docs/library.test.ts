/**
 * The examples of docs/library.md: type-checked against the package's own exports, run in Node and,
 * bundled, in Chromium.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { build, transformSync } from "esbuild";
import type { Browser } from "playwright-core";
import { encodePng } from "../../src/data/images/image.js";
import { noise } from "../data/pictures.js";
import { openBrowser } from "../support/chromium.js";
import { ganc } from "../support/ganc.js";
import { emptyFolder } from "../support/generated.js";
import { readProject, root } from "../support/specs.js";

interface Example {
  readonly name: string;
  readonly isBrowser: boolean;
  readonly text: string;
  /** What stands behind it as what it prints. */
  readonly printed: string | undefined;
}

const page = readProject("docs/library.md");

const examples = [
  ...page.matchAll(/^```ts (\S+\.ts)( browser)?\n([\s\S]*?)^```\n(?:\n```\n([\s\S]*?)^```)?/gm),
].map(
  ([, name = "", browser, text = "", printed]): Example => ({
    name,
    isBrowser: browser !== undefined,
    text,
    printed,
  }),
);

const exampleOf = (name: string): Example => {
  const found = examples.find((example) => example.name === name);
  if (found === undefined) throw new Error(`the page has no example ${name}`);
  return found;
};

const folder = emptyFolder("library");
let browser: Browser;
let server: Server;
let address = "";

const types: Readonly<Record<string, string>> = {
  ".js": "text/javascript",
  ".json": "application/json",
  ".html": "text/html",
  ".bin": "application/octet-stream",
};

const serve = (): Promise<void> => {
  server = createServer((request, response) => {
    const path = new URL(request.url ?? "/", "http://localhost").pathname.slice(1);
    try {
      const body = readFileSync(join(folder, path));
      const type = types[/\.\w+$/.exec(path)?.[0] ?? ""] ?? "text/plain";
      response.writeHead(200, { "content-type": type }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  return new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
};

beforeAll(async () => {
  const [, spec = ""] = /^```gan whole\n([\s\S]*?)^```/m.exec(page) ?? [];
  writeFileSync(join(folder, "small.gan"), spec);
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  // As npm would put it there.
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(root, join(folder, "node_modules/ganc"));
  for (const { name, text } of examples) writeFileSync(join(folder, name), text);
  const compiled = ganc(["compile", "small.gan", "-o", "small.ts"], { cwd: folder });
  expect([compiled.status, compiled.stderr]).toEqual([0, ""]);
  await serve();
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  browser = await openBrowser();
}, 120_000);

afterAll(async () => {
  await browser?.close();
  server?.close();
});

test("the page has examples for Node and for browsers", () => {
  expect(examples.map(({ name }) => name)).toEqual(
    expect.arrayContaining(["compiling.ts", "diagnosing.ts", "training.ts", "page.ts"]),
  );
});

test("each has the types that the package exports", () => {
  const options = {
    target: "es2022",
    lib: ["es2023", "dom", "dom.iterable"],
    types: ["node"],
    module: "nodenext",
    moduleResolution: "nodenext",
    strict: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: true,
    noEmit: true,
  };
  writeFileSync(
    join(folder, "tsconfig.json"),
    JSON.stringify({ compilerOptions: options, include: ["*.ts"] }),
  );
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const { status, stdout } = spawnSync(process.execPath, [tsc, "-p", "."], {
    cwd: folder,
    encoding: "utf8",
  });
  expect([stdout, status]).toEqual(["", 0]);
});

test.each(examples.filter(({ isBrowser }) => !isBrowser))(
  "$name prints what stands behind it",
  ({ name, text, printed }) => {
    for (const [from, source] of [
      [name, text],
      ["small.ts", readFileSync(join(folder, "small.ts"), "utf8")],
    ] as const) {
      const { code } = transformSync(source, { loader: "ts", format: "esm", target: "es2022" });
      writeFileSync(join(folder, from.replace(/\.ts$/, ".js")), code);
    }
    const { status, stdout, stderr } = spawnSync(process.execPath, [name.replace(/\.ts$/, ".js")], {
      cwd: folder,
      encoding: "utf8",
    });
    expect([status, status === 0 ? "" : stderr]).toEqual([0, ""]);
    expect(stdout).toBe(printed);
  },
);

/** Bundled as the page says, and opened; gives the page once the script has run. */
const opened = async (name: string, body: string) => {
  await build({
    entryPoints: [join(folder, name)],
    bundle: true,
    format: "esm",
    platform: "browser",
    outfile: join(folder, "bundled.js"),
    logLevel: "error",
  });
  const script = `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,">${body}<script type="module" src="bundled.js"></script>`;
  writeFileSync(join(folder, "page.html"), script);
  const shown = await browser.newPage();
  const thrown: string[] = [];
  shown.on("pageerror", (error) => void thrown.push(error.message));
  await shown.goto(`${address}/page.html`);
  return { shown, thrown };
};

test("in a page it translates what is on a canvas, as ganc does", async () => {
  exampleOf("page.ts");
  for (const set of ["trainX", "trainY"]) {
    mkdirSync(join(folder, "images", set), { recursive: true });
    for (const i of [0, 1])
      writeFileSync(join(folder, `images/${set}/${i}.png`), await encodePng(noise(16, 16, i)));
  }
  const options = ["--data", "images", "--steps", "2", "--out", "run", "--no-report"];
  expect(ganc(["run", "small.gan", ...options], { cwd: folder }).status).toBe(0);
  const out = ["--format", "tfjs", "--net", "G", "--out", "."];
  const exported = ganc(["export", "run", ...out], { cwd: folder });
  expect([exported.status, exported.stderr]).toEqual([0, expect.any(String)]);
  const { shown, thrown } = await opened(
    "page.ts",
    `<canvas width="16" height="16"></canvas><script>
      document.querySelector("canvas").getContext("2d").fillStyle = "rgb(200, 90, 30)";
      document.querySelector("canvas").getContext("2d").fillRect(0, 0, 16, 16);
    </script>`,
  );
  await shown.waitForFunction("document.title.startsWith('translated')");
  expect(thrown).toEqual([]);
  expect(await shown.title()).toBe("translated to 16 x 16");
  const levels = (await shown.evaluate(
    "[...document.querySelector('canvas').getContext('2d').getImageData(0, 0, 16, 16).data]",
  )) as readonly number[];
  const data = new Uint8Array(16 * 16 * 3).map((_, i) => [200, 90, 30][i % 3] ?? 0);
  const png = await encodePng({ width: 16, height: 16, channels: 3, data });
  writeFileSync(join(folder, "plain.png"), png);
  const args = ["translate", "run", "plain.png", "--net", "G", "--out", "made"];
  expect(ganc(args, { cwd: folder }).status).toBe(0);
  const { default: sharp } = await import("sharp");
  const ours = await sharp(join(folder, "made/plain.png")).removeAlpha().raw().toBuffer();
  const theirs = levels.filter((_, i) => i % 4 !== 3);
  expect(theirs.length).toBe(ours.length);
  expect(Math.max(...theirs.map((level, i) => Math.abs(level - (ours[i] ?? 0))))).toBeLessThan(3);
  await shown.close();
}, 120_000);

test("in a page it checks a spec", async () => {
  exampleOf("checking.ts");
  const { shown, thrown } = await opened(
    "checking.ts",
    "<textarea>net G : X -> X = convv(3, 3)</textarea><pre></pre>",
  );
  await shown.waitForFunction("document.querySelector('pre').textContent !== ''");
  expect(thrown).toEqual([]);
  expect(await shown.locator("pre").textContent()).toContain("there is no name `convv`");
  await shown.close();
});
