/**
 * The runtime's operations in float64 and plain loops, straight from their definitions, and the
 * derivative as a central difference. Slow, and meant to be read.
 */

/** A dense tensor, row-major; images are [n, h, w, c]. */
export interface Dense {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

type Index = readonly [number, number, number, number];

export const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

const offset = ([, h, w, c]: readonly number[], [i, y, x, k]: Index): number =>
  ((i * (h as number) + y) * (w as number) + x) * (c as number) + k;

/** 0 outside of the tensor. */
export function at(t: Dense, index: Index): number {
  const inside = index.every((i, axis) => i >= 0 && i < (t.shape[axis] as number));
  return inside ? (t.data[offset(t.shape, index)] as number) : 0;
}

export const dense = (shape: readonly number[], value: (i: number) => number): Dense => ({
  shape,
  data: Float64Array.from({ length: sizeOf(shape) }, (_, i) => value(i)),
});

/** The tensor whose value at each index is `value(index)`. */
export function build(shape: readonly number[], value: (index: Index) => number): Dense {
  const [n, h, w, c] = shape as unknown as Index;
  const data = new Float64Array(sizeOf(shape));
  for (let i = 0; i < n; i++)
    for (let y = 0; y < h; y++)
      for (let x = 0; x < w; x++)
        for (let k = 0; k < c; k++) data[offset(shape, [i, y, x, k])] = value([i, y, x, k]);
  return { shape, data };
}

export const map = (t: Dense, f: (x: number) => number): Dense =>
  dense(t.shape, (i) => f(t.data[i] as number));

/** Reflects an index at 0 and at size - 1. */
const reflected = (i: number, size: number): number =>
  i < 0 ? -i : i >= size ? 2 * (size - 1) - i : i;

/** One number for both axes, or one of the height and one of the width. */
type Sides = number | readonly [number, number];

const both = (sides: Sides): readonly [number, number] =>
  typeof sides === "number" ? [sides, sides] : sides;

export function reflectPad(x: Dense, pad: Sides): Dense {
  const [n, h, w, c] = x.shape as unknown as Index;
  const [high, wide] = both(pad);
  return build([n, h + 2 * high, w + 2 * wide, c], ([i, y, z, k]) =>
    at(x, [i, reflected(y - high, h), reflected(z - wide, w), k]),
  );
}

export function instanceNorm(x: Dense, epsilon: number): Dense {
  const [n, h, w, c] = x.shape as unknown as Index;
  /** Mean over positions, [n, 1, 1, c]. */
  const average = (t: Dense): Dense =>
    build([n, 1, 1, c], ([i, , , k]) => {
      let sum = 0;
      for (let y = 0; y < h; y++) for (let z = 0; z < w; z++) sum += at(t, [i, y, z, k]);
      return sum / (h * w);
    });
  const mean = average(x);
  const centred = build(x.shape, (index) => at(x, index) - at(mean, [index[0], 0, 0, index[3]]));
  const variance = average(map(centred, (value) => value ** 2));
  return build(x.shape, (index) => {
    return at(centred, index) / Math.sqrt(at(variance, [index[0], 0, 0, index[3]]) + epsilon);
  });
}

interface Geometry {
  readonly stride: Sides;
  readonly pad: Sides;
}

/** Cross-correlation of x with a filter [kh, kw, in, out], zeros outside of x. */
export function conv(x: Dense, filter: Dense, bias: Dense, { stride, pad }: Geometry): Dense {
  const [n, h, w] = x.shape as unknown as Index;
  const [kh, kw, channels, filters] = filter.shape as unknown as Index;
  const [[down, right], [high, wide]] = [both(stride), both(pad)];
  const rows = Math.floor((h + 2 * high - kh) / down) + 1;
  const columns = Math.floor((w + 2 * wide - kw) / right) + 1;
  return build([n, rows, columns, filters], ([i, y, z, o]) => {
    let sum = bias.data[o] as number;
    for (let a = 0; a < kh; a++)
      for (let b = 0; b < kw; b++)
        for (let c = 0; c < channels; c++)
          sum +=
            at(x, [i, y * down - high + a, z * right - wide + b, c]) * at(filter, [a, b, c, o]);
    return sum;
  });
}

/**
 * torch.nn.ConvTranspose2d as its documentation has it: each input position adds the filter [kh,
 * kw, out, in] times its value to the output from stride times its place on, shifted back by the
 * padding; H_out = (H_in - 1) stride - 2 padding + (kernel_size - 1) + output_padding + 1.
 */
export function convTranspose(
  x: Dense,
  filter: Dense,
  bias: Dense,
  { stride, pad, outputPad }: Geometry & { readonly outputPad: Sides },
): Dense {
  const [n, h, w, channels] = x.shape as unknown as Index;
  const [kh, kw, filters] = filter.shape as unknown as Index;
  const [[down, right], [high, wide]] = [both(stride), both(pad)];
  const [below, beside] = both(outputPad);
  const rows = (h - 1) * down - 2 * high + (kh - 1) + below + 1;
  const columns = (w - 1) * right - 2 * wide + (kw - 1) + beside + 1;
  const shape = [n, rows, columns, filters];
  const result = build(shape, ([, , , o]) => bias.data[o] as number);
  const scatter = (index: Index, value: number): void => {
    const inside = index.every((i, axis) => i >= 0 && i < (shape[axis] as number));
    if (inside) (result.data[offset(shape, index)] as number) += value;
  };
  for (const [i, y, z, c] of indices([n, h, w, channels]))
    for (const [a, b, o] of indices([kh, kw, filters, 1]))
      scatter(
        [i, y * down - high + a, z * right - wide + b, o],
        at(x, [i, y, z, c]) * at(filter, [a, b, o, c]),
      );
  return result;
}

function* indices([n, h, w, c]: Index): Generator<Index> {
  for (let i = 0; i < n; i++)
    for (let y = 0; y < h; y++)
      for (let x = 0; x < w; x++) for (let k = 0; k < c; k++) yield [i, y, x, k];
}

export function upsample(x: Dense, factor: Sides): Dense {
  const [n, h, w, c] = x.shape as unknown as Index;
  const [down, right] = both(factor);
  return build([n, h * down, w * right, c], ([i, y, z, k]) =>
    at(x, [i, Math.floor(y / down), Math.floor(z / right), k]),
  );
}

/** Each window reduced by `f`; `outside` is what the padding counts as. */
export function pool(
  x: Dense,
  kernel: Sides,
  { stride, pad }: Geometry,
  f: (window: readonly number[]) => number,
  outside: number,
): Dense {
  const [n, h, w, c] = x.shape as unknown as Index;
  const [[kh, kw], [down, right], [high, wide]] = [both(kernel), both(stride), both(pad)];
  const rows = Math.floor((h + 2 * high - kh) / down) + 1;
  const columns = Math.floor((w + 2 * wide - kw) / right) + 1;
  return build([n, rows, columns, c], ([i, y, z, k]) => {
    const window: number[] = [];
    for (let a = 0; a < kh; a++)
      for (let b = 0; b < kw; b++) {
        const [u, v] = [y * down - high + a, z * right - wide + b];
        window.push(u < 0 || v < 0 || u >= h || v >= w ? outside : at(x, [i, u, v, k]));
      }
    return f(window);
  });
}

/** log(1 + e^z) without overflow. */
export const softplus = (z: number): number => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));

/**
 * The gradient, for each input, of the inner product of f(inputs) with `cotangent`: central
 * differences.
 */
export function differences(
  f: (...inputs: Dense[]) => Dense,
  inputs: readonly Dense[],
  cotangent: Dense,
  step = 1e-5,
): Dense[] {
  const objective = (): number =>
    f(...inputs).data.reduce((sum, v, i) => sum + v * (cotangent.data[i] as number), 0);
  return inputs.map((input) => {
    const { data } = input;
    return dense(input.shape, (i) => {
      const value = data[i] as number;
      data[i] = value + step;
      const above = objective();
      data[i] = value - step;
      const below = objective();
      data[i] = value;
      return (above - below) / (2 * step);
    });
  });
}
