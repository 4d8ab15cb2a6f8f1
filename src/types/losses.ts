/** Typing of losses: what networks, functions and arithmetic make of drawn values. */
import type { Span } from "../base/source.js";
import { type Fix, type Label, replaceWith } from "../diagnostics/diagnostic.js";
import type { Definition } from "../names/resolve.js";
import { lossFunctions } from "../operators/functions.js";
import type { Shape } from "../operators/layers.js";
import type * as ast from "../syntax/ast.js";
import { type Call, matchArguments } from "./arguments.js";
import { drawnDirectly } from "./domains.js";
import { showFormal } from "./formals.js";
import { applyGeneral } from "./functions.js";
import type { FormalTypes } from "./inference.js";
import type { Machine } from "./machine.js";
import { asTerm, comparable, isNumber, pointwiseType, shapeOf, termValue } from "./operands.js";
import {
  type Arithmetic,
  children,
  isMade,
  type NumberArgument,
  type Term,
  type TermType,
} from "./term.js";
import {
  type DomainType,
  describeValue,
  domainName,
  type Env,
  inputsOf,
  type LossDeclaration,
  type Net,
  sameDomain,
  showShape,
  unknown,
  type Value,
} from "./value.js";

const showNet = (net: Net): string =>
  `${net.name} : ${domainName(net.from)} -> ${domainName(net.to)}`;

/** Where the type of a network is from. */
const declared = (net: Net): Label => ({
  span: net.span,
  text:
    net.isInferred === true
      ? `\`${showNet(net)}\`, by how it is used first`
      : `\`${showNet(net)}\` is declared here`,
});

/** Writing another network's name where exactly one would fit. */
const otherNet = (
  machine: Machine,
  env: Env,
  net: Net,
  from: DomainType,
  callee: ast.Expr,
  wanted: DomainType | undefined,
): Fix | undefined => {
  const formals = [...env.values()].flatMap((value) => (value.kind === "net" ? [value.net] : []));
  const fitting = (formals.length > 0 ? formals : machine.networks()).filter((n) =>
    sameDomain(n.from, from),
  );
  const best = fitting.filter((n) => sameDomain(n.to, wanted ?? net.to));
  const only = best.length === 1 ? best[0] : undefined;
  return only === undefined || callee.kind !== "name"
    ? undefined
    : replaceWith(callee.span, only.name);
};

/** `D(G(x))`, `D(x, G(x))`: a network applied to a value of each of its domains. */
export const applyNet = (
  machine: Machine,
  net: Net,
  call: Extract<ast.Expr, { kind: "call" }>,
  env: Env,
): Value => {
  const { context } = machine;
  const domains = inputsOf(net.from);
  const formals = domains.map((_, i) => (domains.length === 1 ? "value" : `value_${i + 1}`));
  const { matched, complete } = matchArguments(
    context,
    { callee: net.name, args: call.args, span: call.span },
    formals,
  );
  if (!complete) return unknown;
  const missing = domains.find((_, i) => !matched.has(formals[i] ?? ""));
  if (missing !== undefined) {
    return context.report(
      "GAN404",
      call.span,
      `\`${net.name}\` needs a value of ${domainName(missing)}`,
      domains.length === 1 ? {} : { labels: [declared(net)] },
    );
  }
  const { wanted } = machine;
  const inputs = domains.map((domain, i) => {
    const argument = matched.get(formals[i] ?? "");
    return argument === undefined
      ? undefined
      : netInput(machine, net, domain, argument.value, call.callee, env, wanted);
  });
  const terms = inputs.flatMap((input) => input ?? []);
  if (terms.length < inputs.length) return unknown;
  return termValue({
    kind: "apply",
    net,
    inputs: terms,
    type: { kind: "sample", domain: net.to, shape: net.output },
    span: call.span,
  });
};

/** The argument of a network, where it is a value of the domain; nothing where a mistake was reported. */
const netInput = (
  machine: Machine,
  net: Net,
  domain: DomainType,
  argument: ast.Expr,
  callee: ast.Expr,
  env: Env,
  wanted: DomainType | undefined,
): Term | undefined => {
  const { context } = machine;
  machine.wanted = argument.kind === "call" ? domain : undefined;
  const value = machine.evaluate(argument, env);
  machine.wanted = undefined;
  if (value.kind === "unknown") return undefined;
  const at = argument.span;
  const labels = [declared(net)];
  if (value.kind !== "term" || value.term.type.kind !== "sample") {
    const isTensor = value.kind === "term" && value.term.type.kind === "tensor";
    context.report(
      value.kind === "term" ? "GAN301" : "GAN305",
      at,
      `\`${net.name}\` takes a value of ${domainName(domain)}, not ${describeValue(value)}`,
      {
        labels,
        notes: isTensor
          ? [
              `Arithmetic leaves the domains. To say that the result counts as ${domainName(domain)}, write \`(…) as ${domainName(domain)}\`.`,
            ]
          : [],
      },
    );
    return undefined;
  }
  const { term } = value;
  if (sameDomain(value.term.type.domain, domain)) return term;
  const [is, wants] = [domainName(value.term.type.domain), domainName(domain)];
  context.report(
    "GAN301",
    at,
    `\`${net.name}\` takes ${wants}, and \`${context.quote(at)}\` is of ${is}`,
    {
      labels,
      notes: [
        `Domains are told apart by name, whatever their shapes. To say that a value counts as ${wants}, write \`… as ${wants}\`.`,
      ],
      fix: otherNet(machine, env, net, value.term.type.domain, callee, wanted),
    },
  );
  return undefined;
};

/** A layer, which some network would have to hold. */
const layerInLoss = ({ context }: Machine, name: string, call: Call): Value =>
  context.report("GAN305", call.span, `\`${name}\` is a layer, and works inside of a network`, {
    notes: ["Architectures own no parameters. Declare a `net`, and apply that to drawn values."],
  });

/** `l1(a, b)`, `log(z)`, `replay(v, n)` … on terms. Values that are no terms were seen by the caller. */
export const applyFunction = (
  machine: Machine,
  name: string,
  call: Call,
  evaluate: (expr: ast.Expr) => Value,
): Value => {
  const entry = lossFunctions.get(name);
  if (name === "replay") return replay(machine, call, evaluate);
  if (entry === undefined) return layerInLoss(machine, name, call);
  if (entry.kind === "general") return applyGeneral(machine, entry, call, evaluate);
  const formals = entry.kind === "distance" ? ["a", "b"] : ["z"];
  const { matched, complete } = matchArguments(machine.context, call, formals);
  const operands = formals.map((formal) => matched.get(formal)?.value);
  if (!complete) return unknown;
  if (operands.some((operand) => operand === undefined)) {
    return machine.context.report(
      "GAN404",
      call.span,
      `\`${name}\` takes ${formals.length === 2 ? "two values" : "a value"}`,
    );
  }
  const terms: Term[] = [];
  for (const operand of operands) {
    if (operand === undefined) return unknown;
    const value = evaluate(operand);
    if (value.kind === "unknown") return unknown;
    const term = asTerm(value, operand);
    if (term === undefined) {
      return machine.context.report(
        "GAN305",
        operand.span,
        `\`${name}\` takes a drawn value, not ${describeValue(value)}`,
      );
    }
    terms.push(term);
  }
  const [first, second] = terms;
  if (first === undefined) return unknown;
  if (entry.kind === "pointwise" || second === undefined) {
    return termValue({
      kind: "pointwise",
      of: entry,
      input: first,
      type: pointwiseType(first.type),
      span: call.span,
    });
  }
  if (!comparable(machine, first, second, call.span, `\`${name}\` compares`)) return unknown;
  return termValue({
    kind: "distance",
    of: entry,
    left: first,
    right: second,
    type: { kind: "tensor", shape: [1, 1, 1] },
    span: call.span,
  });
};

/** `concat(x, y)`: along the channels; values of 1 x 1 are repeated over the height and width of the others. */
export const concatTerms = (
  { context }: Machine,
  expr: Extract<ast.Expr, { kind: "call" }>,
  values: readonly Value[],
): Value => {
  context.asksShapes = true;
  const terms = values.flatMap((value) => (value.kind === "term" ? [value.term] : []));
  const odd = values.findIndex((value) => value.kind !== "term" || value.term.type.kind === "loss");
  const wrong = values[odd];
  if (wrong !== undefined || terms.length < 2) {
    return context.report(
      "GAN305",
      expr.args[odd]?.span ?? expr.span,
      `\`concat\` joins two or more drawn values${wrong === undefined ? "" : `, and this is ${describeValue(wrong)}`}`,
    );
  }
  const shapes = terms.map((term) => shapeOf(term.type));
  const known = shapes.flatMap((shape) => (shape === undefined ? [] : [shape]));
  const large = known.find(([height, width]) => height * width > 1) ?? known[0] ?? [1, 1, 1];
  const misfit = known.find(
    ([height, width]) => height * width > 1 && (height !== large[0] || width !== large[1]),
  );
  if (misfit !== undefined) {
    return context.report(
      "GAN306",
      expr.span,
      `\`concat\` joins channels of one size, and these are ${showShape(large)} and ${showShape(misfit)}`,
    );
  }
  const channels = known.reduce((sum, shape) => sum + shape[2], 0);
  const shape: Shape | undefined =
    known.length < shapes.length ? undefined : [large[0], large[1], channels];
  return termValue({
    kind: "concat",
    items: terms,
    type: { kind: "tensor", shape },
    span: expr.span,
  });
};

const replay = (machine: Machine, call: Call, evaluate: (expr: ast.Expr) => Value): Value => {
  const { matched, complete } = matchArguments(machine.context, call, ["value", "size"]);
  const [subject, size] = [matched.get("value"), matched.get("size")];
  if (subject === undefined || size === undefined) {
    return complete
      ? machine.context.report(
          "GAN404",
          call.span,
          "`replay` takes a value and how many of its kind to keep",
        )
      : unknown;
  }
  const [value, count] = [evaluate(subject.value), evaluate(size.value)];
  if (value.kind === "unknown" || count.kind === "unknown") return unknown;
  if (value.kind !== "term") {
    return machine.context.report(
      "GAN305",
      subject.span,
      `\`replay\` keeps values made by networks, not ${describeValue(value)}`,
    );
  }
  if (!isMade(value.term) && count.kind === "number" && count.value !== 0) {
    return machine.context.report(
      "GAN305",
      subject.value.span,
      "`replay` keeps what is drawn or made by a network, and this is a formula over such values",
      { notes: ["Replay what the formula is made of, or cut its gradient by `stop`."] },
    );
  }
  if (count.kind !== "number" || !count.int) {
    return machine.context.report(
      "GAN402",
      size.value.span,
      `\`size\` of \`replay\` takes an Int, not ${describeValue(count)}`,
    );
  }
  if ((count.value ?? 0) < 0) {
    return machine.context.report(
      "GAN403",
      size.value.span,
      `\`size\` of \`replay\` must be at least 0, and this is ${count.value}`,
    );
  }
  return termValue({
    kind: "replay",
    input: value.term,
    size: count.value,
    type: value.term.type,
    span: call.span,
  });
};

/** `y as a` */
export const relabel = (
  machine: Machine,
  expr: Extract<ast.Expr, { kind: "relabel" }>,
  env: Env,
): Value => {
  const value = machine.evaluate(expr.value, env);
  const domain = machine.domainOf(expr.type, env);
  if (value.kind === "unknown" || domain === undefined) return unknown;
  const { context } = machine;
  if (value.kind !== "term" || value.term.type.kind === "loss" || value.term.kind === "constant") {
    return context.report(
      "GAN305",
      expr.value.span,
      `\`as\` relabels a value of a domain, not ${describeValue(value)}`,
    );
  }
  const [from, to] = [value.term.type, domain];
  if (from.shape !== undefined && to.kind === "domain") {
    const isSame = from.kind === "sample" && sameDomain(from.domain, to);
    if (!isSame) context.asksShapes = true;
    if (showShape(from.shape) !== showShape(to.shape)) {
      return context.report(
        "GAN306",
        expr.span,
        `a value of ${showShape(from.shape)} cannot count as ${to.name}, which is ${showShape(to.shape)}`,
      );
    }
    // What arithmetic makes has no range of its own, and real numbers no ends to keep.
    const known = from.kind === "sample" && from.domain.kind === "domain";
    const range = known && from.domain.sampler !== "features" ? from.domain.range : to.range;
    if (to.sampler !== "features" && range.join() !== to.range.join()) {
      return context.report(
        "GAN306",
        expr.span,
        `a value in [${range.join(", ")}] cannot count as ${to.name}, whose values lie in [${to.range.join(", ")}]`,
      );
    }
  }
  return termValue({
    kind: "relabel",
    input: value.term,
    domain,
    type: { kind: "sample", domain, shape: from.shape },
    span: expr.span,
  });
};

/** The type of what is not a single number, if there is any such. */
const arithmeticType = (a: Term, b: Term): TermType => {
  // An expectation is one number for all samples.
  if (a.kind === "constant" || a.type.kind === "loss") return pointwiseType(b.type);
  if (b.kind === "constant" || b.type.kind === "loss") return pointwiseType(a.type);
  return pointwiseType(isNumber(a) ? b.type : a.type);
};

/** `+ - * / ^` where at least one side is a term. */
export const termArithmetic = (
  machine: Machine,
  expr: Extract<ast.Expr, { kind: "binary" }>,
  left: Value,
  right: Value,
): Value => {
  const { context } = machine;
  const operator = expr.operator;
  if (!["+", "-", "*", "/", "^"].includes(operator)) {
    return context.report(
      "GAN305",
      expr.span,
      `\`${operator}\` does not work on ${describeValue(left.kind === "term" ? left : right)}`,
    );
  }
  const [a, b] = [asTerm(left, expr.left), asTerm(right, expr.right)];
  if (a === undefined || b === undefined) {
    const [at, value] = a === undefined ? [expr.left.span, left] : [expr.right.span, right];
    return context.report(
      "GAN305",
      at,
      `\`${operator}\` needs a loss, a drawn value or a number here, not ${describeValue(value)}`,
    );
  }
  if (!comparable(machine, a, b, expr.span, `\`${operator}\` joins`)) return unknown;
  return termValue({
    kind: "arithmetic",
    operator: operator as Arithmetic,
    left: a,
    right: b,
    type: arithmeticType(a, b),
    span: expr.span,
  });
};

export const negateTerm = (term: Term, span: Span): Value =>
  termValue({ kind: "negate", input: term, type: pointwiseType(term.type), span });

const drawsIn = (term: Term): readonly Extract<Term, { kind: "draw" }>[] =>
  term.kind === "draw" ? [term] : children(term).flatMap(drawsIn);

/** `E[x ~ X] body` */
export const mean = (
  machine: Machine,
  expr: Extract<ast.Expr, { kind: "mean" }>,
  env: Env,
): Value => {
  const { context } = machine;
  const inner = new Map(env);
  const drawn: DomainType[] = [];
  for (const binder of expr.binders) {
    const sampler = samplerOf(machine, binder.sampler, env);
    const drawnHere = drawAll(machine, binder, sampler, drawn);
    binder.names.forEach((name, i) => {
      const definition = context.resolved.locals.get(name);
      if (definition !== undefined) inner.set(definition, drawnHere[i] ?? unknown);
    });
  }
  machine.expectations++;
  const value = machine.evaluate(expr.body, inner);
  machine.expectations--;
  if (value.kind === "unknown") return unknown;
  if (value.kind !== "term" || value.term.type.kind === "loss") {
    return context.report(
      "GAN505",
      expr.span,
      `this expectation is over nothing: ${value.kind === "term" ? "its body is an expectation already" : `its body is ${describeValue(value)}`}`,
    );
  }
  const draws = drawsIn(value.term);
  const outer = draws.find(({ depth }) => depth < machine.expectations);
  if (outer !== undefined) return dependent(machine, expr, outer);
  const used = new Set(
    draws.filter(({ depth }) => depth === machine.expectations).map(({ name }) => name),
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

/** Within a step draws meet one to one: a mean over y for each x would need every y with every x. */
const dependent = (
  { context }: Machine,
  { span }: ast.Expr,
  { name, span: drawn }: Extract<Term, { kind: "draw" }>,
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

/** What a binder draws from; numbers that ganc draws may be described there instead of declared. */
const samplerOf = (machine: Machine, expr: ast.Expr, env: Env): Value => {
  const value = machine.evaluate(expr, env);
  const stage = value.kind === "recipe" && value.of === "domain" ? value.stages[0] : undefined;
  if (stage === undefined) return value;
  const domain = drawnDirectly(machine.context, stage, expr.span);
  return domain === undefined ? unknown : { kind: "domain", domain };
};

/** What the names of one binder stand for: `x ~ X`, or several drawn together, `(x, y) ~ pairs(X, Y)`. */
const drawAll = (
  machine: Machine,
  binder: ast.Binder,
  sampler: Value,
  drawn: DomainType[],
): readonly Value[] => {
  const { context } = machine;
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
    context.report(
      "GAN505",
      binder.span,
      many === 1
        ? "`pairs` draws two values at once, and here is one name"
        : `${describeValue(sampler)} gives ${domains.length === 1 ? "one value" : "two values"}, and here are ${many} names`,
      { notes: ["Two values are drawn together by `(x, y) ~ pairs(X, Y)`."] },
    );
    return [];
  }
  if (!domains.every((domain) => isDrawn(machine, domain, binder.sampler.span))) return [];
  const slot = Math.max(
    ...domains.map((domain) => drawn.filter((other) => sameDomain(other, domain)).length),
  );
  // Values drawn together have one slot, so that another pair of the same domains is independent of them.
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
      depth: machine.expectations,
      joint: domains.length > 1 ? domains : undefined,
      type: { kind: "sample", domain, shape },
      span: name.span,
    });
  });
};

/** Whether anything can be drawn from the domain. */
const isDrawn = ({ context }: Machine, domain: DomainType, at: Span): boolean => {
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

/** `pairs(X, Y)`: images of equal names; `pairs(X, L)`: an image with the class whose folder it lies in. */
export const pairs = (machine: Machine, call: Call, evaluate: (expr: ast.Expr) => Value): Value => {
  const { context } = machine;
  const { matched, complete } = matchArguments(context, call, ["first", "second"]);
  const given = [matched.get("first"), matched.get("second")];
  const domains: DomainType[] = [];
  for (const argument of given) {
    if (argument === undefined) {
      return complete
        ? context.report("GAN404", call.span, "`pairs` takes two domains: `(x, y) ~ pairs(X, Y)`")
        : unknown;
    }
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
  if (!complete) return unknown;
  return canPair(machine, call, domains) ? { kind: "joint", domains } : unknown;
};

const canPair = ({ context }: Machine, call: Call, domains: readonly DomainType[]): boolean => {
  const [first, second] = domains;
  if (first === undefined || second === undefined) return false;
  if (sameDomain(first, second)) {
    context.report("GAN505", call.span, `${domainName(first)} cannot be paired with itself`, {
      notes: ["Two independent draws of one domain are `E[x ~ X, w ~ X]`."],
    });
    return false;
  }
  const kinds = domains.map((domain) => (domain.kind === "domain" ? domain.sampler : "image"));
  const odd = domains.find((_, i) => kinds[i] !== "image" && kinds[i] !== "labels");
  if (odd === undefined && kinds.includes("image")) return true;
  context.report(
    "GAN311",
    call.span,
    odd === undefined
      ? "`pairs` of two domains of labels has no images whose classes they could be"
      : `no data pair ${domainName(odd)} with anything`,
    {
      notes: [
        "`pairs` takes two domains of images, partners being files of the same name, or one of images and one of labels, a class being the folder of an image.",
      ],
    },
  );
  return false;
};

/** Type variables of one use of a loss, as its arguments fix them. */
type Bindings = Map<Definition, { readonly domain: DomainType; readonly by: string }>;

/** `gan(G, D_Y)`: the body, with the formals bound to these arguments. */
export const callLoss = (
  machine: Machine,
  declaration: LossDeclaration,
  call: Extract<ast.Expr, { kind: "call" }>,
  env: Env,
): Value => {
  const { context } = machine;
  const name = context.quote(call.callee.span);
  const formals = declaration.formals.map((formal) => formal.name.text);
  const { matched, complete } = matchArguments(
    context,
    { callee: name, args: call.args, span: call.span },
    formals,
  );
  // What is wrong in the generic body would be found again in every use.
  if (!machine.checkLoss(declaration) || !complete) return unknown;
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
    const value = machine.evaluate(expr, argument === undefined ? new Map() : env);
    if (
      value.kind === "unknown" ||
      !bindFormal(machine, declaration, formal, value, expr.span, bindings)
    )
      sound = false;
    inner.set(definition, value);
    if (value.kind === "net") nets.set(formal.name.text, value.net);
    if (value.kind === "number") numbers.set(formal.name.text, { expr, value: value.value });
  }
  if (!sound) return unknown;
  for (const [variable, { domain }] of bindings) inner.set(variable, { kind: "domain", domain });
  const body = context.within(call.span, context.use(call.span), () =>
    machine.evaluate(declaration.value, inner),
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
  machine: Machine,
  declaration: LossDeclaration,
  formal: ast.Formal,
  value: Value,
  at: Span,
  bindings: Bindings,
): boolean => {
  const { context } = machine;
  const { types } = context.formalTypes(declaration);
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
      unify(machine, wanted, is, value.net, formal, at, bindings, types),
    );
  }
  const wanted = type?.kind === "named" ? type.name : undefined;
  if (wanted === "Int" || wanted === "Real" || wanted === undefined) {
    if (value.kind === "number" && (wanted !== "Int" || value.int)) return true;
    context.report(
      "GAN402",
      at,
      `\`${formal.name.text}\` of \`${declaration.name.text}\` takes ${wanted === "Int" ? "an Int" : "a Real"}, not ${describeValue(value)}`,
      { labels },
    );
    return false;
  }
  // A formal of another type is refused where it is declared.
  return false;
};

/** Writing the one network that the formal could take, given what the other arguments fixed. */
const fittingNet = (
  machine: Machine,
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
    const definition = machine.context.typeUse(end);
    return definition?.kind === "type variable"
      ? bindings.get(definition)?.domain
      : machine.domainOf(end, new Map());
  };
  const [from, to] = [wanted(type.from), wanted(type.to)];
  const fits = (is: DomainType, end: DomainType | undefined): boolean =>
    end === undefined || sameDomain(is, end);
  const fitting = machine.networks().filter((net) => fits(net.from, from) && fits(net.to, to));
  const only = fitting.length === 1 ? fitting[0] : undefined;
  return only === undefined ? undefined : replaceWith(at, only.name);
};

const unify = (
  machine: Machine,
  wanted: ast.TypeExpr,
  is: DomainType,
  net: Net,
  formal: ast.Formal,
  at: Span,
  bindings: Bindings,
  types: FormalTypes["types"],
): boolean => {
  const { context } = machine;
  if (wanted.kind === "product" && is.kind === "product" && wanted.items.length === is.items.length)
    return wanted.items.every((item, i) =>
      unify(machine, item, is.items[i] ?? is, net, formal, at, bindings, types),
    );
  const definition = context.typeUse(wanted);
  const refuse = (wants: string, why: string): boolean => {
    context.report(
      "GAN310",
      at,
      `\`${showNet(net)}\` cannot be \`${showFormal(context, types, formal)}\`: ${wants}`,
      {
        labels: [{ span: formal.span, text: "the formal is declared here" }],
        notes: [why],
        fix: fittingNet(machine, types.get(formal), at, bindings),
      },
    );
    return false;
  };
  if (definition?.kind === "type variable") {
    const bound = bindings.get(definition);
    if (bound === undefined && is.kind === "product")
      return refuse(
        `${definition.name} is one domain, not the ${is.items.length} of ${domainName(is)}`,
        "A network that takes several values is applied to as many: write its type with a domain for each, as in `(a, b) -> c`.",
      );
    if (bound === undefined) {
      bindings.set(definition, { domain: is, by: net.name });
      return true;
    }
    return (
      sameDomain(bound.domain, is) ||
      refuse(
        `here ${definition.name} is ${domainName(bound.domain)}, not ${domainName(is)}`,
        `\`${bound.by}\` fixed ${definition.name} as ${domainName(bound.domain)}.`,
      )
    );
  }
  const domain = machine.domainOf(wanted, new Map());
  if (domain === undefined) return false;
  return (
    sameDomain(domain, is) ||
    refuse(
      `it needs ${domainName(domain)}, not ${domainName(is)}`,
      "A network's type is fixed where it is declared.",
    )
  );
};
