/**
 * `ganc run --code`: training by the TypeScript that `ganc compile` writes, as a user of a debugger
 * meets it.
 */
import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { SourceMap } from "node:module";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { ganc } from "../support/ganc.js";
import { debugged } from "../support/inspector.js";
import { root } from "../support/specs.js";
import { removeTemporary, temporary } from "../training/support.js";

/** All that a step draws, carries or reports: a history, dropout, an average, values by name. */
const spec = `param rate = 2e-3
domain Z = noise(2)
domain W = noise(2, 4, 4)
net G : Z -> W = dense(32) >> reshape(4, 4, 2) >> dropout(0.5)
net D : W -> Scores = conv(3, 4, pad: 1) >> leaky_relu(0.2) >> conv(3, 1, pad: 1)
loss judge(D : w -> Scores, G : z -> w) =
  E[a ~ w] softplus(-D(a)) + E[b ~ z] softplus(D(replay(G(b), 3)))
objective Fool = E[z ~ Z] softplus(-D(G(z)))
solve {
  min[D] judge(D, G)
  min[G] Fool + 0.1 * E[z ~ Z] square(G(z))
}
train { optimizer: adam(rate) schedule: constant(100) batch: 1 average: 0.9 }`;

let folder = "";
beforeAll(() => {
  folder = temporary();
  writeFileSync(join(folder, "one.gan"), spec);
});
afterAll(removeTemporary);

const quiet = ["--sample-every", "never", "--no-report"];

const run = (...args: readonly string[]): string => {
  const { status, stderr } = ganc(["run", ...args, ...quiet], { cwd: folder });
  expect([status, stderr]).toEqual([0, expect.any(String)]);
  return stderr;
};

const linesOf = (path: string): readonly Record<string, unknown>[] =>
  readFileSync(join(folder, path), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));

type Losses = Readonly<Record<string, number>>;

const lossesOf = (path: string): readonly Losses[] =>
  linesOf(`${path}/metrics.jsonl`).map(({ metrics }) => metrics as Losses);

test("its losses are the graph's, on either engine and across both, and the code is what compile writes", () => {
  run("one.gan", "--out", "straight", "--engine", "onnx", "--steps", "9");
  expect(run("one.gan", "--out", "mixed", "--engine", "cpu", "--code", "--steps", "3")).toContain(
    "engine: tfjs in plain JavaScript, generated code",
  );
  run("mixed", "--resume", "--engine", "onnx", "--steps", "5");
  run("mixed", "--resume", "--engine", "tensorflow", "--code", "--steps", "9");
  const [straight, mixed] = [lossesOf("straight"), lossesOf("mixed")];
  expect(mixed).toHaveLength(9);
  for (const [step, losses] of mixed.entries()) {
    expect(Object.keys(losses)).toEqual(Object.keys(straight[step] ?? {}));
    expect(Object.keys(losses)).toEqual(expect.arrayContaining(["min[G]", "judge(D, G)", "Fool"]));
    for (const [name, value] of Object.entries(losses))
      expect([step, name, value]).toEqual([
        step,
        name,
        expect.closeTo(straight[step]?.[name] as number, 4),
      ]);
  }
  const { stdout } = ganc(["compile", "one.gan", "-o", "-"], { cwd: folder });
  expect(readFileSync(join(folder, "mixed/code/one.ts"), "utf8")).toBe(stdout);
  const begun = linesOf("mixed/sessions.jsonl").filter(({ kind }) => kind === "begin");
  expect(begun.map(({ engine }) => engine)).toEqual([
    "tfjs in plain JavaScript, generated code",
    expect.stringContaining("ONNX Runtime"),
    expect.stringMatching(/^tfjs on tensorflow .*, generated code$/),
  ]);
  const listed = ganc(["runs", "."], { cwd: folder });
  expect([listed.status, listed.stdout]).toEqual([0, expect.stringContaining("mixed")]);
  expect(ganc(["report", "mixed"], { cwd: folder }).status).toBe(0);
});

test("a new run of the same seed begins with the same weights as on the graph", () => {
  run("one.gan", "--out", "a", "--engine", "cpu", "--code", "--steps", "1", "--seed", "4");
  run("one.gan", "--out", "b", "--engine", "cpu", "--steps", "1", "--seed", "4");
  const streams = (name: string) =>
    JSON.parse(readFileSync(join(folder, name, "manifest.json"), "utf8")).streams;
  expect(streams("a")).toEqual(streams("b"));
  expect(lossesOf("a")[0]?.["min[G]"]).toBeCloseTo(lossesOf("b")[0]?.["min[G]"] as number, 6);
});

test.each(["onnx", "webgpu", "cuda"])("generated code does not run on %s", (engine) => {
  const { status, stderr } = ganc(["run", "one.gan", "--code", "--engine", engine, "--out", "no"], {
    cwd: folder,
  });
  expect(status).toBe(2);
  expect(stderr).toContain(`Generated code runs on tfjs, not on ${engine}`);
  expect(readdirSync(folder)).not.toContain("no");
});

test("Ctrl-C ends it after its step, with a checkpoint that goes on", async () => {
  const bin = join(root, "bin/ganc.js");
  const args = ["run", "one.gan", "--code", "--engine", "cpu", "--out", "ended", ...quiet];
  const child = spawn(process.execPath, [bin, ...args], { cwd: folder });
  const log = join(folder, "ended/metrics.jsonl");
  const closed = new Promise((resolve) => child.on("close", resolve));
  while (!existsSync(log) || readFileSync(log, "utf8") === "") await setTimeout(50);
  child.kill("SIGINT");
  expect(await closed).toBe(130);
  const { length } = lossesOf("ended");
  expect(run("ended", "--resume", "--engine", "onnx", "--steps", String(length + 1))).toContain(
    `from step ${length}`,
  );
  expect(lossesOf("ended")).toHaveLength(length + 1);
});

interface Paused {
  readonly hitBreakpoints?: readonly string[];
  readonly callFrames: readonly {
    readonly callFrameId: string;
    readonly functionName: string;
    readonly location: { readonly lineNumber: number; readonly columnNumber: number };
  }[];
}

/** Where the script has a line of its source, from 0; both lines from 0. */
const placeOf = (map: SourceMap, script: string, line: number) => {
  for (const [lineNumber, text] of script.split("\n").entries())
    for (let columnNumber = 0; columnNumber < text.length; columnNumber++) {
      const entry = map.findEntry(lineNumber, columnNumber);
      if (
        "originalLine" in entry &&
        entry.originalLine === line &&
        entry.generatedLine === lineNumber
      )
        return { lineNumber, columnNumber: entry.generatedColumn };
    }
  throw new Error(`the map has no line ${line}`);
};

test("under --inspect-brk it stops once the code is there, and at a breakpoint in the TypeScript", async () => {
  const args = ["run", "one.gan", "--code", "--engine", "cpu", "--steps", "2", "--out", "slow"];
  const bin = join(root, "bin/ganc.js");
  const { child, inspector } = await debugged([bin, ...args, ...quiet], folder);
  const closed = new Promise((resolve) => child.on("close", resolve));
  try {
    await inspector.send("Runtime.enable");
    await inspector.send("Debugger.enable");
    await inspector.until("Debugger.paused", "Runtime.runIfWaitingForDebugger");
    const scriptOf = () =>
      (inspector.seen.get("Debugger.scriptParsed") ?? []).find(({ url }) =>
        String(url).endsWith("/slow/code/one.mjs"),
      );
    expect(scriptOf()).toBeUndefined();
    await inspector.until("Debugger.paused", "Debugger.resume");
    const script = scriptOf() as { readonly url: string; readonly sourceMapURL: string };
    // As a debugger does: from the script to its map, and from there to the TypeScript.
    const mapUrl = new URL(script.sourceMapURL, script.url);
    const payload = JSON.parse(readFileSync(fileURLToPath(mapUrl), "utf8"));
    const source = readFileSync(fileURLToPath(new URL(payload.sources[0], mapUrl)), "utf8");
    const wanted = source
      .split("\n")
      .findIndex((line) => line.includes("optimizer.update([nets.G]"));
    expect(wanted).toBeGreaterThan(0);
    const map = new SourceMap(payload);
    const text = readFileSync(fileURLToPath(script.url), "utf8");
    const place = placeOf(map, text, wanted);
    const { breakpointId } = await inspector.send("Debugger.setBreakpointByUrl", {
      url: script.url,
      ...place,
    });
    const paused = (await inspector.until(
      "Debugger.paused",
      "Debugger.resume",
    )) as unknown as Paused;
    expect(paused.hitBreakpoints).toEqual([breakpointId]);
    const [frame] = paused.callFrames;
    const { lineNumber = 0, columnNumber = 0 } = frame?.location ?? {};
    const entry = map.findEntry(lineNumber, columnNumber);
    expect("originalLine" in entry && entry.originalLine).toBe(wanted);
    expect(text.split("\n")[lineNumber]).toContain("optimizer.update([nets.G]");
    const { result } = await inspector.send("Debugger.evaluateOnCallFrame", {
      callFrameId: frame?.callFrameId,
      expression: "rate",
    });
    expect(result).toMatchObject({ type: "number", value: 2e-3 });
    await inspector.send("Debugger.disable");
  } finally {
    inspector.close();
  }
  expect(await closed).toBe(0);
  expect(lossesOf("slow")).toHaveLength(2);
});
