/**
 * Thins curves of any length to few points. Every point stands for the same number of steps and
 * keeps their least, mean and greatest value, so no peak is lost. The result depends on the steps
 * alone, not on their order.
 */
import type { PayloadCurve, PayloadCurves } from "./payload.js";

export interface Logged {
  /** From 0. */
  readonly step: number;
  /** From 0. */
  readonly epoch: number;
  readonly rate: number;
  /** Milliseconds of training up to the end of the step. */
  readonly elapsed: number;
  readonly metrics: Readonly<Record<string, number>>;
}

/** Most points of a curve. Once there were more steps, it has at least half of them. */
export const mostPoints = 1500;

/** Name of the rate among the curves. */
export const rateName = "learning rate";

interface Bin {
  count: number;
  sum: number;
  low: number;
  high: number;
}

interface Point {
  epoch: number;
  elapsed: number;
}

const joined = (a: Bin | undefined, b: Bin | undefined): Bin | undefined =>
  a === undefined || b === undefined
    ? (a ?? b)
    : {
        count: a.count + b.count,
        sum: a.sum + b.sum,
        low: Math.min(a.low, b.low),
        high: Math.max(a.high, b.high),
      };

/** Rounds to five digits, more than a screen can show. */
const short = (value: number): number => Number(value.toPrecision(5));

/** Joins each even element with the next. */
const halved = <A>(
  all: readonly (A | undefined)[],
  join: (a: A | undefined, b: A | undefined) => A | undefined,
): (A | undefined)[] =>
  Array.from({ length: Math.ceil(all.length / 2) }, (_, i) => join(all[2 * i], all[2 * i + 1]));

export class Thinning {
  /** Steps in a point. */
  private width = 1;
  private points: (Point | undefined)[] = [];
  private readonly curves = new Map<string, (Bin | undefined)[]>();

  constructor(private readonly most = mostPoints) {}

  /** Adds a step. Steps come in any order; a repeated one counts twice. */
  add({ step, epoch, rate, elapsed, metrics }: Logged): void {
    while (Math.floor(step / this.width) >= this.most) this.widen();
    const at = Math.floor(step / this.width);
    const point = this.points[at];
    if (point === undefined) this.points[at] = { epoch, elapsed };
    else {
      point.epoch = Math.min(point.epoch, epoch);
      point.elapsed = Math.max(point.elapsed, elapsed);
    }
    for (const name of Object.keys(metrics)) this.put(name, at, metrics[name] ?? Number.NaN);
    this.put(rateName, at, rate);
  }

  private put(name: string, at: number, value: number): void {
    if (!Number.isFinite(value)) return;
    let bins = this.curves.get(name);
    if (bins === undefined) {
      bins = [];
      this.curves.set(name, bins);
    }
    const bin = bins[at];
    if (bin === undefined) bins[at] = { count: 1, sum: value, low: value, high: value };
    else {
      bin.count++;
      bin.sum += value;
      bin.low = Math.min(bin.low, value);
      bin.high = Math.max(bin.high, value);
    }
  }

  private widen(): void {
    this.width *= 2;
    this.points = halved(this.points, (a, b) =>
      a === undefined || b === undefined
        ? (a ?? b)
        : { epoch: Math.min(a.epoch, b.epoch), elapsed: Math.max(a.elapsed, b.elapsed) },
    );
    for (const [name, bins] of this.curves) this.curves.set(name, halved(bins, joined));
  }

  /** Returns the latest value of each curve: the mean of its last point. */
  latest(): ReadonlyMap<string, number> {
    return new Map(
      [...this.curves].flatMap(([name, bins]) => {
        const bin = bins.at(-1);
        return bin === undefined ? [] : [[name, bin.sum / bin.count] as const];
      }),
    );
  }

  /** Returns the curves, the rate last. Undefined while there are no points. */
  curvesIn(stepsPerEpoch: number | undefined): PayloadCurves | undefined {
    const there = Array.from({ length: this.points.length }, (_, at) => at).filter(
      (at) => this.points[at] !== undefined,
    );
    if (there.length === 0) return undefined;
    const names = [...this.curves.keys()].sort(
      (a, b) => Number(a === rateName) - Number(b === rateName),
    );
    const curve = (name: string): PayloadCurve => {
      const bins = there.map((at) => this.curves.get(name)?.[at]);
      const each = (of: (bin: Bin) => number) =>
        bins.map((bin) => (bin === undefined ? null : short(of(bin))));
      const mean = each(({ sum, count }) => sum / count);
      return this.width === 1
        ? { name, mean }
        : { name, mean, low: each(({ low }) => low), high: each(({ high }) => high) };
    };
    const epochOf = (at: number): number =>
      stepsPerEpoch === undefined
        ? (this.points[at]?.epoch ?? 0)
        : (at * this.width) / stepsPerEpoch;
    return {
      steps: there.map((at) => at * this.width),
      epochs: there.map((at) => short(epochOf(at))),
      hours: there.map((at) => Number(((this.points[at]?.elapsed ?? 0) / 3.6e6).toFixed(5))),
      curves: names.map(curve),
    };
  }
}
