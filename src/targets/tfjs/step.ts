/** The whole step: of one phase at once, or phase by phase. */

import { impossible } from "../../base/impossible.js";
import type { Forward } from "../../program/forward.js";
import { isSparse, repetitionsOf } from "../../program/model.js";
import { call, layout } from "./layout.js";
import { powerSteps, statisticMoves, updates } from "./memory.js";
import { comment, type Module } from "./module.js";
import { hasHistory, type Plan, type Plans } from "./plans.js";

/**
 * Lists the parameters of a step or a phase. Where the recipe accumulates, draws and chances are
 * those of the k-th batch.
 */
const paramsOf = (parts: number): readonly string[] => [
  "nets: Networks",
  "memory: Memory",
  parts > 1 ? "draws: (k: number) => Draws" : "draws: Draws",
  "rate: number",
];

const chanceType = (parts: number): string => (parts > 1 ? "(k: number) => Chance" : "Chance");

interface PhaseFunction {
  readonly id: string;
  readonly times: number;
  readonly every: number;
  readonly plans: readonly Plan[];
}

export class Step {
  constructor(
    private readonly module: Module,
    private readonly plans: Plans,
  ) {}

  statements(): readonly string[] {
    this.module.runtime("Chance");
    const accumulate = this.parts > 1 ? [this.accumulate()] : [];
    return [...accumulate, ...(this.plans.isPhased ? this.phased() : [this.single()])];
  }

  /** Batches of an update. */
  private get parts(): number {
    return this.module.model.recipe.accumulate;
  }

  private accumulate(): string {
    return [
      comment([
        "How many batches an update takes the mean gradient of: each has draws of its own.",
      ]),
      `export const accumulate = ${this.parts};`,
    ].join("\n");
  }

  private takesChance(plans: readonly Plan[]): boolean {
    return plans.some((plan) => this.plans.takesChance(plan));
  }

  /** The parameter of the whole step, which has it whether it is read or not. */
  private get chance(): string {
    return this.takesChance(this.plans.all) ? "chance" : "_chance";
  }

  /** Differentiates the players of a phase, moves their networks and gives what they report. */
  private body(plans: readonly Plan[], since: string): readonly string[] {
    const identifiers = this.module.identifiers.inner();
    const results = new Map(
      plans.map((plan) => [plan, identifiers.fresh(plan.player.networks.join(""))]),
    );
    const resultOf = (plan: Plan | undefined): string =>
      (plan && results.get(plan)) ?? impossible("a value was taken from no player");
    const k = this.parts > 1 ? identifiers.fresh("k") : undefined;
    const ofPart = (name: string): string => (k === undefined ? name : `${name}(${k})`);
    const indent = k === undefined ? "    " : "      ";
    const calls = plans.map((plan) => {
      const giverOf = (f: Forward) => plans.find((p) => p.computed.some((o) => o.key === f.key));
      const kept = [...new Set(plan.taken.map(giverOf))].map((giver) => `${resultOf(giver)}.kept`);
      const taken = kept.length > 1 ? [`{ ${kept.map((k) => `...${k}`).join(", ")} }`] : kept;
      const histories = hasHistory(plan) ? ["memory.histories"] : [];
      const chance = this.plans.takesChance(plan) ? [ofPart("chance")] : [];
      const args = ["nets", ofPart("draws"), ...taken, ...histories, ...chance];
      const depth = indent.length / 2;
      const value = layout(call(plan.id, args), { column: 16 + indent.length, depth });
      return `${indent}const ${resultOf(plan)} = ${value};`;
    });
    const moves = statisticMoves(this.module, plans).map((line) => indent + line);
    const lines = [...calls, ...moves];
    const all = [...results.values()].join(", ");
    const computed =
      k === undefined
        ? lines
        : [
            `    const { ${all} } = ${this.module.runtime("accumulated")}(accumulate, (${k}) => {`,
            ...lines,
            `      return { ${all} };`,
            "    });",
          ];
    const note = [
      `    // Every player has been differentiated at the weights held when the ${since} began;`,
      "    // now all of them move.",
    ];
    return [
      "  tf.tidy(() => {",
      ...computed,
      ...(plans.length > 1 ? note : []),
      ...powerSteps(this.module, plans),
      ...plans.flatMap((plan) => updates(this.module, plan, resultOf(plan))),
      `    return { ${plans.map((plan) => `...${resultOf(plan)}.terms`).join(", ")} };`,
      "  });",
    ];
  }

  private single(): string {
    return [
      comment([
        "One step at the learning rate `rate`: the values of all objectives and losses, for the caller to dispose.",
      ]),
      "export const step = (",
      ...[...paramsOf(this.parts), `${this.chance}: ${chanceType(this.parts)}`].map(
        (p) => `  ${p},`,
      ),
      "): Record<string, tf.Scalar> =>",
      ...this.body(this.plans.all, "step"),
    ].join("\n");
  }

  /** A function for each phase, and the step that runs them one after the other. */
  private phased(): readonly string[] {
    const phases = this.plans.step.phases.map(({ times, every = 1 }, i) => ({
      times,
      every,
      plans: this.plans.ofPhase(i),
      id: this.module.identifiers.fresh(`phase_${i + 1}`),
    }));
    return [...phases.map((phase) => this.phase(phase)), this.repetitions(), this.all(phases)];
  }

  private phase({ plans, id }: PhaseFunction): string {
    const players = plans.map(({ player: p }) => `${p.sense}[${p.networks.join(", ")}]`);
    const chance = this.takesChance(plans) ? [`chance: ${chanceType(this.parts)}`] : [];
    return [
      comment([`One run of the phase ${players.join(" ")}.`]),
      `export const ${id} = (`,
      ...[...paramsOf(this.parts), ...chance].map((p) => `  ${p},`),
      "): Record<string, tf.Scalar> =>",
      ...this.body(plans, "phase"),
    ].join("\n");
  }

  private repetitions(): string {
    return [
      comment([
        this.parts > 1
          ? "How often a step draws: as often as its most repeated phase runs, each time for every batch."
          : "How often a step draws: as often as its most repeated phase runs.",
      ]),
      `export const repetitions = ${repetitionsOf(this.module.model)};`,
    ].join("\n");
  }

  /**
   * The draws or chances of the k-th run of a phase: of each of its batches, where it has several.
   */
  private ofRun(name: string, k: string): string {
    if (this.parts === 1) return `${name}(${k})`;
    return k === "0" ? name : `(part) => ${name}(${k} * accumulate + part)`;
  }

  private all(phases: readonly PhaseFunction[]): string {
    const isCounted = isSparse(this.module.model);
    const sparse = isCounted
      ? " A phase that runs in some steps only says nothing in the others; `count` is the number of the step, from 0."
      : "";
    const runs = phases.map(({ times, every, plans, id }) => {
      const chance = this.takesChance(plans);
      const run = (k: string): string => {
        const of = (name: string): string => this.ofRun(name, k);
        const args = ["nets", "memory", of("draws"), "rate", ...(chance ? [of("chance")] : [])];
        return `${id}(${args.join(", ")})`;
      };
      if (every > 1) return `    ...(count % ${every} === 0 ? ${run("0")} : {}),`;
      return times === 1
        ? `    ...${run("0")},`
        : `    ...${this.module.runtime("repeated")}(${times}, (k) => ${run("k")}),`;
    });
    return [
      comment([
        "One step at the learning rate `rate`: each phase sees the weights that the one before has left, and its k-th run, " +
          "from 0, takes the k-th draws. Gives the values of all objectives and losses, of a repeated phase those of its " +
          `last run, for the caller to dispose.${sparse}`,
      ]),
      "export const step = (",
      "  nets: Networks,",
      "  memory: Memory,",
      "  draws: (k: number) => Draws,",
      "  rate: number,",
      `  ${this.chance}: (k: number) => Chance,`,
      ...(isCounted ? ["  count: number,"] : []),
      "): Record<string, tf.Scalar> =>",
      "  tf.tidy(() => ({",
      ...runs,
      "  }));",
    ].join("\n");
  }
}
