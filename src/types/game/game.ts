import type { Span } from "../../base/source.js";
import { replaceWith } from "../../diagnostics/diagnostic.js";
import { int, type Option } from "../../operators/signature.js";
import type * as ast from "../../syntax/ast.js";
import { optionValue } from "../evaluate/arguments.js";
import { type Evaluator, topScope } from "../evaluate/evaluator.js";
import type { Net } from "../values/domain-type.js";
import type { Phase, Player } from "../values/player.js";
import { children, mentioned, moved, reached, type Term } from "../values/term.js";
import { describeValue } from "../values/value.js";

export type Solve = Extract<ast.Declaration, { kind: "solve" }>;

/**
 * @param entry the file that is checked: its own networks must play, imported ones only where an
 * objective has them
 */
export const checkGame = (
  evaluator: Evaluator,
  solve: Solve,
  entry: string,
): readonly Phase[] | undefined => {
  const trainedBy = new Map<string, ast.Name>();
  const checked = solve.phases.map((phase) => checkPhase(evaluator, phase, trainedBy));
  const phases = checked.flatMap((phase) => (phase === undefined ? [] : [phase]));
  // Somebody else's mistake may be why a network has no player.
  if (phases.length < checked.length || !endsAlways(evaluator, phases, solve)) return undefined;
  const players = phases.flatMap((phase) => phase.players);
  const playing = playingNetworks(players);
  const expected = evaluator
    .networks()
    .filter((net) => net.span.file === entry || playing.has(net.name));
  if (!everybodyPlays(evaluator, solve, players, trainedBy, expected)) return undefined;
  return phases;
};

/** Notes in `trainedBy` where each network is trained first. */
const checkPhase = (
  evaluator: Evaluator,
  phase: ast.Phase,
  trainedBy: Map<string, ast.Name>,
): Phase | undefined => {
  const times = countOf(evaluator, phase.times, timesOption);
  const every = countOf(evaluator, phase.every, everyOption);
  const inPhase = new Map<string, ast.Name>();
  const players: Player[] = [];
  let sound = times !== undefined && every !== undefined;
  for (const clause of phase.clauses) {
    const objective = objectiveOf(evaluator, clause);
    sound &&= objective !== undefined;
    for (const quantifier of clause.quantifiers) {
      const nets = quantifier.networks.flatMap((name) => trained(evaluator, name, inPhase));
      if (nets.length !== quantifier.networks.length) sound = false;
      if (objective === undefined) continue;
      const networks = nets.map((net) => net.name);
      if (!dependsOnAll(evaluator, networks, quantifier, objective)) sound = false;
      players.push({ sense: quantifier.sense, networks, objective, span: quantifier.span });
    }
  }
  for (const [name, at] of inPhase) if (!trainedBy.has(name)) trainedBy.set(name, at);
  return sound && times !== undefined && every !== undefined
    ? { times, every, players }
    : undefined;
};

/** The phases of which it is written how often a step runs them. */
export const repeatsOf = (
  game: { readonly solve: Solve; readonly phases: readonly Phase[] } | undefined,
): readonly { readonly times: number; readonly span: Span }[] =>
  (game?.solve.phases ?? []).flatMap(({ times }, i) =>
    times === undefined ? [] : [{ times: game?.phases[i]?.times ?? 1, span: times.span }],
  );

const timesOption = int("times", "how many times a step runs the phase", { least: 1 });

const everyOption = int("steps", "steps from one run of the phase to the next", { least: 1 });

/** A phase's count as written, 1 where none is; nothing where it was refused. */
const countOf = (
  evaluator: Evaluator,
  written: ast.Expr | undefined,
  option: Option,
): number | undefined => {
  if (written === undefined) return 1;
  const value = evaluator.evaluate(written, topScope);
  const argument = { value: written, span: written.span };
  const word = option === timesOption ? "repeat" : "every";
  const found = optionValue(evaluator.context, word, option, argument, value);
  return found === undefined ? undefined : Number(found);
};

/** A step ends with a phase that it always has: there the averages of weights move. */
const endsAlways = ({ context }: Evaluator, phases: readonly Phase[], solve: Solve): boolean => {
  const last = solve.phases.at(-1);
  if ((phases.at(-1)?.every ?? 1) === 1 || last === undefined) return true;
  context.report("GAN506", last.span, "the last phase of a step must run in every step", {
    labels: [{ span: last.every?.span ?? last.span, text: "this one runs in some steps only" }],
    notes: ["Put it before another phase: `every 16 { … } then min[D] …`."],
  });
  return false;
};

const objectiveOf = (evaluator: Evaluator, { objective }: ast.Clause): Term | undefined => {
  const value = evaluator.evaluate(objective, topScope);
  if (value.kind === "term" && value.term.type.kind === "loss") return value.term;
  if (value.kind !== "unknown")
    evaluator.context.report(
      "GAN308",
      objective.span,
      `an objective is a loss, and this is ${describeValue(value)}`,
    );
  return undefined;
};

const trained = (
  evaluator: Evaluator,
  name: ast.Name,
  trainedBy: Map<string, ast.Name>,
): readonly Net[] => {
  const { context } = evaluator;
  const definition = context.resolved.nameUses.get(name);
  if (definition === undefined) return [];
  const net = evaluator.networks().find((candidate) => candidate.name === name.text);
  if (definition.kind !== "declared" || definition.declaration.kind !== "net") {
    context.report("GAN305", name.span, `a player trains networks, and \`${name.text}\` is none`);
    return [];
  }
  const first = trainedBy.get(name.text);
  if (first !== undefined) {
    context.report("GAN503", name.span, `\`${name.text}\` is trained by two players at once`, {
      labels: [{ span: first.span, text: "the other is here" }],
    });
    return [];
  }
  trainedBy.set(name.text, name);
  if (net?.isFrozen === true) {
    context.report("GAN522", name.span, `\`${net.name}\` is frozen, and this player trains it`, {
      labels: [{ span: net.span, text: "it is declared here" }],
      notes: ["Take it out of the player, or `frozen` away from the network."],
    });
    return [];
  }
  if (net?.learns === false && net.inner !== undefined && net.inner.length > 0) {
    context.report(
      "GAN521",
      name.span,
      `\`${net.name}\` has nothing of its own to learn: its parameters are those of ${net.inner.join(" and ")}`,
      { notes: [`A player trains those: \`[${net.inner.join(", ")}]\`.`] },
    );
    return [];
  }
  return net === undefined ? [] : [net];
};

/** Whether the layers of every network in a term are known. */
const isTraced = (term: Term): boolean =>
  (term.kind !== "apply" || term.net.learns !== undefined) && children(term).every(isTraced);

const dependsOnAll = (
  evaluator: Evaluator,
  networks: readonly string[],
  quantifier: ast.Quantifier,
  objective: Term,
): boolean => {
  const { context } = evaluator;
  // What a network with a mistake depends on is not known.
  if (!isTraced(objective)) return true;
  const gradients = moved(objective);
  const values = mentioned(objective);
  let all = true;
  for (const name of quantifier.networks) {
    if (gradients.has(name.text) || !networks.includes(name.text)) continue;
    all = false;
    const labels = [{ span: objective.span, text: "this is its objective" }];
    if (reached(objective).has(name.text)) {
      context.report(
        "GAN501",
        name.span,
        `this player's objective has \`${name.text}\` behind a factor of 0 only, so it would never change`,
        { labels },
      );
    } else if (values.has(name.text)) {
      context.report(
        "GAN504",
        name.span,
        `no gradient of its objective reaches \`${name.text}\`: all that it makes there is cut off`,
        {
          labels,
          notes: [
            "`replay` and `stop` let no gradient through. A generator needs a term of its own, such as `lsgan.fool(G, D)`.",
          ],
        },
      );
    } else {
      context.report(
        "GAN501",
        name.span,
        `this player's objective does not depend on \`${name.text}\`, so it would never change`,
        {
          labels,
          notes: values.size === 0 ? [] : [`The objective depends on ${[...values].join(", ")}.`],
        },
      );
    }
  }
  return all;
};

/** Networks that the game is about: those trained, and those that objectives depend on. */
export const playingNetworks = (players: readonly Player[]): ReadonlySet<string> =>
  new Set(players.flatMap(({ networks, objective }) => [...networks, ...mentioned(objective)]));

const everybodyPlays = (
  evaluator: Evaluator,
  solve: Solve,
  players: readonly Player[],
  trainedBy: ReadonlyMap<string, ast.Name>,
  expected: readonly Net[],
): boolean => {
  const { context } = evaluator;
  // Of a network with a mistake, in itself or in one inside of it, nobody knows yet what it has to
  // learn; one without
  // parameters has nothing to learn.
  const idle = expected.filter(
    ({ name, isFrozen, learns }) => !trainedBy.has(name) && isFrozen !== true && learns === true,
  );
  for (const net of idle) {
    context.report("GAN502", net.span, `nobody trains \`${net.name}\``, {
      labels: [{ span: solve.span, text: "the players stand here" }],
      notes: [`Name it in a \`min[…]\` or \`max[…]\`, or take it out of the spec.`],
      suggestion: joinPlayer(evaluator, solve, players, net),
    });
  }
  return idle.length === 0;
};

/**
 * Writing the network into the player of its kind, where one player trains networks of the same
 * codomain for an objective that moves this one too.
 */
const joinPlayer = (evaluator: Evaluator, solve: Solve, players: readonly Player[], net: Net) => {
  const isScorer = (name: string): boolean =>
    evaluator.networks().find((n) => n.name === name)?.to.kind === "scores";
  const quantifiers = solve.phases
    .flatMap((phase) => phase.clauses)
    .flatMap((clause) => clause.quantifiers);
  const kin = quantifiers.filter(
    ({ networks, span }) =>
      networks.every((n) => isScorer(n.text) === (net.to.kind === "scores")) &&
      players.some((player) => player.span === span && moved(player.objective).has(net.name)),
  );
  const last = kin.length === 1 ? kin[0]?.networks[kin[0].networks.length - 1] : undefined;
  return last === undefined ? undefined : replaceWith(last.span, `${last.text}, ${net.name}`);
};
