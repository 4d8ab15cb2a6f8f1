/** Training as it is seen: a bar on a terminal, a line now and then elsewhere. */
import { MultiBar, type SingleBar } from "cli-progress";
import type { Metrics } from "../../engines/session.js";
import type { PlayerInfo } from "../../training/program.js";
import type { Position } from "../../training/schedule.js";
import { barLine, type Status, statusLine } from "./format.js";
import type { Terminal } from "./terminal.js";

export interface Progress {
  /** After a step that was made at `position`, its `elapsed` the time at its end. */
  step(position: Position, metrics: Metrics): void;
  /** A line above the bar. */
  line(text: string): void;
  stop(): void;
}

export interface Plan {
  readonly epochs: number;
  readonly steps: number;
  readonly start: Position;
  readonly players?: readonly PlayerInfo[];
  /** Milliseconds that this session lasts at most. */
  readonly timeLimit?: number;
}

/** Milliseconds between two lines where there is no terminal. */
const lineInterval = 10_000;

/** How much the newest step weighs in the mean time of a step. */
const freshness = 0.05;

/** Time left, from the times at which steps ended; the first step is left out: it compiles and warms up. */
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

const onTerminal = (plan: Plan, { err }: Terminal): Progress => {
  const estimate = estimator(plan);
  const widthNow = () => (err.columns ?? 80) - 1;
  let status: Status = { ...plan, epoch: 1, step: plan.start.step, metrics: {}, left: undefined };
  const bars = new MultiBar({
    format: () => barLine(status, widthNow()),
    stream: err as NodeJS.WriteStream,
    hideCursor: true,
    // Ctrl-C is the run's own affair.
    gracefulExit: false,
  });
  const bar: SingleBar = bars.create(plan.steps, plan.start.step);
  return {
    step: (position, metrics) => {
      status = statusOf(plan, estimate, position, metrics);
      bar.update(position.step + 1);
    },
    line: (text) => bars.log(`${text}\n`),
    stop: () => {
      // Lines that wait for the next drawing would be lost.
      bars.update();
      bars.stop();
    },
  };
};

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
    stop: () => undefined,
  };
};

export const progress = (plan: Plan, terminal: Terminal): Progress =>
  terminal.err.isTTY === true ? onTerminal(plan, terminal) : inLog(plan, terminal);
