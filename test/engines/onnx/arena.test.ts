/**
 * The plan of the arena: blocks never overlap, what is released is given again, and little is
 * wasted.
 */
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { Arena, type Chunk } from "../../../src/engines/onnx/arena.js";

test("blocks that are held never overlap, and lie on what is touched", () => {
  const sizes = fc.array(fc.tuple(fc.integer({ min: 1, max: 3e6 }), fc.nat()), { maxLength: 60 });
  fc.assert(
    fc.property(sizes, (wishes) => {
      const arena = new Arena();
      const held: { chunk: Chunk; bytes: number }[] = [];
      let [used, peak] = [0, 0];
      for (const [bytes, dice] of wishes) {
        const gone = held.length > 3 ? held.splice(dice % held.length, 1) : [];
        for (const each of gone) {
          arena.release(each.chunk);
          used -= each.bytes;
        }
        const chunk = arena.take(bytes);
        for (const other of held) {
          if (other.chunk.region !== chunk.region) continue;
          const [a, b] = [chunk, other.chunk].sort((x, y) => x.at - y.at) as [Chunk, Chunk];
          expect(a.at + a.size).toBeLessThanOrEqual(b.at);
        }
        held.push({ chunk, bytes });
        used += bytes;
        peak = Math.max(peak, used);
      }
      expect(arena.touched()).toBeGreaterThanOrEqual(peak);
      expect(arena.peak()).toBeGreaterThanOrEqual(peak);
    }),
    { seed: 14, numRuns: 200 },
  );
});

test("what is released is whole again, and taken before anything is asked of the system", () => {
  const arena = new Arena();
  const run = (): number => {
    const blocks = Array.from({ length: 32 }, (_, i) => arena.take(1000 * (i + 1)));
    for (const block of blocks) arena.release(block);
    return arena.touched();
  };
  const first = run();
  expect(first).toBeLessThan(1.1 * 1000 * ((32 * 33) / 2));
  expect([run(), run()]).toEqual([first, first]);
});
