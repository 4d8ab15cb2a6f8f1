/**
 * What trains, but not what was meant: declarations and terms without effect, and games in which a discriminator and
 * the networks that it judges miss each other. Errors where nothing useful can come of it; warnings where it can.
 */
import type { Definition, Resolved } from "../names/resolve.js";
import type * as ast from "../syntax/ast.js";
import type { Context } from "./context.js";
import type { Player } from "./player.js";
import { warnOfRepeatedTerms } from "./repeated-terms.js";
import { children, isZeroFactor, networksOf, type Term } from "./term.js";
import type { Uses } from "./uses.js";
import { type Net, sameDomain } from "./value.js";

type Declared = Extract<Definition, { kind: "declared" }>;
type Apply = Extract<Term, { kind: "apply" }>;

/** Of terms that were asked for: players' objectives are, once for each judge. */
const found = new WeakMap<Term, readonly Apply[]>();

const applications = (term: Term): readonly Apply[] => {
  const known = found.get(term);
  if (known !== undefined) return known;
  const all: Apply[] = [];
  const visit = (t: Term): void => {
    if (t.kind === "apply") all.push(t);
    children(t).forEach(visit);
  };
  visit(term);
  found.set(term, all);
  return all;
};

/** The networks whose values a network is applied to, without those below them. */
const outermost = (term: Term): readonly Net[] =>
  term.kind === "apply" ? [term.net] : children(term).flatMap(outermost);

const listed = (nets: readonly Net[]): string =>
  [...new Set(nets.map(({ name }) => name))].map((name) => `\`${name}\``).join(" and ");

const trains = ({ networks }: Player, net: Net): boolean =>
  networksOf(net).some((name) => networks.includes(name));

/** A network of scores that some player trains, such as a discriminator. */
interface Judge {
  readonly name: string;
  readonly net: Net;
  readonly trainers: readonly Player[];
  /** Where its own players apply it. */
  readonly seen: readonly Apply[];
  /** Where others do, to values that they make: those play against it. */
  readonly faced: readonly { readonly player: Player; readonly application: Apply }[];
}

const judges = (players: readonly Player[]): readonly Judge[] => {
  const nets = players
    .flatMap(({ objective }) => applications(objective))
    .flatMap(({ net }) => (net.to.kind === "scores" ? [net] : []));
  return [...new Map(nets.map((net) => [net.name, net])).values()].map((net) => {
    const { name } = net;
    const of = (player: Player): readonly Apply[] =>
      applications(player.objective).filter((application) => application.net.name === name);
    const trainers = players.filter((player) => trains(player, net));
    const faced = players
      .filter((player) => !trainers.includes(player))
      .flatMap((player) =>
        of(player)
          .filter(({ inputs }) => inputs.flatMap(outermost).some((maker) => trains(player, maker)))
          .map((application) => ({ player, application })),
      );
    return { name, net, trainers, seen: trainers.flatMap(of), faced };
  });
};

/** Whether an expectation weighs a network's answers against something else that is drawn, as a classifier's are. */
const hasOtherDraws = (term: Term, name: string): boolean => {
  if (term.kind === "apply" && term.net.name === name) return false;
  return term.kind === "draw" || children(term).some((child) => hasOtherDraws(child, name));
};

const expectationsOf = (term: Term, name: string): readonly Term[] =>
  term.kind === "mean"
    ? applications(term).some(({ net }) => net.name === name)
      ? [term]
      : []
    : children(term).flatMap((child) => expectationsOf(child, name));

/** Who made each of the values that a network is applied to; nobody where it is drawn. */
const makersByPlace = ({ inputs }: Apply): string =>
  inputs.map((input) => listed(outermost(input))).join(", ");

/** A discriminator that sees one side only has a best answer that is no answer: a constant. */
const checkBothSides = (context: Context, { name, trainers, seen, faced }: Judge): void => {
  const [trainer] = trainers;
  const others = trainers
    .flatMap(({ objective }) => expectationsOf(objective, name))
    .some((expectation) => hasOtherDraws(expectation, name));
  if (trainer === undefined || others || seen.length === 0 || faced.length === 0) return;
  const made = seen.filter(({ inputs }) => inputs.flatMap(outermost).length > 0);
  if (made.length > 0 && made.length < seen.length) return;
  // Pairs have sides too: (x, E(x)) against (G(z), z), of which neither is drawn as a whole.
  const sides = new Set(seen.filter(({ inputs }) => inputs.length > 1).map(makersByPlace));
  if (sides.size > 1) return;
  const [which, example] = made.length === 0 ? ["generated", "D(G(x))"] : ["real", "D(y)"];
  context.report("GAN512", trainer.span, `\`${name}\` never sees ${which} values`, {
    labels: [
      ...seen.slice(0, 2).map(({ span }) => ({ span, text: "this is all that it sees" })),
      ...faced.slice(0, 1).map(({ player }) => ({
        span: player.span,
        text: `this player is to deceive \`${name}\``,
      })),
    ],
    notes: [
      `What only ever sees one side answers the same to everything. Its objective needs a term of ${which} values too, such as one of \`${example}\`; \`lsgan.judge(D, G)\` has both.`,
    ],
  });
};

/** Generators that a discriminator never sees, and those that it judges without their being told. */
const checkOpponents = (
  context: Context,
  { name, trainers, seen, faced }: Judge,
  players: readonly Player[],
): void => {
  const judged = seen.flatMap(({ inputs }) => inputs.flatMap(outermost));
  if (judged.length === 0) return;
  const isJudged = ({ name: maker }: Net): boolean => judged.some((net) => net.name === maker);
  for (const { player, application } of faced) {
    const makers = application.inputs.flatMap(outermost);
    const unseen = makers.filter((maker) => trains(player, maker));
    if (makers.some((maker) => isJudged(maker))) continue;
    context.report(
      "GAN605",
      application.span,
      `\`${name}\` is asked about what ${listed(unseen)} makes, and never sees it in training`,
      {
        labels: [{ span: player.span, text: `this player trains ${listed(unseen)} against it` }],
        notes: [`It is trained on what ${listed(judged)} makes.`],
      },
    );
  }
  for (const [maker, net] of new Map(judged.map((net) => [net.name, net]))) {
    const player = players.find((other) => trains(other, net) && !trainers.includes(other));
    const trained = players.some(
      (other) =>
        trains(other, net) &&
        applications(other.objective).some(
          (application) =>
            application.net.name === name &&
            applications(application).some((inner) => inner.net.name === maker),
        ),
    );
    if (player === undefined || trained) continue;
    context.report(
      "GAN605",
      player.span,
      `\`${maker}\` is not trained against \`${name}\`, which judges what it makes`,
      {
        labels: seen
          .filter(({ inputs }) => inputs.flatMap(outermost).some(({ name }) => name === maker))
          .slice(0, 1)
          .map(({ span }) => ({ span, text: "it is judged here" })),
        notes: [
          `The objective of \`${maker}\` has no term with \`${name}\` in it, such as \`lsgan.fool(${maker}, ${name})\`.`,
        ],
      },
    );
  }
};

const warnOfDeadTerms = (context: Context, term: Term): void => {
  if (term.kind === "arithmetic" && term.operator === "*" && isZeroFactor(term)) {
    const live = term.left.kind === "constant" ? term.right : term.left;
    if (applications(live).length > 0)
      context.report("GAN603", term.span, `\`${context.quote(term.span)}\` counts nothing`, {
        notes: ["Its factor is 0, so it is computed and reported, and trains nobody."],
      });
    return;
  }
  for (const child of children(term)) warnOfDeadTerms(context, child);
};

/** A way from a draw through networks back to its own domain. */
interface Cycle {
  readonly term: Term;
  readonly nets: readonly Net[];
  /** Networks below a cut, which no gradient of the cycle reaches. */
  readonly cut: readonly Net[];
}

const cyclesIn = (term: Term): readonly Cycle[] => {
  const below = children(term).flatMap(cyclesIn);
  if (term.kind !== "apply") return below;
  const [nets, cut]: [Net[], Net[]] = [[], []];
  let isCut = false;
  let inner: Term = term;
  while (inner.kind === "apply" || inner.kind === "replay") {
    if (inner.kind === "replay") {
      isCut = true;
      inner = inner.input;
      continue;
    }
    (isCut ? cut : nets).push(inner.net);
    const [only, ...others]: readonly Term[] = inner.inputs;
    if (only === undefined || others.length > 0) return below;
    inner = only;
  }
  const returns = inner.kind === "draw" && sameDomain(term.net.to, inner.domain);
  return returns ? [{ term, nets, cut }, ...below] : below;
};

/** A cycle whose first half is cut off trains the second to undo what the first is free to do. */
const warnOfCutCycles = (context: Context, player: Player): void => {
  const cycles = cyclesIn(player.objective);
  for (const { term, nets, cut } of cycles) {
    const untrained = cut.filter((net) => trains(player, net));
    const whole = cycles.some(
      (other) =>
        other.cut.length === 0 &&
        untrained.every((net) => other.nets.some((n) => n.name === net.name)),
    );
    if (untrained.length === 0 || whole) continue;
    context.report(
      "GAN601",
      term.span,
      `this cycle trains ${listed(nets)}, and ${listed(untrained)} not: no gradient gets there`,
      {
        labels: [{ span: player.span, text: "this player trains both" }],
        notes: ["`replay` and `stop` let no gradient through; in a cycle they have no place."],
      },
    );
  }
};

export const checkEffects = (
  context: Context,
  players: readonly Player[],
  /** Whether params were set from outside: a term is switched off by a factor of 0 on purpose then. */
  isSet: boolean,
): void => {
  for (const judge of judges(players)) {
    checkBothSides(context, judge);
    checkOpponents(context, judge, players);
  }
  for (const player of players) {
    warnOfRepeatedTerms(context, player);
    warnOfCutCycles(context, player);
    if (!isSet) warnOfDeadTerms(context, player.objective);
  }
};

/** What the game, the recipe, the networks and the `expect`s are written with. */
const roots = ({ solve, train, expects }: Resolved): readonly ast.Expr[] => [
  ...(solve?.phases ?? []).flatMap(({ times, clauses }) => [
    ...(times === undefined ? [] : [times]),
    ...clauses.map(({ objective }) => objective),
  ]),
  ...[...train.values()].map(({ value }) => value),
  ...expects.map(({ condition }) => condition),
];

const withoutEffect: Readonly<Record<string, string>> = {
  param: "Setting it changes nothing.",
  loss: "It stands in no player's objective.",
  objective: "No player has it.",
};

/** A definition, or what a module holds. */
const declarationsIn = (definition: Definition): readonly Declared[] => {
  if (definition.kind === "module") return [...definition.members.values()].flatMap(declarationsIn);
  return definition.kind === "declared" ? [definition] : [];
};

/**
 * Params, lets, losses and objectives of the entry file, what its functions take, and names that it imports, with which nothing
 * is done.
 */
export const warnOfUnused = (
  context: Context,
  resolved: Resolved,
  uses: Uses,
  entry: string,
): void => {
  const declared = resolved.definitions.flatMap(declarationsIn);
  const needed = new Set<Definition>(uses.of(roots(resolved)));
  for (const definition of declared) {
    const { declaration } = definition;
    if (declaration.kind === "net") for (const d of uses.behind(definition)) needed.add(d);
    if (declaration.kind === "param" && declaration.where !== undefined)
      for (const d of uses.of([declaration.where])) if (d !== definition) needed.add(d);
  }
  for (const definition of declared) {
    const why = withoutEffect[definition.declaration.kind];
    if (why === undefined || definition.span.file !== entry || needed.has(definition)) continue;
    context.report("GAN602", definition.span, `nothing is done with \`${definition.name}\``, {
      notes: [`${why} Use it, or take it out of the spec.`],
    });
  }
  // A let that another names is left to that one, even where nothing names that.
  for (const definition of declared) {
    const { name, span, declaration } = definition;
    const isIdle = declaration.kind === "let" && !uses.isNamed(definition) && !name.startsWith("_");
    if (isIdle && span.file === entry)
      context.report("GAN602", span, `nothing is done with \`${name}\``, {
        notes: [`Nothing is made of it. Use it, take it out, or call it \`_${name}\`.`],
      });
  }
  for (const definition of declared.filter(({ span }) => span.file === entry))
    for (const { text, span } of uses.unusedInputs(definition))
      context.report("GAN602", span, `\`${text}\` of \`${definition.name}\` has no effect`, {
        notes: [
          `Whatever is given for it changes nothing. Use it, or take it out; where it has to stand there, write \`_${text}\`.`,
        ],
      });
  for (const [definition, span] of resolved.imported) {
    const isNet = definition.kind === "declared" && definition.declaration.kind === "net";
    if (definition.kind === "builtin" || isNet || needed.has(definition)) continue;
    // What a let needs may be imported for it, whether or not the let is needed.
    const isNamed = declared.some(
      (other) => other.span.file === entry && uses.behind(other).has(definition),
    );
    if (isNamed) continue;
    context.report(
      "GAN602",
      span,
      `\`${definition.name}\` is imported, and nothing is done with it`,
      {
        notes: ["A loss that is only imported trains nobody: it belongs into an objective."],
      },
    );
  }
};
