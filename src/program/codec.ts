/** Data as trees of the notation and back: each shape of record is said once, for both ways. */
import { recordOf } from "../base/record.js";
import { list, Malformed, quoted, type Tree, word } from "./notation.js";

export interface Codec<A> {
  readonly print: (value: A) => Tree;
  /** @throws Malformed where the tree is none of its own. */
  readonly read: (tree: Tree) => A;
}

const expected = (what: string, { at }: Tree): Malformed => new Malformed(`expected ${what}`, at);

/** Words that need no quotes: names, paths of layers, identities. */
const PLAIN = /^[A-Za-z_%][\w.%#]*$/;

export const text: Codec<string> = {
  print: (value) => (PLAIN.test(value) ? word(value) : quoted(value)),
  read: (tree) => {
    if (tree.kind === "list") throw expected("a name or a text", tree);
    return tree.text;
  },
};

/** A text of any content. */
export const sentence: Codec<string> = { print: quoted, read: text.read };

export const number: Codec<number> = {
  // Decimal digits that read back as the same float64, the sign of a zero included.
  print: (value) => word(Object.is(value, -0) ? "-0" : String(value)),
  read: (tree) => {
    const value = tree.kind === "word" ? Number(tree.text) : Number.NaN;
    if (tree.kind !== "word" || (Number.isNaN(value) && tree.text !== "NaN"))
      throw expected("a number", tree);
    return value;
  },
};

export const bool: Codec<boolean> = {
  print: (value) => word(String(value)),
  read: (tree) => {
    if (tree.kind === "word" && (tree.text === "true" || tree.text === "false"))
      return tree.text === "true";
    throw expected("true or false", tree);
  },
};

/** A mark that is set or absent. */
export const yes: Codec<true> = {
  print: () => word("true"),
  read: (tree) => {
    if (tree.kind === "word" && tree.text === "true") return true;
    throw expected("true", tree);
  },
};

/** Codes a field that is never there. */
export const nothing = <A>(): Codec<A> => ({
  print: () => list([]),
  read: (tree) => {
    throw expected("nothing", tree);
  },
});

export const numberOrBool: Codec<number | boolean> = {
  print: (value) => (typeof value === "number" ? number.print(value) : bool.print(value)),
  read: (tree) =>
    tree.kind === "word" && /^(true|false)$/.test(tree.text) ? bool.read(tree) : number.read(tree),
};

/** One of these words. */
export const oneOf = <A extends string>(...words: readonly A[]): Codec<A> => ({
  print: (value) => (PLAIN.test(value) ? word(value) : quoted(value)),
  read: (tree) => {
    const found = words.find((one) => tree.kind !== "list" && one === tree.text);
    if (found === undefined) throw expected(`one of ${words.join(", ")}`, tree);
    return found;
  },
});

export const items = (tree: Tree): readonly Tree[] => {
  if (tree.kind === "list") return tree.items;
  throw expected("a list", tree);
};

export const many = <A>(of: Codec<A>): Codec<readonly A[]> => ({
  print: (values) => list(values.map(of.print)),
  read: (tree) => items(tree).map(of.read),
});

/** `-` where there is none. */
export const orNull = <A>(of: Codec<A>): Codec<A | null> => ({
  print: (value) => (value === null ? word("-") : of.print(value)),
  read: (tree) => (tree.kind === "word" && tree.text === "-" ? null : of.read(tree)),
});

/** Height, width and channels, or as many numbers as there are: `256x256x3`. */
export const sides = (count: number): Codec<readonly number[]> => ({
  print: (value) => word(value.join("x")),
  read: (tree) => {
    const found = tree.kind === "word" ? tree.text.split("x").map(Number) : [];
    if (found.length !== count || found.some((side) => !Number.isInteger(side)))
      throw expected("a shape, as in 256x256x3", tree);
    return found;
  },
});

/** A word or a quoted text that names what stands behind it. */
const keyOf = (tree: Tree): string => {
  if (tree.kind === "quoted") return tree.text;
  if (tree.kind === "word" && tree.text.endsWith(":")) return tree.text.slice(0, -1);
  throw expected("a name with a colon", tree);
};

/** Codes a record by names: `(G: 1 D: 2)`. */
export const byName = <A>(of: Codec<A>): Codec<Readonly<Record<string, A>>> => ({
  print: (values) =>
    list(
      Object.entries(values).flatMap(([name, value]) => [
        PLAIN.test(name) ? word(`${name}:`) : quoted(name),
        of.print(value),
      ]),
    ),
  read: (tree) => {
    const trees = items(tree);
    const entries: (readonly [string, A])[] = [];
    for (let i = 0; i < trees.length; i += 2) {
      const [key, value] = [trees[i] as Tree, trees[i + 1]];
      const name = keyOf(key);
      if (value === undefined || entries.some(([other]) => other === name))
        throw new Malformed(`${name} has no value, or two`, key.at);
      entries.push([name, of.read(value)]);
    }
    return recordOf(entries);
  },
});

/** One field of a record: its codec, and whether its place or its name tells it. */
interface Field<A> {
  readonly codec: Codec<A>;
  /**
   * `rest`: all that stands before the first name. `list`: behind its name, absent where it is
   * empty.
   */
  readonly place: "here" | "rest" | "named" | "optional" | "list";
}

/** A field that stands at its place. */
export const here = <A>(codec: Codec<A>): Field<A> => ({ codec, place: "here" });
/** A field behind its name. */
export const named = <A>(codec: Codec<A>): Field<A> => ({ codec, place: "named" });
/** A field behind its name, which may be absent. */
export const optional = <A>(codec: Codec<A>): Field<A> => ({ codec, place: "optional" });

/** A list whose items stand one after the other, up to the first name. */
export const rest = <A>(codec: Codec<A>): Field<readonly A[]> => ({
  codec: many(codec),
  place: "rest",
});

/** A list behind its name, which stands there where it holds something. */
export const listed = <A>(codec: Codec<A>): Field<readonly A[]> => ({
  codec: many(codec),
  place: "list",
});

/** A field for each property, those that may be absent included. */
export type Fields<A> = { readonly [K in keyof A]-?: Field<Exclude<A[K], undefined>> };

type AnyFields = readonly (readonly [string, Field<unknown>])[];

/** The fields of a record: those at their places first. */
const fieldsOf = (fields: object): AnyFields => {
  const all = Object.entries(fields) as unknown as AnyFields;
  const isAtPlace = ([, { place }]: AnyFields[number]): boolean =>
    place === "here" || place === "rest";
  return [...all.filter(isAtPlace), ...all.filter((field) => !isAtPlace(field))];
};

const printedField = (name: string, { codec, place }: Field<unknown>, of: unknown) => {
  switch (place) {
    case "here":
      return [codec.print(of)];
    case "rest":
      return items(codec.print(of));
    case "list":
      return (of as readonly unknown[]).length === 0 ? [] : [word(`${name}:`), codec.print(of)];
    case "named":
    case "optional":
      return of === undefined ? [] : [word(`${name}:`), codec.print(of)];
  }
};

const printed = (fields: AnyFields, value: Readonly<Record<string, unknown>>): readonly Tree[] =>
  fields.flatMap(([name, field]) => printedField(name, field, value[name]));

const isKey = (tree: Tree): boolean => tree.kind === "word" && tree.text.endsWith(":");

/** Fields behind their names, each at most once. */
const readNamed = (
  fields: AnyFields,
  trees: readonly Tree[],
  found: Record<string, unknown>,
): void => {
  for (let i = 0; i < trees.length; i += 2) {
    const [key, value] = [trees[i] as Tree, trees[i + 1]];
    const name = key.kind === "word" && isKey(key) ? key.text.slice(0, -1) : undefined;
    const field = fields.find(([of]) => of === name);
    if (field === undefined || value === undefined || Object.hasOwn(found, field[0]))
      throw new Malformed("nothing of this kind stands here", key.at);
    found[field[0]] = field[1].codec.read(value);
  }
};

const readFields = (
  fields: AnyFields,
  whole: Tree,
  trees: readonly Tree[],
): Readonly<Record<string, unknown>> => {
  const found: Record<string, unknown> = {};
  let at = 0;
  for (const [name, { codec, place }] of fields) {
    const tree = trees[at];
    if (place === "here") {
      if (tree === undefined) throw expected(name, whole);
      found[name] = codec.read(tree);
      at++;
    } else if (place === "rest") {
      const key = trees.findIndex((one, i) => i >= at && isKey(one));
      const end = key < 0 ? trees.length : key;
      found[name] = codec.read({ ...list(trees.slice(at, end)), at: whole.at });
      at = end;
    }
  }
  const behind = fields.filter(([, { place }]) => place !== "here" && place !== "rest");
  readNamed(behind, trees.slice(at), found);
  for (const [name, { place }] of behind) {
    if (Object.hasOwn(found, name) || place === "optional") continue;
    if (place !== "list") throw expected(`${name}:`, whole);
    found[name] = [];
  }
  return found;
};

/** Records without a tag: `(weight (7 7 3 64))`. */
export const record = <A extends object>(fields: Fields<A>): Codec<A> => {
  const all = fieldsOf(fields);
  return {
    print: (value) => list(printed(all, value as Readonly<Record<string, unknown>>)),
    read: (tree) => readFields(all, tree, items(tree)) as A,
  };
};

/** Codes records that a word in front tells apart, the record's `kind`: `(apply G (draw x X))`. */
export const tagged = <A extends { readonly kind: string }>(
  cases: {
    readonly [K in A["kind"]]: Fields<Omit<Extract<A, { readonly kind: K }>, "kind">>;
  },
): Codec<A> => {
  const byKind = new Map<string, AnyFields>(
    Object.entries<object>(cases).map(([kind, fields]) => [kind, fieldsOf(fields)]),
  );
  return {
    print: (value) => {
      const parts = printed(
        byKind.get(value.kind) ?? [],
        value as unknown as Readonly<Record<string, unknown>>,
      );
      return parts.length === 0 ? word(value.kind) : list([word(value.kind), ...parts]);
    },
    read: (tree) => {
      const [tag, ...rest] = tree.kind === "list" ? tree.items : [tree];
      const fields = tag?.kind === "word" ? byKind.get(tag.text) : undefined;
      if (fields === undefined || tag?.kind !== "word")
        throw expected(`one of ${[...byKind.keys()].join(", ")}`, tag ?? tree);
      return { kind: tag.text, ...readFields(fields, tree, rest) } as unknown as A;
    },
  };
};

/** A codec of what holds itself. */
export const lazy = <A>(of: () => Codec<A>): Codec<A> => {
  let known: Codec<A> | undefined;
  const codec = (): Codec<A> => {
    known ??= of();
    return known;
  };
  return { print: (value) => codec().print(value), read: (tree) => codec().read(tree) };
};
