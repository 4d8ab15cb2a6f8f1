/** Draws the trend of losses since the process began to train, in a few characters. */
import type { Metrics } from "../../contracts/session.js";
import { Thinning } from "../../report/page/thinning.js";

const levels = "▁▂▃▄▅▆▇█";

/** Draws values from low to high. Equal values are in the middle. */
export const sparkline = (values: readonly number[]): string => {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return values
    .map((value) => {
      const share = high > low ? (value - low) / (high - low) : 0.5;
      return levels[Math.min(levels.length - 1, Math.floor(share * levels.length))] ?? "";
    })
    .join("");
};

/** Most points. */
export const trendWidth = 16;

export class Trends {
  private readonly thinning = new Thinning(trendWidth);
  private count = 0;

  add(metrics: Metrics): void {
    this.thinning.add({ step: this.count++, epoch: 0, rate: 0, elapsed: 0, metrics });
  }

  /** Returns the trend of each metric by name. */
  lines(): ReadonlyMap<string, string> {
    const { curves = [] } = this.thinning.curvesIn(undefined) ?? {};
    return new Map(
      curves.map(({ name, mean }) => [
        name,
        sparkline(mean.filter((value): value is number => value !== null)),
      ]),
    );
  }
}
