/**
 * The order of a weight's axes: PyTorch has [out, in, height, width], for transposed convolutions
 * [in, out, …], and [out, in] for dense layers; ganc the reverse, [height, width, in, out] and
 * [in, out]. What has one axis is the same.
 */

/** For each axis of PyTorch's weight, the axis of ganc's, by rank. */
const axes: Readonly<Record<number, readonly number[]>> = { 2: [1, 0], 4: [3, 2, 0, 1] };

const axesOf = (rank: number): readonly number[] =>
  axes[rank] ?? Array.from({ length: rank }, (_, i) => i);

/** The shape that PyTorch gives a weight of ganc. */
export const torchShape = (shape: readonly number[]): readonly number[] =>
  axesOf(shape.length).map((axis) => shape[axis] ?? 1);

const stepsOf = (shape: readonly number[]): readonly number[] =>
  shape.map((_, i) => shape.slice(i + 1).reduce((a, b) => a * b, 1));

/**
 * Copies numbers of one order into another.
 * @param steps distances in `from` of neighbours along each axis of `shape`
 */
const reordered = (
  from: Float32Array,
  shape: readonly number[],
  steps: readonly number[],
): Float32Array => {
  const [a = 1, b = 1, c = 1, d = 1] = [
    ...Array.from({ length: 4 - shape.length }, () => 1),
    ...shape,
  ];
  const [p = 0, q = 0, r = 0, s = 0] = [
    ...Array.from({ length: 4 - shape.length }, () => 0),
    ...steps,
  ];
  const into = new Float32Array(from.length);
  let at = 0;
  for (let i = 0; i < a; i++)
    for (let j = 0; j < b; j++)
      for (let k = 0; k < c; k++)
        for (let l = 0; l < d; l++) into[at++] = from[i * p + j * q + k * r + l * s] ?? 0;
  return into;
};

/** A weight of PyTorch in ganc's order, `shape` being ganc's. At most four axes. */
export const fromTorch = (data: Float32Array, shape: readonly number[]): Float32Array => {
  const steps = stepsOf(torchShape(shape));
  const order = axesOf(shape.length);
  return reordered(
    data,
    shape,
    shape.map((_, axis) => steps[order.indexOf(axis)] ?? 0),
  );
};

/** A weight of ganc, of shape `shape`, in PyTorch's order. At most four axes. */
export const toTorch = (data: Float32Array, shape: readonly number[]): Float32Array => {
  const steps = stepsOf(shape);
  const order = axesOf(shape.length);
  return reordered(
    data,
    torchShape(shape),
    order.map((axis) => steps[axis] ?? 0),
  );
};
