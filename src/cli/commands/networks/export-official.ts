/** `ganc export --to pytorch-cyclegan`: files that the official PyTorch code loads. */
import { join } from "node:path";
import { isLeft } from "fp-ts/lib/Either.js";
import type { Network } from "../../../program/model.js";
import { officialFile } from "../../../training/export/official.js";
import { attempt, makeFolder, realDisk, writeAtomically } from "../../../training/files/disk.js";
import { readBatches, recordName } from "../../../training/importing/record.js";
import type { OpenedRun } from "../../../training/opening/open-run.js";
import type { Compiler } from "../../../training/program/compiled.js";
import { shownPath } from "../../../training/run-directory/run-directory.js";
import { type Architecture, describe } from "../../../weights/official/architecture.js";
import { fileNameOf, type Part, partsOf } from "../../../weights/official/parts.js";
import { reportFailure } from "../../terminal/failure.js";
import { complain, note, say, type Terminal } from "../../terminal/terminal.js";

interface Asked {
  readonly net?: string | undefined;
  readonly to: string;
}

/** The networks that have parts in the official code, or the one that is asked for. */
const chosen = (
  { compiled: { model } }: OpenedRun,
  { net }: Asked,
): ReadonlyMap<Part, Network> | string => {
  const parts = model === undefined ? new Map<Part, Network>() : partsOf(model);
  if (parts.size === 0)
    return "No network of this run has a part in the official code: none makes images of images.";
  if (net === undefined) return parts;
  const one = [...parts].filter(([, { name }]) => name === net);
  return one.length > 0
    ? new Map(one)
    : `${net} has no part in the official code. These have: ${[...parts.values()].map(({ name }) => name).join(", ")}.`;
};

/** Says that statistics are none, where a batch norm keeps none. */
const withoutStatistics = ({ norm }: Architecture): string =>
  norm.kind === "batch" && !norm.running
    ? "its running statistics are as PyTorch's begin, since it keeps none: test.py is for it without --eval; "
    : "";

/**
 * Writes the files of all networks that have parts in the official code. Returns the exit code: 1
 * where a generator, or the network that is asked for, is none of the official code's.
 */
export const exportOfficial = async (
  compiler: Compiler,
  opened: OpenedRun,
  asked: Asked,
  terminal: Terminal,
): Promise<number> => {
  const parts = chosen(opened, asked);
  if (typeof parts === "string") {
    complain(terminal, parts);
    return 2;
  }
  const made = await attempt(asked.to, async () => makeFolder(asked.to));
  if (isLeft(made)) {
    reportFailure(terminal, made.left);
    return 1;
  }
  const counted = await readBatches(opened.run.path);
  if (isLeft(counted)) {
    complain(terminal, `${shownPath(join(opened.run.path, recordName))} ${counted.left}.`);
    return 1;
  }
  const state = await opened.session.getState();
  let failed = 0;
  for (const [part, network] of parts) {
    const batches = counted.right.get(network.name) ?? {};
    const file = await officialFile(compiler, { network, state, batches, steps: opened.step });
    if (isLeft(file)) {
      // Without its judge a generator is as good.
      const isNeeded = part.startsWith("G") || asked.net !== undefined;
      if (isNeeded) complain(terminal, `${network.name}: ${file.left}.`);
      else note(terminal, `${network.name} is left out: ${file.left}.`);
      failed += isNeeded ? 1 : 0;
      continue;
    }
    const path = join(asked.to, fileNameOf(part));
    const written = await writeAtomically(realDisk, path, file.right.bytes);
    if (isLeft(written)) {
      reportFailure(terminal, written.left);
      return 1;
    }
    say(terminal, shownPath(path));
    terminal.err.write(
      `${network.name}: ${describe(file.right.net)}; ${withoutStatistics(file.right.net)}reads back bit for bit\n`,
    );
  }
  return failed === 0 ? 0 : 1;
};
