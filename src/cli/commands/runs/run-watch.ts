/** The monitors of `ganc run`: which of them end it, and how messages are shown. */
import { InvalidArgumentError } from "commander";
import { isLeft } from "fp-ts/lib/Either.js";
import { printable } from "../../../base/printable.js";
import { nearest } from "../../../base/suggest.js";
import { wrap } from "../../../diagnostics/wrap.js";
import { stopNames } from "../../../operators/monitors.js";
import { realDisk } from "../../../training/files/disk.js";
import type { TrainingError } from "../../../training/files/errors.js";
import { picturesOf } from "../../../training/monitors/look.js";
import { readSpoken, type Spoken, writeSpoken } from "../../../training/monitors/spoken.js";
import { Watch } from "../../../training/monitors/watch.js";
import type { Ready } from "../../../training/opening/begin.js";
import { type Limits, totalEpochs } from "../../../training/program/schedule.js";

/**
 * Reads `collapse,explosion`, `all` or `none`.
 * @throws InvalidArgumentError of commander for any other name
 */
export const monitorList = (text: string): readonly string[] => {
  if (text === "all") return stopNames;
  if (text === "none") return [];
  return text.split(",").map((piece) => {
    const name = piece.trim();
    if (stopNames.includes(name)) return name;
    const meant = nearest(name, stopNames)?.name;
    const guess = meant === undefined ? "" : ` Is "${meant}" meant?`;
    throw new InvalidArgumentError(
      `There is no monitor "${name}".${guess} There are ${stopNames.join(", ")}; all, none.`,
    );
  });
};

/** Sets up the monitors of a new or resumed run. */
export const watchOf = async (
  ready: Ready,
  limits: Limits,
  stopOn: readonly string[] | undefined,
  notice: (error: TrainingError) => void,
): Promise<Watch> => {
  const { compiled, run, data, session, start } = ready;
  const { program } = compiled;
  const said = await readSpoken(run);
  const before = isLeft(said) || start.step === 0 ? [] : said.right;
  return new Watch({
    setting: {
      program,
      stepsPerEpoch: data.stepsPerEpoch,
      epochs: Math.min(totalEpochs(program.recipe.schedule), limits.epochs ?? Infinity),
    },
    stopOn: stopOn ?? program.recipe.stop ?? [],
    kept: ready.monitors,
    before: before.filter(({ step }) => step <= start.step),
    pictures: () => picturesOf({ program, session, watched: data.watched ?? {} }),
    write: async (lines) => {
      const displaced = await ready.displaced();
      // A folder that belongs to another run is reported where it ends the run.
      return displaced === undefined
        ? writeSpoken(run.monitors, lines, realDisk)
        : { _tag: "Right", right: undefined };
    },
    notice,
  });
};

/** Wraps a monitor's message to lines of at most `width` columns. */
export const spokenLines = ({ monitor, level, saw, means, write }: Spoken, width = 100): string => {
  const first = wrap(printable(saw), width, `${level}: ${monitor}: `, "  ");
  return `${first}\n${wrap(printable(`${means} ${write}`), width, "  ", "  ")}`;
};
