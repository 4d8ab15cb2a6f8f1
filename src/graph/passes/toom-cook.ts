/**
 * Fast convolution of short signals, derived from its points (Winograd 1980; Lavin and Gray 2016
 * for images): m outputs of a filter of r taps by m + r - 1 products, y = A [(G g) * (B d)].
 *
 * A polynomial product of degree m + r - 2 is fixed by its values at m + r - 1 points, one of which
 * may be infinity, where the value is the leading coefficient. Evaluating, multiplying and
 * interpolating multiplies polynomials; transposing that (Tellegen) gives the correlation that a
 * convolution layer computes.
 */
export interface FastConvolution {
  readonly outputs: number;
  readonly taps: number;
  /** m + r - 1: how many products, and how many inputs a block of outputs sees. */
  readonly products: number;
  /** Row-major: A [outputs, products], G [products, taps], B [products, products]. */
  readonly a: readonly number[];
  readonly g: readonly number[];
  readonly b: readonly number[];
}

/** Coefficients of the product of (x - p) over the points, the constant one first. */
const polynomial = (points: readonly number[]): readonly number[] =>
  points.reduce<readonly number[]>(
    (coefficients, point) =>
      Array.from(
        { length: coefficients.length + 1 },
        (_, i) => (coefficients[i - 1] ?? 0) - point * (coefficients[i] ?? 0),
      ),
    [1],
  );

/**
 * @param points outputs + taps - 2 different numbers; infinity is added to them. Few and small ones
 *   keep rounding small.
 * @throws Error where there are too few or too many
 */
export const fastConvolution = (
  outputs: number,
  taps: number,
  points: readonly number[],
): FastConvolution => {
  const products = outputs + taps - 1;
  if (points.length !== products - 1) throw new Error(`${products - 1} points are needed`);
  const others = (j: number): readonly number[] => points.filter((_, k) => k !== j);
  const rows = (count: number, row: (i: number) => readonly number[]): readonly number[] =>
    Array.from({ length: count }, (_, i) => row(i)).flat();
  const columns = (of: (j: number) => number): readonly number[] =>
    Array.from({ length: products }, (_, j) => of(j));
  /** The value at point j of x^i, in a polynomial of `size` coefficients. */
  const powerAt = (j: number, i: number, size: number): number => {
    const point = points[j];
    return point === undefined ? (i === size - 1 ? 1 : 0) : point ** i;
  };
  const scale = (j: number): number => {
    const point = points[j];
    return point === undefined ? 1 : others(j).reduce((product, p) => product * (point - p), 1);
  };
  return {
    outputs,
    taps,
    products,
    a: rows(outputs, (i) => columns((j) => powerAt(j, i, outputs))),
    g: rows(products, (j) =>
      Array.from({ length: taps }, (_, i) => powerAt(j, i, taps) / scale(j)),
    ),
    b: rows(products, (j) => {
      const coefficients = polynomial(j < points.length ? others(j) : points);
      return columns((k) => coefficients[k] ?? 0);
    }),
  };
};

/**
 * Four outputs of three taps. Six products where plain convolution takes twelve, and of points that
 * keep 32-bit rounding small (measured in bench/passes).
 */
export const fourOfThree = fastConvolution(4, 3, [0, 1, -1, 0.5, -2]);
