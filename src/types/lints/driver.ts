/** Walks a checked spec once for all lints, and reports what no other finding supersedes. */
import { impossible } from "../../base/impossible.js";
import type { Span } from "../../base/source.js";
import { type Code, catalogue } from "../../diagnostics/catalogue.js";
import { children, type Term } from "../values/term.js";
import type { Around, Facts, FindingDetails, Game, Lint, Report, Supersession } from "./lint.js";

interface Finding {
  readonly code: Code;
  readonly span: Span;
  readonly message: string;
  readonly details: FindingDetails;
}

type Findings = ReadonlyMap<Lint, readonly Finding[]>;

const isError = ({ code }: Finding): boolean => catalogue[code].severity === "error";

/** Each lint with its own `report`, and what it has reported. */
const listening = (lints: readonly Lint[]) =>
  lints.map((lint) => {
    const findings: Finding[] = [];
    const report: Report = (code, span, message, details = {}) => {
      if (!lint.codes.includes(code)) impossible(`the lint ${lint.name} reports ${code}`);
      findings.push({ code, span, message, details });
    };
    return { lint, report, findings };
  });

type Listening = ReturnType<typeof listening>;

/** Shows lints each term of an objective. */
const walkTerms = (
  listeners: Listening,
  objective: Term,
  facts: Facts & { readonly game: Game },
): void => {
  const visitors = listeners.flatMap(({ lint: { term }, report }) =>
    term === undefined ? [] : [{ term, look: { ...facts, report } }],
  );
  const visit = (term: Term, around: Around): void => {
    for (const visitor of visitors) visitor.term(term, around, visitor.look);
    const below = aroundBelow(term, around);
    for (const child of children(term)) visit(child, below);
  };
  visit(objective, { ranges: facts.ranges, calls: [] });
};

const aroundBelow = (term: Term, around: Around): Around => {
  if (term.kind === "gradient") return { ...around, ranges: around.ranges.within(term) };
  if (term.kind !== "loss") return around;
  return { ...around, calls: [term.span, ...around.calls] };
};

/** Shows the lints all that they look at, and gives what they find. */
const walk = (lints: readonly Lint[], facts: Facts): Findings => {
  const listeners = listening(lints);
  const { networks, game, recipe } = facts;
  for (const network of networks)
    for (const { lint, report } of listeners) lint.network?.(network, { ...facts, report });
  if (game !== undefined) {
    for (const { lint, report } of listeners) lint.game?.({ ...facts, game, report });
    for (const player of game.players) {
      for (const { lint, report } of listeners) lint.player?.(player, { ...facts, game, report });
      walkTerms(listeners, player.objective, { ...facts, game });
    }
  }
  for (const { lint, report } of listeners) {
    if (recipe !== undefined) lint.recipe?.({ ...facts, recipe, report });
    if (recipe !== undefined && game !== undefined)
      lint.training?.({ ...facts, game, recipe, report });
    lint.spec?.({ ...facts, report });
  }
  return new Map(listeners.map(({ lint, findings }) => [lint, findings]));
};

const meets = (at: Supersession["at"], a: Finding, b: Finding): boolean =>
  at === "place"
    ? a.span.file === b.span.file && a.span.start === b.span.start
    : (a.details.networks ?? []).some((name) => b.details.networks?.includes(name) === true);

/** Lints in the order of the list, but behind those that supersede them. */
const settled = (found: Findings): readonly Lint[] => {
  const order = new Set<Lint>();
  const add = (lint: Lint): void => {
    for (const other of found.keys())
      if (!order.has(other) && other.supersedes?.some((one) => one.lint === lint) === true)
        add(other);
    order.add(lint);
  };
  for (const lint of found.keys()) add(lint);
  return [...order];
};

/** The findings that no other supersedes. One that is superseded supersedes nothing itself. */
const unsuperseded = (found: Findings): readonly Finding[] => {
  const kept = new Map<Lint, readonly Finding[]>();
  for (const lint of settled(found)) {
    const above = [...kept].flatMap(([{ supersedes = [] }, findings]) =>
      supersedes.flatMap((one) => (one.lint === lint ? [{ at: one.at, findings }] : [])),
    );
    const left = (found.get(lint) ?? []).filter(
      (finding) =>
        !above.some(({ at, findings }) => findings.some((other) => meets(at, other, finding))),
    );
    kept.set(lint, left);
  }
  return [...found.keys()].flatMap((lint) => kept.get(lint) ?? []);
};

const report = ({ context }: Facts, findings: readonly Finding[]): void => {
  for (const { code, span, message, details } of findings)
    context.report(code, span, message, details);
};

/** Whether it is told by the game and what the game is made of, without the recipe. */
const isOfGame = ({ recipe, training, spec }: Lint): boolean =>
  recipe === undefined && training === undefined && spec === undefined;

/** All lints but those for specs without errors. */
export const runLints = (lints: readonly Lint[], facts: Facts): void => {
  const always = walk(
    lints.filter(({ unlessErrorsIn }) => unlessErrorsIn === undefined),
    facts,
  );
  const isSound =
    facts.isGameSound &&
    [...always].every(([lint, findings]) => !isOfGame(lint) || !findings.some(isError));
  const further = lints.filter(({ unlessErrorsIn }) => isSound && unlessErrorsIn === "game");
  report(facts, unsuperseded(new Map([...always, ...walk(further, facts)])));
};

/** Lints for specs without errors. */
export const runLintsOfSound = (lints: readonly Lint[], facts: Facts): void => {
  const found = walk(
    lints.filter(({ unlessErrorsIn }) => unlessErrorsIn === "spec"),
    facts,
  );
  report(facts, unsuperseded(found));
};
