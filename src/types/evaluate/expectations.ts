/** Expectations: what they draw from, and what is drawn together. */
import type { Span } from "../../base/source.js";
import { bool, type Signature } from "../../operators/signature.js";
import type * as ast from "../../syntax/ast.js";
import { type DomainType, sameDomain, showDomain } from "../values/domain-type.js";
import { drawnDirectly } from "../values/domains.js";
import { type Draw, drawsIn } from "../values/term.js";
import { describeValue, unknown, type Value } from "../values/value.js";
import { bindOptions, type Call } from "./arguments.js";
import type { EvaluationScope, Evaluator } from "./evaluator.js";
import { termValue } from "./operands.js";

/** `E[x ~ X] body` */
export const expectation = (
  evaluator: Evaluator,
  expr: Extract<ast.Expr, { kind: "expectation" }>,
  scope: EvaluationScope,
): Value => {
  const { context } = evaluator;
  const inner = new Map(scope.env);
  const drawn: DomainType[] = [];
  for (const binder of expr.binders) {
    const sampler = samplerOf(evaluator, binder.sampler, scope);
    const drawnHere = drawAll(evaluator, binder, sampler, { drawn, depth: scope.expectations });
    binder.names.forEach((name, i) => {
      const definition = context.resolved.locals.get(name);
      if (definition !== undefined) inner.set(definition, drawnHere[i] ?? unknown);
    });
  }
  const value = evaluator.evaluate(expr.body, {
    ...scope,
    env: inner,
    expectations: scope.expectations + 1,
  });
  if (value.kind === "unknown") return unknown;
  if (value.kind !== "term" || value.term.type.kind === "loss") {
    return context.report(
      "GAN505",
      expr.span,
      `this expectation is over nothing: ${value.kind === "term" ? "its body is an expectation already" : `its body is ${describeValue(value)}`}`,
    );
  }
  const draws = drawsIn(value.term);
  const outer = draws.find(({ depth }) => depth < scope.expectations);
  if (outer !== undefined) return dependent(evaluator, expr, outer);
  const used = new Set(
    draws.filter(({ depth }) => depth === scope.expectations).map(({ name }) => name),
  );
  const idle = expr.binders.flatMap((binder) => binder.names).find((name) => !used.has(name.text));
  if (idle !== undefined) {
    return context.report(
      "GAN505",
      idle.span,
      `\`${idle.text}\` is drawn, but nothing in this expectation depends on it`,
    );
  }
  return termValue({
    kind: "mean",
    binders: expr.binders.map((binder) => context.quote(binder.span)),
    body: value.term,
    type: { kind: "loss" },
    span: expr.span,
  });
};

/**
 * Within a step draws meet one to one: a mean over y for each x would need every y with every x.
 */
const dependent = (
  { context }: Evaluator,
  { span }: ast.Expr,
  { name, span: drawn }: Draw,
): Value =>
  context.report(
    "GAN505",
    span,
    `this expectation depends on \`${name}\`, which is drawn outside of it`,
    {
      labels: [{ span: drawn, text: `\`${name}\` is drawn here` }],
      notes: ["Draw both in one expectation: `E[x ~ X, y ~ Y] …`."],
    },
  );

/**
 * The domain that a binder draws from. Numbers that ganc draws need no declaration: `z ~
 * noise(100)`.
 */
const samplerOf = (evaluator: Evaluator, expr: ast.Expr, scope: EvaluationScope): Value => {
  const value = evaluator.evaluate(expr, scope);
  const stage = value.kind === "recipe" && value.of === "domain" ? value.stages[0] : undefined;
  if (stage === undefined) return value;
  const domain = drawnDirectly(evaluator.context, stage, expr.span);
  return domain === undefined ? unknown : { kind: "domain", domain };
};

/**
 * The values of a binder's names: of `x ~ X`, or of several drawn together, `(x, y) ~ pairs(X, Y)`.
 */
const drawAll = (
  evaluator: Evaluator,
  binder: ast.Binder,
  sampler: Value,
  { drawn, depth }: { readonly drawn: DomainType[]; readonly depth: number },
): readonly Value[] => {
  const { context } = evaluator;
  if (sampler.kind === "unknown") return [];
  const many = binder.names.length;
  if (sampler.kind !== "joint" && sampler.kind !== "domain") {
    const names = binder.names.map(({ text }) => `\`${text}\``).join(" and ");
    context.report(
      "GAN305",
      binder.sampler.span,
      `${names} must be drawn from a domain, not from ${describeValue(sampler)}`,
    );
    return [];
  }
  const domains = sampler.kind === "joint" ? sampler.domains : [sampler.domain];
  if (many !== domains.length) {
    const given =
      domains.length === 1
        ? "one value"
        : `${domains.length === 2 ? "two" : domains.length} values`;
    context.report(
      "GAN505",
      binder.span,
      many === 1
        ? `\`pairs\` draws ${given} at once, and here is one name`
        : `${describeValue(sampler)} gives ${given}, and here are ${many} names`,
      { notes: [`Values are drawn together by \`${togetherForm(domains.length)}\`.`] },
    );
    return [];
  }
  if (!domains.every((domain) => isDrawn(evaluator, domain, binder.sampler.span))) return [];
  const slot = Math.max(
    ...domains.map((domain) => drawn.filter((other) => sameDomain(other, domain)).length),
  );
  // Values drawn together have one slot, so that another pair of the same domains is independent of
  // them.
  for (const domain of domains)
    while (drawn.filter((other) => sameDomain(other, domain)).length <= slot) drawn.push(domain);
  return binder.names.map((name, i) => {
    const domain = domains[i];
    if (domain === undefined) return unknown;
    const shape = domain.kind === "domain" ? domain.shape : undefined;
    return termValue({
      kind: "draw",
      name: name.text,
      domain,
      slot,
      depth,
      joint: domains.length > 1 ? domains : undefined,
      ...(sampler.kind === "joint" && sampler.isPartial ? { isPartial: true } : {}),
      type: { kind: "sample", domain, shape },
      span: name.span,
    });
  });
};

/** Whether anything can be drawn from the domain. */
const isDrawn = ({ context }: Evaluator, domain: DomainType, at: Span): boolean => {
  if (domain.kind === "scores") {
    context.report("GAN311", at, "nothing can be drawn from Scores");
    return false;
  }
  if (domain.kind !== "domain" || domain.sampler !== "features") return true;
  context.report("GAN311", at, `nothing can be drawn from ${domain.name}, which is a type only`, {
    labels: [{ span: domain.span, text: `${domain.name} is declared here` }],
    notes: [
      "`features` are what networks make. What is drawn is declared by `image`, `noise`, `uniform` or `labels`.",
    ],
  });
  return false;
};

/** `(x, y) ~ pairs(X, Y)`, of two domains at least. */
const togetherForm = (count: number): string => {
  const names = ["x", "y", "z", "w"].slice(0, Math.max(2, count));
  const more = count > names.length ? ", …" : "";
  return `(${names.join(", ")}${more}) ~ pairs(${names.join(", ").toUpperCase()}${more})`;
};

const pairsOptions: Signature = [
  bool("all", "whether every image must have its partners; else those that have them are drawn", {
    defaultValue: true,
  }),
];

/**
 * `pairs(X, Y, …)`: images of equal names in two or more domains; with a domain of labels among
 * them, `pairs(X, L)`, also the class whose folder they lie in.
 */
export const pairs = (
  evaluator: Evaluator,
  call: Call,
  evaluate: (expr: ast.Expr) => Value,
): Value => {
  const { context } = evaluator;
  const { callee, span } = call;
  const args = call.args.filter(({ name }) => name === undefined);
  const options = bindOptions(
    context,
    { callee, span, args: call.args.filter(({ name }) => name !== undefined) },
    pairsOptions,
    evaluate,
  );
  if (options === undefined) return unknown;
  if (args.length < 2)
    return context.report(
      "GAN404",
      span,
      "`pairs` takes two domains or more: `(x, y) ~ pairs(X, Y)`",
    );
  const domains: DomainType[] = [];
  const late = call.args.findIndex(({ name }, i) => name === undefined && i >= args.length);
  if (late >= 0)
    return context.report(
      "GAN405",
      call.args[late]?.span ?? span,
      "a positional argument stands behind a named one",
      { notes: ["Domains come first: `pairs(X, Y, all: false)`."] },
    );
  for (const argument of args) {
    const value = evaluate(argument.value);
    if (value.kind === "unknown") return unknown;
    if (value.kind !== "domain") {
      return context.report(
        "GAN305",
        argument.value.span,
        `\`pairs\` takes domains, not ${describeValue(value)}`,
      );
    }
    domains.push(value.domain);
  }
  return canPair(evaluator, call, domains)
    ? { kind: "joint", domains, isPartial: options.all === false }
    : unknown;
};

const canPair = ({ context }: Evaluator, call: Call, domains: readonly DomainType[]): boolean => {
  const twice = domains.find((domain, i) =>
    domains.slice(0, i).some((before) => sameDomain(before, domain)),
  );
  if (twice !== undefined) {
    context.report("GAN505", call.span, `${showDomain(twice)} cannot be paired with itself`, {
      notes: ["Two independent draws of one domain are `E[x ~ X, w ~ X]`."],
    });
    return false;
  }
  const kinds = domains.map((domain) => (domain.kind === "domain" ? domain.sampler : "image"));
  const odd = domains.find((_, i) => kinds[i] !== "image" && kinds[i] !== "labels");
  const labels = domains.filter((_, i) => kinds[i] === "labels");
  if (odd === undefined && labels.length < 2 && kinds.includes("image")) return true;
  context.report("GAN311", call.span, unpairable(odd, labels, kinds.includes("image")), {
    notes: [
      "`pairs` takes domains of images, partners being files of the same name, and one of labels at most, the class being the folder of an image.",
    ],
  });
  return false;
};

const unpairable = (
  odd: DomainType | undefined,
  labels: readonly DomainType[],
  hasImages: boolean,
): string => {
  if (odd !== undefined) return `no data pair ${showDomain(odd)} with anything`;
  const names = labels.map(showDomain).join(" and ");
  return hasImages
    ? `an image lies in one folder, which cannot be its class of both ${names}`
    : "`pairs` of domains of labels has no images whose classes they could be";
};
