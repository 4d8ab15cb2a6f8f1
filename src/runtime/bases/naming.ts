/** The scopes in which layers are named while a network is built, by their place. */
import { ScopeNames } from "../../parameters/names.js";

interface Scope {
  readonly names: ScopeNames;
  /** The only name in this scope, whatever the kind. */
  readonly only?: string;
}

const scopes: Scope[] = [];

const open = <T>(scope: Scope, build: () => T): T => {
  scopes.push(scope);
  try {
    return build();
  } finally {
    scopes.pop();
  }
};

/**
 * Returns the name of the next `kind` in the innermost scope.
 * @throws Error outside of `network`, where a layer would have no name to save its weights under
 */
export function nextName(kind: string): string {
  const scope = scopes.at(-1);
  if (scope === undefined) throw new Error(`${kind}: blocks are applied inside network(…)`);
  return scope.only ?? scope.names.next(kind);
}

/** Prefix for names that tfjs refuses for tensors. No name of ganc contains a `-`. */
const lead = "x-";

/**
 * Returns tfjs's name for the layer at a place. tfjs names weights by it, and they may not begin
 * with `_`.
 */
export const layerName = (place: string): string => (place.startsWith("_") ? lead + place : place);

/** Returns the place of a layer by tfjs's name. */
export const placeOf = (name: string): string =>
  name.startsWith(lead) ? name.slice(lead.length) : name;

/** Runs `build` in a new scope within the innermost one. */
export const inScope = <T>(name: string, build: () => T): T =>
  open({ names: new ScopeNames(`${nextName(name)}.`) }, build);

/** Runs `build` at the top of a new network. Networks may be built within each other. */
export const inNetwork = <T>(build: () => T): T => open({ names: new ScopeNames("") }, build);

/** Runs `build`, which creates one layer, with the full name of that layer. */
export const underName = <T>(name: string, build: () => T): T =>
  open({ names: new ScopeNames(""), only: name }, build);
