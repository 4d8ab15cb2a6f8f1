/**
 * Architectures applied to the values of a loss: what learns nothing is a function like others,
 * layer by layer.
 */
import { isLeft } from "fp-ts/lib/Either.js";
import type { Axis } from "../../base/sides.js";
import type { Span } from "../../base/source.js";
import { lossFunctions } from "../../operators/functions.js";
import type { Shape } from "../../operators/layer.js";
import {
  functionOf,
  layerFunctions,
  notAFunction,
  numbersOf,
} from "../../operators/layer-functions.js";
import type * as ast from "../../syntax/ast.js";
import type { Term } from "../values/term.js";
import { type Block, unknown, type Value } from "../values/value.js";
import type { Evaluator } from "./evaluator.js";
import { comparable, pointwiseType, shapeOf, termValue } from "./operands.js";

type Of<K extends Block["kind"]> = Extract<Block, { kind: K }>;

/** Applies what has a meaning of its own in the call: a network, or a function of values. */
export interface BlockParts {
  readonly net: (block: Of<"net">, values: readonly Term[]) => Value;
  readonly lambda: (block: Of<"lambda">, values: readonly Term[]) => Value;
}

/** The input of a layer while a generic loss is checked, which knows no shapes yet. */
const someInput: Shape = [64, 64, 64];

const isWithin = (span: Span, of: Span): boolean =>
  span.file === of.file && of.start <= span.start && span.end <= of.end;

class Application {
  constructor(
    private readonly evaluator: Evaluator,
    private readonly call: Extract<ast.Expr, { kind: "call" }>,
    private readonly parts: BlockParts,
  ) {}

  to(block: Block, values: readonly Term[]): Value {
    switch (block.kind) {
      case "seq":
        return this.next(this.to(block.first, values), block.second);
      case "named":
        return this.evaluator.context.within({ span: block.span }, () =>
          this.to(block.block, values),
        );
      case "lambda":
        return this.parts.lambda(block, values);
      case "net":
        return this.parts.net(block, values);
      default:
        return this.toOne(block, values);
    }
  }

  private next(value: Value, block: Block): Value {
    return value.kind === "term" ? this.to(block, [value.term]) : unknown;
  }

  private toOne(
    block: Exclude<Block, { kind: "seq" | "named" | "lambda" | "net" }>,
    [x, ...others]: readonly Term[],
  ): Value {
    if (x === undefined || others.length > 0)
      return this.evaluator.context.report(
        "GAN303",
        block.span,
        `\`${this.evaluator.context.quote(block.span)}\` takes one value, and here are ${others.length + 1}`,
        { notes: ["Join them along the channels first: `f(concat(x, y))`."] },
      );
    switch (block.kind) {
      case "layer":
        return this.layer(block, x);
      case "repeat": {
        let value = termValue(x);
        for (let i = 0; i < block.times && value.kind === "term"; i++)
          value = this.to(block.block, [value.term]);
        return value;
      }
      case "residual":
        return this.residual(block, x);
      case "spectral":
      case "equalized":
        // What has no weights has none to scale.
        return this.to(block.block, [x]);
    }
  }

  private residual({ branch, span }: Of<"residual">, x: Term): Value {
    const value = this.to(branch, [x]);
    if (value.kind !== "term") return unknown;
    const { term } = value;
    if (!comparable(this.evaluator, { ...x, type: pointwiseType(x.type) }, term, span, "it adds"))
      return unknown;
    const type = pointwiseType(x.type);
    return termValue({ kind: "arithmetic", operator: "+", left: x, right: term, type, span });
  }

  private layer({ layer, options, written, isOpen, span }: Of<"layer">, x: Term): Value {
    const { context } = this.evaluator;
    const shape = x.kind === "constant" ? ([1, 1, 1] as const) : shapeOf(x.type);
    const why = notAFunction(layer, options, shape ?? someInput);
    if (why !== undefined)
      return context.report("GAN305", span, `\`${layer.name}\` ${why}, so no loss applies it`, {
        labels: isWithin(span, this.call.span)
          ? []
          : [{ span: this.call.span, text: "it is applied here" }],
        notes: [
          "Architectures own no parameters. Declare a `net`, and apply that to drawn values.",
        ],
      });
    if (lossFunctions.has(layer.name)) {
      const of = functionOf(layer.name);
      const type = pointwiseType(x.type);
      return of.kind === "pointwise"
        ? termValue({ kind: "pointwise", of, input: x, type, span })
        : termValue({ kind: "function", of, inputs: [x], type, span });
    }
    const of = layerFunctions.get(layer.name);
    if (of === undefined) return unknown;
    const numbers = isOpen === true ? [] : numbersOf(layer, options);
    context.asksShapes = true;
    const fits = of.shape([shape], numbers);
    if (isLeft(fits)) return context.report("GAN306", span, `\`${layer.name}\` ${fits.left}`);
    const constant = (of: ast.Expr | undefined, value: number | undefined): Term => {
      const text = String(value ?? 0);
      const expr: ast.Expr = of ?? { kind: "real", value: value ?? 0, text, span };
      return { kind: "constant", expr, value, type: { kind: "loss" }, span: expr.span };
    };
    const names = layer.options.map(({ name }) => name);
    const widths = layer.options.flatMap(({ name, perAxis }) => (perAxis === true ? [name] : []));
    const isRectangular =
      numbers.length > names.length || names.some((name) => written?.get(name)?.kind === "tuple");
    const ofAxis = (name: string, axis: Axis): ast.Expr | undefined => {
      const expr = written?.get(name);
      return expr?.kind === "tuple" ? expr.items[axis] : expr;
    };
    const constants = [
      ...names.map((name, i) => constant(ofAxis(name, 0), numbers[i])),
      ...(isRectangular
        ? widths.map((name, i) =>
            constant(ofAxis(name, 1), numbers[names.length + i] ?? numbers[names.indexOf(name)]),
          )
        : []),
    ];
    return termValue({
      kind: "function",
      of,
      inputs: [x, ...constants],
      type: { kind: "tensor", shape: fits.right },
      span: this.call.span,
    });
  }
}

/** The value of an architecture applied to values of a loss. */
export const applyToTerms = (
  evaluator: Evaluator,
  block: Block,
  values: readonly Term[],
  call: Extract<ast.Expr, { kind: "call" }>,
  parts: BlockParts,
): Value => new Application(evaluator, call, parts).to(block, values);
