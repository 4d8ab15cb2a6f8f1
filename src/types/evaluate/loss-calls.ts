/** Calls of losses: what their formals are bound to, and their type variables with them. */
import type { Span } from "../../base/source.js";
import { type Fix, replaceWith } from "../../diagnostics/diagnostic.js";
import type { Definition } from "../../names/scope.js";
import type * as ast from "../../syntax/ast.js";
import type { LossDeclaration } from "../../syntax/ast.js";
import { showFormal } from "../inference/formals.js";
import type { FormalTypes } from "../inference/inference.js";
import {
  type DomainType,
  type Net,
  sameDomain,
  showDomain,
  showNet,
} from "../values/domain-type.js";
import { isMoving, whereItMoves } from "../values/moving.js";
import type { NumberArgument } from "../values/term.js";
import { describeValue, unknown, type Value } from "../values/value.js";
import { matchArguments } from "./arguments.js";
import type { EvaluationScope, Evaluator } from "./evaluator.js";
import { termValue } from "./operands.js";

/** Type variables of one use of a loss, as its arguments fix them. */
type Bindings = Map<Definition, { readonly domain: DomainType; readonly by: string }>;

/** `gan(G, D_Y)`: the body, with the formals bound to these arguments. */
export const callLoss = (
  evaluator: Evaluator,
  declaration: LossDeclaration,
  call: Extract<ast.Expr, { kind: "call" }>,
  scope: EvaluationScope,
): Value => {
  const { context } = evaluator;
  const name = context.quote(call.callee.span);
  const formals = declaration.formals.map((formal) => formal.name.text);
  const { matched, complete } = matchArguments(
    context,
    { callee: name, args: call.args, span: call.span },
    formals,
  );
  // What is wrong in the generic body would be found again in every use.
  if (!evaluator.checkLoss(declaration) || !complete) return unknown;
  const bindings: Bindings = new Map();
  const inner = new Map<Definition, Value>();
  const numbers = new Map<string, NumberArgument>();
  const nets = new Map<string, Net>();
  let sound = true;
  for (const formal of declaration.formals) {
    const argument = matched.get(formal.name.text);
    const expr = argument?.value ?? formal.defaultValue;
    const definition = context.resolved.locals.get(formal.name);
    if (definition === undefined) continue;
    if (expr === undefined) {
      context.report("GAN404", call.span, `\`${name}\` needs \`${context.quote(formal.span)}\``, {
        labels: [{ span: declaration.name.span, text: "the loss is declared here" }],
      });
      sound = false;
      continue;
    }
    const value = evaluator.evaluate(
      expr,
      argument === undefined ? { ...scope, env: new Map() } : scope,
    );
    if (
      value.kind === "unknown" ||
      !bindFormal(evaluator, declaration, formal, value, expr.span, bindings)
    )
      sound = false;
    inner.set(definition, value);
    if (value.kind === "net") nets.set(formal.name.text, value.net);
    if (value.kind === "number") numbers.set(formal.name.text, { expr, value: value.value });
  }
  if (!sound) return unknown;
  for (const [variable, { domain }] of bindings) inner.set(variable, { kind: "domain", domain });
  const body = context.within({ span: call.span }, () =>
    evaluator.evaluate(declaration.value, { ...scope, env: inner }),
  );
  if (body.kind !== "term") return unknown;
  return termValue({
    kind: "loss",
    name,
    declaration,
    args: call.args.map((argument) => context.quote(argument.span)),
    numbers,
    nets,
    body: body.term,
    type: body.term.type,
    span: call.span,
  });
};

const bindFormal = (
  evaluator: Evaluator,
  declaration: LossDeclaration,
  formal: ast.Formal,
  value: Value,
  at: Span,
  bindings: Bindings,
): boolean => {
  const { context } = evaluator;
  const { types } = evaluator.formals.of(declaration);
  const labels = [
    { span: formal.span, text: `\`${showFormal(context, types, formal)}\` is declared here` },
  ];
  const type = types.get(formal);
  if (type?.kind === "arrow") {
    if (value.kind !== "net") {
      context.report(
        "GAN305",
        at,
        `\`${formal.name.text}\` of \`${declaration.name.text}\` takes a network, not ${describeValue(value)}`,
        { labels },
      );
      return false;
    }
    const ends = [
      [type.from, value.net.from],
      [type.to, value.net.to],
    ] as const;
    return ends.every(([wanted, is]) =>
      unify(evaluator, wanted, is, value.net, formal, at, bindings, types),
    );
  }
  const wanted = type?.kind === "named" ? type.name : undefined;
  if (wanted === "Int" || wanted === "Real" || wanted === undefined) {
    if (value.kind === "number" && (wanted !== "Int" || value.int)) return true;
    context.report(
      "GAN402",
      at,
      `\`${formal.name.text}\` of \`${declaration.name.text}\` takes ${wanted === "Int" ? "an Int" : "a Real"}, not ${describeValue(value)}`,
      value.kind === "term" && isMoving(value.term)
        ? { labels, notes: [whereItMoves] }
        : { labels },
    );
    return false;
  }
  // A formal of another type is refused where it is declared.
  return false;
};

/** Writing the one network that the formal could take, given what the other arguments fixed. */
const fittingNet = (
  evaluator: Evaluator,
  type: ast.TypeExpr | undefined,
  at: Span,
  bindings: Bindings,
): Fix | undefined => {
  if (type?.kind !== "arrow") return undefined;
  const wanted = (end: ast.TypeExpr): DomainType | undefined => {
    if (end.kind === "product") {
      const items = end.items.flatMap((item) => wanted(item) ?? []);
      return items.length === end.items.length ? { kind: "product", items } : undefined;
    }
    const definition = evaluator.formals.typeUse(end);
    return definition?.kind === "type variable"
      ? bindings.get(definition)?.domain
      : evaluator.domainOf(end, new Map());
  };
  const [from, to] = [wanted(type.from), wanted(type.to)];
  const fits = (is: DomainType, end: DomainType | undefined): boolean =>
    end === undefined || sameDomain(is, end);
  const fitting = evaluator.networks().filter((net) => fits(net.from, from) && fits(net.to, to));
  const only = fitting.length === 1 ? fitting[0] : undefined;
  return only === undefined ? undefined : replaceWith(at, only.name);
};

const unify = (
  evaluator: Evaluator,
  wanted: ast.TypeExpr,
  is: DomainType,
  net: Net,
  formal: ast.Formal,
  at: Span,
  bindings: Bindings,
  types: FormalTypes["types"],
): boolean => {
  const { context } = evaluator;
  if (wanted.kind === "product" && is.kind === "product" && wanted.items.length === is.items.length)
    return wanted.items.every((item, i) =>
      unify(evaluator, item, is.items[i] ?? is, net, formal, at, bindings, types),
    );
  const definition = evaluator.formals.typeUse(wanted);
  const refuse = (wants: string, why: string): boolean => {
    context.report(
      "GAN310",
      at,
      `\`${showNet(net)}\` cannot be \`${showFormal(context, types, formal)}\`: ${wants}`,
      {
        labels: [{ span: formal.span, text: "the formal is declared here" }],
        notes: [why],
        suggestion: fittingNet(evaluator, types.get(formal), at, bindings),
      },
    );
    return false;
  };
  if (definition?.kind === "type variable") {
    const bound = bindings.get(definition);
    if (bound === undefined && is.kind === "product")
      return refuse(
        `${definition.name} is one domain, not the ${is.items.length} of ${showDomain(is)}`,
        "A network that takes several values is applied to as many: write its type with a domain for each, as in `(a, b) -> c`.",
      );
    if (bound === undefined) {
      bindings.set(definition, { domain: is, by: net.name });
      return true;
    }
    return (
      sameDomain(bound.domain, is) ||
      refuse(
        `here ${definition.name} is ${showDomain(bound.domain)}, not ${showDomain(is)}`,
        `\`${bound.by}\` fixed ${definition.name} as ${showDomain(bound.domain)}.`,
      )
    );
  }
  const domain = evaluator.domainOf(wanted, new Map());
  if (domain === undefined) return false;
  return (
    sameDomain(domain, is) ||
    refuse(
      `it needs ${showDomain(domain)}, not ${showDomain(is)}`,
      "A network's type is fixed where it is declared.",
    )
  );
};
