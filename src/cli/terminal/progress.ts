/** Shows the progress of training: a bar on a terminal, occasional lines elsewhere. */
import { MultiBar, type SingleBar } from "cli-progress";
import type { Metrics } from "../../contracts/session.js";
import type { PlayerInfo } from "../../training/program/program.js";
import type { Position } from "../../training/program/schedule.js";
import { barLine, metricLine, type Status, shownMetrics, statusLine } from "./progress-text.js";
import type { Terminal } from "./terminal.js";
import { Trends } from "./trend.js";

export interface Progress {
  /** Called after a step at `position`; `elapsed` is the time at its end. */
  step(position: Position, metrics: Metrics): void;
  /** Prints a line above the bar. */
  line(text: string): void;
  /**
   * Shows a picture above the bar, given as an escape sequence. Does nothing without a terminal.
   */
  picture(text: string): void;
  stop(): void;
}

export interface Plan {
  readonly epochs: number;
  readonly steps: number;
  readonly start: Position;
  readonly players?: readonly PlayerInfo[];
  /** Greatest duration of this session in milliseconds. */
  readonly timeLimit?: number;
}

/** Milliseconds between two lines without a terminal. */
const lineInterval = 10_000;

/** Weight of the newest step in the mean step time. */
const freshness = 0.05;

/**
 * Estimates the time left from the ends of steps. Leaves out the first step, which compiles and
 * warms up.
 */
export const estimator = ({
  steps,
  start,
  timeLimit = Infinity,
}: Plan): ((made: number, elapsed: number) => number | undefined) => {
  let last: number | undefined;
  let mean: number | undefined;
  return (made, elapsed) => {
    if (last !== undefined) {
      const time = elapsed - last;
      mean = mean === undefined ? time : mean + freshness * (time - mean);
    }
    last = elapsed;
    if (mean === undefined) return undefined;
    return Math.max(0, Math.min((steps - made) * mean, timeLimit - (elapsed - start.elapsed)));
  };
};

const statusOf = (
  plan: Plan,
  estimate: ReturnType<typeof estimator>,
  { epoch, step, elapsed }: Position,
  metrics: Metrics,
): Status => ({
  epoch: epoch + 1,
  epochs: plan.epochs,
  step: step + 1,
  steps: plan.steps,
  players: plan.players ?? [],
  metrics,
  left: estimate(step + 1, elapsed),
});

/** With fewer columns or rows than these, everything is on one line. */
const [fewColumns, fewRows] = [40, 12];

/** Most lines of losses. */
const mostLines = 6;

/**
 * One line with a bar and, if there is space, a line below for each of the first losses with its
 * trend.
 */
class Live implements Progress {
  private status: Status;
  private metrics: Metrics = {};
  private readonly trends = new Trends();
  private readonly estimate: ReturnType<typeof estimator>;
  private readonly bars: MultiBar;
  private readonly bar: SingleBar;
  private lines: readonly string[] | undefined;

  constructor(
    private readonly plan: Plan,
    private readonly terminal: Terminal,
  ) {
    const { err } = terminal;
    this.estimate = estimator(plan);
    this.status = { ...plan, epoch: 1, step: plan.start.step, metrics: {}, left: undefined };
    this.bars = new MultiBar({
      format: () => barLine(this.status, this.width()),
      stream: err as NodeJS.WriteStream,
      hideCursor: true,
      // Also redraws unchanged lines, since words above may have moved them.
      forceRedraw: true,
      // The run handles Ctrl-C itself.
      gracefulExit: false,
    });
    this.bar = this.bars.create(plan.steps, plan.start.step);
  }

  private width(): number {
    return (this.terminal.err.columns ?? 80) - 1;
  }

  /** Opens a line for each of the first metrics, whose names are known with the first step. */
  private openLines(metrics: Metrics): readonly string[] {
    const { columns = 80, rows = 24 } = this.terminal.err;
    if (columns < fewColumns || rows < fewRows) return [];
    const { players = [] } = this.plan;
    const names = shownMetrics({ metrics, players }, mostLines);
    for (const name of names)
      this.bars.create(this.plan.steps, 0, undefined, {
        format: () =>
          metricLine(name, this.metrics[name], this.drawn.get(name) ?? "", this.width()),
      });
    return names;
  }

  private drawn: ReadonlyMap<string, string> = new Map();

  step(position: Position, metrics: Metrics): void {
    this.metrics = metrics;
    this.trends.add(metrics);
    this.lines ??= this.openLines(metrics);
    const isAlone = this.lines.length === 0;
    if (!isAlone) this.drawn = this.trends.lines();
    this.status = statusOf(this.plan, this.estimate, position, isAlone ? metrics : {});
    this.bar.update(position.step + 1);
  }

  line(text: string): void {
    this.bars.log(`${text}\n`);
  }

  /** Clears what is below first; it would show through. */
  picture(text: string): void {
    this.bars.log(`\u001b[J${text}\n`);
  }

  stop(): void {
    // Pending lines would be lost.
    this.bars.update();
    this.bars.stop();
  }
}

const inLog = (plan: Plan, { err }: Terminal): Progress => {
  const estimate = estimator(plan);
  let next = plan.start.elapsed;
  return {
    step: (position, metrics) => {
      const status = statusOf(plan, estimate, position, metrics);
      if (position.elapsed < next && status.step < plan.steps) return;
      next = position.elapsed + lineInterval;
      err.write(`${statusLine(status, 120)}\n`);
    },
    line: (text) => void err.write(`${text}\n`),
    picture: () => undefined,
    stop: () => undefined,
  };
};

export const progress = (plan: Plan, terminal: Terminal): Progress =>
  terminal.err.isTTY === true ? new Live(plan, terminal) : inLog(plan, terminal);
