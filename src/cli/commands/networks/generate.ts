/**
 * `ganc translate RUN --count N`: writes images that a trained network makes from noise and
 * classes.
 */
import { join } from "node:path";
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import { printable } from "../../../base/printable.js";
import { nearest } from "../../../base/suggest.js";
import type { Domain } from "../../../program/model.js";
import type { OpenedRun } from "../../../training/opening/open-run.js";
import { type Generator, generators } from "../../../training/program/program.js";
import { classNames, translators } from "../../../training/program/translators.js";
import type { Manifest } from "../../../training/run-directory/manifest.js";
import { shownPath } from "../../../training/run-directory/run-directory.js";
import { generateFiles } from "../../../training/translation/generate.js";
import { reportFailure } from "../../terminal/failure.js";
import { catchInterrupts } from "../../terminal/interrupt.js";
import { counted } from "../../terminal/progress-text.js";
import { complain, note, say, type Terminal } from "../../terminal/terminal.js";

export interface GenerateOptions {
  readonly count: number;
  /** Name of a class, or its number from 0. */
  readonly class?: string;
  readonly net?: string;
  readonly to?: string;
  readonly out?: string;
  readonly seed?: number;
}

const signature = ({ network, from, to }: Generator): string =>
  `${network} : ${from.map(({ name }) => name).join(", ")} -> ${to.name}`;

/** Refuses a run that makes no images: a classifier has nothing to translate or to make. */
export const noImages =
  "No network of this run makes images. ganc report shows what the run learnt, and ganc export writes its networks.";

/** Chooses the requested network, or the first. `translates`: whether one takes images. */
const chooseGenerator = (
  all: readonly Generator[],
  { net, to }: GenerateOptions,
  translates: boolean,
): Either<string, Generator> => {
  const found = all.find(
    (g) => (net === undefined || g.network === net) && (to === undefined || g.to.name === to),
  );
  if (found !== undefined) return right(found);
  return left(
    all.length === 0
      ? translates
        ? "This run has no network that makes images from noise: leave out --count, and name images to translate."
        : noImages
      : `${net === undefined ? `No network here makes images of ${to}` : `${net} makes no images of noise here`}. These do:\n${all.map((g) => `  ${signature(g)}`).join("\n")}`,
  );
};

/**
 * Finds the class that a name or number means. Undefined if `text` is. `count`: the network's
 * number of classes.
 */
export const chooseClass = (
  count: number | undefined,
  { name }: Pick<Domain, "name">,
  manifest: Manifest,
  text: string | undefined,
): Either<string, number | undefined> => {
  if (text === undefined) return right(undefined);
  if (count === undefined) return left("--class: this network takes no class.");
  const names = classNames(count, { name }, manifest.data.classes);
  const at = names.includes(text) ? names.indexOf(text) : /^\d+$/.test(text) ? Number(text) : -1;
  if (at >= 0 && at < count) return right(at);
  const numbers = names.every((known, i) => known === String(i));
  const known = numbers ? "" : `${names.map(printable).join(", ")}, or `;
  const meant = nearest(text, names)?.name;
  const guess = meant === undefined ? "" : ` Did you mean \`${printable(meant)}\`?`;
  return left(
    `There is no class ${printable(text)}.${guess} Name one of ${known}0 to ${count - 1}.`,
  );
};

/**
 * Writes the images. Exit code: 0 if every image was written, 1 if not, 2 for wrong usage, 128 + n
 * after signal n.
 */
export const generate = async (
  { run, compiled, session, step, notices }: OpenedRun,
  options: GenerateOptions,
  terminal: Terminal,
): Promise<number> => {
  const { program } = compiled;
  const translates = translators(program, true).length > 0;
  const generator = chooseGenerator(generators(program), options, translates);
  const only = isLeft(generator)
    ? generator
    : chooseClass(
        generator.right.from.find(({ kind }) => kind === "labels")?.shape[2],
        generator.right.to,
        run.manifest,
        options.class,
      );
  if (isLeft(generator) || isLeft(only)) {
    complain(terminal, isLeft(generator) ? generator.left : isLeft(only) ? only.left : "");
    return 2;
  }
  for (const notice of notices) note(terminal, notice);
  terminal.err.write(
    `${signature(generator.right)}, after ${counted(step, "step")}; engine: ${session.engine}\n`,
  );
  const interrupts = catchInterrupts(() => undefined);
  try {
    const made = await generateFiles({
      session,
      generator: generator.right,
      count: options.count,
      batch: compiled.program.recipe.batch,
      only: only.right,
      seed: options.seed ?? 0,
      folder: options.out ?? join(run.path, "generated", generator.right.network),
      signal: interrupts.signal,
      written: (path) => say(terminal, shownPath(path)),
    });
    if (isLeft(made)) {
      reportFailure(terminal, made.left);
      return 1;
    }
    return interrupts.signal.aborted ? interrupts.code() : 0;
  } finally {
    interrupts.release();
  }
};
