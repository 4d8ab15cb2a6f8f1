/** What the gradients of a phase pass through, and which players share one backward pass. */
import { byDomain, type Forward, formulaKey, forwardOf } from "../../program/forward.js";
import type { Model } from "../../program/model.js";
import type { PhasePlan, PlayerPlan } from "../../program/plan.js";
import { children, foldTerm, type Term } from "../../program/term.js";

/** Whether a history stands in a value: each player has its own, so the value is its own too. */
export const isRecalled = ({ kind, size = 0, inputs }: Forward): boolean =>
  (kind === "replay" && size > 0) || inputs.some(isRecalled);

/** Equal for terms that have one value in a phase. */
export const valueKey = (term: Term, { player }: PlayerPlan): string => {
  const key = formulaKey(term);
  const recalled = foldTerm<boolean>(term, (t, below) => {
    const forward = forwardOf(t, byDomain);
    return (forward !== undefined && isRecalled(forward)) || below.includes(true);
  });
  return recalled ? `${player.name} ${key}` : key;
};

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

/** How often a step trains a network: once for each player of each phase. */
const playersOf = ({ phases }: Model, network: string): number =>
  phases.flatMap(({ players }) => players).filter(({ networks }) => networks.includes(network))
    .length;

export class PhaseGradients {
  /** For each player, the keys of what its gradients pass through. */
  private readonly passed: ReadonlyMap<PlayerPlan, ReadonlySet<string>>;
  /** Players that ascend what an earlier one descends, or the reverse, and that player. */
  private readonly opposed = new Map<PlayerPlan, PlayerPlan>();

  constructor(
    private readonly model: Model,
    private readonly phase: PhasePlan,
  ) {
    this.passed = new Map(phase.players.map((plan) => [plan, differentiated(plan)]));
    for (const plan of phase.players) {
      const other = this.opponentOf(plan);
      if (other !== undefined) this.opposed.set(plan, other);
    }
  }

  /**
   * The earlier player whose objective is this one's with the other sign, but for terms that do
   * not reach this one's networks: of a min max game, one backward pass serves both.
   */
  private opponentOf(plan: PlayerPlan): PlayerPlan | undefined {
    const { players } = this.phase;
    // An optimizer ascends always or never.
    if (plan.player.networks.some((name) => playersOf(this.model, name) > 1)) return undefined;
    const keys = plan.summands.map(({ term }) => valueKey(term, plan));
    return players.slice(0, players.indexOf(plan)).find((other) => {
      const theirs = new Set(other.summands.map(({ term }) => valueKey(term, other)));
      return (
        !this.opposed.has(other) &&
        other.player.sense !== plan.player.sense &&
        keys.every((key) => theirs.has(key))
      );
    });
  }

  /** Whether a player's gradients are those of an earlier one, ascended. */
  isOpposed(plan: PlayerPlan): boolean {
    return this.opposed.has(plan);
  }

  /** The networks that a backward pass of a player gives gradients to. */
  trainedBy(plan: PlayerPlan): readonly string[] {
    const others = [...this.opposed].filter(([, of]) => of === plan);
    return [plan, ...others.map(([other]) => other)].flatMap(({ player }) => player.networks);
  }

  /** The players whose gradients pass an application. */
  learnersBy({ key }: Forward): readonly PlayerPlan[] {
    return this.phase.players.filter((plan) => this.passed.get(plan)?.has(key) === true);
  }

  /** Whether a later player differentiates again what this one has differentiated. */
  isKept(plan: PlayerPlan): boolean {
    const own = this.passed.get(plan) ?? new Set();
    return this.phase.players
      .slice(this.phase.players.indexOf(plan) + 1)
      .some(
        (other) =>
          !this.isOpposed(other) && [...(this.passed.get(other) ?? [])].some((key) => own.has(key)),
      );
  }
}
