/** Things that are put together, two at a time. */

export interface Union {
  /** The least of those that `i` is together with; itself where it is alone. */
  find(i: number): number;
  join(a: number, b: number): void;
}

/** Of the numbers from 0 to `count`, each alone. */
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
