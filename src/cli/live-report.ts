/** The report of a run that trains: written anew at its samples, and when it ends. It never harms the training. */
import { join } from "node:path";
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import { reasonOf } from "../data/errors.js";
import { Thinning } from "../report/page/thinning.js";
import type { Ready } from "../training/begin.js";
import type { TrainingError } from "../training/errors.js";
import type { TrainingEvent } from "../training/job.js";
import type { LoggedProgress } from "../training/report-facts.js";
import { type KnownLog, readLog } from "../training/run-report.js";
import { drawnOf, reportPath, writeReport } from "./report-file.js";

export interface LiveReport {
  event(event: TrainingEvent): void;
  /**
   * Writes it for the last time, and gives its path; nothing where none is wanted, or where the folder is the run's no more.
   * The error says why it could not be written.
   */
  finish(): Promise<Either<TrainingError, string | undefined>>;
}

/** Milliseconds between two reports at least: whoever samples at every step trains, and writes no pages. */
const apart = 15_000;

const none: LiveReport = { event: () => undefined, finish: async () => right(undefined) };

type Writing = Either<TrainingError, string | undefined>;

class Live implements LiveReport {
  private readonly sheets = new Map();
  private drawings: ReturnType<typeof drawnOf> | undefined;
  private pending: Promise<Writing> | undefined;
  private next = 0;

  constructor(
    private readonly ready: Pick<Ready, "compiled" | "run" | "displaced">,
    private readonly thinning: Thinning,
    private progress: LoggedProgress | undefined,
    private readonly now: () => number,
  ) {}

  event(event: TrainingEvent): void {
    if (event.kind === "step") {
      const { step, epoch, elapsed } = event.position;
      this.thinning.add({ step, epoch, elapsed, rate: event.rate, metrics: event.metrics });
      this.progress = { steps: step + 1, epoch, elapsed };
    }
    if (event.kind !== "sample" || this.pending !== undefined || this.now() < this.next) return;
    this.pending = this.write(true).finally(() => {
      this.pending = undefined;
      this.next = this.now() + apart;
    });
  }

  async finish(): Promise<Writing> {
    await this.pending;
    return this.write(false);
  }

  private async write(isTraining: boolean): Promise<Writing> {
    const { run, compiled, displaced } = this.ready;
    const file = reportPath(run.path);
    try {
      if ((await displaced()) !== undefined) return right(undefined);
      this.drawings ??= drawnOf(compiled);
      const drawings = this.drawings;
      const { sheets, thinning, progress } = this;
      const log: Either<string, KnownLog> = right({ thinning, progress });
      const request = { path: run.path, drawings: () => drawings, sheets, log, isTraining };
      const written = await writeReport(request, file);
      return isLeft(written) ? written : right(file);
    } catch (thrown) {
      return left({ kind: "file", path: file, reason: reasonOf(thrown) });
    }
  }
}

/** Where one is wanted, knows what the run's log tells of the steps before. */
export const liveReport = async (
  ready: Pick<Ready, "compiled" | "run" | "displaced" | "start">,
  isWanted: boolean,
  now: () => number = () => performance.now(),
): Promise<LiveReport> => {
  if (!isWanted) return none;
  const { run, start } = ready;
  const before =
    start.step === 0 ? undefined : await readLog(join(run.path, "metrics.jsonl"), start.step);
  const known = before === undefined || isLeft(before) ? undefined : before.right;
  return new Live(ready, known?.thinning ?? new Thinning(), known?.progress, now);
};
