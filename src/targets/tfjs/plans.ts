/**
 * Plans shared by the functions of a step: each player's plan, names of values and networks, and
 * which function hands on which value.
 */

import { impossible } from "../../base/impossible.js";
import { layers } from "../../operators/layers.js";
import { byDomain, type Forward, forwardOf } from "../../program/forward.js";
import { lossesIn, type PlayerPlan, planStep, type StepPlan } from "../../program/plan.js";
import { children, type Term } from "../../program/term.js";
import { readsDraws } from "../written/formulas.js";
import type { Identifiers } from "../written/identifiers.js";
import type { Losses } from "./losses.js";
import type { Module } from "./module.js";

/** A player's part of the plan, and the function that is written for it. */
export interface Plan extends PlayerPlan {
  readonly id: string;
  /** Phase in which the player plays. */
  readonly phase: number;
}

export class Plans {
  readonly step: StepPlan;
  readonly all: readonly Plan[];
  /** Values that later players take, by the key of the player that computed them first. */
  private readonly kept = new Map<Plan, Set<string>>();
  /** The variable of each network: its name, unless TypeScript or the module has taken it. */
  private readonly nets = new Map<string, string>();

  constructor(
    private readonly module: Module,
    losses: Losses,
  ) {
    this.step = planStep(module.model);
    this.all = this.step.phases.flatMap(({ players }, phase) =>
      players.map((plan) => ({ ...plan, id: module.identifiers.fresh(plan.player.name), phase })),
    );
    // Functions of losses take their names before anything local does.
    for (const plan of this.all)
      for (const loss of plan.summands.flatMap((s) => lossesIn(s.term))) losses.declare(loss);
    const names = module.identifiers.inner();
    for (const { name } of module.model.networks) this.nets.set(name, names.fresh(name));
    for (const plan of this.all)
      for (const forward of plan.taken) this.keep(forward, this.ofPhase(plan.phase));
  }

  private keep({ key }: Forward, plans: readonly Plan[]): void {
    const owner = plans.find((plan) => plan.computed.some((other) => other.key === key));
    if (owner !== undefined) this.kept.set(owner, (this.kept.get(owner) ?? new Set()).add(key));
  }

  ofPhase(phase: number): readonly Plan[] {
    return this.all.filter((plan) => plan.phase === phase);
  }

  /** Whether a step is more than one run of one phase. */
  get isPhased(): boolean {
    const [first, ...others] = this.step.phases;
    return others.length > 0 || (first?.times ?? 1) > 1;
  }

  /** Names a value wherever functions hand it on. */
  property(forward: Forward): string {
    return this.step.nameOf(forward);
  }

  net(name: string): string {
    return this.nets.get(name) ?? impossible(`${name} is no network`);
  }

  /** Values of a player that later ones take. */
  keptOf(plan: Plan): readonly Forward[] {
    return plan.computed.filter((forward) => this.kept.get(plan)?.has(forward.key) === true);
  }

  /** `history/<key>`: what the state and the draws call it. */
  historyKey(plan: Plan, forward: Forward): string {
    const found = this.step.histories.find(
      ({ player, replay }) => player.player === plan.player && replay.key === forward.key,
    );
    return found?.key ?? impossible(`${forward.name} has no history`);
  }

  /** Names free inside of a player's function, where its networks have theirs. */
  inner(): Identifiers {
    const identifiers = this.module.identifiers.inner();
    for (const { name } of this.module.model.networks) identifiers.fresh(name);
    return identifiers;
  }

  /** Whether a network, or one inside of it, drops. */
  isRandom(network: string): boolean {
    const of = this.module.model.networks.find(({ name }) => name === network);
    return of?.layers.some(({ kind }) => layers.get(kind)?.isRandom === true) === true;
  }

  /** Whether the host draws something for a player beside the batch. */
  takesChance(plan: Plan): boolean {
    return (
      hasHistory(plan) ||
      appliedIn(plan).some((network) => this.isRandom(network)) ||
      plan.summands.some(({ term }) => readsDraws(term))
    );
  }
}

export const hasHistory = ({ computed }: Plan): boolean =>
  computed.some((f) => f.kind === "replay" && (f.size ?? 0) > 0);

/** Networks that a player applies. */
export const appliedIn = ({ computed, summands }: PlayerPlan): readonly string[] => [
  ...computed.flatMap((f) => f.network ?? []),
  ...summands.flatMap(({ term }) => appliedToFormulas(term)),
];

/** Networks that are applied to what a formula computes: those have no variable of their own. */
const appliedToFormulas = (term: Term): readonly string[] => {
  if (forwardOf(term, byDomain) !== undefined) return [];
  const own = term.kind === "apply" ? [term.network] : [];
  return [...own, ...children(term).flatMap(appliedToFormulas)];
};
