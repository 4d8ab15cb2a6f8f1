/**
 * Counter-based randomness with named streams: the value at (seed, stream, counter) depends on nothing else, so a run
 * that stops and goes on draws what a straight run draws, on every engine.
 */

/** Uniform in [0, 1) with 32 bits; `counter` is an integer in [0, 2^53). */
export type Stream = (counter: number) => number;
