/** Losses as functions that look like their formulas. */

import { impossible } from "../../base/impossible.js";
import { functionOf, optionsOf } from "../../operators/layer-functions.js";
import type { DefinitionOf } from "../../program/definitions.js";
import { exprText } from "../../program/expression-text.js";
import { byBinder, formulaKey, forwardOf, leavesOf } from "../../program/forward.js";
import { lossesIn } from "../../program/plan.js";
import type {
  GenericLossTerm,
  GenericNumber,
  GenericTerm,
  LossTerm,
  Term,
} from "../../program/term.js";
import { correspondences } from "../written/correspondences.js";
import { type Formulas, isDrawn, type Locals, numbersIn } from "../written/formulas.js";
import type { Identifiers } from "../written/identifiers.js";
import { Expressions } from "./expressions.js";
import { configured } from "./layerwise.js";
import { array, arrow, call, concat, type Doc, layout, object } from "./layout.js";
import { comment, type Module } from "./module.js";
import { bound } from "./names.js";

const operators: Readonly<Record<Extract<Term, { kind: "arithmetic" }>["operator"], string>> = {
  "+": "tf.add",
  "-": "tf.sub",
  "*": "tf.mul",
  "/": "tf.div",
  "^": "tf.pow",
};

/**
 * Writes the parts of a formula: forward values, losses that it calls, and locals that it may read.
 */
export interface Writer {
  readonly leaf: (term: GenericTerm) => string | undefined;
  /** A network applied to formulas; `key` is equal for equal applications. */
  readonly apply: (network: string, inputs: readonly Doc[], key: string) => Doc;
  readonly loss: (term: GenericLossTerm) => Doc;
  readonly names: Identifiers;
  readonly locals: Locals;
  /**
   * The variables of gradients around the formula, by how many stand around them, and the keys of
   * their values.
   */
  readonly variables?: ReadonlyMap<number, string>;
  readonly points?: ReadonlyMap<number, string>;
}

interface LossFunction {
  readonly id: string;
  /** The property of each forward value that it reads, by the value's key. */
  readonly properties: ReadonlyMap<string, string>;
}

export class Losses {
  /** Functions emitted, in the order in which they are needed. */
  readonly statements: string[] = [];
  private readonly functions = new Map<string, LossFunction>();

  constructor(
    private readonly module: Module,
    readonly formulas: Formulas,
  ) {}

  /**
   * A formula over forward values. Constants that only a loss's own formals know are written as
   * their values.
   */
  formula(term: GenericTerm, writer: Writer): Doc {
    const leaf = writer.leaf(term);
    if (leaf !== undefined) return leaf;
    const go = (t: GenericTerm): Doc => this.formula(t, writer);
    switch (term.kind) {
      case "constant":
        return this.number(term, writer);
      case "pointwise":
        return call(this.function(functionOf(term.of).tfjs), [go(term.input)]);
      case "distance":
        return this.distance(`${functionOf(term.of).tfjs}Each`, term, go);
      case "apply":
        return writer.apply(term.network, term.inputs.map(go), formulaKey(term, writer.points));
      case "replay":
        // A history keeps what networks make; of a formula only the gradient is cut.
        return call(this.module.runtime("detach"), [go(term.input)]);
      case "relabel":
        return go(term.input);
      case "function":
        return this.called(term, go);
      case "gradient":
        return this.gradient(term, writer);
      case "variable":
        return writer.variables?.get(term.depth) ?? impossible("a variable without its gradient");
      case "concat":
        return call(this.module.runtime("join"), term.items.map(go));
      case "negate":
        return call("tf.neg", [go(term.input)]);
      case "arithmetic":
        return this.arithmetic(term, go);
      case "mean":
        // A distance is a mean already, so its mean over the batch is the mean over all.
        return term.body.kind === "distance"
          ? this.distance(functionOf(term.body.of).tfjs, term.body, go)
          : call(this.module.runtime("mean"), [go(term.body)]);
      case "objective":
        return go(term.body);
      case "loss":
        return writer.loss(term);
      default:
        throw new Error(`a ${term.kind} is a forward value, not a formula`);
    }
  }

  /**
   * Writes a number as the spec does, or its value where the code around lacks a name that the
   * spec's form reads.
   */
  private number({ written, value }: GenericNumber, { names, locals }: Writer): string {
    return this.formulas.isText(written, locals)
      ? new Expressions(this.module, names).number(written)
      : String(value ?? impossible(`the value of \`${exprText(written)}\` is unknown`));
  }

  /** `gradient((v) => apply(D, v), mixed)` */
  private gradient(
    { depth, body, at }: Extract<GenericTerm, { kind: "gradient" }>,
    writer: Writer,
  ): Doc {
    const names = writer.names.inner();
    const variable = names.fresh("v");
    const inner: Writer = {
      ...writer,
      names,
      variables: new Map([...(writer.variables ?? []), [depth, variable]]),
      points: new Map([...(writer.points ?? []), [depth, formulaKey(at, writer.points)]]),
    };
    const function_ = concat(`(${variable}) => `, this.formula(body, inner));
    return call(this.module.runtime("gradient"), [function_, this.formula(at, writer)]);
  }

  /** `positions(u, 16, chance.places)`, or of a layer `applyBlock(avgPool(3), u)`. */
  private called(
    term: Extract<GenericTerm, { kind: "function" }>,
    go: (t: GenericTerm) => Doc,
  ): Doc {
    const { tfjs, layer } = functionOf(term.of);
    const name = this.function(tfjs);
    const values = term.inputs.map(go);
    if (layer === undefined)
      return call(name, [...values, ...(isDrawn(term) ? ["chance.places"] : [])]);
    const block = configured(this.module, layer, optionsOf(layer, numbersIn(term)));
    return call(name, [block, ...values.slice(0, 1)]);
  }

  private function(name: string): string {
    return name.startsWith("tf.") ? name : this.module.runtime(name);
  }

  /** A distance is symmetric, and its first argument in the runtime is a tensor. */
  private distance(
    name: string,
    { left, right }: Extract<GenericTerm, { kind: "distance" }>,
    go: (t: GenericTerm) => Doc,
  ): Doc {
    const [a, b] = left.kind === "constant" ? [right, left] : [left, right];
    return call(this.function(name), [go(a), go(b)]);
  }

  private arithmetic(
    term: Extract<GenericTerm, { kind: "arithmetic" }>,
    go: (t: GenericTerm) => Doc,
  ): Doc {
    const terms = term.operator === "+" ? summandsOf(term) : [];
    if (terms.length > 2 && terms.every((t) => t.kind !== "constant"))
      return call("tf.addN", [array(terms.map(go))], true);
    return call(operators[term.operator], [go(term.left), go(term.right)]);
  }

  isFunction({ of }: GenericLossTerm): boolean {
    return this.formulas.of(of).isFunction;
  }

  /** Emits the function of a loss, or those that its formula calls. */
  declare(loss: LossTerm): void {
    if (this.isFunction(loss)) this.functionOf(loss);
    else for (const inner of lossesIn(loss.body)) this.declare(inner);
  }

  /**
   * The function of a loss, emitted on first use; its parameters are the values that its formula
   * reads.
   */
  functionOf(term: GenericLossTerm): LossFunction {
    const known = this.functions.get(term.of);
    if (known !== undefined) return known;
    const { definition, numbers: formals, locals } = this.formulas.of(term.of);
    const generic = definition.body;
    const properties = leavesOf(generic, byBinder);
    const entry = { id: this.module.identifiers.fresh(term.name), properties };
    this.functions.set(term.of, entry);
    const names = this.module.identifiers.inner();
    const numbers = formals.map((local) => names.of(local));
    // A binder may have a name that TypeScript or the module has taken.
    const variables = new Map([...properties].map(([key, name]) => [key, names.fresh(name)]));
    const leaf = (t: GenericTerm): string | undefined => {
      const key = forwardOf(t, byBinder)?.key;
      return key === undefined ? undefined : variables.get(key);
    };
    const writer: Writer = {
      names,
      leaf,
      locals,
      // Losses that apply networks to formulas are no functions.
      apply: (network) => impossible(`${network} is unknown to the function of a loss`),
      loss: (inner) => this.callOf(inner, writer),
    };
    const body = this.formula(generic, writer);
    const fields = [...properties].map(([key, name]) => bound(name, variables.get(key) ?? name));
    const type = [...properties.values()].map((name) => JSON.stringify(name)).join(" | ");
    const params = [
      `{ ${fields.join(", ")} }: ${this.module.runtime("Values")}<${type}>`,
      ...numbers.map((n) => `${n}: number`),
    ];
    this.statements.push(this.definition(definition, entry.id, params, body));
    return entry;
  }

  private definition(
    { text, place }: DefinitionOf<"loss">,
    id: string,
    params: readonly string[],
    body: Doc,
  ): string {
    const doc = comment([`${text.replace(/^loss /, "")}. ${place}`]);
    const flat = `export const ${id} = (${params.join(", ")}): tf.Scalar =>`;
    if (flat.length <= 100) return `${doc}\n${layout(arrow(flat, body))};`;
    const broken = `export const ${id} = (\n${params.map((p) => `  ${p},\n`).join("")}`;
    return `${doc}\n${broken}${layout(arrow("): tf.Scalar =>", body))};`;
  }

  /**
   * `cycle({ FGx: f.FGx, … })`: the function on the values of this use; or its formula, if it has
   * no function.
   */
  callOf(term: GenericLossTerm, writer: Writer): Doc {
    const { definition, numbers: formals, isFunction } = this.formulas.of(term.of);
    if (!isFunction) return this.formula(term.body, writer);
    const { id, properties } = this.functionOf(term);
    const values = new Map(correspondences(definition.body, term.body));
    const fields = [...properties].map(([key, name]) => {
      const value = values.get(key);
      const variable = value === undefined ? undefined : writer.leaf(value);
      return bound(name, variable ?? impossible(`${term.name} lacks ${name}`));
    });
    const numbers = formals.map((local) =>
      this.number(this.formulas.argument(term, local), writer),
    );
    return call(id, [object(fields), ...numbers], numbers.length === 0);
  }
}

const summandsOf = (term: GenericTerm): readonly GenericTerm[] =>
  term.kind === "arithmetic" && term.operator === "+"
    ? [...summandsOf(term.left), ...summandsOf(term.right)]
    : [term];
