/** Losses as functions of Python that look like their formulas. */
import { isLeft } from "fp-ts/lib/Either.js";
import { impossible } from "../../base/impossible.js";
import { functionOf, optionsOf } from "../../operators/layer-functions.js";
import type { DefinitionOf } from "../../program/definitions.js";
import { exprText } from "../../program/expression-text.js";
import { byBinder, formulaKey, forwardOf, leavesOf } from "../../program/forward.js";
import { lossesIn } from "../../program/plan.js";
import type { GenericLossTerm, GenericNumber, GenericTerm, LossTerm } from "../../program/term.js";
import { correspondences } from "../written/correspondences.js";
import { type Formulas, isDrawn, type Locals, numbersIn, shapeIn } from "../written/formulas.js";
import type { Identifiers } from "../written/identifiers.js";
import { inputOf, layerCall, valuesOf } from "./layer-calls.js";
import type { Module } from "./module.js";
import { Numbers } from "./numbers.js";
import {
  atom,
  behind,
  binary,
  call,
  docstring,
  negated,
  number,
  type Py,
  strengths,
  within,
} from "./python.js";

/**
 * Writes the parts of a formula: forward values, networks applied to formulas, losses that it
 * calls, and locals that it may read.
 */
export interface Writer {
  readonly leaf: (term: GenericTerm) => string | undefined;
  /** `key` is equal for equal applications. */
  readonly apply: (network: string, inputs: readonly Py[], key: string) => Py;
  readonly loss: (term: GenericLossTerm) => Py;
  readonly names: Identifiers;
  readonly locals: Locals;
  /** The variables of gradients around the formula, and keys of their values, by depth. */
  readonly variables?: ReadonlyMap<number, string>;
  readonly points?: ReadonlyMap<number, string>;
}

interface LossFunction {
  readonly id: string;
  /** The parameter for each forward value that it reads, by the value's key. */
  readonly values: ReadonlyMap<string, string>;
}

/** All axes but the batch's, kept. */
const ofEach = ".mean(dim=(1, 2, 3), keepdim=True)";

/** A function of values and numbers, by its form in the table. */
const applied = (form: string, [first, ...others]: readonly Py[]): Py => {
  if (first === undefined) return impossible(`${form} takes no value`);
  if (form.startsWith(".")) return behind(first, form);
  const at = form.indexOf("$");
  if (at < 0) return call(form, [first, ...others]);
  const sign = form[at - 1] === "-" ? strengths.sign : strengths.any;
  return atom(form.replace("$", within(first, sign)));
};

export class Losses {
  /** Functions emitted, in the order in which they are needed. */
  readonly statements: string[] = [];
  private readonly functions = new Map<string, LossFunction>();

  constructor(
    private readonly module: Module,
    readonly formulas: Formulas,
  ) {}

  formula(term: GenericTerm, writer: Writer): Py {
    const leaf = writer.leaf(term);
    if (leaf !== undefined) return atom(leaf);
    const go = (t: GenericTerm): Py => this.formula(t, writer);
    switch (term.kind) {
      case "constant":
        return this.number(term, writer);
      case "pointwise":
        return applied(functionOf(term.of).torch, [tensor(term.input, go)]);
      case "distance":
        return behind(this.distance(term, go), ofEach);
      case "apply":
        return writer.apply(term.network, term.inputs.map(go), formulaKey(term, writer.points));
      case "replay":
        // A history keeps what networks make; of a formula only the gradient is cut.
        return behind(go(term.input), ".detach()");
      case "relabel":
        return go(term.input);
      case "function":
        return this.called(term, go);
      case "gradient":
        return this.gradient(term, writer);
      case "variable":
        return atom(writer.variables?.get(term.depth) ?? impossible("a variable of no gradient"));
      case "concat":
        return call("join", term.items.map(go));
      case "negate":
        return negated(go(term.input));
      case "arithmetic":
        return binary(term.operator, go(term.left), go(term.right));
      case "mean":
        return term.body.kind === "distance"
          ? behind(this.distance(term.body, go), ".mean()")
          : behind(tensor(term.body, go), ".mean()");
      case "objective":
        return go(term.body);
      case "loss":
        return writer.loss(term);
      default:
        return impossible(`a ${term.kind} is a forward value, not a formula`);
    }
  }

  /** `positions(u, 16, chance)`, or of a layer `apply_layer(AvgPool(3), u)`. */
  private called(term: Extract<GenericTerm, { kind: "function" }>, go: (t: GenericTerm) => Py): Py {
    const { torch, layer } = functionOf(term.of);
    const values = term.inputs.map((t, i) => (i === 0 ? tensor(t, go) : go(t)));
    if (layer === undefined)
      return applied(torch, [...values, ...(isDrawn(term) ? [atom("chance")] : [])]);
    const [x] = values;
    const shape = shapeIn(term);
    const options = valuesOf(layer, optionsOf(layer, numbersIn(term)));
    const module = layerCall(layer, inputOf(shape), options);
    if (isLeft(module)) return impossible(`Python cannot say ${module.left}`);
    return call(torch, [module.right, x ?? impossible(`${layer.name} is applied to nothing`)]);
  }

  /** A number as the spec writes it, or its value where the code around lacks a name it reads. */
  private number({ written, value }: GenericNumber, { names, locals }: Writer): Py {
    return this.formulas.isText(written, locals)
      ? new Numbers(this.module, (local) => atom(names.of(local))).of(written)
      : number(value ?? impossible(`the value of \`${exprText(written)}\` is unknown`));
  }

  /** `gradient(lambda v: D(v), mixed)` */
  private gradient(
    { depth, body, at }: Extract<GenericTerm, { kind: "gradient" }>,
    writer: Writer,
  ): Py {
    const names = writer.names.inner();
    const variable = names.fresh("v");
    const inner: Writer = {
      ...writer,
      names,
      variables: new Map([...(writer.variables ?? []), [depth, variable]]),
      points: new Map([...(writer.points ?? []), [depth, formulaKey(at, writer.points)]]),
    };
    const function_ = `lambda ${variable}: ${this.formula(body, inner).text}`;
    return call("gradient", [function_, this.formula(at, writer)]);
  }

  /** The distance of each element. */
  private distance(
    { of, left, right }: Extract<GenericTerm, { kind: "distance" }>,
    go: (t: GenericTerm) => Py,
  ): Py {
    return behind(binary("-", go(left), go(right)), functionOf(of).torch);
  }

  isFunction({ of }: GenericLossTerm): boolean {
    return this.formulas.of(of).isFunction;
  }

  /** Emits the function of a loss, or those that its formula calls. */
  declare(loss: LossTerm): void {
    if (this.isFunction(loss)) this.functionOf(loss);
    else for (const inner of lossesIn(loss.body)) this.declare(inner);
  }

  /** The function of a loss; its parameters are the values and numbers that its formula reads. */
  functionOf(term: GenericLossTerm): LossFunction {
    const known = this.functions.get(term.of);
    if (known !== undefined) return known;
    const { definition, numbers: formals, locals } = this.formulas.of(term.of);
    const names = this.module.identifiers.inner();
    const leaves = leavesOf(definition.body, byBinder);
    const numbers = formals.map((local) => names.of(local));
    const values = new Map([...leaves].map(([key, name]) => [key, names.fresh(name)]));
    const entry = { id: this.module.identifiers.fresh(term.name), values };
    this.functions.set(term.of, entry);
    const writer: Writer = {
      names,
      leaf: (t) => {
        const key = forwardOf(t, byBinder)?.key;
        return key === undefined ? undefined : values.get(key);
      },
      locals,
      // Losses that apply networks to formulas are no functions.
      apply: (network) => impossible(`${network} is unknown to the function of a loss`),
      loss: (inner) => this.callOf(inner, writer),
    };
    const body = this.formula(definition.body, writer);
    const params = [
      ...[...values.values()].map((name) => `${name}: Tensor`),
      ...numbers.map((name) => `${name}: float`),
    ];
    this.statements.push(lossText(definition, entry.id, params, body));
    return entry;
  }

  /** `cycle(FGx, x, GFy, y)` on the values of this use; or its formula, if it has no function. */
  callOf(term: GenericLossTerm, writer: Writer): Py {
    const { definition, numbers: formals, isFunction } = this.formulas.of(term.of);
    if (!isFunction) return this.formula(term.body, writer);
    const { id, values } = this.functionOf(term);
    const given = new Map(correspondences(definition.body, term.body));
    const args = [...values].map(([key, name]) => {
      const value = given.get(key);
      const variable = value === undefined ? undefined : writer.leaf(value);
      return `${name}=${variable ?? impossible(`${term.name} lacks ${name}`)}`;
    });
    const numbers = formals.map((local) => {
      const value = this.number(this.formulas.argument(term, local), writer);
      return `${this.numberName(term, local)}=${value.text}`;
    });
    return call(id, [...args, ...numbers]);
  }

  /** The name that the function of a loss gives a number. */
  private numberName(term: GenericLossTerm, local: string): string {
    const { numbers } = this.formulas.of(term.of);
    const names = this.module.identifiers.inner();
    const all = new Map(numbers.map((one) => [one, names.of(one)]));
    return all.get(local) ?? impossible(`${term.name} has no number ${local}`);
  }
}

/** A value as a tensor: of a constant, methods would not be. */
const tensor = (term: GenericTerm, go: (t: GenericTerm) => Py): Py => {
  const py = go(term);
  const isConstant = (t: GenericTerm): boolean =>
    t.kind === "constant" ||
    (t.kind === "negate" && isConstant(t.input)) ||
    (t.kind === "arithmetic" && isConstant(t.left) && isConstant(t.right));
  return isConstant(term) ? call("torch.tensor", [`float(${py.text})`]) : py;
};

const lossText = (
  { text, place }: DefinitionOf<"loss">,
  id: string,
  params: readonly string[],
  body: Py,
): string =>
  [
    `def ${id}(${params.join(", ")}) -> Tensor:`,
    docstring([`${text.replace(/^loss /, "")}. ${place}`]),
    `    return ${body.text}`,
  ].join("\n");
