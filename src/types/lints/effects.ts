/** What trains, but not what was meant: declarations and terms without effect, and cycles that are cut. */
import type { Definition, Resolved } from "../../names/resolve.js";
import * as ast from "../../syntax/ast.js";
import { applications, listed, trains } from "../game/judges.js";
import { balanced } from "../values/brackets.js";
import type { Context } from "../values/context.js";
import type { Player } from "../values/player.js";
import { children, isZeroFactor, type Term } from "../values/term.js";
import { type Net, sameDomain } from "../values/value.js";
import { warnOfRepeatedTerms } from "./repeated-terms.js";
import type { Uses } from "./uses.js";

type Declared = Extract<Definition, { kind: "declared" }>;

/**
 * Whether a number is of an argument: another use of the same function has another one. A `let … in` is what it says that
 * it is.
 */
const isOfArgument = (context: Context, expr: ast.Expr): boolean => {
  const definition = context.resolved.uses.get(expr);
  if (definition?.kind === "local")
    return definition.value === undefined || isOfArgument(context, definition.value);
  return ast.subexpressions(expr).some((part) => isOfArgument(context, part));
};

const warnOfDeadTerms = (context: Context, term: Term): void => {
  if (term.kind === "arithmetic" && term.operator === "*" && isZeroFactor(term)) {
    const isLeft = term.left.kind === "constant" && term.left.value === 0;
    const [zero, live] = isLeft ? [term.left, term.right] : [term.right, term.left];
    const isGiven = zero.kind === "constant" && isOfArgument(context, zero.expr);
    const span = balanced(context, term.span);
    if (!isGiven && applications(live).length > 0)
      context.report("GAN603", span, `\`${context.quote(span)}\` counts nothing`, {
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
