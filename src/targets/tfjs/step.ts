/** A training step function for each player, and the whole step. */

import { impossible } from "../../base/impossible.js";
import { byDomain, type Forward, formulaKey, forwardOf } from "../../model/forward.js";
import { type OptimizerChoice, repetitionsOf } from "../../model/model.js";
import {
  type Draw,
  type LossTerm,
  lossesIn,
  type PlayerPlan,
  planStep,
  type StepPlan,
} from "../../model/plan.js";
import { layers } from "../../operators/layers.js";
import { optimizers } from "../../operators/optimizers.js";
import { children, type Term } from "../../types/term.js";
import { isDrawn, noLocals } from "./formulas.js";
import { array, call, type Doc, layout, object } from "./layout.js";
import type { Losses, Writer } from "./losses.js";
import { comment, type Module } from "./module.js";
import { bound, type Identifiers } from "./names.js";

/** A player's part of the plan, and the function that is written for it. */
interface Plan extends PlayerPlan {
  readonly id: string;
  /** Which phase it plays in. */
  readonly phase: number;
}

export class Step {
  private readonly plans: readonly Plan[];
  /** Values that later players take, by the key of the player that computed them first. */
  private readonly kept = new Map<Plan, Set<string>>();
  private readonly whole: StepPlan;
  /** The variable of each network: its name, unless TypeScript or the module has taken it. */
  private readonly nets = new Map<string, string>();

  constructor(
    private readonly module: Module,
    private readonly losses: Losses,
  ) {
    this.whole = planStep(module.model);
    const plans = this.whole.phases.flatMap(({ players }, phase) =>
      players.map((plan) => ({
        ...plan,
        id: module.identifiers.fresh(plan.player.name),
        phase,
      })),
    );
    this.plans = plans;
    // Functions of losses take their names before anything local does.
    for (const plan of plans)
      for (const loss of plan.summands.flatMap((s) => lossesIn(s.term))) this.declare(loss);
    const names = module.identifiers.inner();
    for (const { name } of module.model.networks) this.nets.set(name, names.fresh(name));
    for (const plan of plans) {
      const others = plans.filter(({ phase }) => phase === plan.phase);
      for (const forward of plan.taken) this.keeperOf(forward, others)?.add(forward.key);
    }
  }

  /** Whether a step is more than one run of one phase. */
  private get isPhased(): boolean {
    const [first, ...others] = this.whole.phases;
    return others.length > 0 || (first?.times ?? 1) > 1;
  }

  /** The function of a loss, or those that its formula calls. */
  private declare(loss: LossTerm): void {
    if (this.isFunction(loss)) this.losses.functionOf(loss);
    else for (const inner of lossesIn(loss.body)) this.declare(inner);
  }

  private isFunction(loss: LossTerm): boolean {
    return this.losses.formulas.of(loss.declaration).isFunction;
  }

  /** What a value is called wherever functions hand it on. */
  private property(forward: Forward): string {
    return this.whole.nameOf(forward);
  }

  private keeperOf(forward: Forward, plans: readonly Plan[]): Set<string> | undefined {
    const owner = plans.find((plan) => plan.computed.some((other) => other.key === forward.key));
    if (owner === undefined) return undefined;
    const set = this.kept.get(owner) ?? new Set<string>();
    this.kept.set(owner, set);
    return set;
  }

  /** `history/<key>`: what the state and the draws call it. */
  private historyKey(plan: Plan, forward: Forward): string {
    const found = this.whole.histories.find(
      ({ player, replay }) => player.player === plan.player && replay.key === forward.key,
    );
    return found?.key ?? impossible(`${forward.name} has no history`);
  }

  statements(): readonly string[] {
    const players = this.plans.map((plan) => this.player(plan));
    const step = this.isPhased ? this.phases() : [this.step()];
    return [...this.types(), ...players, this.memory(), ...step];
  }

  private types(): readonly string[] {
    const { networks, domains } = this.module.model;
    const drawn = this.whole.draws;
    const draws = drawn.map((draw) => {
      const { shape = [] } = domains.find(({ name }) => name === draw.domain) ?? {};
      const others = (draw.joint ?? []).filter((key) => key !== draw.key);
      const together = others.length === 0 ? "" : `, together with ${others.join(" and ")}`;
      return [
        comment([`[n, ${shape.join(", ")}], drawn from ${draw.domain}${together}`], "  "),
        `  readonly ${this.drawOf(draw)}: tf.Tensor4D;`,
      ].join("\n");
    });
    const names = drawn.map((draw) => `${this.drawOf(draw)}: ${JSON.stringify(draw.key)}`);
    return [
      `${comment(["The networks, by the names of the spec."])}\nexport interface Networks {\n${networks.map((n) => `  readonly ${n.name}: tf.LayersModel;`).join("\n")}\n}`,
      `${comment([`One draw of every domain: every expectation of a ${this.isPhased ? "run" : "step"} shares it.`])}\nexport interface Draws {\n${draws.join("\n")}\n}`,
      `${comment([drawn.some(({ slot }) => slot > 0) ? "The domain that each draw is of, and which of several it is." : "The domain that each draw is of."])}\nexport const domains = ${layout(object(names), { column: 23 })} as const;`,
    ];
  }

  private drawOf({ key }: Draw): string {
    const draw = this.plans.flatMap((plan) => plan.draws).find((f) => f.key === key);
    return this.property(draw ?? impossible(`nothing is drawn as ${key}`));
  }

  /** Names free inside of a player's function, where its networks have theirs. */
  private inner(): Identifiers {
    const identifiers = this.module.identifiers.inner();
    for (const { name } of this.module.model.networks) identifiers.fresh(name);
    return identifiers;
  }

  private net(name: string): string {
    return this.nets.get(name) ?? impossible(`${name} is no network`);
  }

  /** The name of a forward value in one function. */
  private naming(plan: Plan): (forward: Forward) => string {
    const names = new Map<string, string>();
    const identifiers = this.inner();
    for (const forward of [...plan.draws, ...plan.taken, ...plan.computed]) {
      names.set(forward.key, identifiers.fresh(this.property(forward)));
    }
    return (forward) => names.get(forward.key) ?? impossible(`${forward.name} has no variable`);
  }

  private player(plan: Plan): string {
    const { player } = plan;
    const name = this.naming(plan);
    const isMax = player.sense === "max";
    const nets = new Set([...player.networks, ...appliedIn(plan)]);
    const inOrder = this.module.model.networks.map((n) => n.name).filter((n) => nets.has(n));
    const params = [
      `{ ${inOrder.map((n) => bound(n, this.net(n))).join(", ")} }: Networks`,
      plan.draws.length === 0 ? "_draws: Draws" : `{ ${this.fields(plan.draws, name)} }: Draws`,
      ...(plan.taken.length > 0
        ? [
            `{ ${this.fields(plan.taken, name)} }: ${this.module.runtime("Values")}<${plan.taken.map((f) => JSON.stringify(this.property(f))).join(" | ")}>`,
          ]
        : []),
      ...(this.hasHistory(plan) ? ['histories: Memory["histories"]'] : []),
      ...(this.isRandomPlayer(plan) ? [`chance: ${this.module.runtime("Chance")}`] : []),
    ];
    const body = this.objective(plan, name);
    const target = layout(array(player.networks.map((n) => this.net(n))));
    const end = isMax ? `{ maximise: true }` : undefined;
    const differentiate = this.module.runtime("differentiate");
    this.module.runtime("Objective");
    const sum = player.summands.map((s) => s.text).join(" + ");
    const constant = player.summands.length - plan.summands.length;
    const note =
      constant === 0
        ? []
        : [`What does not depend on ${player.networks.join(" and ")} is left out.`];
    const doc = comment([
      `${player.sense}[${player.networks.join(", ")}] ${sum}. ${this.module.place(player.span)}`,
      ...note,
    ]);
    const head = `export const ${plan.id} = (`;
    const flat = `${head}${params.join(", ")}) => {`;
    const signature =
      flat.length <= 100 ? flat : `${head}\n${params.map((p) => `  ${p},`).join("\n")}\n) => {`;
    const args = [target, "objective", ...(end === undefined ? [] : [end])].join(", ");
    return [doc, signature, ...body, `  return ${differentiate}(${args});`, "};"].join("\n");
  }

  private objective(plan: Plan, name: (forward: Forward) => string): readonly string[] {
    const lines = plan.computed.flatMap((forward) => {
      const prefix = `    const ${name(forward)} = `;
      const value = layout(this.compute(plan, forward, name), { column: prefix.length, depth: 2 });
      return [`${prefix}${value};`];
    });
    const identifiers = this.inner();
    for (const forward of [...plan.draws, ...plan.taken, ...plan.computed])
      identifiers.fresh(name(forward));
    /** The variable of each loss, by what it computes. */
    const values = new Map<string, string>();
    const writer: Writer = {
      names: identifiers,
      locals: noLocals,
      leaf: (term) => {
        const forward = forwardOf(term, byDomain);
        return forward === undefined ? undefined : name(forward);
      },
      apply: (network, inputs, key) => this.applied(network, inputs, key),
      loss: (term) =>
        values.get(formulaKey(term)) ?? impossible(`${term.name} has not been computed`),
    };
    for (const loss of plan.summands.flatMap((s) => lossesIn(s.term))) {
      const key = formulaKey(loss);
      if (values.has(key)) continue;
      const variable = identifiers.fresh(this.nameOf(loss) + argumentNames(loss));
      values.set(key, variable);
      const type = this.isFunction(loss) ? "" : ": tf.Scalar";
      const prefix = `    const ${variable}${type} = `;
      // A loss without a function has its formula here, inner losses and all.
      const all: Writer = { ...writer, loss: (inner) => this.losses.callOf(inner, all) };
      const value = this.losses.callOf(loss, all);
      lines.push(`${prefix}${layout(value, { column: prefix.length, depth: 2 })};`);
    }
    const summands = plan.summands.map((s) => this.losses.formula(s.term, writer));
    const value = sumOf(summands);
    const prefix = "    const value: tf.Scalar = ";
    lines.push(`${prefix}${layout(value, { column: prefix.length, depth: 2 })};`);
    return [
      `  const objective = (): Objective<${this.keptType(plan)}> => {`,
      ...lines,
      ...this.result(plan, name, values),
      "  };",
    ];
  }

  /** Values as properties, each with the variable that it has. */
  private fields(forwards: readonly Forward[], name: (f: Forward) => string): string {
    return forwards.map((f) => bound(this.property(f), name(f))).join(", ");
  }

  private nameOf(loss: LossTerm): string {
    return this.isFunction(loss) ? this.losses.functionOf(loss).id : loss.name;
  }

  private keptOf(plan: Plan): readonly Forward[] {
    return plan.computed.filter((forward) => this.kept.get(plan)?.has(forward.key) === true);
  }

  private keptType(plan: Plan): string {
    const kept = this.keptOf(plan);
    return kept.length === 0
      ? "never"
      : kept.map((f) => JSON.stringify(this.property(f))).join(" | ");
  }

  private result(
    plan: Plan,
    name: (f: Forward) => string,
    values: ReadonlyMap<string, string>,
  ): readonly string[] {
    const terms = [
      ...(plan.total === undefined ? [] : [`${propertyKey(plan.total)}: value`]),
      ...plan.reported.map(
        ({ label, term }) => `${propertyKey(label)}: ${values.get(formulaKey(term))}`,
      ),
    ];
    const kept = this.fields(this.keptOf(plan), name);
    const lines: string[] = [];
    if (terms.length > 0)
      lines.push(`    const terms = ${layout(object(terms), { column: 18, depth: 2 })};`);
    const result = [
      "value",
      ...(terms.length > 0 ? ["terms"] : []),
      ...(kept.length > 0 ? [`kept: { ${kept} }`] : []),
    ];
    lines.push(`    return ${layout(object(result), { column: 11, depth: 2 })};`);
    return lines;
  }

  /** A network applied to values; where it drops, by the masks of this application. */
  private applied(network: string, inputs: readonly Doc[], key: string): Doc {
    const net = this.net(network);
    return this.isRandom(network)
      ? call(this.module.runtime("dropping"), [
          `chance.masks(${JSON.stringify(key)})`,
          net,
          ...inputs,
        ])
      : call(this.module.runtime("apply"), [net, ...inputs]);
  }

  private isRandom(network: string): boolean {
    const of = this.module.model.networks.find(({ name }) => name === network);
    return of?.layers.some(({ kind }) => layers.get(kind)?.isRandom === true) === true;
  }

  private compute(plan: Plan, forward: Forward, name: (f: Forward) => string): Doc {
    const inputs = forward.inputs.map(name);
    if (forward.network !== undefined) return this.applied(forward.network, inputs, forward.key);
    const input = inputs[0] ?? impossible(`${forward.name} is made from nothing`);
    if ((forward.size ?? 0) === 0) return call(this.module.runtime("detach"), [input]);
    const key = JSON.stringify(this.historyKey(plan, forward));
    return call(`histories[${key}].recall`, [input, `chance.recall(${key})`]);
  }

  /** `new Adam({ beta1: 0.5, beta2: 0.999, epsilon: 1e-8 })` */
  private optimizer({ kind, options }: OptimizerChoice): string {
    const entry = optimizers.get(kind) ?? impossible(`${kind} is no optimizer`);
    const fields = entry.options
      .filter(({ name }) => name !== "rate")
      .map(({ name }) => `${name}: ${options[name]}`);
    return `new ${this.module.runtime(entry.tfjs)}({ ${fields.join(", ")} })`;
  }

  private memory(): string {
    const { recipe, networks } = this.module.model;
    const histories = this.whole.histories.map(
      ({ key, size }) =>
        `${JSON.stringify(key)}: new ${this.module.runtime("ImageHistory")}(${size})`,
    );
    const own = Object.entries(recipe.optimizers).map(
      ([network, choice]) => `    ${network}: ${this.optimizer(choice)},`,
    );
    const isCommon = networks.some(({ name }) => recipe.optimizers[name] === undefined);
    const what =
      own.length === 0 && recipe.optimizer.kind === "adam"
        ? "Adam's moments"
        : "what optimizers keep";
    const lines = [
      comment([
        `What a run carries from step to step beside the networks: ${what}, and the image histories.`,
      ]),
      "export const memory = () => ({",
      ...(isCommon ? [`  optimizer: ${this.optimizer(recipe.optimizer)},`] : []),
      ...(own.length > 0
        ? ["  /** Of networks that have their own. */", "  optimizers: {", ...own, "  },"]
        : []),
      `  histories: ${layout(object(histories), { column: 13, depth: 1 })},`,
      "});",
      "",
      "export type Memory = ReturnType<typeof memory>;",
    ];
    return lines.join("\n");
  }

  /** The moves of a player's networks: together where they share the optimizer, each where it has its own. */
  private updates({ player }: Plan, result: string): readonly string[] {
    const { recipe } = this.module.model;
    const update = (of: string, nets: readonly string[], rate: string): string =>
      `    memory.${of}.update([${nets.map((n) => `nets.${n}`).join(", ")}], ${result}.gradients, ${rate});`;
    const shared = player.networks.filter((name) => recipe.optimizers[name] === undefined);
    const own = player.networks.flatMap((name) => {
      const choice = recipe.optimizers[name];
      return choice === undefined
        ? []
        : [update(`optimizers.${name}`, [name], this.ownRate(choice))];
    });
    return [
      ...(shared.length > 0 ? [update("optimizer", shared, "rate")] : []),
      ...own,
      ...this.clips(player.networks),
    ];
  }

  /** `rate` is that of the recipe's `optimizer`; others fall with it. */
  private ownRate({ rate }: OptimizerChoice): string {
    const common = this.module.model.recipe.optimizer.rate;
    return rate === common ? "rate" : `${rate} * (rate / ${common})`;
  }

  /** Power iteration, at the weights that the players were differentiated at. */
  private powerSteps(plans: readonly Plan[]): readonly string[] {
    const applied = new Set(plans.flatMap(appliedIn));
    const { networks } = this.module.model;
    const buffers = networks.filter(({ name }) => applied.has(name)).flatMap((n) => n.buffers);
    const owners = new Set(buffers.map(({ name }) => name.slice(0, name.indexOf("."))));
    const nets = networks.filter(({ name }) => owners.has(name)).map((n) => `nets.${n.name}`);
    return nets.length === 0
      ? []
      : [`    ${this.module.runtime("powerStep")}([${nets.join(", ")}]);`];
  }

  private clips(networks: readonly string[]): readonly string[] {
    const { clip } = this.module.model.recipe;
    const bounds = [...new Set(networks.flatMap((name) => clip[name] ?? []))];
    return bounds.map((bound) => {
      const nets = networks.filter((name) => clip[name] === bound).map((n) => `nets.${n}`);
      return `    ${this.module.runtime("clip")}([${nets.join(", ")}], ${bound});`;
    });
  }

  private hasHistory(plan: Plan): boolean {
    return plan.computed.some((f) => f.kind === "replay" && (f.size ?? 0) > 0);
  }

  /** Whether the host draws something for it beside the batch. */
  private isRandomPlayer(plan: Plan): boolean {
    return (
      this.hasHistory(plan) ||
      appliedIn(plan).some((network) => this.isRandom(network)) ||
      plan.summands.some(({ term }) => readsDraws(term))
    );
  }

  /** Differentiates the players of a phase, moves their networks and gives what they report. */
  private body(plans: readonly Plan[], since: string): readonly string[] {
    const identifiers = this.module.identifiers.inner();
    const results = new Map(
      plans.map((plan) => [plan, identifiers.fresh(plan.player.networks.join(""))]),
    );
    const resultOf = (plan: Plan | undefined): string =>
      (plan && results.get(plan)) ?? impossible("a value was taken from no player");
    const lines = plans.map((plan) => {
      const giverOf = (f: Forward) => plans.find((p) => p.computed.some((o) => o.key === f.key));
      const kept = [...new Set(plan.taken.map(giverOf))].map((giver) => `${resultOf(giver)}.kept`);
      const taken = kept.length > 1 ? [`{ ${kept.map((k) => `...${k}`).join(", ")} }`] : kept;
      const histories = this.hasHistory(plan) ? ["memory.histories"] : [];
      const chance = this.isRandomPlayer(plan) ? ["chance"] : [];
      const args = ["nets", "draws", ...taken, ...histories, ...chance];
      return `    const ${resultOf(plan)} = ${layout(call(plan.id, args), { column: 20, depth: 2 })};`;
    });
    const note = [
      `    // Every player has been differentiated at the weights held when the ${since} began;`,
      "    // now all of them move.",
    ];
    return [
      "  tf.tidy(() => {",
      ...lines,
      ...(plans.length > 1 ? note : []),
      ...this.powerSteps(plans),
      ...plans.flatMap((plan) => this.updates(plan, resultOf(plan))),
      `    return { ${plans.map((plan) => `...${resultOf(plan)}.terms`).join(", ")} };`,
      "  });",
    ];
  }

  private step(): string {
    this.module.runtime("Chance");
    const params = [
      "nets: Networks",
      "memory: Memory",
      "draws: Draws",
      "rate: number",
      `${this.plans.some((plan) => this.isRandomPlayer(plan)) ? "chance" : "_chance"}: Chance`,
    ];
    return [
      comment([
        "One step at the learning rate `rate`: the values of all objectives and losses, for the caller to dispose.",
      ]),
      "export const step = (",
      ...params.map((p) => `  ${p},`),
      "): Record<string, tf.Scalar> =>",
      ...this.body(this.plans, "step"),
    ].join("\n");
  }

  /** A function for each phase, and the step that runs them one after the other. */
  private phases(): readonly string[] {
    this.module.runtime("Chance");
    const phases = this.whole.phases.map(({ times }, i) => ({
      times,
      plans: this.plans.filter(({ phase }) => phase === i),
      id: this.module.identifiers.fresh(`phase_${i + 1}`),
    }));
    const functions = phases.map(({ plans, id }) => {
      const players = plans.map(({ player: p }) => `${p.sense}[${p.networks.join(", ")}]`);
      const params = ["nets: Networks", "memory: Memory", "draws: Draws", "rate: number"];
      const chance = plans.some((plan) => this.isRandomPlayer(plan)) ? ["chance: Chance"] : [];
      return [
        comment([`One run of the phase ${players.join(" ")}.`]),
        `export const ${id} = (`,
        ...[...params, ...chance].map((p) => `  ${p},`),
        "): Record<string, tf.Scalar> =>",
        ...this.body(plans, "phase"),
      ].join("\n");
    });
    const runs = phases.map(({ times, plans, id }) => {
      const run = (k: string): string => {
        const chance = plans.some((plan) => this.isRandomPlayer(plan)) ? [`chance(${k})`] : [];
        return `${id}(${["nets", "memory", `draws(${k})`, "rate", ...chance].join(", ")})`;
      };
      return times === 1
        ? `    ...${run("0")},`
        : `    ...${this.module.runtime("repeated")}(${times}, (k) => ${run("k")}),`;
    });
    const chance = this.plans.some((plan) => this.isRandomPlayer(plan)) ? "chance" : "_chance";
    const repetitions = repetitionsOf(this.module.model);
    return [
      ...functions,
      [
        comment(["How often a step draws: as often as its most repeated phase runs."]),
        `export const repetitions = ${repetitions};`,
      ].join("\n"),
      [
        comment([
          "One step at the learning rate `rate`: each phase sees the weights that the one before has left, and its k-th run, " +
            "from 0, takes the k-th draws. Gives the values of all objectives and losses, of a repeated phase those of its " +
            "last run, for the caller to dispose.",
        ]),
        "export const step = (",
        "  nets: Networks,",
        "  memory: Memory,",
        "  draws: (k: number) => Draws,",
        "  rate: number,",
        `  ${chance}: (k: number) => Chance,`,
        "): Record<string, tf.Scalar> =>",
        "  tf.tidy(() => ({",
        ...runs,
        "  }));",
      ].join("\n"),
    ];
  }
}

/** Networks that a player applies. */
const appliedIn = ({ computed, summands }: PlayerPlan): readonly string[] => [
  ...computed.flatMap((f) => f.network ?? []),
  ...summands.flatMap(({ term }) => appliedToFormulas(term)),
];

/** Networks that are applied to what a formula computes: those have no variable of their own. */
const appliedToFormulas = (term: Term): readonly string[] => {
  if (forwardOf(term, byDomain) !== undefined) return [];
  const own = term.kind === "apply" ? [term.net.name] : [];
  return [...own, ...children(term).flatMap(appliedToFormulas)];
};

const readsDraws = (term: Term): boolean => isDrawn(term) || children(term).some(readsDraws);

/** `G, D_Y` of `gan(G, D_Y)` as `GD_Y`. */
const argumentNames = (loss: LossTerm): string =>
  loss.args.filter((arg) => /^\w+$/.test(arg) && /^[A-Za-z_]/.test(arg)).join("");

const sumOf = (docs: readonly Doc[]): Doc => {
  const [first, second] = docs;
  if (first === undefined) return "tf.scalar(0)";
  if (second === undefined) return first;
  return docs.length === 2 ? call("tf.add", [first, second]) : call("tf.addN", [array(docs)], true);
};

const propertyKey = (key: string): string =>
  /^[A-Za-z_]\w*$/.test(key) ? key : JSON.stringify(key);
