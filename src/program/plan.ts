/**
 * Plans a step, for every engine: for each player the values that it needs, those that an earlier
 * player has made at the same weights, the histories that it keeps, and the losses that it reports,
 * each under one name.
 */
import { impossible } from "../base/impossible.js";
import { byDomain, type Forward, formulaKey, forwardOf, networksIn } from "./forward.js";
import type { Model, Player, Summand } from "./model.js";
import { Names } from "./naming.js";
import { innerOf } from "./network.js";
import { children, type InnerOf, type LossTerm, type Term } from "./term.js";

export type { LossTerm } from "./term.js";

/** The values that one player computes, and those that it takes from earlier players. */
export interface PlayerPlan {
  readonly player: Player;
  /** Summands that reach its networks; the others are constants to it. */
  readonly summands: readonly Summand[];
  /** Values to compute, each behind what it needs. */
  readonly computed: readonly Forward[];
  /** Values that an earlier player of the phase computed at the same weights. */
  readonly taken: readonly Forward[];
  readonly draws: readonly Forward[];
  /** `min[G, F]`, where the objective as a whole is reported. */
  readonly total: string | undefined;
  /** Losses that this player is the first to report: `cycle(G, F)`. */
  readonly reported: readonly { readonly label: string; readonly term: LossTerm }[];
  /**
   * Objectives by name and expectations written in place, each where it is first computed as a
   * whole.
   */
  readonly terms: readonly { readonly label: string; readonly term: Term }[];
  /**
   * Labels that say how this player fares, whoever reports them: its objective as a whole, else its
   * losses.
   */
  readonly leads: readonly string[];
}

export interface History {
  /** `minD_Y/Gx`: the state has its images under `history/<key>/<batch slot>`. */
  readonly key: string;
  /** Images held for each batch slot, at least 1. */
  readonly size: number;
  readonly replay: Forward;
  readonly player: PlayerPlan;
}

/**
 * One sample for each place of the batch: of a domain, and with others where they are drawn
 * together.
 */
export interface Draw {
  /** The batch has it under this name: `X`, or `X#1` where it is a second one. */
  readonly key: string;
  readonly domain: string;
  readonly slot: number;
  /** Keys of the draws, its own among them, that are drawn together. */
  readonly joint?: readonly string[] | undefined;
  /** Whether images without partners are left out, rather than refused. */
  readonly isPartial?: true | undefined;
}

/** One run of one program: nothing is shared with another phase, whose weights are others. */
export interface PhasePlan {
  /** Runs in one step. */
  readonly times: number;
  /** It runs in every n-th step, the first among them; in all where absent. */
  readonly every?: number;
  readonly players: readonly PlayerPlan[];
  /** Those that advance with each run. */
  readonly histories: readonly History[];
}

export interface StepPlan {
  /**
   * All that the players draw, each once, in the order of the domains; a repetition draws all of it
   * anew.
   */
  readonly draws: readonly Draw[];
  readonly phases: readonly PhasePlan[];
  /** Those of all phases, each named uniquely. */
  readonly players: readonly PlayerPlan[];
  readonly histories: readonly History[];
  /** Names a value wherever it is handed on, uniquely within the step. */
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

/**
 * Whether a history stands in the value: each player has its own, so that the value is its own too.
 */
const isRecalled = ({ kind, size = 0, inputs }: Forward): boolean =>
  (kind === "replay" && size > 0) || inputs.some(isRecalled);

type Values = Pick<PlayerPlan, "player" | "summands" | "computed" | "taken" | "draws">;

const valuesOf = (player: Player, earlier: readonly Values[], inner: InnerOf): Values => {
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
    const constant = ![...networksIn(forward, inner)].some((name) =>
      player.networks.includes(name),
    );
    const isShared = constant && forward.kind === "apply" && !isRecalled(forward);
    if (isShared && available(forward.key)) {
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

/** Returns the named terms, beside the losses, that the player computes whole. */
const termsOf = (
  { player, summands }: Values,
  phase: number,
  labels: Names,
  seen: Set<string>,
): PlayerPlan["terms"] => {
  const own = new Set(summands);
  return player.named
    .filter(({ from, to }) => player.summands.slice(from, to).every((part) => own.has(part)))
    .flatMap(({ name, term }) => {
      const key = `${phase} ${term.kind === "objective" ? name : ""} ${formulaKey(term)}`;
      if (seen.has(key)) return [];
      seen.add(key);
      return [{ label: labels.of(key, name), term }];
    });
};

/** Every player reports something: without losses of its own, what it descends. */
const reportsOf = (
  { player, summands }: Values,
  phase: number,
  labels: Names,
  seen: Set<string>,
): Pick<PlayerPlan, "total" | "reported" | "leads"> => {
  const losses = new Map(
    summands.flatMap((s) => lossesIn(s.term)).map((term) => [formulaKey(term), term]),
  );
  const whole = summands.length === player.summands.length;
  const alone = summands.length === 1 && summands[0]?.term.kind === "loss";
  const isTotal = (whole && !alone) || losses.size === 0;
  const total = `${player.sense}[${player.networks.join(", ")}]`;
  const named = [...losses].map(([key, term]) => ({
    key: `${phase} ${key}`,
    term,
    label: labels.of(`${phase} ${key}`, lossLabel(term)),
  }));
  const reported = named.filter(({ key }) => !seen.has(key));
  for (const { key } of reported) seen.add(key);
  const objective = isTotal ? labels.of(`${phase} ${total}`, total) : undefined;
  const leads = objective === undefined ? named.map(({ label }) => label) : [objective];
  return { total: objective, reported, leads };
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
  for (const { key, domain = key, slot = 0, isPartial } of drawn) {
    const group = groups.get(key) ?? new Set();
    const together = group.size > 1 ? { joint: [...group] } : {};
    const few = isPartial === true ? { isPartial } : {};
    found.set(key, { key, domain, slot, ...together, ...few });
  }
  const place = ({ domain, slot }: Draw): number =>
    model.domains.findIndex(({ name }) => name === domain) * drawn.length + slot;
  return [...found.values()].sort((a, b) => place(a) - place(b));
};

/** For each phase the values of its players; nothing is taken from another phase. */
const valuesByPhase = (model: Model): readonly (readonly Values[])[] =>
  model.phases.map(({ players }) => {
    const values: Values[] = [];
    for (const player of players) values.push(valuesOf(player, values, innerOf(model.networks)));
    return values;
  });

const historiesOf = (
  plan: PlayerPlan,
  keys: Names,
  nameOf: (forward: Forward) => string,
): readonly History[] =>
  plan.computed
    .filter((forward) => forward.kind === "replay" && (forward.size ?? 0) > 0)
    .map((replay): History => {
      const input = replay.inputs[0] ?? impossible("a history of nothing");
      const wish = `${plan.player.name}/${nameOf(input)}`;
      const key = keys.of(`${plan.player.name} ${replay.key}`, wish);
      return { key, size: replay.size ?? 0, replay, player: plan };
    });

export const planStep = (model: Model): StepPlan => {
  const values = valuesByPhase(model);
  const properties = new Names();
  const nameOf = (forward: Forward): string => properties.of(forward.key, forward.name);
  // Draws first: callers know them by the names of their domains.
  for (const plan of values.flat()) plan.draws.forEach(nameOf);
  for (const plan of values.flat()) plan.computed.forEach(nameOf);
  const [labels, seen, keys] = [new Names(), new Set<string>(), new Names()];
  const phases = model.phases.map(({ times, every }, i): PhasePlan => {
    const players = (values[i] ?? []).map((plan) => ({
      ...plan,
      ...reportsOf(plan, i, labels, seen),
      terms: termsOf(plan, i, labels, seen),
    }));
    return {
      times,
      ...(every === undefined ? {} : { every }),
      players,
      histories: players.flatMap((p) => historiesOf(p, keys, nameOf)),
    };
  });
  const players = phases.flatMap((phase) => phase.players);
  return {
    draws: drawsOf(
      model,
      players.flatMap((plan) => plan.draws),
    ),
    phases,
    players,
    histories: phases.flatMap(({ histories }) => histories),
    nameOf,
  };
};
