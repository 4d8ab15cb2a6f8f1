/** Names that people read, made unique where only names of one kind meet. */

/** Names for keys where only names of one kind meet, such as properties: `x`, `x_2`, `x_3`. */
export class Names {
  private readonly byKey = new Map<string, string>();
  private readonly used = new Set<string>();

  of(key: string, wish: string): string {
    const known = this.byKey.get(key);
    if (known !== undefined) return known;
    let name = wish;
    for (let i = 2; this.used.has(name); i++) name = `${wish}_${i}`;
    this.used.add(name);
    this.byKey.set(key, name);
    return name;
  }
}

/** `X`, or `(X, Y)` for several. */
export const domainsText = (names: readonly string[]): string =>
  names.length === 1 ? names.join() : `(${names.join(", ")})`;

export const lowerFirst = (name: string): string =>
  `${name[0]?.toLowerCase() ?? ""}${name.slice(1)}`;

/** The last part of a path, without `.gan`. */
export const specName = (file: string): string =>
  (file.split("/").pop() ?? file).replace(/\.gan$/, "");
