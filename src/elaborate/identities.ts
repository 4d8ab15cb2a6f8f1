/** One name for each thing that a program names, however many are called the same: `k`, `k#2`. */
import type { Declaration } from "../syntax/ast.js";

class Unique {
  private readonly byThing = new Map<unknown, string>();
  private readonly used = new Set<string>();

  of(thing: unknown, name: string): string {
    const known = this.byThing.get(thing);
    if (known !== undefined) return known;
    let id = name;
    for (let i = 2; this.used.has(id); i++) id = `${name}#${i}`;
    this.used.add(id);
    this.byThing.set(thing, id);
    return id;
  }
}

export class Identities {
  private readonly definitions = new Unique();
  private readonly locals = new Unique();

  /** @param visible declarations that the spec itself sees: these keep their names */
  constructor(visible: readonly Declaration[]) {
    for (const declaration of visible) this.definition(declaration);
  }

  definition(declaration: Declaration): string {
    return this.definitions.of(declaration, "name" in declaration ? declaration.name.text : "");
  }

  /** @param thing what binds the name, the same at each of its uses */
  local(thing: object, name: string): string {
    return this.locals.of(thing, `%${name}`);
  }
}
