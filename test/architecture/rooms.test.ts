/**
 * A room imports rooms to its left, never the reverse; each third-party package has its rooms; the
 * compiler is pure.
 */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { expect, test } from "@jest/globals";
import { type ModuleItem, parseSync } from "@swc/core";
import { root } from "../support/specs.js";

/**
 * From left to right. A new room is put where it belongs; the order is what the architecture says.
 */
const rooms = [
  "base",
  "parameters",
  "diagnostics",
  "grammar",
  "syntax",
  "format",
  "graph",
  "contracts",
  "operators",
  "program",
  "weights",
  "names",
  "types",
  "elaborate",
  "lowering",
  "targets",
  "compiler",
  "runtime",
  "engines",
  "data",
  "report",
  "training",
  "project",
  "cli",
];

const compilerRooms = rooms.slice(0, rooms.indexOf("compiler") + 1);

/**
 * Which rooms may import a package; types count. Rooms not named here import Node and each other
 * only.
 */
const packages: Readonly<Record<string, readonly string[]>> = {
  chevrotain: ["grammar", "syntax"],
  "ts-morph": ["targets", "engines"],
  sharp: ["data"],
  "@iconify-json/noto": ["data"],
  "@iconify-json/fluent-emoji-flat": ["data"],
  commander: ["cli"],
  "cli-progress": ["cli"],
  elkjs: ["report"],
  uplot: ["report"],
  sixel: ["cli"],
  picocolors: ["diagnostics", "cli"],
  yauzl: ["base"],
  "csv-parse": ["data"],
  picomatch: ["data"],
  geotiff: ["data"],
  "@tensorflow/tfjs": ["runtime", "engines", "project", "cli"],
  "onnxruntime-node": ["engines"],
  "onnxruntime-web": ["report"],
  "@wasm-fmt/ruff_fmt": ["targets"],
  protobufjs: ["targets", "report"],
  "fp-ts": [
    "format",
    "graph",
    "operators",
    "types",
    "program",
    "weights",
    "lowering",
    "targets",
    "engines",
    "data",
    "report",
    "training",
    "project",
    "cli",
  ],
  "io-ts": ["engines", "data", "training", "project"],
};

interface Import {
  readonly file: string;
  readonly room: string;
  readonly target: string;
  /** Whether it is gone once types are. */
  readonly isType: boolean;
}

const files = ["src", "grammar"].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => join(folder, name)),
);

const roomOf = (path: string): string => {
  const [top = "", room = ""] = normalize(path).split("/");
  return top === "grammar" ? "grammar" : room;
};

const sourceOf = (item: ModuleItem): readonly Pick<Import, "target" | "isType">[] => {
  const source =
    item.type === "ImportDeclaration" ||
    item.type === "ExportAllDeclaration" ||
    item.type === "ExportNamedDeclaration"
      ? item.source?.value
      : undefined;
  const isType = item.type === "ImportDeclaration" && item.typeOnly;
  return source === undefined ? [] : [{ target: source, isType }];
};

const importsOf = (file: string): readonly Import[] => {
  const text = readFileSync(join(root, file), "utf8");
  const { body } = parseSync(text, { syntax: "typescript", target: "es2022" });
  const loaded = [...text.matchAll(/\bimport\("([^"]+)"\)/g)].map((m) => m[1] ?? "");
  return [...body.flatMap(sourceOf), ...loaded.map((target) => ({ target, isType: false }))].map(
    (found) => ({ file, room: roomOf(file), ...found }),
  );
};

const imports = files.flatMap(importsOf);

const inside = imports
  .filter(({ target }) => target.startsWith("."))
  .map((found) => ({ ...found, to: roomOf(join(found.file, "..", found.target)) }));

test("every file stands in a room of the list", () => {
  expect(files.filter((file) => !rooms.includes(roomOf(file)))).toEqual([]);
  expect(rooms.filter((room) => !files.some((file) => roomOf(file) === room))).toEqual([]);
});

test("a room imports only itself and rooms to its left", () => {
  expect(inside.filter(({ room, to }) => rooms.indexOf(to) > rooms.indexOf(room))).toEqual([]);
});

/** What generated code and the compiler must say alike: it ships with the runtime. */
const common = "parameters";

/**
 * Rooms that work on a spec's text and its meaning; what follows reads the program that `elaborate`
 * makes of it.
 */
const beforeProgram = ["syntax", "names", "types"];

/** Files behind `elaborate` that work on texts of specs, which need not be sound. */
const readersOfText = ["src/report/page/formulas.ts", "src/report/specs/documentation.ts"];

test("what follows the program reads nothing of syntax, names or types", () => {
  const after = rooms.slice(rooms.indexOf("elaborate") + 1).filter((room) => room !== "compiler");
  const reading = inside.filter(
    ({ room, to }) => after.includes(room) && beforeProgram.includes(to),
  );
  const files = new Set(reading.map(({ file }) => file));
  expect([...files].sort()).toEqual(readersOfText);
  expect(reading.filter(({ to }) => to !== "syntax")).toEqual([]);
});

test("the program is plain data: it imports nothing of what it is made from", () => {
  const left = ["base", "operators", "program"];
  expect(inside.filter(({ room, to }) => room === "program" && !left.includes(to))).toEqual([]);
});

test("the runtime, which generated code ships with, imports no room of the compiler", () => {
  const own = ["runtime", common];
  const strangers = inside.filter(({ room, to }) => own.includes(room) && !own.includes(to));
  expect(strangers).toEqual([]);
  expect(inside.filter(({ room, to }) => room === common && to === "runtime")).toEqual([]);
});

/**
 * The rooms inside of a room, from left to right: its folders and, as `.`, its own files. Rooms not
 * named here have files alone, or folders that another test knows.
 */
const parts: Readonly<Record<string, readonly string[]>> = {
  runtime: ["kernels", "bases", "."],
  types: [
    "values",
    "inference",
    "shapes",
    "ranges",
    "evaluate",
    "definitions",
    "game",
    "recipe",
    "sizes",
    "lints",
    ".",
  ],
  engines: ["sessions", "tensorflow", "torch", "weights", "onnx", "tfjs/kernels", "tfjs", "."],
  data: ["files", "images", "sets", "batches", "get", "inspect"],
  report: [
    "text",
    "measures",
    "specs",
    "pictures",
    "page",
    "page/browser",
    "drawing",
    "translator",
    "translator/browser",
    "runs",
  ],
  training: [
    "files",
    "program",
    "monitors",
    "checkpoints",
    "run-directory",
    "logs",
    "loop",
    "translation",
    "opening",
    "importing",
    "measuring",
    "ablation",
    "export",
    "reports",
  ],
  weights: [".", "official"],
  project: [".", "torch"],
  cli: [
    "terminal",
    "templates",
    "specs",
    "compiler",
    "reports",
    "commands",
    "commands/spec",
    "commands/setup",
    "commands/networks",
    "commands/runs",
    ".",
  ],
};

/** `logs` of `src/training/logs/metrics.ts`. */
const partOf = (path: string): string => {
  const [, , ...rest] = normalize(path).split("/");
  return rest.slice(0, -1).join("/") || ".";
};

test("a room's folders are those of the list, and each imports only folders to its left", () => {
  for (const [room, order] of Object.entries(parts)) {
    const found = new Set(files.filter((file) => roomOf(file) === room).map(partOf));
    expect([...found].sort()).toEqual([...order].sort());
    const upward = inside
      .filter(({ room: from, to }) => from === room && to === room)
      .filter(({ file, target }) => {
        const to = partOf(join(file, "..", target));
        return order.indexOf(to) > order.indexOf(partOf(file));
      });
    expect(upward).toEqual([]);
  }
});

test("no folder of these rooms has more than 3,000 lines of its own", () => {
  const lines = new Map<string, number>();
  for (const file of files.filter((name) => roomOf(name) in parts)) {
    const folder = dirname(file);
    const count = readFileSync(join(root, file), "utf8").split("\n").length - 1;
    lines.set(folder, (lines.get(folder) ?? 0) + count);
  }
  expect([...lines].filter(([, count]) => count > 3000)).toEqual([]);
});

/** Imports that lead round from a file to itself: `a.ts -> b.ts -> a.ts`. */
const circlesAmong = (from: readonly string[]): readonly string[] => {
  const next = new Map<string, string[]>();
  for (const { file, target } of inside) {
    const to = normalize(join(file, "..", target.replace(/\.js$/, ".ts")));
    next.set(file, [...(next.get(file) ?? []), to]);
  }
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(" -> "));
    if (done.has(file) || path.includes(file)) return;
    for (const to of next.get(file) ?? []) visit(to, [...path, file]);
    done.add(file);
  };
  for (const file of from) visit(file, []);
  return circles;
};

test("no files need each other, not even for their types", () => {
  expect(circlesAmong(files)).toEqual([]);
});

test("each third-party package has its rooms", () => {
  const strangers = imports
    .filter(({ target }) => !target.startsWith(".") && !target.startsWith("node:"))
    .filter(({ room, target }) => {
      const name = target
        .split("/")
        .slice(0, target.startsWith("@") ? 2 : 1)
        .join("/");
      return packages[name]?.includes(room) !== true;
    });
  expect(strangers).toEqual([]);
});

test("the compiler is pure: it imports nothing of Node, and asks neither process nor clock", () => {
  const impure = imports.filter(
    ({ room, target }) => compilerRooms.includes(room) && target.startsWith("node:"),
  );
  expect(impure).toEqual([]);
  const asking = files
    .filter((file) => compilerRooms.includes(roomOf(file)))
    .filter((file) =>
      /\b(?:process\.|Date\b|Math\.random|performance\.|globalThis|console\.)/.test(
        readFileSync(join(root, file), "utf8"),
      ),
    );
  expect(asking).toEqual([]);
});

test("colours are asked of a stream: picocolors' own guess takes CI services for terminals", () => {
  const users = imports.filter(({ target }) => target === "picocolors").map(({ file }) => file);
  expect(users.sort()).toEqual(["src/cli/terminal/terminal.ts", "src/diagnostics/render.ts"]);
});
