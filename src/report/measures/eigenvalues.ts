/** Computes eigenvalues of a symmetric matrix in float64. */

const { abs, hypot, max } = Math;

/**
 * Reduces a symmetric matrix, `[n, n]` by rows, to tridiagonal form by reflections (Householder
 * 1958), in place. Returns the main diagonal and the one beside it.
 */
const tridiagonal = (
  a: Float64Array,
  n: number,
): { readonly main: Float64Array; readonly beside: Float64Array } => {
  const beside = new Float64Array(max(0, n - 1));
  const v = new Float64Array(n);
  const w = new Float64Array(n);
  for (let k = 0; k < n - 1; k++) {
    let norm = 0;
    for (let i = k + 1; i < n; i++) norm = hypot(norm, a[i * n + k] ?? 0);
    const head = a[(k + 1) * n + k] ?? 0;
    const target = head > 0 ? -norm : norm;
    beside[k] = target;
    if (norm === 0) continue;
    for (let i = k + 1; i < n; i++) v[i] = a[i * n + k] ?? 0;
    v[k + 1] = head - target;
    let length = 0;
    for (let i = k + 1; i < n; i++) length += (v[i] ?? 0) ** 2;
    if (length === 0) continue;
    reflect(a, n, k + 1, v, w, 2 / length);
  }
  return { main: Float64Array.from({ length: n }, (_, i) => a[i * n + i] ?? 0), beside };
};

/** Replaces A by H A H with H = 1 - factor v v', from row and column `from` on. */
const reflect = (
  a: Float64Array,
  n: number,
  from: number,
  v: Float64Array,
  w: Float64Array,
  factor: number,
): void => {
  let along = 0;
  for (let i = from; i < n; i++) {
    let sum = 0;
    for (let j = from; j < n; j++) sum += (a[i * n + j] ?? 0) * (v[j] ?? 0);
    w[i] = factor * sum;
    along += (w[i] ?? 0) * (v[i] ?? 0);
  }
  for (let i = from; i < n; i++) w[i] = (w[i] ?? 0) - 0.5 * factor * along * (v[i] ?? 0);
  for (let i = from; i < n; i++) {
    const [vi, wi] = [v[i] ?? 0, w[i] ?? 0];
    for (let j = from; j < n; j++)
      a[i * n + j] = (a[i * n + j] ?? 0) - vi * (w[j] ?? 0) - wi * (v[j] ?? 0);
  }
};

/** Counts the eigenvalues below `x`: the sign changes of the leading minors of T - x (Sturm). */
const below = (main: Float64Array, squares: Float64Array, x: number, tiny: number): number => {
  let [count, pivot] = [0, 1];
  for (let i = 0; i < main.length; i++) {
    pivot = (main[i] ?? 0) - x - (i === 0 ? 0 : (squares[i - 1] ?? 0) / pivot);
    if (abs(pivot) < tiny) pivot = -tiny;
    if (pivot < 0) count++;
  }
  return count;
};

/**
 * Computes the eigenvalues of a symmetric matrix `[n, n]`, ascending, by bisection, each to about
 * 1e-16 of the largest.
 */
export const eigenvalues = (matrix: Float64Array, n: number): Float64Array => {
  const { main, beside } = tridiagonal(matrix.slice(), n);
  const squares = beside.map((b) => b * b);
  let reach = 0;
  for (let i = 0; i < n; i++) {
    const around = abs(beside[i - 1] ?? 0) + abs(beside[i] ?? 0);
    reach = max(reach, abs(main[i] ?? 0) + around);
  }
  const tiny = max(Number.MIN_VALUE, reach * 1e-30);
  return Float64Array.from({ length: n }, (_, k) => {
    let [low, high] = [-reach, reach];
    for (let i = 0; i < 56; i++) {
      const middle = (low + high) / 2;
      if (below(main, squares, middle, tiny) > k) high = middle;
      else low = middle;
    }
    return (low + high) / 2;
  });
};
