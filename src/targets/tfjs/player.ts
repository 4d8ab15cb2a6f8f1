/** The function of a player: the value of its objective, and the gradients for its networks. */

import { impossible } from "../../base/impossible.js";
import { byDomain, type Forward, formulaKey, forwardOf } from "../../program/forward.js";
import { type LossTerm, lossesIn } from "../../program/plan.js";
import { noLocals } from "../written/formulas.js";
import type { Identifiers } from "../written/identifiers.js";
import { statisticsIn } from "../written/kept.js";
import { bodyOf, namedValues } from "../written/named.js";
import { repeatedLayers } from "../written/repeated.js";
import { array, call, concat, type Doc, layout, object } from "./layout.js";
import type { Losses, Writer } from "./losses.js";
import { comment, type Module } from "./module.js";
import { bound, camelCase, keyOf } from "./names.js";
import { appliedIn, hasHistory, type Plan, type Plans } from "./plans.js";

export class PlayerFunction {
  /** The variable of each value, by its key. */
  private readonly names = new Map<string, string>();
  /** Names that the objective's function may still take. */
  private readonly free: Identifiers;

  constructor(
    private readonly module: Module,
    private readonly losses: Losses,
    private readonly plans: Plans,
    private readonly plan: Plan,
  ) {
    this.free = plans.inner();
    for (const forward of [...plan.draws, ...plan.taken, ...plan.computed])
      this.names.set(forward.key, this.free.fresh(plans.property(forward)));
  }

  text(): string {
    const { player, id } = this.plan;
    const params = this.params();
    const body = this.objective();
    const target = layout(array(player.networks.map((net) => this.plans.net(net))));
    const end = player.sense === "max" ? [`{ maximise: true }`] : [];
    const differentiate = this.module.runtime("differentiate");
    const head = `export const ${id} = (`;
    const flat = `${head}${params.join(", ")}) => {`;
    const signature =
      flat.length <= 100 ? flat : `${head}\n${params.map((p) => `  ${p},`).join("\n")}\n) => {`;
    const args = [target, "objective", ...end].join(", ");
    return [this.doc(), signature, ...body, `  return ${differentiate}(${args});`, "};"].join("\n");
  }

  private doc(): string {
    const { player, summands } = this.plan;
    const sum = player.summands.map((s) => s.text).join(" + ");
    const isWhole = player.summands.length === summands.length;
    return comment([
      `${player.sense}[${player.networks.join(", ")}] ${sum}. ${player.place}`,
      ...(isWhole ? [] : [`What does not depend on ${player.networks.join(" and ")} is left out.`]),
    ]);
  }

  private params(): readonly string[] {
    const { player, draws, taken } = this.plan;
    const nets = new Set([...player.networks, ...appliedIn(this.plan)]);
    const inOrder = this.module.model.networks.map((n) => n.name).filter((n) => nets.has(n));
    const values = taken.map((f) => JSON.stringify(this.plans.property(f))).join(" | ");
    return [
      `{ ${inOrder.map((n) => bound(n, this.plans.net(n))).join(", ")} }: Networks`,
      draws.length === 0 ? "_draws: Draws" : `{ ${this.fields(draws)} }: Draws`,
      ...(taken.length > 0
        ? [`{ ${this.fields(taken)} }: ${this.module.runtime("Values")}<${values}>`]
        : []),
      ...(hasHistory(this.plan) ? ['histories: Memory["histories"]'] : []),
      ...(this.plans.takesChance(this.plan) ? [`chance: ${this.module.runtime("Chance")}`] : []),
    ];
  }

  private name(forward: Forward): string {
    return this.names.get(forward.key) ?? impossible(`${forward.name} has no variable`);
  }

  /** Values as properties, each with the variable that it has. */
  private fields(forwards: readonly Forward[]): string {
    return forwards.map((f) => bound(this.plans.property(f), this.name(f))).join(", ");
  }

  private objective(): readonly string[] {
    const values = this.plan.computed.map((forward) =>
      constant(this.name(forward), this.compute(forward)),
    );
    /** The variable of each loss, by what it computes. */
    const known = new Map<string, string>();
    const writer = this.writer(known);
    const losses = [
      ...this.layerValues(writer, known),
      ...this.lossValues(writer, known),
      ...this.namedValues(writer, known),
    ];
    const summands = this.plan.summands.map((s) => this.losses.formula(s.term, writer));
    const kept = this.plans.keptOf(this.plan).map((f) => JSON.stringify(this.plans.property(f)));
    const type = `${this.module.runtime("Objective")}<${kept.join(" | ") || "never"}>`;
    return [
      `  const objective = (): ${type} => {`,
      ...values,
      ...losses,
      constant("value: tf.Scalar", sumOf(summands)),
      ...this.result(known),
      "  };",
    ];
  }

  private writer(known: ReadonlyMap<string, string>): Writer {
    return {
      names: this.free,
      locals: noLocals,
      leaf: (term) => {
        const forward = forwardOf(term, byDomain);
        if (forward !== undefined) return this.name(forward);
        const isKept = term.kind === "mean" || term.kind === "function";
        return isKept ? known.get(formulaKey(term)) : undefined;
      },
      apply: (network, inputs, key) => this.applied(network, inputs, key),
      loss: (term) =>
        known.get(formulaKey(term)) ?? impossible(`${term.name} has not been computed`),
    };
  }

  /** A variable for each loss, which `known` gets by what it computes. */
  private lossValues(writer: Writer, known: Map<string, string>): readonly string[] {
    const lines: string[] = [];
    for (const loss of this.plan.summands.flatMap((s) => lossesIn(s.term))) {
      const key = formulaKey(loss);
      if (known.has(key)) continue;
      const isFunction = this.losses.isFunction(loss);
      const name = isFunction ? this.losses.functionOf(loss).id : loss.name;
      const variable = this.free.fresh(name + argumentNames(loss));
      known.set(key, variable);
      // A loss without a function has its formula here, inner losses and all.
      const all: Writer = { ...writer, loss: (inner) => this.losses.callOf(inner, all) };
      const typed = isFunction ? variable : `${variable}: tf.Scalar`;
      lines.push(constant(typed, this.losses.callOf(loss, all)));
    }
    return lines;
  }

  /** A variable for each layer that stands more than once. */
  private layerValues(writer: Writer, known: Map<string, string>): readonly string[] {
    return repeatedLayers(this.plan).map((term) => {
      const formula = this.losses.formula(term, writer);
      const variable = this.free.fresh(camelCase(term.of));
      known.set(formulaKey(term), variable);
      return constant(variable, formula);
    });
  }

  /** A variable for each value that is reported by its name, or is an expectation in place. */
  private namedValues(writer: Writer, known: Map<string, string>): readonly string[] {
    return namedValues(this.plan).flatMap(({ term, hint = "expected" }) => {
      const key = formulaKey(term);
      if (known.has(key)) return [];
      const formula = this.losses.formula(term, writer);
      const variable = this.free.fresh(hint);
      known.set(key, variable);
      return [constant(`${variable}: tf.Scalar`, formula)];
    });
  }

  private result(known: ReadonlyMap<string, string>): readonly string[] {
    const { total, reported } = this.plan;
    const named = this.plan.terms.map(({ label, term }) => {
      // What is all of the objective is its value.
      return `${keyOf(label)}: ${known.get(formulaKey(bodyOf(term))) ?? "value"}`;
    });
    const terms = [
      ...(total === undefined ? [] : [`${keyOf(total)}: value`]),
      ...reported.map(({ label, term }) => `${keyOf(label)}: ${known.get(formulaKey(term))}`),
      ...named,
    ];
    const kept = this.fields(this.plans.keptOf(this.plan));
    const result = [
      "value",
      ...(terms.length > 0 ? ["terms"] : []),
      ...(kept.length > 0 ? [`kept: { ${kept} }`] : []),
    ];
    return [
      ...(terms.length > 0 ? [constant("terms", object(terms))] : []),
      `    return ${layout(object(result), { column: 11, depth: 2 })};`,
    ];
  }

  private compute(forward: Forward): Doc {
    const inputs = forward.inputs.map((input) => this.name(input));
    if (forward.network !== undefined) return this.applied(forward.network, inputs, forward.key);
    const input = inputs[0] ?? impossible(`${forward.name} is made from nothing`);
    if ((forward.size ?? 0) === 0) return call(this.module.runtime("detach"), [input]);
    const key = JSON.stringify(this.plans.historyKey(this.plan, forward));
    const part = this.module.model.recipe.accumulate > 1 ? ["chance.part"] : [];
    return call(`histories[${key}].recall`, [input, `chance.recall(${key})`, ...part]);
  }

  /**
   * A network applied to values; where it drops, by the masks of this application; where it keeps
   * running statistics, as a step of training.
   */
  private applied(network: string, inputs: readonly Doc[], key: string): Doc {
    const net = this.plans.net(network);
    const isRandom = this.plans.isRandom(network);
    const application = JSON.stringify(key);
    const masks = `chance.masks(${application})`;
    const { moved, frozen } = statisticsIn(this.module.model, [network]);
    if (moved.length > 0) {
      const how = object([
        `application: ${application}`,
        ...(isRandom ? [`masks: ${masks}`] : []),
        ...(frozen.length > 0 ? [`frozen: ${JSON.stringify(frozen)}`] : []),
      ]);
      return call(this.module.runtime("training"), [how, net, ...inputs]);
    }
    if (!isRandom) return call(this.module.runtime("apply"), [net, ...inputs]);
    return call(this.module.runtime("dropping"), [masks, net, ...inputs]);
  }
}

/** A line of the objective's function. */
const constant = (name: string, value: Doc): string => {
  const prefix = `    const ${name} = `;
  return `${prefix}${layout(value, { column: prefix.length, depth: 2 })};`;
};

/** `G, D_Y` of `gan(G, D_Y)` as `GD_Y`. */
const argumentNames = (loss: LossTerm): string =>
  loss.args.filter((arg) => /^\w+$/.test(arg) && /^[A-Za-z_]/.test(arg)).join("");

const sumOf = (docs: readonly Doc[]): Doc => {
  const [first, second] = docs;
  if (first === undefined) return "tf.scalar(0)";
  if (second === undefined) return first;
  if (docs.length === 2) return call("tf.add", [first, second]);
  // up to TypeScript 5.9 its type is that of any tensor
  return concat(call("tf.addN", [array(docs)], true), " as tf.Scalar");
};
