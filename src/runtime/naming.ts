/** The scope that layers are named in while a network is built: where a layer stands gives it its name. */
import { ScopeNames } from "../parameters/names.js";

interface Scope {
  readonly names: ScopeNames;
  /** Of a scope for one name: that name, whatever its kind. */
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
 * The name of the next `kind` in the innermost scope.
 * @throws Error outside of `network`: a layer without a place would have no name to save its weights under.
 */
export function nextName(kind: string): string {
  const scope = scopes.at(-1);
  if (scope === undefined) throw new Error(`${kind}: blocks are applied inside network(…)`);
  return scope.only ?? scope.names.next(kind);
}

/** Stands before names that tfjs refuses for tensors; in no name of ganc is a `-`. */
const lead = "x-";

/** What tfjs is to call the layer at a place: it names its weights by it, which may not begin with `_`. */
export const layerName = (place: string): string => (place.startsWith("_") ? lead + place : place);

/** The place of a layer that tfjs calls so. */
export const placeOf = (name: string): string =>
  name.startsWith(lead) ? name.slice(lead.length) : name;

/** Runs `build` in a scope of its own within the innermost one. */
export const inScope = <T>(name: string, build: () => T): T =>
  open({ names: new ScopeNames(`${nextName(name)}.`) }, build);

/** Runs `build` at the top of a new network; networks may be built while another is. */
export const inNetwork = <T>(build: () => T): T => open({ names: new ScopeNames("") }, build);

/** Runs `build`, in which one layer is named: by this, which holds the scopes around it. */
export const underName = <T>(name: string, build: () => T): T =>
  open({ names: new ScopeNames(""), only: name }, build);
