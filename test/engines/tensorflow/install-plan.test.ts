import { homedir, hostname } from "node:os";
import { expect, test } from "@jest/globals";
import * as E from "fp-ts/lib/Either.js";
import { isAbandoned, temporaryName } from "../../../src/engines/tensorflow/cache.js";
import { compileArguments } from "../../../src/engines/tensorflow/compile.js";
import { pipArguments } from "../../../src/engines/tensorflow/download.js";
import {
  describe,
  type Facts,
  isEnough,
  type Options,
  type Plan,
  plan,
  wheelsFor,
} from "../../../src/engines/tensorflow/install-plan.js";
import { cacheFolder, type Machine } from "../../../src/engines/tensorflow/machine.js";
import { WHEELS } from "../../../src/engines/tensorflow/wheels.js";

const machine: Machine = { platform: "linux", arch: "x64", glibc: "2.36", cache: "/cache" };
const linux = WHEELS["linux-x64"];
if (linux === undefined) throw new Error("no row for linux-x64");

const bare: Facts = {
  machine,
  wheels: linux,
  tensorflow: { kind: "absent" },
  zig: { kind: "absent" },
  python: E.right(["python3"]),
  cxx: ["c++"],
  free: 50e9,
};
const options: Options = { force: false, cuda: false, compiler: undefined };

const planned = (facts: Partial<Facts>, asked: Partial<Options> = {}): Plan => {
  const made = plan({ ...bare, ...facts }, { ...options, ...asked });
  if (E.isLeft(made)) throw new Error(made.left.reason);
  return made.right;
};
const refused = (facts: Partial<Facts>, asked: Partial<Options> = {}): string => {
  const made = plan({ ...bare, ...facts }, { ...options, ...asked });
  return E.isLeft(made) ? `${made.left.reason} ${made.left.remedy}` : "planned";
};
const names = ({ downloads }: Plan) => downloads.map((wheel) => wheel.package);

test("a bare machine with a compiler downloads TensorFlow only", () => {
  expect(names(planned({}))).toEqual(["tensorflow-cpu"]);
  expect(planned({}).compiler).toEqual({ kind: "command", command: ["c++"] });
});

test("what is in the cache is not downloaded again, and then no Python is needed", () => {
  const made = planned({ tensorflow: { kind: "intact" }, python: E.left("python") });
  expect(names(made)).toEqual([]);
});

test("a damaged cache is downloaded again, and the user reads why", () => {
  const tensorflow = { kind: "damaged", reason: "a.so is gone" } as const;
  const lines = describe(planned({ tensorflow }), { ...bare, tensorflow }, false);
  expect(lines[0]).toBe("The cached tensorflow-cpu is damaged: a.so is gone.");
});

test("without a compiler zig comes from the registry, and only on request where there is one", () => {
  expect(names(planned({ cxx: undefined }))).toEqual(["tensorflow-cpu", "ziglang"]);
  expect(names(planned({}, { compiler: "zig" }))).toEqual(["tensorflow-cpu", "ziglang"]);
  const cached = { tensorflow: { kind: "intact" }, zig: { kind: "intact" } } as const;
  expect(names(planned({ ...cached, cxx: undefined }))).toEqual([]);
});

test("the user reads what is downloaded and how large it is", () => {
  const lines = describe(planned({ cxx: undefined }), bare, false).join("\n");
  expect(lines).toContain("tensorflow-cpu 2.21.0 by pip: 274 MB, of which 854 MB");
  expect(lines).toContain("ziglang 0.17.1 by pip: 101 MB");
});

test("CUDA is another wheel, and is said to be untested", () => {
  const made = planned({}, { cuda: true });
  expect(names(made)).toEqual(["tensorflow"]);
  expect(describe(made, bare, true).join("\n")).toContain("Nobody has tested");
});

test("each thing that is missing is named, with the way to get it", () => {
  expect(refused({ python: E.left("python") })).toMatch(/no python3 .*apt install python3-pip/);
  expect(refused({ python: E.left("pip") })).toMatch(/has no pip .*ensurepip/);
  expect(refused({ python: E.left("pip"), cxx: undefined })).toContain("no C++ compiler");
  expect(refused({ cxx: undefined, wheels: { cpu: linux.cpu, measured: true } })).toMatch(
    /no C\+\+ compiler .*apt install g\+\+.*CXX/,
  );
  expect(refused({ cxx: undefined }, { compiler: "icpx" })).toContain("no compiler icpx");
  expect(refused({ free: 1e9 })).toBe(
    "The installation needs 1.1 GB in /cache, and 1.0 GB are free. Free some space, or name another folder in the variable GANC_CACHE.",
  );
  expect(refused({ machine: { ...machine, cache: "/a:b" } })).toContain("has a : or a $");
});

test("machines without a library to bind to are told so", () => {
  const why = (other: Partial<Machine>): string => {
    const found = wheelsFor({ ...machine, ...other });
    return E.isLeft(found) ? found.left.reason : "supported";
  };
  expect(why({})).toBe("supported");
  expect(why({ arch: "arm64" })).toBe("supported");
  expect(why({ platform: "darwin", arch: "arm64", glibc: undefined })).toBe("supported");
  expect(why({ platform: "darwin", glibc: undefined })).toContain("darwin on x64");
  expect(why({ platform: "win32", glibc: undefined })).toContain("win32 on x64");
  expect(why({ glibc: undefined })).toContain("musl");
  expect(why({ glibc: "2.17" })).toContain("2.27 or newer; here it is 2.17");
  expect(why({ glibc: "2.27" })).toBe("supported");
  expect(why({ glibc: "3.0" })).toBe("supported");
});

test("a working engine is enough, unless it is to be rebuilt or is not the CUDA one", () => {
  const loaded = { version: "2.21.0", library: "/cache/cpu/tensorflow/libtensorflow_cc.so.2" };
  expect(isEnough(loaded, options, "/cache/gpu")).toBe(true);
  expect(isEnough(loaded, { ...options, force: true }, "/cache/gpu")).toBe(false);
  expect(isEnough(loaded, { ...options, cuda: true }, "/cache/gpu")).toBe(false);
  expect(isEnough(loaded, { ...options, cuda: true }, "/cache/cpu")).toBe(true);
});

test("pip is asked by name, tags and hash, and told of no index", () => {
  const args = pipArguments(["python3"], linux.cpu, "/t/requirements.txt", "/t");
  expect(args).toContain("--require-hashes");
  expect(args).toContain("manylinux_2_27_x86_64");
  expect(args.join(" ")).not.toMatch(/:\/\/|index-url|trusted-host|find-links/);
});

test("every wheel is pinned to one file", () => {
  const wheels = Object.values(WHEELS).flatMap(({ cpu, cuda, zig }) => [cpu, cuda, zig]);
  for (const wheel of wheels) {
    if (wheel === undefined) continue;
    expect(wheel.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(wheel.bytes).toBeGreaterThan(50e6);
    expect(wheel.unpacked).toBeGreaterThan(wheel.bytes);
  }
});

test("the compiler links by path and records where the libraries lie, commas and all", () => {
  const paths = { package: "/p", nodeHeaders: "/h", tensorflow: "/c,d/t", output: "/o.node" };
  const args = compileArguments("linux", paths);
  expect(args).toContain("/c,d/t/tensorflow/libtensorflow_cc.so.2");
  expect(args.slice(args.indexOf("-rpath"), args.indexOf("-rpath") + 3)).toEqual([
    "-rpath",
    "-Xlinker",
    "/c,d/t/tensorflow",
  ]);
  expect(compileArguments("darwin", paths)).toContain("dynamic_lookup");
});

test("the cache lies where each system keeps caches, or where GANC_CACHE says", () => {
  const home = homedir();
  expect(cacheFolder("linux", {}, "/home/u")).toBe("/home/u/.cache/ganc");
  expect(cacheFolder("linux", { XDG_CACHE_HOME: "/x" }, home)).toBe("/x/ganc");
  expect(cacheFolder("darwin", {}, "/Users/u")).toBe("/Users/u/Library/Caches/ganc");
  expect(cacheFolder("win32", { LOCALAPPDATA: "/local" }, home)).toBe("/local/ganc/Cache");
  expect(cacheFolder("linux", { GANC_CACHE: "/mine", XDG_CACHE_HOME: "/x" }, home)).toBe("/mine");
});

test("only what an ended process left behind counts as abandoned", () => {
  const mine = temporaryName(".node");
  const ended = () => false;
  expect(isAbandoned(mine, 0, hostname(), () => true)).toBe(false);
  expect(isAbandoned(mine, 0, hostname(), ended)).toBe(true);
  expect(isAbandoned(mine, 0, "elsewhere", ended)).toBe(false);
  expect(isAbandoned(mine, 25 * 3600e3, "elsewhere", ended)).toBe(true);
  expect(isAbandoned("tensorflow-cpu-2.21.0-dcc8afd32930", 1e12, "elsewhere", ended)).toBe(false);
  expect(isAbandoned("tfjs_binding.node", 1e12, hostname(), ended)).toBe(false);
});
