/**
 * Random expectations, well typed by construction: what is drawn, what networks make of it,
 * functions and arithmetic. Numbers stay of the size of one, and what is defined somewhere only is
 * asked for there.
 */
import type { Dice } from "../fuzz/dice.js";
import { type Domain, isDrawn, type Net, oneIn } from "./random-declarations.js";
import type { Shape } from "./random-networks.js";

/** What stands in an expectation: its text is a call, a name or in brackets. */
export interface Value {
  readonly text: string;
  readonly shape: Shape;
  /** Absent where arithmetic has left the domains. */
  readonly domain?: Domain | undefined;
  /** Whether it is drawn or made by networks of such. */
  readonly isMade: boolean;
  /** Names of the networks that a gradient reaches. */
  readonly moves: ReadonlySet<string>;
}

/** What a place of the spec knows. */
export interface Scope {
  /** Those of the spec, and formals. */
  readonly nets: readonly Net[];
  /** Those of the spec, and type variables. */
  readonly domains: readonly Domain[];
  readonly reals: readonly string[];
  readonly ints: readonly string[];
}

export interface Loss {
  readonly text: string;
  readonly moves: ReadonlySet<string>;
}

const nobody: ReadonlySet<string> = new Set();
const scalar: Shape = [1, 1, 1];
const isScalar = ({ shape }: Value): boolean => shape.join() === "1,1,1";

export const union = (...sets: readonly ReadonlySet<string>[]): ReadonlySet<string> =>
  new Set(sets.flatMap((set) => [...set]));

export const namesOf = ({ name, inner }: Net): readonly string[] => [
  name,
  ...inner.map((net) => net.name),
];

/** Of one value, all finite for all of its values; `v` is in brackets where need be. */
const pointwise: readonly ((v: string) => string)[] = [
  (v) => `tanh(${v})`,
  (v) => `sin(2 * ${v})`,
  (v) => `cos(3 * ${v})`,
  (v) => `sigmoid(2 * ${v})`,
  (v) => `softplus(2 * ${v})`,
  (v) => `softplus(0.5 - ${v})`,
  (v) => `relu(${v})`,
  (v) => `relu(1 - ${v})`,
  (v) => `abs(${v})`,
  (v) => `square(tanh(${v}))`,
  (v) => `exp(tanh(${v}))`,
  (v) => `exp(-abs(${v}))`,
  (v) => `log(sigmoid(2 * ${v}))`,
  (v) => `log(1 - sigmoid(2 * ${v}))`,
  (v) => `log(softplus(3 * ${v}) + 0.1)`,
  (v) => `log(1 + square(${v}))`,
  (v) => `sqrt(abs(${v}) + 0.1)`,
  (v) => `(tanh(${v}) ^ 3)`,
  (v) => `((1 + abs(${v})) ^ -0.5)`,
  (v) => `(1 / (1 + square(${v})))`,
  (v) => `(-${v})`,
  (v) => `(2 * ${v})`,
  (v) => `(${v} / 3)`,
  (v) => `(0.5 - ${v})`,
  (v) => `clamp(${v}, -0.5, high: 0.4)`,
  (v) => `flip(2 * ${v})`,
  (v) => `shift(2 * ${v}, 0.1 * mean(${v}), 0.25)`,
];

/** Of several channels; of one nothing is left of them but, of `unit`, the sign. */
const overChannels: readonly ((v: string) => string)[] = [
  (v) => `unit(${v})`,
  (v) => `softmax(${v})`,
  (v) => `(log_softmax(${v}) / 4)`,
];

/** The inside of one `E[…]`; what is drawn is noted where it is first used. */
export class Inside {
  private readonly binders: string[] = [];
  private readonly drawn: Value[] = [];
  /** Drawn together with another, and not used yet. */
  private readonly idle: Value[] = [];
  private readonly variables: Value[] = [];
  private named = 0;

  constructor(
    private readonly dice: Dice,
    private readonly scope: Scope,
  ) {}

  /** A random letter, with a number that is not taken. */
  private name(): string {
    return `${this.dice.of(["x", "y", "z", "w"])}${this.named++}`;
  }

  private bind(domains: readonly Domain[]): Value {
    const values = domains.map((domain) => {
      const value = { text: this.name(), shape: domain.shape, domain, isMade: true, moves: nobody };
      this.drawn.push(value);
      return value;
    });
    const [first, ...others] = values;
    if (first === undefined) throw new Error("nothing is drawn");
    this.idle.push(...others);
    const texts = values.map(({ text }) => text).join(", ");
    const from = domains.map(({ name }) => name).join(", ");
    const few = others.length > 0 && oneIn(this.dice, 4) ? ", all: false" : "";
    this.binders.push(
      others.length === 0 ? `${texts} ~ ${from}` : `(${texts}) ~ pairs(${from}${few})`,
    );
    return first;
  }

  draw(domain: Domain): Value {
    const waits = this.idle.findIndex((value) => value.domain === domain);
    const [waiting] = waits >= 0 ? this.idle.splice(waits, 1) : [];
    if (waiting !== undefined) return waiting;
    const known = this.drawn.filter((value) => value.domain === domain);
    if (known.length > 1 || (known.length === 1 && !oneIn(this.dice, 4)))
      return this.dice.of(known);
    const partners = this.scope.domains.filter(
      (other) =>
        (other.actual ?? other) !== (domain.actual ?? domain) &&
        (other.kind === "image" || other.kind === "labels"),
    );
    const pairs = domain.kind === "image" && partners.length > 0 && oneIn(this.dice, 4);
    if (!pairs) return this.bind([domain]);
    const second = this.dice.of(partners);
    const thirds = partners.filter(
      (other) =>
        (other.actual ?? other) !== (second.actual ?? second) &&
        !(other.kind === "labels" && second.kind === "labels"),
    );
    const third = thirds.length > 0 && oneIn(this.dice, 3) ? [this.dice.of(thirds)] : [];
    return this.bind([domain, second, ...third]);
  }

  /** An application with arguments of the network's domains. */
  applied(net: Net, fuel: number): Value {
    const inputs = net.from.map((domain) => this.sample(domain, fuel - 1));
    return {
      text: `${net.name}(${inputs.map(({ text }) => text).join(", ")})`,
      shape: net.shape,
      domain: net.to,
      isMade: inputs.every(({ isMade }) => isMade),
      moves: union(new Set(namesOf(net)), ...inputs.map(({ moves }) => moves)),
    };
  }

  private makersOf(domain: Domain): readonly Net[] {
    return this.scope.nets.filter((net) => net.to === domain);
  }

  /** Made by a network where there is one. */
  made(domain: Domain, fuel: number): Value {
    const makers = this.makersOf(domain);
    return makers.length === 0
      ? this.sample(domain, fuel)
      : this.applied(this.dice.of(makers), fuel);
  }

  /** Made of what is drawn: where recursion ends. */
  private first(domain: Domain): Value {
    if (isDrawn(domain)) return this.draw(domain);
    const maker = this.makersOf(domain).find(({ from }) => from.every(isDrawn));
    if (maker === undefined) throw new Error(`nothing makes ${domain.name}`);
    return this.applied(maker, 0);
  }

  /** A value of the domain. */
  sample(domain: Domain, fuel: number): Value {
    const { dice } = this;
    if (fuel <= 0) return this.first(domain);
    const variable = this.variables.filter((value) => value.domain === domain);
    if (variable.length > 0 && oneIn(dice, 2)) return dice.of(variable);
    switch (dice.below(10)) {
      case 0:
        return this.relabelled(domain, fuel - 1);
      case 1: {
        const value = this.sample(domain, fuel - 1);
        if (!value.isMade || oneIn(dice, 3))
          return { ...value, text: `stop(${value.text})`, moves: nobody };
        const size = dice.of(["0", "1", "2", "3", ...this.scope.ints]);
        return { ...value, text: `replay(${value.text}, ${size})`, moves: nobody };
      }
      case 2: {
        const [a, b] = [this.sample(domain, fuel - 1), this.sample(domain, fuel - 1)];
        const part = this.part();
        return {
          text: `mix(${a.text}, ${b.text}, ${part.text})`,
          shape: domain.shape,
          domain,
          isMade: false,
          moves: union(a.moves, b.moves, part.moves),
        };
      }
      case 3:
      case 4:
        return this.first(domain);
      default:
        return this.made(domain, fuel);
    }
  }

  /** How much of the first there is in a mixture. */
  private part(): Value {
    const numbers = this.scope.domains.filter(
      ({ kind, shape }) => kind === "uniform" && shape.join() === "1,1,1",
    );
    if (numbers.length > 0 && oneIn(this.dice, 2)) return this.draw(this.dice.of(numbers));
    if (oneIn(this.dice, 3)) {
      const text = this.name();
      this.drawn.push({ text, shape: scalar, isMade: true, moves: nobody });
      this.binders.push(`${text} ~ uniform(1)`);
      return { text, shape: scalar, isMade: true, moves: nobody };
    }
    return { text: "0.25", shape: scalar, isMade: false, moves: nobody };
  }

  /** `v as Y`: of another domain of that shape and range, or of none. */
  private relabelled(domain: Domain, fuel: number): Value {
    const others = this.scope.domains.filter(
      (other) =>
        other !== domain &&
        isDrawn(other) &&
        other.shape.join() === domain.shape.join() &&
        (domain.kind === "features" || other.range.join() === domain.range.join()),
    );
    const isOther = others.length > 0 && oneIn(this.dice, 2);
    const value = isOther
      ? this.sample(this.dice.of(others), fuel)
      : this.shaped(this.sample(domain, fuel), fuel);
    return { ...value, text: `(${value.text} as ${domain.name})`, domain };
  }

  /** Of the value's shape and of no domain. */
  private shaped(value: Value, fuel: number): Value {
    const { dice } = this;
    const isJoined = fuel > 0 && oneIn(dice, 2);
    const other = isJoined ? this.like(value, fuel - 1) : undefined;
    const isWide = value.shape[2] > 1 && oneIn(dice, 8);
    const of = dice.of(isWide ? overChannels : pointwise);
    const text =
      other === undefined
        ? of(value.text)
        : `(${value.text} ${dice.of(["+", "-", "*"])} ${other.text})`;
    const moves = union(value.moves, other?.moves ?? nobody);
    return { text, shape: value.shape, isMade: false, moves };
  }

  /** What the value may meet in a sum or a distance. */
  private like(value: Value, fuel: number): Value {
    const { dice } = this;
    if (value.domain !== undefined && oneIn(dice, 2)) return this.sample(value.domain, fuel);
    const sources = this.scope.domains.filter(
      (domain) => domain.shape.join() === value.shape.join() && isDrawn(domain),
    );
    if (sources.length > 0 && oneIn(dice, 2))
      return this.shaped(this.sample(dice.of(sources), fuel), fuel - 1);
    if (fuel > 0 && oneIn(dice, 2)) return this.number(fuel - 1);
    if (oneIn(dice, 2)) return this.constant();
    return this.shaped(value, 0);
  }

  private constant(): Value {
    const text = this.dice.of(["0.5", "1", "0.3", "-0.7", ...this.scope.reals]);
    return { text, shape: scalar, isMade: false, moves: nobody };
  }

  /** What is drawn or made by a network, of any domain or of Scores. */
  private source(fuel: number): Value {
    const { dice, scope } = this;
    const nets = scope.nets.filter((net) => net.to === undefined);
    if (nets.length > 0 && oneIn(dice, 2)) return this.applied(dice.of(nets), fuel);
    const domains = scope.domains.filter(
      (domain) => isDrawn(domain) || this.makersOf(domain).some(({ from }) => from.every(isDrawn)),
    );
    return this.sample(dice.of(domains), fuel);
  }

  /** A value of whatever shape. */
  any(fuel: number): Value {
    const { dice } = this;
    if (fuel > 0 && oneIn(dice, 8)) return this.number(fuel - 1);
    const value = this.source(fuel);
    if (fuel <= 0) return value;
    switch (dice.below(7)) {
      case 1: {
        const other = this.source(fuel - 1);
        const [a, b] = [value.shape, other.shape];
        const ones = [a, b].filter(([h, w]) => h * w === 1).length;
        const moves = union(value.moves, other.moves);
        if (ones === 0 && (a[0] !== b[0] || a[1] !== b[1]))
          return { text: `(${value.text} * mean(${other.text}))`, shape: a, isMade: false, moves };
        const [h, w] = a[0] * a[1] === 1 ? b : a;
        const text = `concat(${value.text}, ${other.text})`;
        return { text, shape: [h, w, a[2] + b[2]], isMade: false, moves };
      }
      case 2: {
        const [h, w, c] = value.shape;
        if (h * w < 2) return this.shaped(value, fuel - 1);
        const text = `positions(${value.text}, 2)`;
        return { text, shape: [2, 1, c], isMade: false, moves: value.moves };
      }
      case 3: {
        const name = this.name();
        const held = { ...value, text: name };
        this.variables.push(held);
        const body = this.shaped(held, fuel - 1);
        this.variables.pop();
        return { ...body, text: `(let ${name} = ${value.text} in ${body.text})` };
      }
      case 4:
        return value;
      default:
        return this.shaped(value, fuel - 1);
    }
  }

  /** One number for each sample. */
  number(fuel: number): Value {
    const { dice } = this;
    const of = (text: string, ...values: readonly Value[]): Value => ({
      text,
      shape: scalar,
      isMade: false,
      moves: union(...values.map(({ moves }) => moves)),
    });
    if (fuel > 0 && oneIn(dice, 8)) return this.gradient(fuel - 1);
    const value = this.any(fuel - 1);
    const [h, w] = value.shape;
    switch (dice.below(8)) {
      case 0:
        return of(`norm(${value.text})`, value);
      case 1:
        return of(`(total(tanh(${value.text})) / 10)`, value);
      case 2:
      case 3: {
        const other = this.like(value, fuel - 1);
        const name = dice.of(["l1", "l2"]);
        const [a, b] = oneIn(dice, 4) ? [other, value] : [value, other];
        return of(`${name}(${a.text}, ${b.text})`, a, b);
      }
      case 4: {
        const classes = this.scope.domains.filter(
          ({ kind, shape }) => kind === "labels" && shape.join() === value.shape.join(),
        );
        if (classes.length === 0) return of(`mean(${value.text})`, value);
        const label = this.draw(dice.of(classes));
        return of(`cross_entropy(${value.text}, ${label.text})`, value);
      }
      case 5:
        if (h < 2 || w < 2) return of(`mean(gram(${value.text}))`, value);
        return of(
          dice.of([
            `variation(${value.text})`,
            `total(gram(${value.text}))`,
            `mean((avg_pool(2) >> elu)(${value.text}))`,
            `norm(gaussian_blur(2, 0.8, pad: 1)(${value.text}))`,
          ]),
          value,
        );
      case 6: {
        if (h * w < 2 || value.shape[2] < 2) return of(`norm(${value.text})`, value);
        const other = this.like(value, fuel - 1);
        const key = isScalar(other) ? `${value.text} + ${other.text}` : other.text;
        const text = `contrast(unit(${value.text}), unit(${key}), temperature: 0.5)`;
        return of(text, value, other);
      }
      default:
        return of(`mean(${value.text})`, value);
    }
  }

  /** How steep a network or a function is. */
  private gradient(fuel: number): Value {
    const { dice, scope } = this;
    const nets = scope.nets.filter(({ from }) => from.length === 1);
    const [domain] = nets.length > 0 ? dice.of(nets).from : [];
    const at = domain === undefined ? this.source(fuel) : this.sample(domain, fuel);
    const fitting = nets.filter(({ from }) => from[0] === at.domain && at.domain !== undefined);
    const measure = (slope: string): string =>
      dice.of([`((norm(${slope}) - 1) ^ 2)`, `mean(tanh(${slope}))`, `(total(${slope} ^ 2) / 8)`]);
    if (fitting.length > 0 && oneIn(dice, 2)) {
      const net = dice.of(fitting);
      const moves = union(at.moves, new Set(namesOf(net)));
      return {
        text: measure(`grad(${net.name})(${at.text})`),
        shape: scalar,
        isMade: false,
        moves,
      };
    }
    const name = this.name();
    const variable = { ...at, text: name, isMade: false, moves: nobody };
    this.variables.push(variable);
    const body = fitting.length > 0 ? this.applied(dice.of(fitting), 1) : this.shaped(variable, 0);
    const factor = fuel > 0 ? this.number(fuel - 1) : this.constant();
    this.variables.pop();
    const product = `${body.text} * ${factor.text}`;
    const isUsed = new RegExp(`\\b${name}\\b`).test(product) && !/stop|replay/.test(product);
    const text = isUsed ? product : `${product} * (1 + mean(${name}) ^ 2 / 4)`;
    return {
      text: measure(`grad(${name} => ${text})(${at.text})`),
      shape: scalar,
      isMade: false,
      moves: union(at.moves, body.moves, factor.moves),
    };
  }

  /** The expectation of a value, with a use of all that is drawn. */
  expectation(value: Value): Loss {
    const others = this.idle.splice(0).map(({ text }) => ` * (1 + mean(${text}) / 4)`);
    const body = others.length === 0 ? value.text : `(${value.text}${others.join("")})`;
    if (this.binders.length === 0) throw new Error(`nothing is drawn in ${body}`);
    return { text: `E[${this.binders.join(", ")}] ${body}`, moves: value.moves };
  }
}

/** `0.5 * L`, `-L`, `L / 2`, by the sign. */
export const weighted = (
  dice: Dice,
  { text, moves }: Loss,
  sign: 1 | -1,
  reals: readonly string[],
): Loss => {
  const factor = dice.of(["0.5", "2", "0.7", ...reals]);
  const positive = [text, text, `${factor} * ${text}`, `(${text}) / 2`, `${text} * ${factor}`];
  // A minus stands before an expectation, and else before what is in brackets.
  const negative = [`(0 - 1) * ${text}`, `-0.5 * (${text})`, `-(${text})`];
  return { text: dice.of(sign > 0 ? positive : negative), moves };
};

/** Sums of several, of which the first stands without a sign before it. */
export const summed = (losses: readonly Loss[]): Loss => ({
  text: losses.map(({ text }) => text).join(" + "),
  moves: union(...losses.map(({ moves }) => moves)),
});
