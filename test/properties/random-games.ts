/**
 * Random games as texts: domains, networks, generic losses, players in phases and a recipe, all of
 * it well typed by construction. A seed and a number say which.
 */
import { type Dice, dice as diceOf } from "../fuzz/dice.js";
import {
  type Domain,
  isDrawn,
  Names,
  type Net,
  oneIn,
  RandomNets,
  randomDomains,
} from "./random-declarations.js";
import { Inside, type Loss, namesOf, type Scope, summed, union, weighted } from "./random-terms.js";

/** A formal that is a network, with the type that is written. */
interface Formal {
  readonly net: Net;
  readonly type: string;
  /** The network of the spec that its uses give it. */
  readonly actual: Net;
}

/** A loss with formals, and how it is called with the networks that it was made for. */
interface Declared extends Loss {
  readonly name: string;
  readonly formals: readonly Formal[];
  /** What numbers stand behind the networks, as written. */
  readonly numbers: readonly string[];
  readonly body: string;
  /**
   * Who is meant to lower it, `min`, or to raise it, by formal; several where its uses do not
   * agree.
   */
  readonly roles: Map<Formal, Set<"min" | "max">>;
  /** Whether another loss uses it, which has no players to ask. */
  isInner: boolean;
}

export interface Player {
  readonly sense: "min" | "max";
  readonly nets: readonly Net[];
  readonly objective: string;
}

export interface Phase {
  readonly times: string | undefined;
  /** It runs in every n-th step; in all where absent. */
  readonly every?: string | undefined;
  readonly players: readonly Player[];
}

/** A spec in parts, of which mistakes are made: mistakes.ts. */
export interface Game {
  readonly domains: readonly Domain[];
  readonly nets: readonly Net[];
  /** Texts of params, lets, losses, objectives and `expect`s. */
  readonly others: readonly string[];
  readonly phases: readonly Phase[];
  readonly recipe: readonly string[];
  /** Whether a loss of the players says who lowers it. */
  readonly hasRoles: boolean;
}

/** Chains that keep the size of what they take. */
const augmentations = [
  "random_flip",
  "cutout(2) >> random_flip",
  "random_rotation(30, fill: true) >> cutout(1)",
  "color_jitter(0.1, contrast: 0.2, shared: true)",
] as const;

const numbers = ["param half : Real = 0.5", "param twice : Int = 2 where twice >= 1"];

class RandomGame {
  readonly names: Names;
  readonly domains: readonly Domain[];
  readonly nets: readonly Net[];
  readonly lets: readonly string[];
  private readonly losses: Declared[] = [];
  private readonly objectives: string[] = [];
  private readonly scope: Scope;

  constructor(private readonly dice: Dice) {
    this.names = new Names(dice);
    this.domains = randomDomains(dice, this.names);
    const random = new RandomNets(dice, this.names, this.domains);
    random.fill();
    this.nets = random.nets;
    this.lets = random.lets;
    this.scope = { nets: this.nets, domains: this.domains, reals: ["half"], ints: ["twice"] };
  }

  /**
   * Networks that those who do not train them are asked about only where a judge of them sees what
   * others make too.
   */
  private open(net: Net): boolean {
    const isMade = (domain: Domain): boolean => this.nets.some(({ to }) => to === domain);
    return net.to !== undefined || net.from.every((domain) => isDrawn(domain) && isMade(domain));
  }

  private expectation(scope: Scope, of: (inside: Inside) => ReturnType<Inside["any"]>): Loss {
    const inside = new Inside(this.dice, scope);
    return inside.expectation(of(inside));
  }

  /** Any expectation over some of the networks. */
  private free(scope: Scope): Loss {
    return this.expectation(scope, (inside) =>
      oneIn(this.dice, 2) ? inside.number(2) : inside.any(2),
    );
  }

  /** One that moves the network. */
  private about(net: Net, scope: Scope): Loss {
    return this.expectation(scope, (inside) => {
      const value = inside.applied(net, 2);
      const { text } = value;
      const ways = [
        `l2(${text}, 0.3)`,
        `mean(tanh(${text}))`,
        `softplus(0.3 - ${text})`,
        `square(${text})`,
      ];
      return { ...value, text: this.dice.of(ways) };
    });
  }

  /** A judge sees what is real, and what is made. */
  private bothSides(net: Net): readonly Loss[] {
    const sides = [
      (inside: Inside, domain: Domain) => inside.draw(domain),
      (inside: Inside, domain: Domain) => inside.made(domain, 1),
    ];
    return sides.map((side, i) =>
      this.expectation(this.scope, (inside) => {
        const inputs = net.from.map((domain) => side(inside, domain));
        const text = `${net.name}(${inputs.map(({ text }) => text).join(", ")})`;
        const moves = union(new Set(namesOf(net)), ...inputs.map((value) => value.moves));
        return { text: `l2(${text}, ${1 - i})`, shape: [1, 1, 1], isMade: false, moves };
      }),
    );
  }

  /**
   * The networks as formals of a loss: each domain of images or noise stays itself or becomes a
   * variable.
   */
  private generalised(nets: readonly Net[]): readonly (readonly [Formal, readonly Domain[]])[] {
    const variables = new Map<Domain, Domain>();
    const general = (domain: Domain): Domain => {
      const known = variables.get(domain);
      if (known !== undefined) return known;
      const isFixed = (domain.kind !== "image" && domain.kind !== "noise") || oneIn(this.dice, 3);
      const name = "abcd"[variables.size] ?? "e";
      const found = isFixed ? domain : { ...domain, name, actual: domain };
      variables.set(domain, found);
      return found;
    };
    return nets.map((actual, i) => {
      const from = actual.from.map(general);
      const to = actual.to && general(actual.to);
      const name = oneIn(this.dice, 2) ? actual.name : (["M", "N", "K"][i] ?? "M");
      const domains = from.map((domain) => domain.name);
      const left = domains.length === 1 ? domains[0] : `(${domains.join(", ")})`;
      const type = `${left} -> ${to?.name ?? "Scores"}`;
      // Inside, the formal's name is all that is known of it.
      const net = { ...actual, name, from, to, inner: [] };
      const own = [...variables].flatMap(([domain, found]) => (domain === found ? [] : [found]));
      return [{ net, type, actual }, own] as const;
    });
  }

  declare(): void {
    const { dice } = this;
    const count = 1 + dice.below(Math.min(3, this.nets.length));
    const chosen = new Set<Net>();
    for (let i = 0; i < count; i++) chosen.add(dice.of(this.nets.filter((net) => this.open(net))));
    const general = this.generalised([...chosen]);
    const formals = general.map(([formal]) => formal);
    const variables = general.at(-1)?.[1] ?? [];
    const nets = formals.map(({ net }) => net);
    const shadowed = new Set(nets.map(({ name }) => name));
    const globals = this.nets.filter(
      (net) => !shadowed.has(net.name) && this.open(net) && this.isFirst(net),
    );
    const scope: Scope = {
      nets: [...nets, ...nets, ...globals],
      domains: [...this.domains, ...variables],
      reals: ["w", "half"],
      ints: ["n"],
    };
    const parts = formals.map(({ net }) => this.about(net, scope));
    if (oneIn(dice, 2)) parts.push(this.free(scope));
    const [inner] = this.losses;
    const sum = summed(parts.map((part, i) => (i === 0 ? part : weighted(dice, part, 1, ["w"]))));
    const actualOf = new Map(formals.map(({ net, actual }) => [net.name, actual]));
    const moves = new Set(
      [...sum.moves].flatMap((name) => {
        const actual = actualOf.get(name);
        return actual === undefined ? [name] : namesOf(actual);
      }),
    );
    // It is called by the names of the spec's networks, which formals may hide.
    const isSeen = inner?.formals.every(({ actual }) => !shadowed.has(actual.name)) === true;
    const calls = inner !== undefined && isSeen && oneIn(dice, 3);
    if (calls) inner.isInner = true;
    const name = this.names.of(["fit", "gap", "fool"]);
    const order = oneIn(dice, 2);
    const args = formals.map(({ net, actual }) =>
      order ? `${net.name}: ${actual.name}` : actual.name,
    );
    const given = dice.of(["", ", w: 0.5", ", n: 3", ", n: twice, w: half * 2"]);
    this.losses.push({
      name,
      formals,
      numbers: ["w : Real = 0.8", "n : Int = 1"],
      body: calls ? `${sum.text} + ${inner.text}` : sum.text,
      text: `${name}(${(order ? args.reverse() : args).join(", ")}${given})`,
      moves: calls ? union(moves, inner.moves) : moves,
      roles: new Map(),
      isInner: false,
    });
  }

  /** Whether a network may be named in a loss: where its name is no formal's. */
  private isFirst(net: Net): boolean {
    return !["M", "N", "K"].includes(net.name);
  }

  private objective(nets: readonly Net[], sense: "min" | "max"): string {
    const { dice } = this;
    const scope = {
      ...this.scope,
      nets: this.nets.filter((net) => this.open(net) || this.trains(nets, net)),
    };
    const parts: Loss[] = [];
    for (const loss of this.losses) {
      if (!oneIn(dice, 2)) continue;
      const sign = oneIn(dice, 2) ? 1 : -1;
      parts.push(weighted(dice, loss, sign, ["half"]));
      this.note(loss, nets, (sense === "min") === sign > 0 ? "min" : "max");
    }
    if (oneIn(dice, 2)) parts.push(weighted(dice, this.free(scope), 1, ["half"]));
    for (const net of this.nets.filter((net) => net.to === undefined && this.trains(nets, net)))
      if (this.open(net)) parts.push(...this.bothSides(net));
    for (const net of nets)
      if (parts.every(({ moves }) => !moves.has(net.name)))
        parts.push(weighted(dice, this.about(net, scope), oneIn(dice, 3) ? -1 : 1, ["half"]));
    const { text } = summed(parts);
    if (!oneIn(dice, 5)) return text;
    const name = this.names.of(["L", "Value"]);
    this.objectives.push(`objective ${name} = ${text}`);
    return oneIn(dice, 2) ? name : `2 * ${name}`;
  }

  private trains(nets: readonly Net[], net: Net): boolean {
    return [net, ...net.inner].some((each) => nets.includes(each));
  }

  private note(loss: Declared, nets: readonly Net[], role: "min" | "max"): void {
    for (const formal of loss.formals)
      if (this.trains(nets, formal.actual)) {
        const roles = loss.roles.get(formal) ?? new Set();
        loss.roles.set(formal, roles.add(role));
      }
  }

  /** Who trains what: each network in one player. */
  private teams(): readonly (readonly Net[])[] {
    const trained = this.nets.filter(({ learns, isFrozen }) => learns && !isFrozen);
    const teams: Net[][] = Array.from({ length: 1 + this.dice.below(3) }, () => []);
    for (const net of trained) {
      const judges = net.to === undefined && !oneIn(this.dice, 4);
      (judges ? teams.at(-1) : this.dice.of(teams))?.push(net);
    }
    return teams.filter((team) => team.length > 0);
  }

  private players(): readonly Player[] {
    return this.teams().map((nets) => {
      const sense = oneIn(this.dice, 3) ? "max" : "min";
      return { sense, nets, objective: this.objective(nets, sense) };
    });
  }

  private times(): string | undefined {
    return oneIn(this.dice, 4) ? this.dice.of(["1", "2", "twice", "(twice - 1)"]) : undefined;
  }

  phases(): readonly Phase[] {
    const players = this.players();
    if (!oneIn(this.dice, 3)) return [{ times: this.times(), players }];
    const [first, ...others] = players.map((player) => ({
      times: this.times(),
      players: [player],
    }));
    if (first === undefined || others.length === 0) return first === undefined ? [] : [first];
    const isSparse = first.times === undefined && oneIn(this.dice, 3);
    const early = isSparse ? { ...first, every: this.dice.of(["2", "twice"]) } : first;
    if (oneIn(this.dice, 2)) return [early, ...others];
    // Some play twice.
    return [early, { times: this.times(), players }];
  }

  private optimizer(): string {
    return this.dice.of([
      "adam(1e-3)",
      "adam(rate: 2e-3, beta1: 0.5, epsilon: 1e-6)",
      "adam(1e-3, beta1: 0, beta2: 0.9)",
      "adamw(1e-3, decay: 5)",
      "sgd(1e-2)",
      "sgd(5e-3, momentum: 0.9)",
      "rmsprop(1e-3, decay: 0.8)",
    ]);
  }

  private init(): string {
    return this.dice.of([
      "normal(0, 0.1)",
      "normal(0, 0.2)",
      "xavier_uniform",
      "kaiming_normal(0.2)",
      "orthogonal(0.7)",
    ]);
  }

  recipe(phases: readonly Phase[]): readonly string[] {
    const { dice } = this;
    const trained = phases.flatMap(({ players }) => players.flatMap(({ nets }) => nets));
    const own = dice.of(trained).name;
    const fields = [
      `optimizer: ${this.optimizer()}`,
      `schedule: ${dice.of(["constant(2)", "constant(1) >> linear_to_zero(2)", "cosine(3)", "step_decay(4, every: 2)", "warmup(1) >> ramp(2, 1, 0.5)"])}`,
      `init: ${this.init()}`,
    ];
    // A batch_norm of one pixel needs several samples.
    const texts = [...this.nets.map(({ body }) => body), ...this.lets];
    const least = texts.some((text) => text.includes("batch_norm")) ? 2 : 1;
    if (least > 1 || !oneIn(dice, 3)) fields.push(`batch: ${least + dice.below(3)}`);
    if (oneIn(dice, 3)) fields.push(`optimizer[${own}]: ${this.optimizer()}`);
    if (oneIn(dice, 3)) fields.push(`init[${own}]: ${this.init()}`);
    if (oneIn(dice, 4))
      fields.push(`clip_gradient: ${dice.of(["by_norm(0.1)", "by_value(0.01)"])}`);
    if (oneIn(dice, 5)) fields.push(`clip_gradient[${own}]: by_norm(0.05)`);
    if (oneIn(dice, 4)) fields.push(`clip: 0.6`);
    if (oneIn(dice, 5)) fields.push(`clip[${own}]: 0.4`);
    if (oneIn(dice, 3)) fields.push(`average: 0.9`);
    if (oneIn(dice, 3)) fields.push(`augment: ${dice.of(augmentations)}`);
    return fields;
  }

  /** A loss, with its roles where all of its uses agree. */
  private lossText({ name, formals, numbers, body, roles, isInner }: Declared): string {
    const written = formals.map((formal) => {
      const [role, other] = roles.get(formal) ?? [];
      const isPlain = role === undefined || other !== undefined || isInner;
      return `${isPlain ? "" : `${role} `}${formal.net.name} : ${formal.type}`;
    });
    return `loss ${name}(${[...written, ...numbers].join(", ")}) =\n  ${body}`;
  }

  game(): Game {
    for (let i = this.dice.below(3); i > 0; i--) this.declare();
    const phases = this.phases();
    const recipe = this.recipe(phases);
    const losses = this.losses.map((loss) => this.lossText(loss));
    const expects = this.nets
      .filter(() => oneIn(this.dice, 4))
      .map(({ name, shape }) => `expect shape(${name}) == (${shape.join(", ")})`);
    return {
      domains: this.domains,
      nets: this.nets,
      others: [...numbers, ...this.lets, ...losses, ...this.objectives, ...expects],
      phases,
      recipe,
      hasRoles: losses.some((text) => /[(,] ?(min|max) /.test(text)),
    };
  }
}

export const randomGame = (seed: number, index: number): Game =>
  new RandomGame(diceOf(seed, index)).game();

export const netText = ({ name, from, to, body, isFrozen }: Net): string => {
  const domains = from.map((domain) => domain.name);
  const left = domains.length === 1 ? domains[0] : `(${domains.join(", ")})`;
  return `${isFrozen ? "frozen " : ""}net ${name} : ${left} -> ${to?.name ?? "Scores"} = ${body}`;
};

const playerText = ({ sense, nets, objective }: Player): string =>
  `${sense}[${nets.map(({ name }) => name).join(", ")}] ${objective}`;

const phaseText = ({ times, every, players }: Phase): string => {
  const clauses = players.map(playerText).join("\n  ");
  if (times !== undefined) return `repeat ${times} { ${clauses} }`;
  return every === undefined ? clauses : `every ${every} { ${clauses} }`;
};

/** The whole spec. */
export const gameText = ({ domains, nets, others, phases, recipe }: Game): string =>
  [
    ...domains.map(({ name, text }) => `domain ${name} = ${text}`),
    ...nets.map(netText),
    ...others,
    `solve {\n  ${phases.map(phaseText).join("\n  then ")}\n}`,
    `train {\n  ${recipe.join("\n  ")}\n}`,
  ].join("\n");
