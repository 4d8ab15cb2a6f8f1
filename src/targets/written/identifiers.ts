/** Identifiers of generated code: a spec's own names, wherever the code leaves them free. */
import { type Local, plainName, type Reference } from "../../program/expression.js";

export class Identifiers {
  private readonly used: Set<string>;
  private readonly byId = new Map<Local | Reference, string>();

  /**
   * @param taken words that the language keeps, and names that the module has anyway
   * @param plain makes a word of the language of a name that a spec may have: of `std.x`
   */
  constructor(
    taken: Iterable<string>,
    private readonly plain: (name: string) => string,
  ) {
    this.used = new Set(taken);
  }

  /** A name that nothing else has; `wish`, or `wish_`, `wish_2` where it is taken. */
  fresh(wish: string): string {
    const plain = this.plain(wish);
    let name = plain;
    for (let i = 1; this.used.has(name); i++) name = `${plain}_${i === 1 ? "" : i}`;
    this.used.add(name);
    return name;
  }

  /** The name of a definition or a local: the same at every call. */
  of(id: Local | Reference, wish: string = plainName(id)): string {
    const known = this.byId.get(id);
    if (known !== undefined) return known;
    const name = this.fresh(wish);
    this.byId.set(id, name);
    return name;
  }

  /**
   * Names inside of one function, which may repeat those of other functions but not of the module.
   */
  inner(): Identifiers {
    const inside = new Identifiers(this.used, this.plain);
    for (const [id, name] of this.byId) inside.byId.set(id, name);
    return inside;
  }
}
