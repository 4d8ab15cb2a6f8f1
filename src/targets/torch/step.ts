/**
 * A step of training: the values of all players, each computed once, and then what each player
 * learns by them.
 */
import { impossible } from "../../base/impossible.js";
import { layers } from "../../operators/layers.js";
import { optimizers } from "../../operators/optimizers.js";
import {
  byDomain,
  type Forward,
  formulaKey,
  forwardOf,
  networksIn,
} from "../../program/forward.js";
import { type OptimizerChoice, optimizerOf, repetitionsOf } from "../../program/model.js";
import { innerOf } from "../../program/network.js";
import { lossesIn, type PhasePlan, type PlayerPlan, planStep } from "../../program/plan.js";
import { children, foldTerm, type LossTerm, type Term } from "../../program/term.js";
import { isDrawn, noLocals } from "../written/formulas.js";
import type { Identifiers } from "../written/identifiers.js";
import { dividedIn, statisticsIn } from "../written/kept.js";
import type { Losses, Writer } from "./losses.js";
import type { Module } from "./module.js";
import { fieldNames } from "./names.js";
import {
  atom,
  binary,
  bool,
  call,
  comment,
  docstring,
  negated,
  number,
  type Py,
} from "./python.js";

/** Keys of the applications and losses that gradients of a player pass through. */
const differentiated = ({ summands }: PlayerPlan): ReadonlySet<string> => {
  const found = new Set<string>();
  const visit = (forward: Forward): void => {
    // What was replayed passes none.
    if (forward.kind === "replay") return;
    if (forward.kind === "apply") found.add(forward.key);
    forward.inputs.forEach(visit);
  };
  const look = (term: Term): void => {
    if (term.kind === "loss") found.add(`loss ${formulaKey(term)}`);
    const forward = forwardOf(term, byDomain);
    if (forward !== undefined) visit(forward);
    else if (term.kind !== "replay") children(term).forEach(look);
  };
  for (const { term } of summands) look(term);
  return found;
};

/** Whether a history stands in a value: each player has its own, so the value is its own too. */
const isRecalled = ({ kind, size = 0, inputs }: Forward): boolean =>
  (kind === "replay" && size > 0) || inputs.some(isRecalled);

/** `G, D_Y` of `gan(G, D_Y)` as `G_D_Y`. */
const argumentNames = ({ args }: LossTerm): string =>
  args.filter((arg) => /^[A-Za-z_]\w*$/.test(arg)).join("_");

const networksApplied = (term: Term): readonly string[] => [
  ...(term.kind === "apply" ? [term.network] : []),
  ...children(term).flatMap(networksApplied),
];

const readsDraws = (term: Term): boolean =>
  foldTerm<boolean>(term, (t, below) => isDrawn(t) || below.includes(true));

const networksOf = ({ network, inputs }: Forward): readonly string[] => [
  ...(network === undefined ? [] : [network]),
  ...inputs.flatMap(networksOf),
];

export class Steps {
  private readonly plan;
  /** Names of fields, which may be any but words of Python. */
  private readonly netFields: Identifiers = fieldNames();
  private readonly drawFields: Identifiers = fieldNames();

  constructor(
    private readonly module: Module,
    private readonly losses: Losses,
  ) {
    this.plan = planStep(module.model);
    // In the order of the spec, which those who open the module know.
    for (const { name } of module.model.networks) this.netField(name);
    for (const { summands } of this.plan.players)
      for (const loss of summands.flatMap(({ term }) => lossesIn(term))) losses.declare(loss);
  }

  netField(name: string): string {
    return this.netFields.of(name, name);
  }

  private drawField(forward: Forward): string {
    return this.drawFields.of(forward.key, this.plan.nameOf(forward));
  }

  private get parts(): number {
    return this.module.model.recipe.accumulate;
  }

  get isPhased(): boolean {
    const [first, ...others] = this.plan.phases;
    return others.length > 0 || (first?.times ?? 1) > 1;
  }

  /** The types of networks and draws, the memory, and the step. */
  texts(): readonly string[] {
    return [this.networks(), this.draws(), this.domains(), this.memory(), ...this.steps()];
  }

  private networks(): string {
    return [
      "@dataclass",
      "class Networks:",
      docstring(["The networks, by the names of the spec."]),
      "",
      ...this.module.model.networks.map(({ name }) => `    ${this.netField(name)}: nn.Module`),
    ].join("\n");
  }

  private drawOf(key: string): Forward {
    const drawn = this.plan.players.flatMap(({ draws }) => draws);
    return drawn.find((one) => one.key === key) ?? impossible(`nothing is drawn as ${key}`);
  }

  private draws(): string {
    const { domains } = this.module.model;
    const fields = this.plan.draws.flatMap((draw) => {
      const [h, w, c] = domains.find(({ name }) => name === draw.domain)?.shape ?? [];
      const others = (draw.joint ?? []).filter((key) => key !== draw.key);
      const together = others.length === 0 ? "" : `, together with ${others.join(" and ")}`;
      return [
        `    ${this.drawField(this.drawOf(draw.key))}: Tensor`,
        docstring([`[n, ${c}, ${h}, ${w}], drawn from ${draw.domain}${together}`]),
      ];
    });
    const shared = `every expectation of a ${this.isPhased ? "run" : "step"} shares it.`;
    return [
      "class Draws(NamedTuple):",
      docstring([`One draw of every domain: ${shared}`]),
      "",
      ...(fields.length === 0 ? ["    pass"] : fields),
    ].join("\n");
  }

  private domains(): string {
    const entries = this.plan.draws.map(
      ({ key }) => `${JSON.stringify(this.drawField(this.drawOf(key)))}: ${JSON.stringify(key)}`,
    );
    return `DOMAINS = {${entries.join(", ")}}\n"""The domain that each draw is of."""`;
  }

  private optimizer(name: string): string {
    const { kind, options } = optimizerOf(this.module.model.recipe, name);
    const { torch } = optimizers.get(kind) ?? impossible(`${kind} is no optimizer`);
    const named = new Map<string, string[]>();
    for (const [option, python] of Object.entries(torch.named)) {
      const value = real(Number(options[option]));
      named.set(python, [...(named.get(python) ?? []), value]);
    }
    const rest = [...named].map(([python, values]) =>
      values.length > 1 ? `${python}=(${values.join(", ")})` : `${python}=${values[0]}`,
    );
    const rate = `lr=${real(Number(options.rate))}`;
    const fixed = torch.fixed === undefined ? [] : [torch.fixed];
    const parameters = `nets.${this.netField(name)}.parameters()`;
    return call(torch.of, [parameters, rate, ...rest, ...fixed]).text;
  }

  /** Networks that learn: one of others' layers alone has nothing to. */
  private get trained(): readonly string[] {
    const all = new Set(this.plan.players.flatMap(({ player }) => player.networks));
    return this.module.model.networks
      .filter(({ name, parameters }) => all.has(name) && parameters.length > 0)
      .map(({ name }) => name);
  }

  private memory(): string {
    const own = this.trained.map((name) => `${JSON.stringify(name)}: ${this.optimizer(name)}`);
    const histories = this.plan.histories.map(
      ({ key, size }) => `${JSON.stringify(key)}: ImageHistory(${size})`,
    );
    const hasHistory = histories.length > 0;
    return [
      "@dataclass",
      "class Memory:",
      docstring(["What a run carries from step to step beside the weights."]),
      "",
      "    optimizers: dict[str, optim.Optimizer]",
      ...(hasHistory ? ["    histories: dict[str, ImageHistory]"] : []),
      "",
      "",
      "def memory(nets: Networks) -> Memory:",
      docstring(["A memory at the start of training."]),
      `    return Memory(optimizers={${own.join(", ")}}${hasHistory ? `, histories={${histories.join(", ")}}` : ""})`,
    ].join("\n");
  }

  private isRandom(network: string): boolean {
    const of = this.module.model.networks.find(({ name }) => name === network);
    return of?.layers.some(({ kind }) => layers.get(kind)?.isRandom === true) === true;
  }

  private steps(): readonly string[] {
    const { phases } = this.plan;
    const [first] = phases;
    if (!this.isPhased && first !== undefined && this.parts === 1)
      return [
        this.function("step", first, [
          "One step at the learning rate `rate`. Gives the values of all objectives and losses.",
        ]),
      ];
    const names = phases.map((phase, i) => {
      const id = phases.length === 1 ? "phase" : `phase_${i + 1}`;
      return { phase, id: this.module.identifiers.fresh(id) };
    });
    const head: string[] = [];
    if (this.parts > 1)
      head.push(
        `accumulate = ${this.parts}\n"""How many batches an update takes the mean gradient of."""`,
      );
    if (this.isPhased)
      head.push(
        `repetitions = ${repetitionsOf(this.module.model)}\n"""How often a step draws: each run of its most repeated phase, for every batch."""`,
      );
    return [
      ...head,
      ...names.map(({ phase, id }) => {
        const players = phase.players.map(({ player }) => titleOf(player));
        return this.function(id, phase, [`One run of the phase ${players.join(" ")}.`]);
      }),
      this.whole(names),
    ];
  }

  /** The step that runs the phases one after the other. */
  private whole(names: readonly { readonly phase: PhasePlan; readonly id: string }[]): string {
    const drawn = names.some(({ phase }) => this.takesChance(phase));
    const lines = names.flatMap(({ phase, id }) => {
      const { times } = phase;
      const run = (k: string): string => {
        const of = (name: string): string =>
          this.parts === 1
            ? `${name}(${k})`
            : k === "0"
              ? name
              : `from_part(${name}, ${k} * accumulate)`;
        const chance = this.takesChance(phase) ? `, ${of("chance")}` : "";
        return `${id}(nets, memory, ${of("draws")}, rate${chance})`;
      };
      return times === 1
        ? [`    terms |= ${run("0")}`]
        : [`    for k in range(${times}):`, `        terms |= ${run("k")}`];
    });
    return [
      "def step(nets: Networks, memory: Memory, draws: Callable[[int], Draws], rate: float" +
        `${drawn ? ", chance: Callable[[int], Chance]" : ""}) -> dict[str, Tensor]:`,
      docstring([
        "One step at the learning rate `rate`: each phase sees the weights that the one before has left, and its k-th run, " +
          "from 0, takes the k-th draws. Gives the values of all objectives and losses, of a repeated phase those of its last run.",
      ]),
      "    terms: dict[str, Tensor] = {}",
      ...lines,
      "    return terms",
    ].join("\n");
  }

  /** Whether the host draws something for a phase beside its batch. */
  private takesChance({ players }: PhasePlan): boolean {
    return players.some(
      ({ computed, summands }) =>
        computed.some((value) => isRecalled(value)) ||
        [
          ...computed.flatMap(({ network }) => network ?? []),
          ...summands.flatMap(({ term }) => networksApplied(term)),
        ].some((network) => this.isRandom(network)) ||
        summands.some(({ term }) => readsDraws(term)),
    );
  }

  /** A function that differentiates the players of a phase and moves their networks. */
  private function(id: string, phase: PhasePlan, doc: readonly string[]): string {
    const isMany = this.parts > 1;
    const of = (type: string): string => (isMany ? `Callable[[int], ${type}]` : type);
    const body = new PhaseBody(this.module, this.losses, this, phase, this.parts);
    const drawn = this.takesChance(phase);
    const chance = drawn ? [`chance: ${of("Chance")}`] : [];
    const params = ["nets: Networks", "memory: Memory", `draws: ${of("Draws")}`];
    const head = `def ${id}(${[...params, "rate: float", ...chance].join(", ")}) -> dict[str, Tensor]:`;
    const updates = this.updates(phase);
    const moves = this.statisticMoves(phase);
    if (!isMany)
      return [
        head,
        docstring(doc),
        ...body.lines("draws"),
        ...moves,
        ...updates,
        `    return ${body.terms}`,
      ].join("\n");
    const batch = this.module.identifiers.fresh("batch");
    return [
      `def ${batch}(nets: Networks, memory: Memory, draws: Draws${drawn ? ", chance: Chance" : ""}) -> dict[str, Tensor]:`,
      docstring(["Adds the gradients of one batch, over the number of batches."]),
      ...body.lines("draws"),
      ...moves,
      `    return ${body.terms}`,
      "",
      "",
      head,
      docstring(doc),
      `    terms = mean_terms([${batch}(nets, memory, draws(k)${drawn ? ", chance(k)" : ""}) for k in range(accumulate)])`,
      ...updates,
      "    return terms",
    ].join("\n");
  }

  /** Power iteration, at the weights that the players were differentiated at, and the moves. */
  private updates(phase: PhasePlan): readonly string[] {
    const { recipe } = this.module.model;
    const powered = dividedIn(this.module.model, this.appliedIn(phase));
    const trained = new Set(this.trained);
    const moved = phase.players
      .flatMap(({ player }) => player.networks)
      .filter((name) => trained.has(name));
    const clips = [...new Set(moved.flatMap((name) => recipe.clip[name] ?? []))];
    const field = (name: string): string => `nets.${this.netField(name)}`;
    return [
      ...(powered.length === 0 ? [] : [`    power_step(${powered.map(field).join(", ")})`]),
      ...moved.map(
        (name) =>
          `    update(memory.optimizers[${JSON.stringify(name)}], ${this.rateOf(optimizerOf(recipe, name))})`,
      ),
      ...clips.map((bound) => {
        const nets = moved.filter((name) => recipe.clip[name] === bound);
        return `    clip(${[number(bound).text, ...nets.map(field)].join(", ")})`;
      }),
    ];
  }

  /** `rate` is that of the recipe's optimizer; others fall with it. */
  private rateOf({ rate }: OptimizerChoice): string {
    const common = this.module.model.recipe.optimizer.rate;
    return rate === common ? "rate" : `rate * ${number(rate / common).text}`;
  }

  /** For the body of a phase: what the step plan and the table know. */
  nameOf(forward: Forward): string {
    return this.plan.nameOf(forward);
  }

  fieldOfDraw(forward: Forward): string {
    return this.drawField(forward);
  }

  dropsIn(network: string): boolean {
    return this.isRandom(network);
  }

  /** Whether a network, or one inside of it, has running statistics that a step moves. */
  keepsIn(network: string): boolean {
    return statisticsIn(this.module.model, [network]).moved.length > 0;
  }

  /** The line that moves the statistics of what a phase applies, where there are any. */
  private statisticMoves(phase: PhasePlan): readonly string[] {
    const { moved } = statisticsIn(this.module.model, this.appliedIn(phase));
    const nets = moved.map((name) => `nets.${this.netField(name)}`);
    return nets.length === 0 ? [] : [`    move_statistics(${nets.join(", ")})`];
  }

  private appliedIn({ players }: PhasePlan): readonly string[] {
    return players.flatMap(({ computed, summands, taken }) => [
      ...[...computed, ...taken].flatMap(networksOf),
      ...summands.flatMap(({ term }) => networksApplied(term)),
    ]);
  }

  historyKey(plan: PlayerPlan, forward: Forward): string {
    const found = this.plan.histories.find(
      ({ player, replay }) => player.player === plan.player && replay.key === forward.key,
    );
    return found?.key ?? impossible(`${forward.name} has no history`);
  }
}

/** A number that PyTorch wants as a float: `0.0`. */
const real = (value: number): string =>
  Number.isInteger(value) ? `${value}.0` : number(value).text;

const titleOf = ({ sense, networks }: PlayerPlan["player"]): string =>
  `${sense}[${networks.join(", ")}]`;

/** The statements of a phase, up to its gradients. */
class PhaseBody {
  private readonly names: Identifiers;
  private readonly variables = new Map<string, string>();
  /** Values that no network of the phase's players makes: nothing is learnt through them. */
  private readonly constants: string[] = [];
  private readonly computed: string[] = [];
  private readonly nets = new Map<string, string>();
  private readonly usedNets = new Set<string>();
  private readonly usedDraws = new Set<Forward>();
  private readonly known = new Map<string, string>();
  private readonly reported: (readonly [label: string, variable: string])[] = [];

  constructor(
    private readonly module: Module,
    private readonly losses: Losses,
    private readonly steps: Steps,
    private readonly phase: PhasePlan,
    private readonly parts: number,
  ) {
    this.names = module.identifiers.inner();
    for (const { name } of module.model.networks) this.nets.set(name, this.names.fresh(name));
    for (const plan of phase.players) this.player(plan);
  }

  /** Equal for values that are computed once. */
  private keyOf(forward: Forward, plan: PlayerPlan): string {
    return isRecalled(forward) ? `${plan.player.name} ${forward.key}` : forward.key;
  }

  private isConstant(forward: Forward): boolean {
    const { networks } = this.module.model;
    const made = networksIn(forward, innerOf(networks));
    return !this.phase.players.some(({ player }) => player.networks.some((net) => made.has(net)));
  }

  private variable(forward: Forward, plan: PlayerPlan): string {
    const key = this.keyOf(forward, plan);
    return this.variables.get(key) ?? impossible(`${forward.name} has no variable`);
  }

  private net(name: string): string {
    this.usedNets.add(name);
    return this.nets.get(name) ?? impossible(`${name} is no network`);
  }

  private player(plan: PlayerPlan): void {
    for (const draw of plan.draws) {
      if (!this.variables.has(draw.key))
        this.variables.set(draw.key, this.names.fresh(this.steps.nameOf(draw)));
      if (![...this.usedDraws].some(({ key }) => key === draw.key)) this.usedDraws.add(draw);
    }
    for (const forward of plan.computed) {
      const key = this.keyOf(forward, plan);
      if (this.variables.has(key)) continue;
      const value = this.compute(forward, plan);
      const name = this.names.fresh(this.steps.nameOf(forward));
      this.variables.set(key, name);
      if (this.isConstant(forward)) this.constants.push(`        ${name} = ${value.text}`);
      else this.computed.push(`    ${name} = ${value.text}`);
    }
    const { player } = plan;
    const writer = this.writer(plan);
    this.lossValues(plan, writer);
    const [first, ...rest] = plan.summands.map(({ term }) => this.losses.formula(term, writer));
    const sum = rest.reduce<Py>((a, b) => binary("+", a, b), first ?? atom("torch.zeros(())"));
    const variable = this.names.fresh(`${player.sense}_${player.networks.join("")}`);
    this.computed.push(...this.objective(plan), `    ${variable} = ${sum.text}`);
    this.computed.push(this.backward(plan, variable));
    if (plan.total !== undefined) this.reported.push([plan.total, variable]);
    for (const { label, term } of plan.reported)
      this.reported.push([label, this.known.get(this.lossKey(term, plan)) ?? variable]);
  }

  /** The gradients of a player; the graph is kept where a later one differentiates it, too. */
  private backward(plan: PlayerPlan, variable: string): string {
    const { player } = plan;
    const nets = player.networks.map((name) => this.net(name)).join(", ");
    const signed = player.sense === "max" ? negated(atom(variable)) : atom(variable);
    const value = this.parts > 1 ? binary("/", signed, atom("accumulate")) : signed;
    const head = value.text === variable ? variable : `(${value.text})`;
    const own = differentiated(plan);
    const later = this.phase.players.slice(this.phase.players.indexOf(plan) + 1);
    const isShared = later.some((other) => [...differentiated(other)].some((key) => own.has(key)));
    const retain = isShared ? [`retain_graph=${bool(true).text}`] : [];
    return `    ${head}.backward(${[`inputs=parameters(${nets})`, ...retain].join(", ")})`;
  }

  /** A comment that says which objective follows. */
  private objective({ player, summands }: PlayerPlan): readonly string[] {
    const sum = player.summands.map(({ text }) => text).join(" + ");
    const isWhole = player.summands.length === summands.length;
    const rest = isWhole
      ? ""
      : ` What does not depend on ${player.networks.join(" and ")} is left out.`;
    return ["", comment(`${titleOf(player)} ${sum}. ${player.place}.${rest}`, "    ")];
  }

  private lossKey(loss: LossTerm, plan: PlayerPlan): string {
    const key = formulaKey(loss);
    const recalled = foldTerm<boolean>(loss, (t, below) => {
      const forward = forwardOf(t, byDomain);
      return (forward !== undefined && isRecalled(forward)) || below.includes(true);
    });
    return recalled ? `${plan.player.name} ${key}` : key;
  }

  private lossValues(plan: PlayerPlan, writer: Writer): void {
    for (const loss of plan.summands.flatMap(({ term }) => lossesIn(term))) {
      const key = this.lossKey(loss, plan);
      if (this.known.has(key)) continue;
      const all: Writer = { ...writer, loss: (inner) => this.losses.callOf(inner, all) };
      const value = this.losses.callOf(loss, all);
      const id = this.losses.isFunction(loss) ? this.losses.functionOf(loss).id : loss.name;
      const args = argumentNames(loss);
      const name = this.names.fresh(args === "" ? id : `${id}_${args}`);
      this.known.set(key, name);
      this.computed.push(`    ${name} = ${value.text}`);
    }
  }

  private writer(plan: PlayerPlan): Writer {
    return {
      names: this.names,
      locals: noLocals,
      leaf: (term) => {
        const forward = forwardOf(term, byDomain);
        return forward === undefined ? undefined : this.variable(forward, plan);
      },
      apply: (network, inputs, key) => this.applied(network, inputs, key),
      loss: (term) =>
        atom(
          this.known.get(this.lossKey(term as LossTerm, plan)) ??
            impossible(`${term.name} has not been computed`),
        ),
    };
  }

  private compute(forward: Forward, plan: PlayerPlan): Py {
    const inputs = forward.inputs.map((input) => atom(this.variable(input, plan)));
    if (forward.network !== undefined) return this.applied(forward.network, inputs, forward.key);
    const input = inputs[0] ?? impossible(`${forward.name} is made from nothing`);
    if ((forward.size ?? 0) === 0) return atom(`${input.text}.detach()`);
    const key = JSON.stringify(this.steps.historyKey(plan, forward));
    const part = this.parts > 1 ? ", chance.part" : "";
    return atom(`memory.histories[${key}].recall(${input.text}, chance.recall(${key})${part})`);
  }

  /**
   * A network applied to values; where it drops, by the masks of this application; where it keeps
   * running statistics, as a step of training.
   */
  private applied(network: string, inputs: readonly Py[], key: string): Py {
    const name = JSON.stringify(key);
    const applied = this.steps.dropsIn(network)
      ? ["dropping", this.net(network), `chance.masks(${name})`]
      : [this.net(network)];
    if (this.steps.keepsIn(network)) return call("training", [name, ...applied, ...inputs]);
    const [callee = "", ...first] = applied;
    return call(callee, [...first, ...inputs]);
  }

  /** All statements, of draws under that name. */
  lines(draws: string): readonly string[] {
    const order = this.module.model.networks.map(({ name }) => name);
    const used = order.filter((name) => this.usedNets.has(name));
    const unpacked = (values: readonly (readonly [string, string])[]): readonly string[] => {
      const names = values.map(([name]) => name).join(", ");
      const from = values.map(([, of]) => of).join(", ");
      return values.length === 0 ? [] : [`    ${names} = ${from}`];
    };
    const note =
      this.phase.players.length > 1
        ? [
            "    # Every player was differentiated at the weights held so far; now all of them move.",
          ]
        : [];
    return [
      ...unpacked(used.map((name) => [this.net(name), `nets.${this.steps.netField(name)}`])),
      ...unpacked(
        [...this.usedDraws].map((draw) => [
          this.variables.get(draw.key) ?? "",
          `${draws}.${this.steps.fieldOfDraw(draw)}`,
        ]),
      ),
      ...(this.constants.length === 0 ? [] : ["    with torch.no_grad():", ...this.constants]),
      ...this.computed,
      "",
      ...note,
    ];
  }

  /** The values reported, by label. */
  get terms(): string {
    const entries = this.reported.map(
      ([label, variable]) => `${JSON.stringify(label)}: ${variable}.detach()`,
    );
    return `{${entries.join(", ")}}`;
  }
}
