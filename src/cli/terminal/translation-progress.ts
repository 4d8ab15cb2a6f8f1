/**
 * Shows the progress of a translation: a bar on a terminal, occasional lines elsewhere, results
 * line by line.
 */
import { basename } from "node:path";
import { MultiBar, type SingleBar } from "cli-progress";
import { printable } from "../../base/printable.js";
import { formatDuration } from "./progress-text.js";
import { complain, note, say, type Terminal } from "./terminal.js";

export interface TranslationProgress {
  /** Called when image number `index`, from 0, begins. */
  begin(index: number, input: string): void;
  /** Called with the completed share of it, from 0 to 1. */
  part(share: number): void;
  /** Prints the path of a result to the results' stream. */
  result(path: string): void;
  /** Prints a remark about one image. */
  note(text: string): void;
  /** Prints the failure of one image. */
  failure(text: string): void;
  stop(): void;
}

/** Milliseconds between two lines without a terminal. */
const lineInterval = 10_000;

const barWidth = 20;

interface Status {
  readonly done: number;
  readonly total: number;
  readonly name: string;
  /** Completed share of the current image, in [0, 1). */
  readonly share: number;
  readonly left: number | undefined;
}

/**
 * Writes `3/340  photo.jpg  ███░░░  12 min left` in at most `width` columns; for a single image,
 * its share.
 */
export const translationLine = (
  { done, total, name, share, left }: Status,
  width: number,
): string => {
  const whole = total === 0 ? 1 : (done + share) / total;
  const full = Math.min(barWidth, Math.floor(whole * barWidth));
  const bar = "█".repeat(full) + "░".repeat(barWidth - full);
  const rest = left === undefined ? "" : `  ${formatDuration(left)} left`;
  const place =
    total === 1 ? `${Math.floor(100 * whole)} %` : `${Math.min(done + 1, total)}/${total}`;
  const room = width - place.length - rest.length - barWidth - 4;
  const short = name.length <= room ? name : `${name.slice(0, Math.max(0, room - 1))}…`;
  const text = room < 4 ? `${place}${rest}` : `${place}  ${short}  ${bar}${rest}`;
  return text.slice(0, width);
};

class Clock {
  private readonly began = Date.now();
  status: Status;

  constructor(total: number) {
    this.status = { done: 0, total, name: "", share: 0, left: undefined };
  }

  set(change: Partial<Status>): void {
    const next = { ...this.status, ...change };
    const made = next.done + next.share;
    const left = made > 0 ? ((Date.now() - this.began) / made) * (next.total - made) : undefined;
    this.status = { ...next, left };
  }
}

const onTerminal = (total: number, terminal: Terminal): TranslationProgress => {
  const { out, err } = terminal;
  const clock = new Clock(total);
  const bars = new MultiBar({
    format: () => translationLine(clock.status, (err.columns ?? 80) - 1),
    stream: err as NodeJS.WriteStream,
    hideCursor: true,
    gracefulExit: false,
    clearOnComplete: true,
  });
  const bar: SingleBar = bars.create(total, 0);
  const draw = (): void => bar.update(clock.status.done + clock.status.share);
  const above: Terminal = {
    ...terminal,
    err: { ...err, isTTY: true, write: (line) => bars.log(line) },
  };
  return {
    begin: (done, input) => {
      clock.set({ done, share: 0, name: printable(basename(input)) });
      draw();
    },
    part: (share) => {
      clock.set({ share });
      draw();
    },
    result: (path) => (out.isTTY === true ? void bars.log(`${path}\n`) : say(terminal, path)),
    note: (text) => note(above, text),
    failure: (text) => complain(above, text),
    stop: () => {
      // Pending lines would be lost.
      bars.update();
      bars.stop();
    },
  };
};

const inLog = (total: number, terminal: Terminal): TranslationProgress => {
  const clock = new Clock(total);
  let next = Date.now() + lineInterval;
  const tell = (): void => {
    if (Date.now() < next) return;
    next = Date.now() + lineInterval;
    terminal.err.write(`${translationLine(clock.status, 100)}\n`);
  };
  return {
    begin: (done, input) => {
      clock.set({ done, share: 0, name: printable(basename(input)) });
      tell();
    },
    part: (share) => {
      clock.set({ share });
      tell();
    },
    result: (path) => say(terminal, path),
    note: (text) => note(terminal, text),
    failure: (text) => complain(terminal, text),
    stop: () => undefined,
  };
};

/** Shows progress for a number of images. One small image is done before a bar would help. */
export const translationProgress = (total: number, terminal: Terminal): TranslationProgress =>
  terminal.err.isTTY === true ? onTerminal(total, terminal) : inLog(total, terminal);
