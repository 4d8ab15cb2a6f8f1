/**
 * Names layers by the scopes around them and their kinds, joined by dots. The first of a kind in a
 * scope is bare, the k-th is `kind_k`: `c7s1.conv`, `R_3.conv_2`. Names already given are skipped.
 */

/** The names of one scope. */
export class ScopeNames {
  private readonly counts = new Map<string, number>();
  private readonly given = new Set<string>();

  /** @param prefix empty at the top of a network, else ends in a dot */
  constructor(private readonly prefix: string) {}

  /** The name of the next `kind`. */
  next(kind: string): string {
    let name: string;
    // A kind may be named like the second of another: `f_2`.
    do {
      const count = (this.counts.get(kind) ?? 0) + 1;
      this.counts.set(kind, count);
      name = count === 1 ? kind : `${kind}_${count}`;
    } while (this.given.has(name));
    this.given.add(name);
    return this.prefix + name;
  }

  /** The names of the next `kind`, which is a scope within this one. */
  within(kind: string): ScopeNames {
    return new ScopeNames(`${this.next(kind)}.`);
  }
}
