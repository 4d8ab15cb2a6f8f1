/**
 * Evaluation of expressions while a spec is checked. Total: there is no recursion in the language, every repetition is
 * bounded, and a mistake becomes a diagnostic and the value `unknown`.
 */
import { isLeft } from "fp-ts/lib/Either.js";
import type { Span } from "../../base/source.js";
import type { Definition } from "../../names/resolve.js";
import { methodElsewhere } from "../../operators/elsewhere-calls.js";
import { lossFunctions } from "../../operators/functions.js";
import type { Shape } from "../../operators/layer.js";
import { layers } from "../../operators/layers.js";
import { recipeWords } from "../../operators/recipe.js";
import type * as ast from "../../syntax/ast.js";
import { joinValues, rescaled } from "../shapes/joins.js";
import { layerBudget, type Outside, type Traced, Tracer } from "../shapes/trace.js";
import type { Context } from "../values/context.js";
import {
  type Activation,
  type Block,
  boolValue,
  type Closure,
  type DomainType,
  describeValue,
  type Env,
  intValue,
  type LossDeclaration,
  type Net,
  realValue,
  showShape,
  unknown,
  type Value,
} from "../values/value.js";
import { bindOptions, type Call, matchArguments } from "./arguments.js";
import { asBlock, blockForm, compose, recipe, repeat } from "./composition.js";
import { equality, logic } from "./conditions.js";
import { mean, pairs } from "./expectations.js";
import { applyGradient, gradientOf, stop } from "./functions.js";
import { genericLoss, isSoundLoss } from "./generic-losses.js";
import { callLoss } from "./loss-calls.js";
import { applyFunction, applyNet, concatTerms, negateTerm, termArithmetic } from "./losses.js";
import type { Machine } from "./machine.js";
import { arithmetic } from "./numbers.js";
import { relabel } from "./relabel.js";
import { refuseRoles } from "./roles.js";

/** Steps that evaluating one spec may take; CycleGAN's takes some hundreds. */
const evaluationBudget = 1_000_000;

/** How deep calls may nest: deeper ones never end. */
const depthBudget = 100;

type Of<K extends ast.Expr["kind"]> = Extract<ast.Expr, { kind: K }>;

/** Values of the program's own definitions; forced on first use. */
export interface Globals {
  readonly valueOf: (definition: Extract<Definition, { kind: "declared" }>, use: Span) => Value;
  readonly networks: () => readonly Net[];
  /** What a network consists of; nothing where there is a mistake in it. */
  readonly traced: (net: Net) => Traced | undefined;
  /** Answers of `params`, `receptive_field` and `shape` on a network. */
  readonly measure: (form: string, net: Net) => Value;
}

/** The function that a call of another gave, which carries that one's name. */
const functionIn = (block: Block): Closure | undefined =>
  block.kind === "named" && block.block.kind === "lambda"
    ? { ...block.block.closure, name: block.name }
    : undefined;

export class Evaluator implements Machine {
  tracer: Tracer | undefined;
  expectations = 0;
  /** What kind of value each expression had: code generation reads `a * b` by it. */
  readonly kinds = new Map<ast.Expr, Value["kind"]>();
  /** Values that stand for expressions while a gradient's function is applied. */
  private readonly given = new Map<ast.Expr, Value>();
  private steps = 0;
  private depth = 0;
  /** Whether each generic loss that was checked is sound. */
  private readonly checkedLosses = new Map<LossDeclaration, boolean>();
  /** The domain that the value being evaluated is wanted in, for suggestions. */
  wanted: DomainType | undefined;

  constructor(
    readonly context: Context,
    private readonly globals: Globals,
    /** Layers that a network may have. */
    private readonly budget = layerBudget,
  ) {}

  networks(): readonly Net[] {
    return this.globals.networks();
  }

  evaluate(expr: ast.Expr, env: Env): Value {
    const given = this.given.get(expr);
    if (given !== undefined) return given;
    if (++this.steps > evaluationBudget) {
      return this.context.report(
        "GAN409",
        expr.span,
        `this needs more than ${evaluationBudget} steps to expand`,
      );
    }
    const value = this.evaluateKind(expr, env);
    if (value.kind !== "unknown") this.kinds.set(expr, value.kind);
    return value;
  }

  private evaluateKind(expr: ast.Expr, env: Env): Value {
    switch (expr.kind) {
      case "int":
        return Number.isSafeInteger(expr.value) ? intValue(expr.value) : this.tooLarge(expr);
      case "real":
        return Number.isFinite(expr.value) ? realValue(expr.value) : this.tooLarge(expr);
      case "bool":
        return boolValue(expr.value);
      case "name":
      case "member":
        return this.named(expr, env);
      case "call":
        return this.call(expr, env);
      case "unary":
        return this.unary(expr, env);
      case "binary":
        return this.binary(expr, env);
      case "lambda": {
        const formals = expr.params.map((name) => ({ name, span: name.span }));
        return { kind: "function", closure: { formals, body: expr.body, env, span: expr.span } };
      }
      case "let":
        return this.letIn(expr, env);
      case "tuple": {
        const items = expr.items.map((item) => this.evaluate(item, env));
        return items.some((item) => item.kind === "unknown") ? unknown : { kind: "tuple", items };
      }
      case "mean":
        return mean(this, expr, env);
      case "relabel":
        return relabel(this, expr, env);
      case "missing":
        return unknown;
    }
  }

  /** Reports a number whose digits would not all count. */
  private tooLarge(expr: Of<"int"> | Of<"real">): Value {
    const [type, bound] = expr.kind === "int" ? ["an Int", "2^53"] : ["a Real", "1.8e308"];
    return this.context.report("GAN319", expr.span, `${type} is less than ${bound}`);
  }

  private named(expr: Of<"name"> | Of<"member">, env: Env): Value {
    const definition = this.context.resolved.uses.get(expr);
    if (definition === undefined)
      return expr.kind === "member" ? this.strayMember(expr, env) : unknown;
    switch (definition.kind) {
      case "local": {
        const value = env.get(definition) ?? unknown;
        // A message about a drawn value points at its use, not at the `E` that draws it.
        return value.kind === "term" && value.term.kind === "draw"
          ? { kind: "term", term: { ...value.term, span: expr.span } }
          : value;
      }
      case "type variable":
        return (
          env.get(definition) ?? {
            kind: "domain",
            domain: { kind: "variable", name: definition.name },
          }
        );
      case "builtin":
        return { kind: "builtin", name: definition.name };
      case "module":
        return { kind: "module", name: definition.name };
      case "declared":
        return this.globals.valueOf(definition, expr.span);
    }
  }

  private strayMember(expr: Of<"member">, env: Env): Value {
    const object = this.evaluate(expr.object, env);
    if (object.kind === "unknown" || object.kind === "module") return unknown;
    return this.context.report(
      "GAN305",
      expr.object.span,
      `only modules have members, and this is ${describeValue(object)}`,
      { notes: this.insteadOfMember(expr.member.text, object) },
    );
  }

  /** What a member of another language's values is here. */
  private insteadOfMember(name: string, { kind }: Value): readonly string[] {
    const says = methodElsewhere(name);
    if (says !== undefined) return [says];
    if (layers.has(name) && kind !== "term") return ["Layers stand in a row by `>>`."];
    return lossFunctions.has(name)
      ? [`What is done to a value stands before it: \`${name}(v)\`.`]
      : [];
  }

  private letIn(expr: Of<"let">, env: Env): Value {
    // The body's uses of the name lead to the local that the resolver made for it.
    const definition = this.context.resolved.locals.get(expr.binding.name);
    const value = this.binding(expr.binding, env);
    return this.evaluate(
      expr.body,
      definition === undefined ? env : new Map([...env, [definition, value]]),
    );
  }

  /** What a `let` binds its name to. */
  binding(binding: ast.Binding, env: Env): Value {
    if (binding.formals === undefined) return this.evaluate(binding.value, env);
    refuseRoles(this.context, binding.formals);
    const closure: Closure = {
      name: binding.name.text,
      formals: binding.formals,
      body: binding.value,
      env,
      span: binding.span,
    };
    // Once with nothing known: mistakes that no call can mend show even if there is none.
    const blank = new Map(env);
    for (const formal of binding.formals) {
      const definition = this.context.resolved.locals.get(formal.name);
      if (definition !== undefined) blank.set(definition, unknown);
    }
    this.evaluate(binding.value, blank);
    return { kind: "function", closure };
  }

  private unary(expr: Of<"unary">, env: Env): Value {
    const value = this.evaluate(expr.operand, env);
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
      return rescaled(this, value.activation, { scale: -1, offset: 0 }, expr);
    return this.context.report(
      "GAN305",
      expr.operand.span,
      `\`-\` takes a number or a loss, not ${describeValue(value)}`,
    );
  }

  private binary(expr: Of<"binary">, env: Env): Value {
    const left = this.evaluate(expr.left, env);
    const right = this.evaluate(expr.right, env);
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
      return joinValues(this, expr, left, right);
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

  private activation(activation: Activation | undefined): Value {
    return activation === undefined ? unknown : { kind: "activation", activation };
  }

  private call(expr: Of<"call">, env: Env): Value {
    const callee = this.evaluate(expr.callee, env);
    switch (callee.kind) {
      case "unknown":
        // Arguments may hold mistakes of their own.
        for (const argument of expr.args) this.evaluate(argument.value, env);
        return unknown;
      case "net":
        return this.tracer === undefined
          ? applyNet(this, callee.net, expr, env)
          : this.applyBlock({ kind: "net", net: callee.net, span: expr.span }, expr, env);
      case "loss":
        return callLoss(this, callee.declaration, expr, env);
      case "function":
        return this.callFunction(callee.closure, expr, env);
      case "gradient":
        return applyGradient(this, callee, expr, env, (of, value) =>
          this.callGiven(of, expr, env, value),
        );
      case "block":
        return this.applyBlock(callee.block, expr, env);
      case "builtin":
        return this.callBuiltin(callee.name, expr, env);
      default:
        return this.context.report(
          "GAN307",
          expr.callee.span,
          `this is ${describeValue(callee)}, which cannot be called`,
        );
    }
  }

  /** A network or a function applied to a value that stands for the call's only argument. */
  private callGiven(of: Value, call: Of<"call">, env: Env, value: Value): Value {
    const argument = call.args[0]?.value;
    if (argument === undefined) return unknown;
    this.given.set(argument, value);
    try {
      if (of.kind === "net") return applyNet(this, of.net, call, env);
      return of.kind === "function" ? this.callFunction(of.closure, call, env) : unknown;
    } finally {
      this.given.delete(argument);
    }
  }

  /** @param given the arguments' values, where they are known already */
  private callFunction(
    closure: Closure,
    expr: Of<"call">,
    env: Env,
    given: readonly Value[] = [],
  ): Value {
    const name = closure.name ?? "the function";
    const formals = closure.formals.map((formal) => formal.name.text);
    const { matched, complete } = matchArguments(
      this.context,
      { callee: name, args: expr.args, span: expr.span },
      formals,
    );
    if (!complete) return unknown;
    const inner = new Map(closure.env);
    for (const formal of closure.formals) {
      const argument = matched.get(formal.name.text)?.value;
      const definition = this.context.resolved.locals.get(formal.name);
      if (definition === undefined) continue;
      if (argument === undefined && formal.defaultValue === undefined) {
        return this.context.report(
          "GAN404",
          expr.span,
          `\`${name}\` needs \`${formal.name.text}\``,
          {
            labels: [{ span: closure.span, text: "it is declared here" }],
          },
        );
      }
      const value =
        argument === undefined
          ? this.evaluate(formal.defaultValue as ast.Expr, closure.env)
          : (given[expr.args.findIndex((a) => a.value === argument)] ??
            this.evaluate(argument, env));
      inner.set(
        definition,
        this.annotated(formal, value, (argument ?? (formal.defaultValue as ast.Expr)).span),
      );
    }
    if (this.depth >= depthBudget) {
      if (this.context.has("GAN203")) return unknown;
      return this.context.report("GAN203", expr.span, "calls nest without end here", {
        notes: ["The language has no recursion. To repeat an architecture, write `block * times`."],
      });
    }
    this.depth++;
    const result = this.context.within(expr.span, this.context.use(expr.span), () =>
      this.evaluate(closure.body, inner),
    );
    this.depth--;
    // What takes several values may be a function of numbers too.
    const isOfSeveral = result.kind === "function" && result.closure.formals.length > 1;
    const block = isOfSeveral ? undefined : asBlock(this.context, result, closure.body);
    if (closure.name === undefined || block === undefined) return result;
    return { kind: "block", block: { kind: "named", name: closure.name, block, span: expr.span } };
  }

  private annotated(formal: ast.Formal, value: Value, at: Span): Value {
    const wanted = formal.type?.kind === "named" ? formal.type.name : undefined;
    if (wanted === undefined || value.kind === "unknown") return value;
    const fits =
      (value.kind === "number" && (wanted === "Real" || (wanted === "Int" && value.int))) ||
      (value.kind === "bool" && wanted === "Bool");
    if (fits || !["Int", "Real", "Bool"].includes(wanted)) return value;
    return this.context.report(
      "GAN402",
      at,
      `\`${formal.name.text}\` takes ${wanted === "Int" ? "an Int" : `a ${wanted}`}, not ${describeValue(value)}`,
    );
  }

  private applyBlock(block: Block, expr: Of<"call">, env: Env): Value {
    const given = expr.args.map(({ value }) => this.evaluate(value, env));
    const function_ = functionIn(block);
    // What a call gave for numbers may be a function of anything: `real(D)(G(x))`.
    if (
      function_ !== undefined &&
      given.some((v) => v.kind !== "activation" && v.kind !== "unknown")
    )
      return this.callFunction(function_, expr, env, given);
    if (expr.args.length === 0 || expr.args.some(({ name }) => name !== undefined)) {
      return this.context.report(
        "GAN405",
        expr.span,
        "a configured architecture is applied to values, without names",
      );
    }
    const values: Activation[] = [];
    for (const [i, argument] of expr.args.entries()) {
      const value = given[i] ?? unknown;
      if (value.kind === "unknown") return unknown;
      if (value.kind !== "activation") {
        return this.context.report(
          "GAN305",
          argument.value.span,
          `an architecture is applied to a value inside of a network, not to ${describeValue(value)}`,
          {
            notes: [
              "Architectures own no parameters. Declare a `net`, and apply that to drawn values.",
            ],
          },
        );
      }
      values.push(value.activation);
    }
    return this.activation(this.tracer?.apply(block, values));
  }

  private callBuiltin(name: string, expr: Of<"call">, env: Env): Value {
    const call: Call = { callee: name, args: expr.args, span: expr.span };
    switch (name) {
      case "residual":
      case "spectral_norm":
        return blockForm(this, name, expr, env);
      case "pairs":
        return pairs(this, call, (e) => this.evaluate(e, env));
      case "stop":
        return stop(this, call, (e) => this.evaluate(e, env));
      case "grad":
        return gradientOf(this, call, (e) => this.evaluate(e, env));
      case "concat":
        return this.concat(expr, env);
      case "params":
      case "receptive_field":
      case "shape":
        return this.measure(name, expr, env);
    }
    if (recipeWords.has(name)) return recipe(this, call, env);
    const layer = layers.get(name);
    // Evaluated once: a layer applied below it must not be counted twice.
    const argument = expr.args[0];
    const first = argument === undefined ? unknown : this.evaluate(argument.value, env);
    const evaluate = (e: ast.Expr): Value =>
      e === argument?.value ? first : this.evaluate(e, env);
    const isApplied =
      first.kind === "term" ||
      name === "replay" ||
      (layer === undefined && lossFunctions.has(name));
    if (isApplied) return applyFunction(this, name, call, evaluate);
    if (layer === undefined) return unknown;
    // `relu(x)`: without options of its own, the call applies it.
    const isOnly = expr.args.length === 1 && argument?.name === undefined;
    if (isOnly && first.kind === "activation") {
      const block = asBlock(this.context, { kind: "builtin", name }, expr.callee);
      return block === undefined
        ? unknown
        : this.activation(this.tracer?.apply(block, [first.activation]));
    }
    if (isOnly && first.kind === "unknown" && layer.options.length === 0) return unknown;
    const options = bindOptions(this.context, call, layer.options, evaluate);
    return options === undefined
      ? unknown
      : { kind: "block", block: { kind: "layer", layer, options, span: expr.span } };
  }

  /** `residual(f)` and `spectral_norm(f)` */
  private concat(expr: Of<"call">, env: Env): Value {
    const values = expr.args.map((argument) => this.evaluate(argument.value, env));
    if (values.some((value) => value.kind === "unknown")) return unknown;
    const parts = values.flatMap((value) =>
      value.kind === "activation" ? [value.activation] : [],
    );
    const first = parts[0];
    if (first === undefined || parts.length !== values.length || parts.length < 2) {
      const wrong = values.find((value) => value.kind !== "activation");
      return wrong?.kind === "term"
        ? concatTerms(this, expr, values)
        : this.context.report(
            "GAN305",
            expr.span,
            `\`concat\` joins two or more values inside of a network${wrong === undefined ? "" : `, and this is ${describeValue(wrong)}`}`,
          );
    }
    // What is 1 x 1 is repeated over the others' height and width.
    const isVector = ({ shape }: Activation): boolean => shape[0] === 1 && shape[1] === 1;
    const [height, width] = (parts.find((part) => !isVector(part)) ?? first).shape;
    const odd = parts.find(
      (part) => !isVector(part) && (part.shape[0] !== height || part.shape[1] !== width),
    );
    if (odd !== undefined) {
      const shapes = [...new Set(parts.map(({ shape }) => showShape(shape)))].join(" and ");
      return this.context.report(
        "GAN306",
        expr.span,
        `\`concat\` joins channels of one size, and these are ${shapes}`,
      );
    }
    const channels = parts.reduce((sum, part) => sum + part.shape[2], 0);
    return this.activation(
      this.tracer?.join("concat", parts, [height, width, channels], expr.span),
    );
  }

  private measure(name: string, expr: Of<"call">, env: Env): Value {
    const { matched, complete } = matchArguments(
      this.context,
      { callee: name, args: expr.args, span: expr.span },
      ["network"],
    );
    const argument = matched.get("network")?.value;
    if (argument === undefined || !complete) {
      return complete
        ? this.context.report("GAN404", expr.span, `\`${name}\` needs a network`)
        : unknown;
    }
    const value = this.evaluate(argument, env);
    if (value.kind === "unknown") return unknown;
    if (value.kind !== "net") {
      return this.context.report(
        "GAN305",
        argument.span,
        `\`${name}\` takes a network, not ${describeValue(value)}`,
      );
    }
    return this.globals.measure(name, value.net);
  }

  domainOf(type: ast.TypeExpr, env: Env): DomainType | undefined {
    if (type.kind === "product") {
      const items = type.items.flatMap((item) => this.domainOf(item, env) ?? []);
      return items.length === type.items.length ? { kind: "product", items } : undefined;
    }
    if (type.kind !== "named") return undefined;
    if (type.name === "Scores") return { kind: "scores" };
    const definition = this.context.typeUse(type);
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

  /** Follows a network's shapes; nothing where a mistake was reported. */
  trace(
    block: Block,
    inputs: readonly Shape[],
    domains: readonly DomainType[] = [],
  ): { tracer: Tracer; output: Activation } | undefined {
    const outer = this.tracer;
    const outside: Outside = {
      closure: (closure, values) => {
        const env = new Map(closure.env);
        closure.formals.forEach(({ name }, i) => {
          const definition = this.context.resolved.locals.get(name);
          if (definition !== undefined) env.set(definition, values[i] ?? unknown);
        });
        return this.evaluate(closure.body, env);
      },
      network: (net) => this.globals.traced(net),
    };
    const tracer = new Tracer(this.context, inputs, domains, outside, this.budget);
    this.tracer = tracer;
    const output = tracer.apply(block, tracer.start());
    this.tracer = outer;
    return output === undefined ? undefined : { tracer, output };
  }

  /** The architecture of a `net`; nothing where a mistake was reported. */
  blockOf(expr: ast.Expr): Block | undefined {
    const value = this.evaluate(expr, new Map());
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
