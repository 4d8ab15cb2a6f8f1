/** `ganc data get` and `ganc data list`: published data sets by name. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { Presets, SingleBar } from "cli-progress";
import type { Command } from "commander";
import { isLeft } from "fp-ts/lib/Either.js";
import { bytesText } from "../../../base/bytes.js";
import { printable } from "../../../base/printable.js";
import { editDistance } from "../../../base/suggest.js";
import { type Got, getSet, isUrl } from "../../../data/get/get.js";
import { publishedSets, urlOf, withdrawn } from "../../../data/get/sets.js";
import { thisMachine } from "../../../engines/tensorflow/machine.js";
import { counted } from "../../../report/text/words.js";
import { fail } from "../spec-command.js";

interface GetOptions {
  readonly to?: string;
  readonly from?: string;
  readonly sha256?: string;
  readonly acceptChange?: boolean;
}

/** Milliseconds between two lines without a terminal. */
const lineInterval = 10_000;

/** Shows progress: a bar on a terminal, occasional lines elsewhere. */
const teller = () => {
  const { stderr } = process;
  const isTerminal = stderr.isTTY === true;
  const bar = new SingleBar(
    { format: "{what} {bar} {done} of {whole}", hideCursor: true, clearOnComplete: true },
    Presets.shades_classic,
  );
  let shown: string | undefined;
  let next = performance.now() + lineInterval;
  const tell = (what: "bytes" | "files", done: number, of: number | undefined): void => {
    const text = (n: number): string => (what === "bytes" ? bytesText(n) : String(n));
    const whole = of === undefined ? "?" : text(of);
    if (isTerminal) {
      if (shown !== what) bar.start(of ?? 1, 0, { what, done: text(0), whole });
      bar.setTotal(Math.max(of ?? done, 1));
      bar.update(done, { what, done: text(done), whole });
      shown = what;
    } else if (performance.now() >= next) {
      next = performance.now() + lineInterval;
      stderr.write(`${what === "bytes" ? "downloaded" : "unpacked"} ${text(done)} of ${whole}\n`);
    }
  };
  return { tell, end: () => bar.stop() };
};

/** Finds the archive of a set. If there is no such set, says so and returns undefined. */
const sourceOf = (name: string, from: string | undefined): string | undefined => {
  if (from !== undefined) return from;
  const found = publishedSets.find((set) => set.name === name);
  if (found !== undefined) return urlOf(found);
  const gone = withdrawn[name];
  const [nearest] = publishedSets
    .map((set) => ({ name: set.name, edits: editDistance(name, set.name) }))
    .sort((a, b) => a.edits - b.edits);
  const meant = nearest !== undefined && nearest.edits <= 3 ? `Did you mean ${nearest.name}? ` : "";
  fail(
    gone === undefined
      ? `no published set is called ${printable(name)}. ${meant}\`ganc data list\` lists them all; --from archive.zip or --from URL takes any other archive`
      : `${name}: ${gone}`,
  );
  return undefined;
};

const hashLine = (from: string, { sha256, since }: Got): string => {
  if (!isUrl(from)) return `SHA-256 ${sha256}`;
  return since === undefined
    ? `SHA-256 ${sha256}, recorded: no hash of this archive is published, so the next download is checked against it`
    : `SHA-256 ${sha256}, as on ${since.slice(0, 10)}`;
};

const get = async (name: string, options: GetOptions): Promise<void> => {
  const from = sourceOf(name, options.from);
  if (from === undefined) return;
  const to = options.to ?? join("data", name);
  const { tell, end } = teller();
  const got = await getSet({
    from,
    to,
    hashes: join(thisMachine().cache, "archives.json"),
    sha256: options.sha256,
    acceptsChange: options.acceptChange,
    now: new Date().toISOString(),
    progress: tell,
    note: (text) => void process.stderr.write(`note: ${printable(text)}\n`),
  }).finally(end);
  if (isLeft(got)) return fail(got.left);
  const { files, bytes, passed } = got.right;
  for (const { name: entry, reason } of passed.slice(0, 8))
    process.stderr.write(`skipped     ${printable(entry)}: ${printable(reason)}\n`);
  process.stdout.write(
    [
      `${to}: ${counted(files, "file")}, ${bytesText(bytes)}`,
      hashLine(from, got.right),
      `Look at them:  ganc data check ${to}`,
      `Begin:         ganc init --data ${to}`,
      "",
    ].join("\n"),
  );
};

const list = (): void => {
  const width = Math.max(...publishedSets.map(({ name }) => name.length));
  for (const { name, a, b } of publishedSets) {
    const mark = existsSync(join("data", name)) ? `  (in data/${name})` : "";
    process.stdout.write(`${name.padEnd(width)}  ${a} <-> ${b}${mark}\n`);
  }
  for (const [name, reason] of Object.entries(withdrawn))
    process.stdout.write(`${name.padEnd(width)}  not available: ${reason}\n`);
  process.stdout.write(
    `${"emoji".padEnd(width)}  Noto's emoji <-> Fluent's, built in: --data emoji\n`,
  );
};

export const registerDataGet = (data: Command): void => {
  data
    .command("get")
    .argument("<name>", "its name in `ganc data list`")
    .description("Download a published set of images and unpack it; goes on where it was cut off.")
    .option("--to <folder>", "where to (default: data/NAME)")
    .option("--from <archive>", "a zip archive on this machine, or another URL")
    .option("--sha256 <hex>", "the expected SHA-256 of the archive")
    .option("--accept-change", "accept an archive that has changed since an earlier download")
    .action(get);
  data.command("list").description("List the published sets of images.").action(list);
};
