/** The whole step: of one phase at once, or phase by phase. */

import { impossible } from "../../base/impossible.js";
import type { Forward } from "../../model/forward.js";
import { repetitionsOf } from "../../model/model.js";
import { call, layout } from "./layout.js";
import { powerSteps, updates } from "./memory.js";
import { comment, type Module } from "./module.js";
import { hasHistory, type Plan, type Plans } from "./plans.js";

const params = ["nets: Networks", "memory: Memory", "draws: Draws", "rate: number"];

interface PhaseFunction {
  readonly id: string;
  readonly times: number;
  readonly plans: readonly Plan[];
}

export class Step {
  constructor(
    private readonly module: Module,
    private readonly plans: Plans,
  ) {}

  statements(): readonly string[] {
    this.module.runtime("Chance");
    return this.plans.isPhased ? this.phased() : [this.single()];
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
    const lines = plans.map((plan) => {
      const giverOf = (f: Forward) => plans.find((p) => p.computed.some((o) => o.key === f.key));
      const kept = [...new Set(plan.taken.map(giverOf))].map((giver) => `${resultOf(giver)}.kept`);
      const taken = kept.length > 1 ? [`{ ${kept.map((k) => `...${k}`).join(", ")} }`] : kept;
      const histories = hasHistory(plan) ? ["memory.histories"] : [];
      const chance = this.plans.takesChance(plan) ? ["chance"] : [];
      const args = ["nets", "draws", ...taken, ...histories, ...chance];
      return `    const ${resultOf(plan)} = ${layout(call(plan.id, args), { column: 20, depth: 2 })};`;
    });
    const note = [
      `    // Every player has been differentiated at the weights held when the ${since} began;`,
      "    // now all of them move.",
    ];
    return [
      "  tf.tidy(() => {",
      ...lines,
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
      ...[...params, `${this.chance}: Chance`].map((p) => `  ${p},`),
      "): Record<string, tf.Scalar> =>",
      ...this.body(this.plans.all, "step"),
    ].join("\n");
  }

  /** A function for each phase, and the step that runs them one after the other. */
  private phased(): readonly string[] {
    const phases = this.plans.step.phases.map(({ times }, i) => ({
      times,
      plans: this.plans.ofPhase(i),
      id: this.module.identifiers.fresh(`phase_${i + 1}`),
    }));
    return [...phases.map((phase) => this.phase(phase)), this.repetitions(), this.all(phases)];
  }

  private phase({ plans, id }: PhaseFunction): string {
    const players = plans.map(({ player: p }) => `${p.sense}[${p.networks.join(", ")}]`);
    const chance = this.takesChance(plans) ? ["chance: Chance"] : [];
    return [
      comment([`One run of the phase ${players.join(" ")}.`]),
      `export const ${id} = (`,
      ...[...params, ...chance].map((p) => `  ${p},`),
      "): Record<string, tf.Scalar> =>",
      ...this.body(plans, "phase"),
    ].join("\n");
  }

  private repetitions(): string {
    return [
      comment(["How often a step draws: as often as its most repeated phase runs."]),
      `export const repetitions = ${repetitionsOf(this.module.model)};`,
    ].join("\n");
  }

  private all(phases: readonly PhaseFunction[]): string {
    const runs = phases.map(({ times, plans, id }) => {
      const chance = this.takesChance(plans);
      const run = (k: string): string => {
        const args = ["nets", "memory", `draws(${k})`, "rate", ...(chance ? [`chance(${k})`] : [])];
        return `${id}(${args.join(", ")})`;
      };
      return times === 1
        ? `    ...${run("0")},`
        : `    ...${this.module.runtime("repeated")}(${times}, (k) => ${run("k")}),`;
    });
    return [
      comment([
        "One step at the learning rate `rate`: each phase sees the weights that the one before has left, and its k-th run, " +
          "from 0, takes the k-th draws. Gives the values of all objectives and losses, of a repeated phase those of its " +
          "last run, for the caller to dispose.",
      ]),
      "export const step = (",
      "  nets: Networks,",
      "  memory: Memory,",
      "  draws: (k: number) => Draws,",
      "  rate: number,",
      `  ${this.chance}: (k: number) => Chance,`,
      "): Record<string, tf.Scalar> =>",
      "  tf.tidy(() => ({",
      ...runs,
      "  }));",
    ].join("\n");
  }
}
