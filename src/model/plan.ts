/**
 * What a step computes, whatever computes it: for each player the values it needs and those that an earlier player has
 * made at the same weights, the histories it keeps, and the losses it reports, each under the one name that every
 * engine gives it.
 */
import { impossible } from "../base/impossible.js";
import { children, type Term } from "../types/term.js";
import { byDomain, type Forward, formulaKey, forwardOf, networksIn } from "./forward.js";
import type { Model, Player, Summand } from "./model.js";
import { Names } from "./naming.js";

export type LossTerm = Extract<Term, { kind: "loss" }>;

/** What one player computes, and what it takes from those before it. */
export interface PlayerPlan {
  readonly player: Player;
  /** Summands that reach its networks; the others are constants to it. */
  readonly summands: readonly Summand[];
  /** Values to compute, each behind what it needs. */
  readonly computed: readonly Forward[];
  /** Values that an earlier player of the step computed at the same weights. */
  readonly taken: readonly Forward[];
  readonly draws: readonly Forward[];
  /** `min[G, F]`, where the objective as a whole is reported. */
  readonly total: string | undefined;
  /** Losses that this player is the first to report: `cycle(G, F)`. */
  readonly reported: readonly { readonly label: string; readonly term: LossTerm }[];
}

export interface History {
  /** `minD_Y/Gx`: the state has its images under `history/<key>/<batch slot>`. */
  readonly key: string;
  /** How many images it holds for each batch slot, at least 1. */
  readonly size: number;
  readonly replay: Forward;
  readonly player: PlayerPlan;
}

/** One sample for each place of the batch: of a domain, and with others where they are drawn together. */
export interface Draw {
  /** The batch has it under this name: `X`, or `X#1` where it is a second one. */
  readonly key: string;
  readonly domain: string;
  readonly slot: number;
  /** Keys of the draws, its own among them, that are drawn together. */
  readonly joint?: readonly string[] | undefined;
}

export interface StepPlan {
  /** All that the players draw, each once, in the order of the domains. */
  readonly draws: readonly Draw[];
  readonly players: readonly PlayerPlan[];
  readonly histories: readonly History[];
  /** What a value is called wherever it is handed on, unique within the step. */
  readonly nameOf: (forward: Forward) => string;
}

/** The losses of a term, outermost only: those that a player reports. */
export const lossesIn = (term: Term): readonly LossTerm[] => {
  if (term.kind === "loss") return [term];
  if (term.kind === "apply" || term.kind === "replay") return [];
  return children(term).flatMap(lossesIn);
};

export const lossLabel = (term: LossTerm): string => `${term.name}(${term.args.join(", ")})`;

const forwardsIn = (term: Term): readonly Forward[] => {
  const forward = forwardOf(term, byDomain);
  return forward === undefined ? children(term).flatMap(forwardsIn) : [forward];
};

type Values = Pick<PlayerPlan, "player" | "summands" | "computed" | "taken" | "draws">;

const valuesOf = (player: Player, earlier: readonly Values[]): Values => {
  const summands = player.summands.filter((summand) =>
    summand.reaches.some((network) => player.networks.includes(network)),
  );
  const computed = new Map<string, Forward>();
  const taken = new Map<string, Forward>();
  const draws = new Map<string, Forward>();
  const available = (key: string): boolean =>
    earlier.some((plan) => plan.computed.some((f) => f.key === key));
  const visit = (forward: Forward): void => {
    if (computed.has(forward.key) || taken.has(forward.key)) return;
    if (forward.kind === "draw") {
      draws.set(forward.key, forward);
      return;
    }
    const constant = ![...networksIn(forward, true)].some((name) => player.networks.includes(name));
    if (constant && forward.kind === "apply" && available(forward.key)) {
      taken.set(forward.key, forward);
      return;
    }
    forward.inputs.forEach(visit);
    computed.set(forward.key, forward);
  };
  for (const { term } of summands) forwardsIn(term).forEach(visit);
  return {
    player,
    summands,
    computed: [...computed.values()],
    taken: [...taken.values()],
    draws: [...draws.values()],
  };
};

/** Every player reports something: without losses of its own, what it descends. */
const reportsOf = (
  { player, summands }: Values,
  labels: Names,
  seen: Set<string>,
): Pick<PlayerPlan, "total" | "reported"> => {
  const losses = new Map(
    summands.flatMap((s) => lossesIn(s.term)).map((term) => [formulaKey(term), term]),
  );
  const whole = summands.length === player.summands.length;
  const alone = summands.length === 1 && summands[0]?.term.kind === "loss";
  const isTotal = (whole && !alone) || losses.size === 0;
  const named = [...losses].map(([key, term]) => ({
    key,
    term,
    label: labels.of(key, lossLabel(term)),
  }));
  const reported = named.filter(({ key }) => !seen.has(key));
  for (const { key } of reported) seen.add(key);
  return {
    total: isTotal ? `${player.sense}[${player.networks.join(", ")}]` : undefined,
    reported,
  };
};

/** Draws by key; what any expectation draws together is drawn together in all. */
const drawsOf = (model: Model, drawn: readonly Forward[]): readonly Draw[] => {
  const groups = new Map<string, Set<string>>();
  for (const { key, joint = [key] } of drawn) {
    const known = joint.flatMap((other) => [...(groups.get(other) ?? [])]);
    const group = new Set([...joint, ...known]);
    for (const member of group) groups.set(member, group);
  }
  const found = new Map<string, Draw>();
  for (const { key, domain = key, slot = 0 } of drawn) {
    const group = groups.get(key) ?? new Set();
    found.set(key, { key, domain, slot, ...(group.size > 1 ? { joint: [...group] } : {}) });
  }
  const place = ({ domain, slot }: Draw): number =>
    model.domains.findIndex(({ name }) => name === domain) * drawn.length + slot;
  return [...found.values()].sort((a, b) => place(a) - place(b));
};

export const planStep = (model: Model): StepPlan => {
  const values: Values[] = [];
  for (const player of model.players) values.push(valuesOf(player, values));
  const properties = new Names();
  const nameOf = (forward: Forward): string => properties.of(forward.key, forward.name);
  // Draws first: callers know them by the names of their domains.
  for (const plan of values) plan.draws.forEach(nameOf);
  for (const plan of values) plan.computed.forEach(nameOf);
  const [labels, seen] = [new Names(), new Set<string>()];
  const players = values.map((plan) => ({ ...plan, ...reportsOf(plan, labels, seen) }));
  const keys = new Names();
  const histories = players.flatMap((plan) =>
    plan.computed
      .filter((forward) => forward.kind === "replay" && (forward.size ?? 0) > 0)
      .map((replay): History => {
        const input = replay.inputs[0] ?? impossible("a history of nothing");
        const wish = `${plan.player.name}/${nameOf(input)}`;
        const key = keys.of(`${plan.player.name} ${replay.key}`, wish);
        return { key, size: replay.size ?? 0, replay, player: plan };
      }),
  );
  const drawn = players.flatMap((plan) => plan.draws);
  return { players, draws: drawsOf(model, drawn), histories, nameOf };
};
