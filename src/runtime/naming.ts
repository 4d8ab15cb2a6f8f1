/**
 * Where a layer stands in its network gives it its name: the names of the scopes around it and its kind, joined by
 * dots. The first of a kind in a scope is bare, the k-th is `kind_k`: `c7s1.conv`, `R_3.conv_2`; names that are given
 * already are passed over.
 */
interface Scope {
  /** Empty at the top of a network, else ends in a dot. */
  readonly prefix: string;
  /** Of a scope for one name: that name, whatever its kind. */
  readonly only?: string;
  readonly seen: Map<string, number>;
  readonly given: Set<string>;
}

const scopes: Scope[] = [];

const open = <T>(prefix: string, build: () => T, only?: string): T => {
  scopes.push({
    prefix,
    seen: new Map(),
    given: new Set(),
    ...(only === undefined ? {} : { only }),
  });
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
  if (scope.only !== undefined) return scope.only;
  const { prefix, seen, given } = scope;
  let name: string;
  // A kind may be named like the second of another: `f_2`.
  do {
    const count = (seen.get(kind) ?? 0) + 1;
    seen.set(kind, count);
    name = count === 1 ? kind : `${kind}_${count}`;
  } while (given.has(name));
  given.add(name);
  return prefix + name;
}

/** Stands before names that tfjs refuses for tensors; in no name of ganc is a `-`. */
const lead = "x-";

/** What tfjs is to call the layer at a place: it names its weights by it, which may not begin with `_`. */
export const layerName = (place: string): string => (place.startsWith("_") ? lead + place : place);

/** The place of a layer that tfjs calls so. */
export const placeOf = (name: string): string =>
  name.startsWith(lead) ? name.slice(lead.length) : name;

/** Runs `build` in a scope of its own within the innermost one. */
export const inScope = <T>(name: string, build: () => T): T => open(`${nextName(name)}.`, build);

/** Runs `build` at the top of a new network; networks may be built while another is. */
export const inNetwork = <T>(build: () => T): T => open("", build);

/** Runs `build`, in which one layer is named: by this, which holds the scopes around it. */
export const underName = <T>(name: string, build: () => T): T => open("", build, name);
