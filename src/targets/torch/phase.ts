/** One run of a phase: its values, and what each player learns by them. */
import { impossible } from "../../base/impossible.js";
import { byDomain, type Forward, forwardOf, networksIn } from "../../program/forward.js";
import { innerOf } from "../../program/network.js";
import { lossesIn, type PhasePlan, type PlayerPlan } from "../../program/plan.js";
import type { LossTerm, Term } from "../../program/term.js";
import { noLocals } from "../written/formulas.js";
import type { Identifiers } from "../written/identifiers.js";
import { bodyOf, namedValues } from "../written/named.js";
import { repeatedLayers } from "../written/repeated.js";
import { isRecalled, PhaseGradients, valueKey } from "./gradients.js";
import type { Losses, Writer } from "./losses.js";
import type { Module } from "./module.js";
import { atom, binary, bool, call, comment, negated, type Py } from "./python.js";

/** A text as Python has it: a long one in pieces, one a line. */
const text = (label: string): string =>
  (label.match(/.{1,64}(?:\s|$)|\S+/g) ?? [label]).map((part) => JSON.stringify(part)).join("\n");

/** `G, D_Y` of `gan(G, D_Y)` as `G_D_Y`. */
const argumentNames = ({ args }: LossTerm): string =>
  args.filter((arg) => /^[A-Za-z_]\w*$/.test(arg)).join("_");

export const titleOf = ({ sense, networks }: PlayerPlan["player"]): string =>
  `${sense}[${networks.join(", ")}]`;

/** What a phase asks of the step that it is part of. */
export interface Whole {
  /** The name of a value wherever functions hand it on. */
  readonly nameOf: (forward: Forward) => string;
  readonly fieldOfDraw: (forward: Forward) => string;
  readonly netField: (network: string) => string;
  readonly dropsIn: (network: string) => boolean;
  readonly keepsIn: (network: string) => boolean;
  readonly historyKey: (plan: PlayerPlan, forward: Forward) => string;
}

/** The statements of a phase, up to its gradients. */
export class PhaseBody {
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
  private readonly gradients: PhaseGradients;

  constructor(
    private readonly module: Module,
    private readonly losses: Losses,
    private readonly steps: Whole,
    private readonly phase: PhasePlan,
    private readonly parts: number,
  ) {
    this.names = module.identifiers.inner();
    this.gradients = new PhaseGradients(module.model, phase);
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
    for (const layer of repeatedLayers(plan)) this.value(plan, writer, layer, layer.of);
    this.lossValues(plan, writer);
    for (const { term, hint } of namedValues(plan)) this.value(plan, writer, term, hint);
    const isOpposed = this.gradients.isOpposed(plan);
    this.computed.push(...this.objective(plan));
    const variable = this.names.fresh(`${player.sense}_${player.networks.join("")}`);
    const reports = [...plan.reported, ...plan.terms].map(({ term }) =>
      valueKey(bodyOf(term), plan),
    );
    if (!isOpposed || plan.total !== undefined || reports.some((key) => !this.known.has(key))) {
      const [first, ...rest] = plan.summands.map(({ term }) => this.losses.formula(term, writer));
      const sum = rest.reduce<Py>((a, b) => binary("+", a, b), first ?? atom("torch.zeros(())"));
      this.computed.push(`    ${variable} = ${sum.text}`);
    }
    if (!isOpposed) this.computed.push(this.backward(plan, variable));
    if (plan.total !== undefined) this.reported.push([plan.total, variable]);
    for (const { label, term } of [...plan.reported, ...plan.terms])
      this.reported.push([label, this.known.get(valueKey(bodyOf(term), plan)) ?? variable]);
  }

  /** The gradients of a player; the graph is kept where a later one differentiates it, too. */
  private backward(plan: PlayerPlan, variable: string): string {
    const signed = plan.player.sense === "max" ? negated(atom(variable)) : atom(variable);
    const value = this.parts > 1 ? binary("/", signed, atom("accumulate")) : signed;
    const head = value.text === variable ? variable : `(${value.text})`;
    const trained = this.gradients.trainedBy(plan).map((name) => this.net(name));
    const retain = this.gradients.isKept(plan) ? [`retain_graph=${bool(true).text}`] : [];
    return `    ${head}.backward(${[`inputs=parameters(${trained.join(", ")})`, ...retain].join(", ")})`;
  }

  /** A comment that says which objective follows. */
  private objective(plan: PlayerPlan): readonly string[] {
    const { player, summands } = plan;
    const sum = player.summands.map(({ text }) => text).join(" + ");
    const isWhole = player.summands.length === summands.length;
    const rest = this.gradients.isOpposed(plan)
      ? " That pass gave its gradients, too; the optimizers ascend them."
      : isWhole
        ? ""
        : ` What does not depend on ${player.networks.join(" and ")} is left out.`;
    return ["", comment(`${titleOf(player)} ${sum}. ${player.place}.${rest}`, "    ")];
  }

  /**
   * Whether gradients pass this application but no player that they are for trains its network:
   * PyTorch then keeps nothing for gradients of the weights, and compiled, computes none.
   */
  private isFrozen(forward: Forward, network: string): boolean {
    if (this.isConstant(forward)) return false;
    const { networks } = this.module.model;
    const weighted = [network, ...innerOf(networks)(network)].filter((name) =>
      networks.some((one) => one.name === name && one.parameters.length > 0 && !one.isFrozen),
    );
    const learners = this.gradients.learnersBy(forward);
    return (
      weighted.length > 0 &&
      !learners.some(({ player }) => player.networks.some((name) => weighted.includes(name)))
    );
  }

  private lossValues(plan: PlayerPlan, writer: Writer): void {
    for (const loss of plan.summands.flatMap(({ term }) => lossesIn(term))) {
      const key = valueKey(loss, plan);
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

  /** Computes a term into a variable, where it is new. */
  private value(plan: PlayerPlan, writer: Writer, term: Term, hint = "mean"): void {
    const key = valueKey(term, plan);
    if (this.known.has(key)) return;
    const { text } = this.losses.formula(term, writer);
    const name = this.names.fresh(hint);
    this.known.set(key, name);
    this.computed.push(`    ${name} = ${text}`);
  }

  private writer(plan: PlayerPlan): Writer {
    return {
      names: this.names,
      locals: noLocals,
      leaf: (term) => {
        const forward = forwardOf(term, byDomain);
        if (forward !== undefined) return this.variable(forward, plan);
        const isKept = term.kind === "mean" || term.kind === "function";
        return isKept ? this.known.get(valueKey(term as Term, plan)) : undefined;
      },
      apply: (network, inputs, key) => this.applied(network, inputs, key),
      loss: (term) =>
        atom(
          this.known.get(valueKey(term as LossTerm, plan)) ??
            impossible(`${term.name} has not been computed`),
        ),
    };
  }

  private compute(forward: Forward, plan: PlayerPlan): Py {
    const inputs = forward.inputs.map((input) => atom(this.variable(input, plan)));
    const { network, key: application } = forward;
    if (network !== undefined)
      return this.applied(network, inputs, application, this.isFrozen(forward, network));
    const input = inputs[0] ?? impossible(`${forward.name} is made from nothing`);
    if ((forward.size ?? 0) === 0) return atom(`${input.text}.detach()`);
    const key = text(this.steps.historyKey(plan, forward));
    const part = this.parts > 1 ? ", chance.part" : "";
    return atom(`memory.histories[${key}].recall(${input.text}, chance.recall(${key})${part})`);
  }

  /**
   * A network applied to values; where it drops, by the masks of this application; where it keeps
   * running statistics, as a step of training.
   */
  private applied(network: string, inputs: readonly Py[], key: string, isFrozen = false): Py {
    const name = text(key);
    const applied = this.steps.dropsIn(network)
      ? ["dropping", this.net(network), `chance.masks(${name})`]
      : [...(isFrozen ? ["frozen"] : []), this.net(network)];
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
      ([label, variable]) => `${text(label)}: ${variable}.detach()`,
    );
    return `{${entries.join(", ")}}`;
  }
}
