/** Disjoint sets (union-find). */

export interface Union {
  /** Returns the least number in the set of `i`; `i` itself if it is alone. */
  find(i: number): number;
  join(a: number, b: number): void;
}

/** Makes one set for each number from 0 to `count`. */
export const newUnion = (count: number): Union => {
  const leader = Array.from({ length: count }, (_, i) => i);
  const find = (i: number): number => {
    let at = i;
    for (let up = leader[at] ?? at; up !== at; up = leader[at] ?? at) {
      leader[at] = leader[up] ?? up;
      at = up;
    }
    return at;
  };
  return {
    find,
    join: (a, b) => {
      const [x, y] = [find(a), find(b)];
      leader[Math.max(x, y)] = Math.min(x, y);
    },
  };
};
