/**
 * Runs the monitors of a training: their inputs, their messages, and their state in checkpoints.
 */

import { type Either, isLeft } from "fp-ts/lib/Either.js";
import * as t from "io-ts";
import { recordOf } from "../../base/record.js";
import { reasonOf } from "../../data/files/errors.js";
import type { TrainingError } from "../files/errors.js";
import type { Position } from "../program/schedule.js";
import { batchOf, explodedBefore, explosion, meaning, remedy } from "./explosion.js";
import { lookEvery } from "./look.js";
import type { Monitor, Picture, Seen, Setting, Step, Word } from "./monitor.js";
import { Spoken } from "./spoken.js";
import { monitors as table } from "./table.js";

/** The monitors' part of a checkpoint. */
const Kept = t.type({
  spoken: t.readonlyArray(Spoken),
  /** By monitor. */
  states: t.record(t.string, t.unknown),
});

/**
 * Reads the first step with spoilt weights from the monitors' part of a checkpoint. Undefined if no
 * loss exploded.
 */
export const explodedAt = (held: unknown): number | undefined => {
  const kept = Kept.decode(held);
  const word = isLeft(kept)
    ? undefined
    : kept.right.spoken.find(({ monitor }) => monitor === explosion.name);
  return word === undefined ? undefined : Math.max(0, word.step - explodedBefore);
};

export interface WatchOptions {
  readonly setting: Setting;
  /** Monitors that end the run. */
  readonly stopOn: readonly string[];
  /** The monitors' part of the checkpoint from which the run resumes. */
  readonly kept?: unknown;
  /** Messages from before that step, if the checkpoint records none. */
  readonly before?: readonly Spoken[];
  /** May throw; then images are not looked at any more. */
  readonly pictures: () => Promise<readonly Picture[]>;
  /** Writes all messages. */
  readonly write: (lines: readonly Spoken[]) => Promise<Either<TrainingError, unknown>>;
  /** Reports problems of the monitors themselves. */
  readonly notice: (error: TrainingError) => void;
  readonly monitors?: readonly Monitor<unknown>[];
}

/** The position after a step. */
type Place = Pick<Position, "step" | "epoch">;

/** What is broken after a step: a loss by name, or a parameter, and the images. */
export interface Broken {
  readonly what: string;
  readonly value: number;
  readonly files: readonly string[];
}

export class Watch {
  private spoken: readonly Spoken[];
  private readonly states = new Map<string, unknown>();
  /** Monitors that failed. */
  private readonly failed = new Set<string>();
  private readonly monitors: readonly Monitor<unknown>[];

  constructor(private readonly of: WatchOptions) {
    this.monitors = of.monitors ?? table;
    const kept = Kept.decode(of.kept);
    this.spoken = isLeft(kept) ? (of.before ?? []) : kept.right.spoken;
    for (const { name, codec } of this.monitors) {
      const state = isLeft(kept) ? kept : codec.decode(kept.right.states[name]);
      if (!isLeft(state)) this.states.set(name, state.right);
    }
  }

  /**
   * Called before the first step of this process: writes exactly the known messages, and asks
   * monitors for what they can tell already.
   */
  async begin(place: Place): Promise<readonly Spoken[]> {
    await this.write();
    return this.ask(place, ({ begin }, state) => ({ state, word: begin?.(this.of.setting) }));
  }

  /** Called after a step; `place` is the run's position then. */
  async step(step: Step, place: Place): Promise<readonly Spoken[]> {
    const { setting } = this.of;
    const said = await this.ask(
      place,
      (monitor, state) => monitor.step?.(state, step, setting) ?? { state },
    );
    if (place.step % lookEvery !== 0) return said;
    return [...said, ...(await this.look(place, step.rate))];
  }

  /** Called after a step with values that are not finite, which ends the run. */
  broken({ what, value, files }: Broken, place: Place): Promise<readonly Spoken[]> {
    return this.say(place, [
      {
        monitor: explosion.name,
        level: "stop",
        word: {
          saw: `${what} became ${value}.${batchOf(files)}`,
          means: meaning,
          write: remedy,
        },
      },
    ]);
  }

  /** Returns the monitors' part of a checkpoint. */
  kept(): unknown {
    return { spoken: this.spoken, states: recordOf(this.states) };
  }

  /** Whether a monitor that looks at images is still active. */
  private get isLooking(): boolean {
    return this.listening().some(({ look }) => look !== undefined);
  }

  private async look({ step, epoch }: Place, rate: number): Promise<readonly Spoken[]> {
    if (!this.isLooking) return [];
    const { setting, pictures, notice } = this.of;
    try {
      const look = { step, rate, pictures: await pictures() };
      return await this.ask({ step, epoch }, (monitor, state) =>
        monitor.look === undefined ? { state } : monitor.look(state, look, setting),
      );
    } catch (thrown) {
      for (const { name, look } of this.monitors) if (look !== undefined) this.failed.add(name);
      const reason = `The monitors no longer look at images: ${reasonOf(thrown)}`;
      notice({ kind: "engine", reason });
      return [];
    }
  }

  private listening(): readonly Monitor<unknown>[] {
    return this.monitors.filter(
      ({ name }) => !this.failed.has(name) && this.spoken.every(({ monitor }) => monitor !== name),
    );
  }

  private async ask(
    place: Place,
    show: (monitor: Monitor<unknown>, state: unknown) => Seen<unknown>,
  ): Promise<readonly Spoken[]> {
    const words: { monitor: string; level: Spoken["level"]; word: Word }[] = [];
    for (const monitor of this.listening()) {
      const { name, start } = monitor;
      try {
        const { state, word } = show(monitor, this.states.get(name) ?? start);
        // A monitor that has spoken needs no state.
        if (word === undefined) this.states.set(name, state);
        else this.states.delete(name);
        const level = this.of.stopOn.includes(name) ? "stop" : "warning";
        if (word !== undefined) words.push({ monitor: name, level, word });
      } catch (thrown) {
        this.failed.add(name);
        const reason = `The monitor ${name} failed, and is off: ${reasonOf(thrown)}`;
        this.of.notice({ kind: "engine", reason });
      }
    }
    return words.length === 0 ? [] : this.say(place, words);
  }

  private async say(
    { step, epoch }: Place,
    words: readonly { monitor: string; level: Spoken["level"]; word: Word }[],
  ): Promise<readonly Spoken[]> {
    const lines = words.map(({ monitor, level, word }): Spoken => {
      const { saw, means, write } = word;
      return { step, epoch, monitor, level, saw, means, write };
    });
    this.spoken = [...this.spoken, ...lines];
    await this.write();
    return lines;
  }

  private async write(): Promise<void> {
    const written = await this.of.write(this.spoken);
    if (isLeft(written)) this.of.notice(written.left);
  }
}
