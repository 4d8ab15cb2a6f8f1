/** The values of expressions while a spec is checked. */
import type { Sides } from "../../base/sides.js";
import type { Span } from "../../base/source.js";
import type { Definition } from "../../names/scope.js";
import type { Layer, Shape } from "../../operators/layer.js";
import type { RecipeKind, RecipeWord } from "../../operators/recipe.js";
import type { Options } from "../../operators/signature.js";
import type { Equalized } from "../../parameters/equalized.js";
import type * as ast from "../../syntax/ast.js";
import { type DomainType, type Net, showDomain } from "./domain-type.js";
import { isMoving } from "./moving.js";
import type { Term } from "./term.js";

/** An architecture: a function from values to values that owns no parameters. */
export type Block =
  | {
      readonly kind: "layer";
      readonly layer: Layer;
      readonly options: Options;
      readonly span: Span;
      /** Where its options are written, by name. */
      readonly places?: ReadonlyMap<string, Span>;
      /** How its options are written, where they are, by name. */
      readonly written?: ReadonlyMap<string, ast.Expr>;
      /** Whether some of them are known to the uses of a generic loss alone. */
      readonly isOpen?: true;
    }
  | { readonly kind: "seq"; readonly first: Block; readonly second: Block }
  | { readonly kind: "repeat"; readonly block: Block; readonly times: number; readonly span: Span }
  | { readonly kind: "residual"; readonly branch: Block; readonly span: Span }
  /** Weights divided by their largest singular value. */
  | { readonly kind: "spectral"; readonly block: Block; readonly span: Span }
  /** Weights drawn alike, and scaled where they are used. */
  | {
      readonly kind: "equalized";
      readonly block: Block;
      readonly by: Equalized;
      readonly span: Span;
    }
  /** The result of a call such as `c7s1(64)`. Names of its layers stand under the function's. */
  | { readonly kind: "named"; readonly name: string; readonly block: Block; readonly span: Span }
  | { readonly kind: "lambda"; readonly closure: Closure; readonly span: Span }
  /** A network inside of another: its layers, with its own parameters. */
  | { readonly kind: "net"; readonly net: Net; readonly span: Span };

/** A value inside of a network while its shapes are followed. */
export interface Activation {
  /** Number of the node that gives it; the network's inputs count from 0. */
  readonly node: number;
  readonly shape: Shape;
  /** The domain of an input, or of the output of a network inside. A layer's value has none yet. */
  readonly domain?: DomainType | undefined;
  /** Receptive field in input pixels, and input pixels from one position to the next. */
  readonly field: Sides;
  readonly step: Sides;
}

export interface Closure {
  readonly name?: string;
  readonly formals: readonly ast.Formal[];
  readonly body: ast.Expr;
  readonly env: Env;
  readonly span: Span;
}

export type Env = ReadonlyMap<Definition, Value>;

export interface RecipeStage {
  readonly word: RecipeWord;
  readonly options: Options;
  readonly span: Span;
}

export type Value =
  /**
   * The value of an expression with an error, or of a formal before any call. Absorbs everything in
   * silence.
   */
  | { readonly kind: "unknown" }
  /** `value` is absent for numbers that only a call will fix. */
  | { readonly kind: "number"; readonly int: boolean; readonly value?: number | undefined }
  | { readonly kind: "bool"; readonly value?: boolean | undefined }
  | { readonly kind: "block"; readonly block: Block }
  | { readonly kind: "function"; readonly closure: Closure }
  | { readonly kind: "builtin"; readonly name: string }
  | { readonly kind: "domain"; readonly domain: DomainType }
  /** `pairs(X, Y)`: domains of which one sample each is drawn together. */
  | {
      readonly kind: "joint";
      readonly domains: readonly DomainType[];
      /** Whether images may lack partners, and are not drawn then. */
      readonly isPartial: boolean;
    }
  /** `grad(f)`, f being a network or a function; `callee` is how f is written. */
  | { readonly kind: "gradient"; readonly of: Value; readonly callee: ast.Expr }
  | { readonly kind: "net"; readonly net: Net }
  | { readonly kind: "loss"; readonly declaration: ast.LossDeclaration }
  | { readonly kind: "module"; readonly name: string }
  | { readonly kind: "tuple"; readonly items: readonly Value[] }
  | { readonly kind: "recipe"; readonly of: RecipeKind; readonly stages: readonly RecipeStage[] }
  | { readonly kind: "activation"; readonly activation: Activation }
  | { readonly kind: "term"; readonly term: Term };

export const unknown: Value = { kind: "unknown" };
export const intValue = (value?: number): Value => ({ kind: "number", int: true, value });
export const realValue = (value?: number): Value => ({ kind: "number", int: false, value });
export const boolValue = (value?: boolean): Value => ({ kind: "bool", value });

/** Whether a sample is a single number, which meets every shape. */
export const isPerSample = (shape: Shape | undefined): boolean =>
  shape?.every((side) => side === 1) === true;

export const showShape = (shape: readonly number[]): string => shape.join(" x ");

const article = (word: string): string => (/^[aeiouAEIOU]/.test(word) ? `an ${word}` : `a ${word}`);

/** A value as a message calls it. */
export const describeValue = (value: Value): string => {
  switch (value.kind) {
    case "unknown":
      return "something unknown";
    case "number":
      return value.int ? "an Int" : "a Real";
    case "bool":
      return "a Bool";
    case "block":
      return "an architecture";
    case "function":
      return value.closure.name === undefined
        ? "a function"
        : `the function \`${value.closure.name}\``;
    case "builtin":
      return `the built-in \`${value.name}\``;
    case "domain":
      return `the domain ${showDomain(value.domain)}`;
    case "joint":
      return `pairs of ${value.domains.map(showDomain).join(" and ")}`;
    case "gradient":
      return "a gradient that is not applied";
    case "net":
      return `the network \`${value.net.name}\``;
    case "loss":
      return `the loss \`${value.declaration.name.text}\``;
    case "module":
      return `the module \`${value.name}\``;
    case "tuple":
      return `a product of ${value.items.length}`;
    case "recipe":
      return article(value.of === "init" ? "initialisation" : value.of);
    case "activation":
      return `a value of ${showShape(value.activation.shape)}`;
    case "term":
      if (isMoving(value.term)) return "a number that follows a schedule";
      switch (value.term.type.kind) {
        case "sample":
          return `a value of ${showDomain(value.term.type.domain)}`;
        case "tensor":
          return isPerSample(value.term.type.shape) ? "one number for each sample" : "a tensor";
        case "loss":
          return "a loss";
      }
  }
};

/** Tells what a pair is, where a number was compared with it: what is square is one number. */
export const ofBothAxes = (value: Value): readonly string[] => {
  const numbers = value.kind === "tuple" ? value.items : [];
  const [height, width] = numbers.map((item) => (item.kind === "number" ? item.value : undefined));
  if (numbers.length !== 2 || height === undefined || width === undefined) return [];
  return height === width
    ? [`What is the same along both axes is one number, ${height}.`]
    : [`(${height}, ${width}) is of the height and of the width.`];
};
