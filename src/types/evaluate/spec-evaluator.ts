/**
 * Evaluation of expressions while a spec is checked. Total: there is no recursion in the language,
 * every repetition is bounded, and a mistake becomes a diagnostic and the value `unknown`.
 */
import { isLeft } from "fp-ts/lib/Either.js";
import type { Span } from "../../base/source.js";
import type { Declared } from "../../names/parts.js";
import { methodElsewhere } from "../../operators/elsewhere-calls.js";
import { lossFunctions } from "../../operators/functions.js";
import type { Shape } from "../../operators/layer.js";
import { layers } from "../../operators/layers.js";
import type * as ast from "../../syntax/ast.js";
import type { LossDeclaration } from "../../syntax/ast.js";
import { LossFormals } from "../inference/loss-formals.js";
import { joinValues, rescaled } from "../shapes/joins.js";
import { type Around, layerBudget, type Traced, Tracer } from "../shapes/trace.js";
import type { Context } from "../values/context.js";
import type { DomainType, Net } from "../values/domain-type.js";
import { movingNumber, type Share } from "../values/moving.js";
import { arithmetic } from "../values/numbers.js";
import {
  type Activation,
  type Block,
  boolValue,
  type Closure,
  describeValue,
  type Env,
  intValue,
  realValue,
  unknown,
  type Value,
} from "../values/value.js";
import { call } from "./calls.js";
import { asBlock, compose, repeat } from "./composition.js";
import { equality, logic } from "./conditions.js";
import { type EvaluationScope, type Evaluator, topScope } from "./evaluator.js";
import { expectation } from "./expectations.js";
import { genericLoss, isSoundLoss } from "./generic-losses.js";
import { negateTerm, termArithmetic } from "./loss-terms.js";
import { relabel } from "./relabel.js";
import { refuseRoles } from "./roles.js";

/** Steps that evaluating one spec may take; CycleGAN's takes some hundreds. */
const evaluationBudget = 1_000_000;

/** How deep calls may nest: deeper ones never end. */
const depthBudget = 100;

type Of<K extends ast.Expr["kind"]> = Extract<ast.Expr, { kind: K }>;

/** Values of the program's own definitions; forced on first use. */
export interface Globals {
  readonly valueOf: (definition: Declared, use: Span) => Value;
  readonly networks: () => readonly Net[];
  /** The shares that a param goes through; nothing where it follows no schedule. */
  readonly shareOf: (definition: Declared) => Share | undefined;
  /** The layers of a network. Nothing where it has a mistake. */
  readonly traced: (net: Net) => Traced | undefined;
  /** Answers of `params`, `receptive_field` and `shape` on a network. */
  readonly measure: (form: string, net: Net) => Value;
}

export class SpecEvaluator implements Evaluator {
  readonly formals: LossFormals;
  /** The kind of value that each expression had: code generation reads `a * b` by it. */
  readonly kinds = new Map<ast.Expr, Value["kind"]>();
  private steps = 0;
  private depth = 0;
  /** Whether each generic loss that was checked is sound. */
  private readonly checkedLosses = new Map<LossDeclaration, boolean>();

  constructor(
    readonly context: Context,
    private readonly globals: Globals,
    /** Layers that a network may have. */
    private readonly budget = layerBudget,
  ) {
    this.formals = new LossFormals(context.resolved);
  }

  networks(): readonly Net[] {
    return this.globals.networks();
  }

  evaluate(expr: ast.Expr, scope: EvaluationScope): Value {
    if (++this.steps > evaluationBudget) {
      return this.context.report(
        "GAN409",
        expr.span,
        `this needs more than ${evaluationBudget} steps to expand`,
      );
    }
    const value = this.evaluateKind(expr, scope);
    if (value.kind !== "unknown") this.kinds.set(expr, value.kind);
    return value;
  }

  private evaluateKind(expr: ast.Expr, scope: EvaluationScope): Value {
    switch (expr.kind) {
      case "int":
        return Number.isSafeInteger(expr.value) ? intValue(expr.value) : this.tooLarge(expr);
      case "real":
        return Number.isFinite(expr.value) ? realValue(expr.value) : this.tooLarge(expr);
      case "bool":
        return boolValue(expr.value);
      case "name":
      case "member":
        return this.named(expr, scope);
      case "call":
        return call(this, expr, scope);
      case "unary":
        return this.unary(expr, scope);
      case "binary":
        return this.binary(expr, scope);
      case "lambda": {
        const formals = expr.params.map((name) => ({ name, span: name.span }));
        return {
          kind: "function",
          closure: { formals, body: expr.body, env: scope.env, span: expr.span },
        };
      }
      case "let":
        return this.letIn(expr, scope);
      case "tuple": {
        const items = expr.items.map((item) => this.evaluate(item, scope));
        return items.some((item) => item.kind === "unknown") ? unknown : { kind: "tuple", items };
      }
      case "expectation":
        return expectation(this, expr, scope);
      case "relabel":
        return relabel(this, expr, scope);
      case "missing":
        return unknown;
    }
  }

  /** Reports a number whose digits would not all count. */
  private tooLarge(expr: Of<"int"> | Of<"real">): Value {
    const [type, bound] = expr.kind === "int" ? ["an Int", "2^53"] : ["a Real", "1.8e308"];
    return this.context.report("GAN319", expr.span, `${type} is less than ${bound}`);
  }

  private named(expr: Of<"name"> | Of<"member">, scope: EvaluationScope): Value {
    const definition = this.context.resolved.uses.get(expr);
    if (definition === undefined)
      return expr.kind === "member" ? this.strayMember(expr, scope) : unknown;
    switch (definition.kind) {
      case "local": {
        const value = scope.env.get(definition) ?? unknown;
        // A message about a drawn value points at its use, not at the `E` that draws it.
        return value.kind === "term" && value.term.kind === "draw"
          ? { kind: "term", term: { ...value.term, span: expr.span } }
          : value;
      }
      case "type variable":
        return (
          scope.env.get(definition) ?? {
            kind: "domain",
            domain: { kind: "variable", name: definition.name },
          }
        );
      case "builtin":
        return { kind: "builtin", name: definition.name };
      case "module":
        return { kind: "module", name: definition.name };
      case "declared":
        return this.declared(expr, definition, scope);
    }
  }

  private declared(
    expr: Of<"name"> | Of<"member">,
    definition: Declared,
    { isFixed, expectations }: EvaluationScope,
  ): Value {
    const value = this.globals.valueOf(definition, expr.span);
    if (value.kind !== "number" || isFixed === true) return value;
    const share = this.shareOf(definition);
    return share === undefined
      ? value
      : { kind: "term", term: movingNumber(share, expr, value.value, expectations) };
  }

  shareOf(definition: Declared): Share | undefined {
    return definition.declaration.kind === "param" ? this.globals.shareOf(definition) : undefined;
  }

  private strayMember(expr: Of<"member">, scope: EvaluationScope): Value {
    const object = this.evaluate(expr.object, scope);
    if (object.kind === "unknown" || object.kind === "module") return unknown;
    return this.context.report(
      "GAN305",
      expr.object.span,
      `only modules have members, and this is ${describeValue(object)}`,
      { notes: this.insteadOfMember(expr.member.text, object) },
    );
  }

  /** Explains how to write a member that values have in other languages. */
  private insteadOfMember(name: string, { kind }: Value): readonly string[] {
    const says = methodElsewhere(name);
    if (says !== undefined) return [says];
    if (layers.has(name) && kind !== "term") return ["Layers stand in a row by `>>`."];
    return lossFunctions.has(name)
      ? [`What is done to a value stands before it: \`${name}(v)\`.`]
      : [];
  }

  private letIn(expr: Of<"let">, scope: EvaluationScope): Value {
    // The body's uses of the name lead to the local that the resolver made for it.
    const definition = this.context.resolved.locals.get(expr.binding.name);
    const value = this.binding(expr.binding, scope);
    return this.evaluate(
      expr.body,
      definition === undefined
        ? scope
        : { ...scope, env: new Map([...scope.env, [definition, value]]) },
    );
  }

  /** The value that a `let` binds its name to. */
  binding(binding: ast.Binding, scope: EvaluationScope): Value {
    if (binding.formals === undefined) return this.evaluate(binding.value, scope);
    refuseRoles(this.context, binding.formals);
    const closure: Closure = {
      name: binding.name.text,
      formals: binding.formals,
      body: binding.value,
      env: scope.env,
      span: binding.span,
    };
    // Once with nothing known: mistakes that no call can mend show even if there is none.
    const blank = new Map(scope.env);
    for (const formal of binding.formals) {
      const definition = this.context.resolved.locals.get(formal.name);
      if (definition !== undefined) blank.set(definition, unknown);
    }
    this.evaluate(binding.value, { ...scope, env: blank });
    return { kind: "function", closure };
  }

  private unary(expr: Of<"unary">, scope: EvaluationScope): Value {
    const value = this.evaluate(expr.operand, scope);
    if (value.kind === "unknown") return unknown;
    if (expr.operator === "not") {
      if (value.kind === "bool")
        return boolValue(value.value === undefined ? undefined : !value.value);
      return this.context.report(
        "GAN305",
        expr.operand.span,
        `\`not\` takes a Bool, not ${describeValue(value)}`,
      );
    }
    if (value.kind === "number")
      return { ...value, value: value.value === undefined ? undefined : -value.value };
    if (value.kind === "term") return negateTerm(value.term, expr.span);
    if (value.kind === "activation")
      return rescaled(scope.tracer, value.activation, { scale: -1, offset: 0 }, expr);
    return this.context.report(
      "GAN305",
      expr.operand.span,
      `\`-\` takes a number or a loss, not ${describeValue(value)}`,
    );
  }

  private binary(expr: Of<"binary">, scope: EvaluationScope): Value {
    const left = this.evaluate(expr.left, scope);
    const right = this.evaluate(expr.right, scope);
    const { operator } = expr;
    if (operator === ">>") return compose(this, expr, left, right);
    if (left.kind === "unknown" || right.kind === "unknown") return unknown;
    if (operator === "and" || operator === "or") return logic(this.context, expr, left, right);
    if (left.kind === "number" && right.kind === "number") {
      const result = arithmetic(operator, left, right);
      return isLeft(result) ? this.context.report("GAN408", expr.span, result.left) : result.right;
    }
    if (left.kind === "term" || right.kind === "term")
      return termArithmetic(this, expr, left, right);
    if (left.kind === "activation" || right.kind === "activation")
      return joinValues({ context: this.context, tracer: scope.tracer }, expr, left, right);
    const repeated = operator === "*" ? repeat(this.context, expr, left, right) : undefined;
    if (repeated !== undefined) return repeated;
    if (operator === "==" || operator === "!=") return equality(this.context, expr, left, right);
    return this.notANumber(expr, left.kind === "number" ? right : left);
  }

  /** Reports the side of an operator that it does not work on. */
  private notANumber(expr: Of<"binary">, wrong: Value): Value {
    const side = this.kinds.get(expr.left) === "number" ? expr.right : expr.left;
    const name = this.context.quote(side.span);
    const callable = wrong.kind === "loss" || wrong.kind === "function" || wrong.kind === "builtin";
    return this.context.report(
      "GAN305",
      side.span,
      `\`${expr.operator}\` does not work on ${describeValue(wrong)}`,
      { notes: callable && /^[\w.]+$/.test(name) ? [`Call it: \`${name}(…)\`.`] : [] },
    );
  }

  domainOf(type: ast.TypeExpr, env: Env): DomainType | undefined {
    if (type.kind === "product") {
      const items = type.items.flatMap((item) => this.domainOf(item, env) ?? []);
      return items.length === type.items.length ? { kind: "product", items } : undefined;
    }
    if (type.kind !== "named") return undefined;
    if (type.name === "Scores") return { kind: "scores" };
    const definition = this.formals.typeUse(type);
    if (definition === undefined) return undefined;
    if (definition.kind === "type variable") {
      const bound = env.get(definition);
      return bound?.kind === "domain" ? bound.domain : { kind: "variable", name: definition.name };
    }
    if (definition.kind !== "declared") return undefined;
    const value = this.globals.valueOf(definition, type.span);
    return value.kind === "domain" ? value.domain : undefined;
  }

  genericLoss(declaration: LossDeclaration): Value {
    return genericLoss(this, declaration);
  }

  checkLoss(declaration: LossDeclaration): boolean {
    const known = this.checkedLosses.get(declaration);
    if (known !== undefined) return known;
    // A loss that needs itself is reported as that, and not as unsound besides.
    this.checkedLosses.set(declaration, true);
    const sound = isSoundLoss(this, declaration);
    this.checkedLosses.set(declaration, sound);
    return sound;
  }

  measure(form: string, net: Net): Value {
    return this.globals.measure(form, net);
  }

  nested(body: () => Value): Value | undefined {
    if (this.depth >= depthBudget) return undefined;
    this.depth++;
    const value = body();
    this.depth--;
    return value;
  }

  /** Follows a network's shapes; nothing where a mistake was reported. */
  trace(
    block: Block,
    inputs: readonly Shape[],
    domains: readonly DomainType[] = [],
  ): { tracer: Tracer; output: Activation } | undefined {
    const around: Around = {
      closure: (closure, values) => {
        const env = new Map(closure.env);
        closure.formals.forEach(({ name }, i) => {
          const definition = this.context.resolved.locals.get(name);
          if (definition !== undefined) env.set(definition, values[i] ?? unknown);
        });
        return this.evaluate(closure.body, { ...topScope, env, tracer });
      },
      network: (net) => this.globals.traced(net),
    };
    const tracer = new Tracer(this.context, inputs, domains, around, this.budget);
    const output = tracer.apply(block, tracer.start());
    return output === undefined ? undefined : { tracer, output };
  }

  /** The architecture of a `net`; nothing where a mistake was reported. */
  blockOf(expr: ast.Expr): Block | undefined {
    const value = this.evaluate(expr, topScope);
    if (value.kind === "unknown") return undefined;
    const block = asBlock(this.context, value, expr);
    if (block === undefined && !(value.kind === "builtin" && layers.has(value.name))) {
      this.context.report(
        "GAN305",
        expr.span,
        `a network's body is an architecture, and this is ${describeValue(value)}`,
      );
    }
    return block;
  }
}
