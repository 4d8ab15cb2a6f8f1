/**
 * The report of a training run, rewritten at its samples and at its end. It never harms the
 * training.
 */
import { join } from "node:path";
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import { reasonOf } from "../../data/files/errors.js";
import type { DataSetFacts } from "../../report/page/contents.js";
import { Thinning } from "../../report/page/thinning.js";
import type { TrainingError } from "../../training/files/errors.js";
import { openEvents } from "../../training/logs/tensorboard.js";
import type { TrainingEvent } from "../../training/loop/job.js";
import type { Ready } from "../../training/opening/begin.js";
import { dataFacts } from "../../training/reports/data-facts.js";
import { lookClosely } from "../../training/reports/newest-state.js";
import type { LoggedProgress } from "../../training/reports/run-facts.js";
import { type KnownLog, type ReportRequest, readLog } from "../../training/reports/run-report.js";
import { drawnOf, reportPath, writeReport } from "./report-file.js";

export interface LiveReport {
  event(event: TrainingEvent): void;
  /**
   * Writes the report a last time and returns its path; undefined if none is wanted or the folder
   * no longer belongs to the run. The left side says why it could not be written. `withLook`:
   * includes a close look at the session's state.
   */
  finish(withLook?: boolean): Promise<Either<TrainingError, string | undefined>>;
}

/**
 * Least milliseconds between two reports, so that frequent samples do not turn training into
 * writing pages.
 */
const apart = 15_000;

/**
 * Training time in milliseconds from which the networks are drawn. Their layout takes a second, too
 * much for a run of seconds. `ganc report` always draws them.
 */
const worthDrawing = 30_000;

const none: LiveReport = { event: () => undefined, finish: async () => right(undefined) };

/** The parts of a training run that the report reads. */
type Known = Pick<Ready, "compiled" | "run" | "dataset" | "session" | "displaced">;

type Writing = Either<TrainingError, string | undefined>;

class Live implements LiveReport {
  private readonly sheets = new Map();
  private drawings: ReturnType<typeof drawnOf> | undefined;
  private data: Promise<Either<string, readonly DataSetFacts[]>> | undefined;
  private pending: Promise<Writing> | undefined;
  private next = 0;

  constructor(
    private readonly ready: Known,
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

  async finish(withLook = false): Promise<Writing> {
    await this.pending;
    return this.write(false, withLook);
  }

  /** Looks at the state at which the run ended. */
  private readonly look: NonNullable<ReportRequest["look"]> = () => {
    const { session, compiled, dataset, run } = this.ready;
    const { classes } = run.manifest.data;
    const step = this.progress?.steps ?? 0;
    return lookClosely({ session, program: compiled.program, dataset, classes, step });
  };

  /** Returns the training time of the whole run in milliseconds. */
  private trained(): number {
    return this.progress?.elapsed ?? 0;
  }

  private async write(isTraining: boolean, withLook = false): Promise<Writing> {
    const { run, compiled, dataset, displaced } = this.ready;
    const file = reportPath(run.path);
    try {
      if ((await displaced()) !== undefined) return right(undefined);
      if (this.trained() >= worthDrawing) this.drawings ??= drawnOf(compiled);
      this.data ??= dataFacts(dataset).then(right, (thrown) => left(reasonOf(thrown)));
      const drawings = this.drawings ?? Promise.resolve(right([]));
      const { sheets, thinning, progress } = this;
      const log: Either<string, KnownLog> = right({ thinning, progress });
      const data = this.data;
      const look = withLook ? { look: this.look } : {};
      const base = { path: run.path, drawings: () => drawings, data: () => data };
      const written = await writeReport({ ...base, sheets, log, isTraining, ...look }, file);
      return isLeft(written) ? written : right(file);
    } catch (thrown) {
      return left({ kind: "file", path: file, reason: reasonOf(thrown) });
    }
  }
}

/** Adds a run's events for TensorBoard to a live report. */
export const withEvents = async (
  live: LiveReport,
  { run, start }: Pick<Ready, "run" | "start">,
): Promise<LiveReport> => {
  const events = await openEvents(run, start.step);
  return {
    event: (event) => {
      if (event.kind === "step") {
        const { step, epoch, elapsed } = event.position;
        events.step({ step, epoch, elapsed, rate: event.rate, metrics: event.metrics });
      }
      live.event(event);
    },
    finish: async (withLook) => {
      const finished = await live.finish(withLook);
      const trouble = events.trouble();
      return trouble === undefined ? finished : left(trouble);
    },
  };
};

/** Opens a live report, if it is wanted, with the earlier steps from the run's log. */
export const liveReport = async (
  ready: Known & Pick<Ready, "start">,
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
