/**
 * A step of training: the values of all players, each computed once, and then what each player
 * learns by them.
 */
import { impossible } from "../../base/impossible.js";
import { clippings } from "../../operators/clippings.js";
import { layers } from "../../operators/layers.js";
import { optimizers } from "../../operators/optimizers.js";
import type { Forward } from "../../program/forward.js";
import { isSparse, type OptimizerChoice, optimizerOf, repetitionsOf } from "../../program/model.js";
import { lossesIn, type PhasePlan, type PlayerPlan, planStep } from "../../program/plan.js";
import { children, type Term } from "../../program/term.js";
import { readsDraws } from "../written/formulas.js";
import type { Identifiers } from "../written/identifiers.js";
import { dividedIn, statisticsIn } from "../written/kept.js";
import { isRecalled, PhaseGradients } from "./gradients.js";
import type { Losses } from "./losses.js";
import type { Module } from "./module.js";
import { fieldNames } from "./names.js";
import { PhaseBody, titleOf, type Whole } from "./phase.js";
import { call, docstring, number } from "./python.js";

const networksApplied = (term: Term): readonly string[] => [
  ...(term.kind === "apply" ? [term.network] : []),
  ...children(term).flatMap(networksApplied),
];

const networksOf = ({ network, inputs }: Forward): readonly string[] => [
  ...(network === undefined ? [] : [network]),
  ...inputs.flatMap(networksOf),
];

export class Steps implements Whole {
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
      const of = domains.find(({ name }) => name === draw.domain);
      const [h, w, c] = of?.shape ?? [];
      const others = (draw.joint ?? []).filter((key) => key !== draw.key);
      const together = others.length === 0 ? "" : `, together with ${others.join(" and ")}`;
      return [
        `    ${this.drawField(this.drawOf(draw.key))}: Tensor`,
        docstring([
          of?.kind === "scheduled"
            ? `[n, ${c}, ${h}, ${w}], the epoch's share for every sample`
            : `[n, ${c}, ${h}, ${w}], drawn from ${draw.domain}${together}`,
        ]),
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
    const sense = this.ascending.has(name) ? ["maximize=True"] : [];
    const net = `nets.${this.netField(name)}`;
    const parameters =
      torch.grouped === undefined
        ? `${net}.parameters()`
        : `${torch.grouped.by}(${net}, ${real(Number(options[torch.grouped.option]))})`;
    return call(torch.of, [parameters, rate, ...rest, ...sense, ...fixed]).text;
  }

  /** Networks whose gradients are those of an opponent's objective. */
  private get ascending(): ReadonlySet<string> {
    const { model } = this.module;
    return new Set(
      this.plan.phases.flatMap((phase) => {
        const gradients = new PhaseGradients(model, phase);
        const opposed = phase.players.filter((plan) => gradients.isOpposed(plan));
        return opposed.flatMap(({ player }) => player.networks);
      }),
    );
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
      const { times, every = 1 } = phase;
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
      if (every > 1) return [`    if count % ${every} == 0:`, `        terms |= ${run("0")}`];
      return times === 1
        ? [`    terms |= ${run("0")}`]
        : [`    for k in range(${times}):`, `        terms |= ${run("k")}`];
    });
    const isCounted = isSparse(this.module.model);
    const params = [
      "nets: Networks, memory: Memory, draws: Callable[[int], Draws], rate: float",
      ...(drawn ? ["chance: Callable[[int], Chance]"] : []),
      ...(isCounted ? ["count: int"] : []),
    ];
    return [
      `def step(${params.join(", ")}) -> dict[str, Tensor]:`,
      docstring([
        "One step at the learning rate `rate`: each phase sees the weights that the one before has left, and its k-th run, " +
          "from 0, takes the k-th draws. Gives the values of all objectives and losses, of a repeated phase those of its last run." +
          (isCounted
            ? " A phase that runs in some steps only says nothing in the others; `count` is the number of the step, from 0."
            : ""),
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
      ...(moved.length === 0 ? [] : [`    average_gradients(${moved.map(field).join(", ")})`]),
      ...this.clippings(moved),
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

  /** The lines that bound the gradients of networks: networks of one bound together. */
  private clippings(moved: readonly string[]): readonly string[] {
    const { clipGradient } = this.module.model.recipe;
    const lines = new Map<string, string[]>();
    for (const name of moved) {
      const choice = clipGradient[name];
      if (choice === undefined) continue;
      const { torch, options } = clippings.get(choice.kind) ?? impossible(`no ${choice.kind}`);
      const values = options.map((option) => real(Number(choice.options[option.name])));
      const call = `${torch}(${values.join(", ")}`;
      lines.set(call, [...(lines.get(call) ?? []), `nets.${this.netField(name)}`]);
    }
    return [...lines].map(([call, nets]) => `    ${call}, ${nets.join(", ")})`);
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
