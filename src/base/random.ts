/**
 * Counter-based randomness with named streams: the value at (seed, stream, counter) depends on
 * nothing else, so a run that stops and goes on draws what a straight run draws, on every engine.
 *
 * The generator is Philox4x32-10 (Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as
 * 1, 2, 3", SC 2011). The seed is its key; a 64-bit hash of the stream's name and the number of the
 * block of four words are its counter. Normals go through Math.log, sqrt, cos and sin, which V8
 * computes in portable software: the same bits everywhere.
 */

/** Uniform in [0, 1) with 32 bits; `counter` is an integer in [0, 2^53). */
export type Stream = (counter: number) => number;

// taken once: a global that is looked up for each draw is slow where globals are intercepted, as
// under test runners
const { cos, floor, imul, log, min, sin, sqrt } = Math;

const ROUNDS = 10;
const M0 = 0xd2511f53;
const M1 = 0xcd9e8d57;
const W0 = 0x9e3779b9;
const W1 = 0xbb67ae85;
const TWO_32 = 0x1_0000_0000;

/** The upper 32 bits of the product of two unsigned 32-bit integers, as a signed 32-bit integer. */
const mulHigh = (a: number, b: number): number => {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const low = imul(aLow, bLow) >>> 16;
  const middle = (imul(aHigh, bLow) >>> 0) + low;
  const cross = (imul(aLow, bHigh) >>> 0) + (middle & 0xffff);
  // middle stays below 2^32: (2^16 - 1)^2 + 2^16 - 1 < 2^32, so the unsigned shifts see every bit
  return (imul(aHigh, bHigh) + (middle >>> 16) + (cross >>> 16)) | 0;
};

/**
 * One block of Philox4x32-10: four words of counter and two of key to four pseudo-random words,
 * written to `out`. All are 32-bit integers, of either sign. Agrees with the known answers of
 * Random123.
 */
export const philox = (
  c0: number,
  c1: number,
  c2: number,
  c3: number,
  k0: number,
  k1: number,
  out: Uint32Array,
): void => {
  for (let round = 0; round < ROUNDS; round++) {
    const high0 = mulHigh(M0, c0);
    const low0 = imul(M0, c0);
    const high1 = mulHigh(M1, c2);
    const low1 = imul(M1, c2);
    c0 = high1 ^ c1 ^ k0;
    c1 = low1;
    c2 = high0 ^ c3 ^ k1;
    c3 = low0;
    k0 = (k0 + W0) | 0;
    k1 = (k1 + W1) | 0;
  }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
};

/** FNV-1a over UTF-8, 64 bits, as [low word, high word]. */
const hashName = (name: string): readonly [number, number] => {
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(name))
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return [Number(hash & 0xffffffffn), Number(hash >> 32n)];
};

/** Writes block `block` of the stream (four words) to `out`. */
type Blocks = (block: number, out: Uint32Array) => void;

const blocks = (seed: number, name: string): Blocks => {
  const [nameLow, nameHigh] = hashName(name);
  const keyLow = (seed % TWO_32) | 0;
  const keyHigh = floor(seed / TWO_32) | 0;
  return (block, out) =>
    philox(block | 0, (block / TWO_32) | 0, nameLow, nameHigh, keyLow, keyHigh, out);
};

/**
 * The stream of a seed (an integer in [0, 2^53)) under a name. Streams of different names or seeds
 * are independent; the same stream may be made as often as one likes. By convention names are
 * paths, `data/X/3`.
 */
export const stream = (seed: number, name: string): Stream => {
  const fill = blocks(seed, name);
  const words = new Uint32Array(4);
  let held = -1;
  return (counter) => {
    const block = floor(counter / 4);
    if (block !== held) {
      fill(block, words);
      held = block;
    }
    return (words[counter % 4] ?? 0) / TWO_32;
  };
};

/**
 * Standard normals by Box and Muller: counters 2p and 2p + 1 give the cosine and the sine of one
 * pair of uniforms. With 32-bit uniforms no value exceeds 6.67 in size.
 */
export const normal =
  (uniform: Stream): ((counter: number) => number) =>
  (counter) => {
    const first = counter - (counter % 2);
    const radius = sqrt(-2 * log(1 - uniform(first)));
    const angle = 2 * Math.PI * uniform(first + 1);
    return radius * (counter % 2 === 0 ? cos(angle) : sin(angle));
  };

/**
 * `size` normals at once, element i being `mean + std * normal(stream(seed, name))(i)` rounded to
 * float32. For the initial weights of a network: eleven million take about a second.
 */
export const normals = (
  seed: number,
  name: string,
  size: number,
  mean = 0,
  std = 1,
): Float32Array => {
  const values = new Float32Array(size);
  const fill = blocks(seed, name);
  const words = new Uint32Array(4);
  for (let i = 0; i < size; i += 2) {
    const at = i % 4;
    if (at === 0) fill(i / 4, words);
    const radius = sqrt(-2 * log(1 - (words[at] ?? 0) / TWO_32));
    const angle = (2 * Math.PI * (words[at + 1] ?? 0)) / TWO_32;
    values[i] = mean + std * (radius * cos(angle));
    // of an odd size the last sine falls outside the array, where a write does nothing
    values[i + 1] = mean + std * (radius * sin(angle));
  }
  return values;
};

/**
 * `size` uniform numbers in [low, high) at once, element i being
 * `low + (high - low) * stream(seed, name)(i)` rounded to float32.
 */
export const uniforms = (
  seed: number,
  name: string,
  size: number,
  low: number,
  high: number,
): Float32Array => {
  const uniform = stream(seed, name);
  return Float32Array.from({ length: size }, (_, i) => low + (high - low) * uniform(i));
};

/** The integer in [0, n) that the stream draws at `counter`. Its bias is below n / 2^32. */
export const pick = (uniform: Stream, counter: number, n: number): number =>
  min(n - 1, floor(uniform(counter) * n));

/**
 * A uniformly drawn order of 0 … n - 1 (Fisher and Yates), from counters 0 … n - 2 of the stream.
 */
export const permutation = (uniform: Stream, n: number): Uint32Array => {
  const order = Uint32Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = pick(uniform, n - 1 - i, i + 1);
    const held = order[i] ?? 0;
    order[i] = order[j] ?? 0;
    order[j] = held;
  }
  return order;
};
