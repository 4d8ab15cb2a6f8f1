/**
 * Random specs as texts: every rule of the grammar by chance, names without sense, blanks, ends of
 * lines and comments between any two tokens. They parse; what they mean does not matter.
 */
import type fc from "fast-check";
import { nat } from "fast-check";

const words = ["x", "f", "conv", "skip", "E", "min", "a_longer_name_than_most", "instance_norm"];
const uppers = ["X", "Y", "G", "D_X", "Photographs", "F"];
const numbers = ["1", "64", "1_000", "0.5", "2e-4"];
const blanks = [" ", " ", " ", " ", " ", "\n", "\n", "  \n\n\n ", "\t"];
const comments = [
  " -- why\n",
  "\n-- of its own\n",
  " --\n",
  "\n\n-- apart  \n\n",
  " --two -- in one\n",
];

/**
 * Rules of the grammar by their names. Each spends from a budget, and once that is gone the
 * shortest form is taken.
 */
class Random {
  private budget: number;

  constructor(private readonly generator: fc.GeneratorValue) {
    this.budget = this.below(120);
  }

  /** A whole number from 0 to `count` - 1. */
  below(count: number): number {
    return this.generator(nat, { max: count - 1 });
  }

  private among(texts: readonly string[]): string {
    return texts[this.below(texts.length)] ?? "";
  }

  private either(...ways: readonly (() => string[])[]): string[] {
    const way = ways[this.budget-- > 0 ? this.below(ways.length) : 0];
    return way?.() ?? [];
  }

  private maybe(way: () => string[]): string[] {
    return this.either(() => [], way);
  }

  private list(item: () => string[], least: number, most = 4): string[] {
    const count = this.budget > 0 ? least + this.below(most - least + 1) : least;
    return Array.from({ length: count }, (_, i) => [...(i === 0 ? [] : [","]), ...item()]).flat();
  }

  private some(item: () => string[], least: number): string[] {
    return Array.from({ length: least + this.below(3) }, item).flat();
  }

  private word = (): string[] => [this.among(words)];
  private upper = (): string[] => [this.among(uppers)];

  private type = (): string[] =>
    this.either(this.simpleType, () => [...this.simpleType(), "->", ...this.simpleType()]);

  private simpleType = (): string[] =>
    this.either(this.upper, this.upper, () => ["(", ...this.list(this.type, 1), ")"]);

  private formals = (): string[] => {
    const typed = (): string[] => [":", ...this.type()];
    const valued = (): string[] => ["=", ...this.expression()];
    // A role is one only where nothing but blanks stands up to the arrow.
    const meant = (): string[] => [`${this.among(["min", "max"])} ${this.among(uppers)} :  X -> Y`];
    const free = (): string[] => [...this.word(), ...this.maybe(typed), ...this.maybe(valued)];
    const formal = (): string[] => this.either(free, free, free, meant);
    return ["(", ...this.list(formal, 0), ")"];
  };

  private binding = (): string[] => [
    ...this.word(),
    ...this.maybe(this.formals),
    "=",
    ...this.expression(),
  ];

  private params = (): string[] =>
    this.either(this.word, this.word, () => ["(", ...this.list(this.word, 1), ")"]);

  private expression = (): string[] =>
    this.either(
      this.pipeline,
      this.pipeline,
      this.disjunction,
      () => [...this.params(), "=>", ...this.expression()],
      () => ["let", ...this.binding(), "in", ...this.expression()],
    );

  private chain(operand: () => string[], operators: readonly string[]): string[] {
    const first = operand();
    const count = this.budget > 0 ? Math.max(0, this.below(5) - 1) : 0;
    const rest = Array.from({ length: count }, () => [this.among(operators), ...operand()]);
    return [...first, ...rest.flat()];
  }

  private disjunction = (): string[] => this.chain(this.conjunction, ["or"]);
  private conjunction = (): string[] => this.chain(this.negation, ["and"]);
  private negation = (): string[] =>
    this.either(this.comparison, this.comparison, () => ["not", ...this.negation()]);

  private comparison = (): string[] =>
    this.either(this.pipeline, () => [
      ...this.pipeline(),
      this.among(["==", "!=", "<=", ">=", "<", ">"]),
      ...this.pipeline(),
    ]);

  private pipeline = (): string[] => this.chain(this.sum, [">>"]);
  private sum = (): string[] => this.chain(this.product, ["+", "-"]);
  private product = (): string[] => this.chain(this.factor, ["*", "/", "//", "%"]);
  private factor = (): string[] =>
    this.either(this.relabelled, this.relabelled, this.relabelled, this.mean);

  private mean = (): string[] => {
    const binder = (): string[] => [...this.params(), "~", ...this.postfix()];
    return ["E[", ...this.list(binder, 1), "]", ...this.product()];
  };

  private relabelled = (): string[] =>
    this.either(this.signed, this.signed, () => [...this.signed(), "as", ...this.simpleType()]);

  private signed = (): string[] =>
    this.either(
      this.postfix,
      this.postfix,
      () => ["-", ...this.signed()],
      () => [...this.postfix(), "^", ...this.signed()],
    );

  private postfix = (): string[] => {
    const argument = (): string[] =>
      this.either(this.expression, () => [...this.word(), ":", ...this.expression()]);
    return this.either(
      this.atom,
      this.atom,
      () => [...this.postfix(), "(", ...this.list(argument, 0), ")"],
      () => [...this.postfix(), ".", ...this.word()],
    );
  };

  private atom = (): string[] =>
    this.either(
      this.word,
      () => [this.among(numbers)],
      () => [this.among(["true", "false"])],
      () => ["(", ...this.list(this.expression, 1, 2), ")"],
    );

  private quantifier = (): string[] => [
    this.among(["min[", "max ["]),
    ...this.list(this.upper, 1),
    "]",
  ];

  private clause = (): string[] => [...this.some(this.quantifier, 1), ...this.expression()];
  private field = (): string[] =>
    this.either(
      () => [...this.word(), ":", ...this.expression()],
      () => ["clip", "[", ...this.list(this.upper, 1), "]", ":", ...this.expression()],
    );

  private times = (): string[] => this.either(this.word, () => ["(", ...this.expression(), ")"]);
  private clauses = (): string[] => this.some(this.clause, 1);
  private phase = (): string[] =>
    this.either(
      this.clauses,
      () => ["repeat", ...this.times(), "{", ...this.clauses(), "}"],
      () => ["every", ...this.word(), "{", ...this.clauses(), "}"],
    );
  private laterPhase = (): string[] => ["then", ...this.phase()];

  private names = (): string[] => ["(", ...this.list(this.word, 1, 30), ")"];

  declaration = (): string[] => {
    const where = (): string[] => ["where", ...this.expression()];
    return this.either(
      () => ["domain", ...this.upper(), "=", ...this.expression()],
      () => [
        ...["param", ...this.word(), ":", ...this.type(), "="],
        ...[...this.expression(), ...this.maybe(where)],
      ],
      () => ["let", ...this.binding()],
      () => ["net", ...this.upper(), ":", ...this.type(), "=", ...this.expression()],
      () => ["loss", ...this.word(), ...this.formals(), "=", ...this.expression()],
      () => ["objective", ...this.upper(), "=", ...this.expression()],
      () => ["expect", ...this.expression()],
      () => ["import", this.among(['"./a.gan"', '"--"']), ...this.maybe(this.names)],
      () => ["import", "std", ".", "losses", ...this.maybe(this.names)],
      () => ["module", ...this.word(), "{", ...this.some(this.declaration, 0), "}"],
      () => ["solve", "{", ...this.phase(), ...this.some(this.laterPhase, 0), "}"],
      () => ["train", "{", ...this.some(this.field, 0), "}"],
    );
  };
}

/** Comments stand nowhere, here and there, or behind every fourth token. */
export const randomSpec = (generator: fc.GeneratorValue): string => {
  const random = new Random(generator);
  const declarations = Array.from({ length: random.below(6) }, random.declaration);
  const rarity = [0, 40, 4][random.below(3)] ?? 0;
  const blank = (): string =>
    rarity > 0 && random.below(rarity) === 0
      ? (comments[random.below(comments.length)] ?? "")
      : (blanks[random.below(blanks.length)] ?? " ");
  return (
    blank() +
    declarations
      .flat()
      .map((token) => token + blank())
      .join("")
  );
};
