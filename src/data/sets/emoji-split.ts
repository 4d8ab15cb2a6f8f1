/**
 * Splits emoji into training and test by subject, so that no near-twin of a drawing is on the other
 * side.
 */

/**
 * Variants in another skin are the same drawing: `-light-skin-tone` or `-tone1` in Noto,
 * `-medium-dark` in Fluent.
 */
const TONE = /-tone[1-5](-|$)|skin-tone/;
const FLUENT_TONE = /-(medium-light|medium-dark|light|medium|dark)(?=$|-)/g;

/** Flags of countries are the same picture in both styles. Other flags (chequered, pirate) stay. */
const FLAG = /^flag-/;

/** Names of the same subject that no rule below unites. */
const SYNONYMS: Readonly<Record<string, string>> = {
  blackbird: "black-bird",
  merman: "merpeople",
  mermaid: "merpeople",
  merperson: "merpeople",
  "mrs-claus": "claus",
  "mx-claus": "claus",
  "santa-claus": "claus",
  "on-exclamation-arrow": "on-arrow",
  "phoenix-bird": "phoenix",
  piata: "pinata",
  "red-triangle-pointed-up": "red-triangle",
  "red-triangle-pointed-down": "red-triangle",
  "up-exclamation-button": "up-button",
};

/** Words that distinguish variants of one drawing: person, age, colour, size, direction. */
const VARIANT_WORDS: ReadonlySet<string> = new Set(
  [
    "man men woman women person people adult boy girl child old older mans womans mens womens",
    "prince princess",
    "red orange yellow green blue purple brown black white grey pink light",
    "large medium small",
    "facing left right up down upwards downwards leftwards rightwards",
  ]
    .join(" ")
    .split(" "),
);

/**
 * Returns the subject of an emoji. Drawings that differ by gender, colour, size, direction, hour or
 * digit have the same.
 */
export const subject = (name: string): string => {
  const known = SYNONYMS[name] ?? name;
  if (/-(oclock|thirty)$/.test(known)) return "clock-face";
  if (/^(keycap-|digit-|\d$)/.test(known)) return "keycap";
  if (/^letter-/.test(known)) return "letter";
  const words = known.replace("blonde", "blond").split("-");
  const kept = words.filter((word) => !VARIANT_WORDS.has(word));
  if (kept.length > 0) return kept.join("-");
  return words.some((word) => /^(wo)?m[ae]n$|person|people|adult|boy|girl|child/.test(word))
    ? "person"
    : known;
};

/** Tells whether a name is a skin-tone variant or a country's flag, given all names of its set. */
const isVariant = (name: string, all: ReadonlySet<string>): boolean => {
  if (TONE.test(name) || FLAG.test(name)) return true;
  const plain = name.replaceAll(FLUENT_TONE, "");
  return plain !== name && all.has(plain);
};

export interface EmojiSplit {
  /** Names in the first and in the second style. */
  readonly train: readonly [readonly string[], readonly string[]];
  /** The names of each tested emoji in the first and in the second style. */
  readonly test: readonly (readonly [string, string])[];
}

/** The drawings of one subject: names in either style, and emoji drawn in both. */
interface Subject {
  readonly sides: readonly [string[], string[]];
  readonly both: [string, string][];
}

const subjectsOf = (
  names: readonly [readonly string[], readonly string[]],
  parents: Readonly<Record<string, string>>,
): readonly Subject[] => {
  const canonical = (name: string): string => parents[name] ?? name;
  const kept = names.map((side) => {
    const all = new Set(side);
    return side.filter((name) => !isVariant(name, all)).sort();
  });
  const subjects = new Map<string, Subject>();
  for (const [side, list] of kept.entries())
    for (const name of list) {
      const key = subject(canonical(name));
      const held = subjects.get(key) ?? { sides: [[], []], both: [] };
      held.sides[side === 0 ? 0 : 1].push(name);
      subjects.set(key, held);
    }
  for (const { sides, both } of subjects.values())
    for (const name of sides[0]) {
      const twin = sides[1].find((other) => canonical(other) === canonical(name));
      if (twin !== undefined) both.push([name, twin]);
    }
  return [...subjects].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, held]) => held);
};

/**
 * Tells whether a subject may be tested. One with many drawings (clock faces, keycaps) trains: in
 * the test split its near-twins would count as many observations of one thing.
 */
const isTestable = (drawings: number): boolean => drawings > 0 && drawings <= 6;

/**
 * Splits two styles, given as lists of names and a table of aliases. Leaves out skin tones and
 * country flags. Takes subjects in the order of `permute(n)`: those that fit go to the test split
 * until it holds `test` emoji drawn in both styles; each of the rest goes to the training split of
 * whichever style is smaller so far. A subject that only one style draws trains there.
 */
export const splitEmoji = (
  names: readonly [readonly string[], readonly string[]],
  parents: Readonly<Record<string, string>>,
  permute: (n: number) => Uint32Array,
  test: number,
): EmojiSplit => {
  const subjects = subjectsOf(names, parents);
  const train: [string[], string[]] = [[], []];
  const tested: [string, string][] = [];
  const shared: Subject[] = [];
  for (const i of permute(subjects.length)) {
    const held = subjects[i];
    if (held === undefined) continue;
    const { sides, both } = held;
    if (sides[0].length === 0 || sides[1].length === 0) {
      train[0].push(...sides[0]);
      train[1].push(...sides[1]);
    } else if (isTestable(both.length) && tested.length + both.length <= test) tested.push(...both);
    else shared.push(held);
  }
  for (const { sides } of shared) {
    const side = train[0].length <= train[1].length ? 0 : 1;
    train[side].push(...sides[side]);
  }
  return {
    train: [train[0].sort(), train[1].sort()],
    test: tested.sort(([a], [b]) => (a < b ? -1 : 1)),
  };
};
