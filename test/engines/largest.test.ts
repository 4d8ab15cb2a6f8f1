/** The largest number that fits, beside a search through all of them. */
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { largestThatFits } from "../../src/engines/largest.js";

const admittedBy =
  (isAdmitted: (value: number) => boolean) =>
  (value: number, above: number): number | undefined => {
    for (let tried = value; tried > Math.max(above, value - 64); tried--)
      if (isAdmitted(tried)) return tried;
    return undefined;
  };

test("it fits, and hardly more would", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 8 }),
      fc.integer({ min: 1, max: 60 }),
      fc.double({ min: 1, max: 4, noNaN: true }),
      fc.double({ min: 0, max: 0.9, noNaN: true }),
      fc.double({ min: 0, max: 8, noNaN: true }),
      (multiple, times, power, fixed, scale) => {
        const from = multiple * times;
        const memory = 10 ** scale;
        let looks = 0;
        const weigh = (value: number) => {
          looks++;
          return { fixed: fixed * memory, peak: fixed * memory + value ** power };
        };
        const found = largestThatFits({
          from,
          memory,
          power: 2,
          most: 4000,
          admitted: admittedBy((value) => value % multiple === 0 && value <= 3000),
          weigh,
        });
        expect(looks).toBeLessThanOrEqual(10);
        const room = ((1 - fixed) * memory) ** (1 / power);
        if (found === undefined) return expect(room).toBeLessThan(2 * multiple);
        expect(found % multiple).toBe(0);
        expect(found).toBeLessThanOrEqual(room * (1 + 1e-9));
        expect(found).toBeGreaterThan(Math.min(0.9 * room, 2900) - 2 * multiple);
        return undefined;
      },
    ),
    { seed: 14, numRuns: 400 },
  );
});
