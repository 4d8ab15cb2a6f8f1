/**
 * `step-00001000.json`: the position of a run at a checkpoint, and the fingerprint of its tensors.
 */
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import * as t from "io-ts";
import type { Plateau } from "../../program/plateau.js";
import { Duration, decodeFormat, decodeSealed, Natural, Positive, seal } from "../files/decode.js";
import { jsonBytes, type Written } from "../files/disk.js";
import type { Position } from "../program/schedule.js";
import { type Measured, MeasuredCodec } from "./keep.js";

const PlateauCodec = t.intersection([
  t.type({ falls: t.readonlyArray(Natural), since: Natural }),
  t.partial({ best: t.union([t.undefined, MeasuredCodec]) }),
]);

const fields = {
  /** The run's own name, from its manifest. */
  run: t.string,
  /** Fingerprint of the run's spec. */
  spec: t.string,
  epoch: Natural,
  stepInEpoch: Natural,
  step: Natural,
  elapsed: Duration,
  tensors: t.type({ file: t.string, bytes: Natural, sha256: t.string }),
  engine: t.string,
};

/**
 * The format of earlier versions of ganc: without a fingerprint, so the manifest has to vouch for
 * the position.
 */
const Unsealed = t.type({ format: t.literal(1), ...fields });

const Sealed = t.type({
  format: t.literal(2),
  ...fields,
  seed: Natural,
  /** For the images used from then on. The manifest has the value at the beginning of the run. */
  stepsPerEpoch: Positive,
  /** Fingerprint of the lines of `metrics.jsonl` at that time. Older runs have none. */
  log: t.union([t.undefined, t.string]),
  /** Measurement, if the run was measured at this step. */
  measured: t.union([t.undefined, MeasuredCodec]),
  /** State of the monitors. They decide themselves what they can use of it. */
  monitors: t.unknown,
  /** What a schedule that goes by scores remembers of them. */
  plateau: t.union([t.undefined, PlateauCodec]),
});

/** What ties a checkpoint to its run, from the manifest. */
export interface Belonging {
  readonly run: string;
  /** Fingerprint of the spec that trains now. */
  readonly spec: string;
  /** Fingerprints of earlier specs, with the run's steps when each began and ended. */
  readonly past?: readonly { readonly spec: string; readonly from: number; readonly to: number }[];
  readonly seed: number;
  readonly stepsPerEpoch: number;
  /**
   * Whether all checkpoints have a fingerprint. False for runs that earlier versions of ganc began.
   */
  readonly isSealed: boolean;
}

/** The contents of a checkpoint without its tensors. */
export interface Counters {
  readonly position: Position;
  readonly stepsPerEpoch: number;
  readonly tensors: Written & { readonly file: string };
  readonly engine: string;
  /** Fingerprint of the log of the steps before. */
  readonly log: string | undefined;
  readonly measured: Measured | undefined;
  readonly monitors?: unknown;
  readonly plateau?: Plateau | undefined;
}

export const encodeCounters = (
  { run, spec, seed }: Pick<Belonging, "run" | "spec" | "seed">,
  { position, stepsPerEpoch, tensors, engine, log, measured, monitors, plateau }: Counters,
): readonly Uint8Array[] => {
  const { epoch, stepInEpoch, step, elapsed } = position;
  const place = { epoch, stepInEpoch, step, elapsed, seed, stepsPerEpoch };
  const counters: t.TypeOf<typeof Sealed> = {
    format: 2,
    run,
    spec,
    ...place,
    tensors,
    engine,
    log,
    measured,
    monitors,
    plateau,
  };
  return jsonBytes(seal(counters));
};

/**
 * Tells whether a position can occur: every past epoch has at least one step, and the current one
 * is not complete.
 */
const isPossible = ({ epoch, stepInEpoch, step }: Position, stepsPerEpoch: number): boolean =>
  stepInEpoch < stepsPerEpoch && epoch + stepInEpoch <= step;

const positionFault = (
  position: Position,
  stepsPerEpoch: number,
  isSealed: boolean,
): string | undefined => {
  const { epoch, stepInEpoch, step } = position;
  // A resumed run may have more or fewer images; the format without a fingerprint does not record
  // that.
  const fits = isSealed
    ? isPossible(position, stepsPerEpoch)
    : stepInEpoch < stepsPerEpoch && step === epoch * stepsPerEpoch + stepInEpoch;
  return fits
    ? undefined
    : `is damaged: after ${step} steps no run of ${stepsPerEpoch} steps an epoch is at step ${stepInEpoch} of epoch ${epoch}`;
};

/** Tells whether the spec with that fingerprint trained the run to step `step`. */
const isOf = (spec: string, { spec: now, past = [] }: Belonging, step: number): boolean =>
  (spec === now && step >= (past.at(-1)?.to ?? 0)) ||
  past.some((one) => one.spec === spec && one.from <= step && step <= one.to);

/**
 * Reads the counters of step `step` and checks that they belong to the run. The left side completes
 * a sentence that begins with the file's name.
 */
export const decodeCounters = (
  text: string,
  belonging: Belonging,
  step: number,
): Either<string, Counters> => {
  const format = decodeFormat(text, [1, 2]);
  if (isLeft(format)) return format;
  const isSealed = belonging.isSealed || format.right !== 1;
  const found = isSealed ? decodeSealed(Sealed, text, false) : decodeSealed(Unsealed, text, true);
  if (isLeft(found)) return found;
  const { run, spec, tensors, engine, ...counted } = found.right;
  if (run !== belonging.run) return left("belongs to another run");
  if (!isOf(spec, belonging, step)) return left("was made by another spec than the run's");
  if (counted.step !== step) return left("was renamed");
  if ("seed" in counted && counted.seed !== belonging.seed)
    return left(`was made with seed ${counted.seed}, and the manifest says ${belonging.seed}`);
  const position = { epoch: counted.epoch, stepInEpoch: counted.stepInEpoch, step };
  const { stepsPerEpoch } = "stepsPerEpoch" in counted ? counted : belonging;
  const whole = { ...position, elapsed: counted.elapsed };
  const fault = positionFault(whole, stepsPerEpoch, isSealed);
  const log = "log" in counted ? counted.log : undefined;
  const measured = "measured" in counted ? counted.measured : undefined;
  const monitors = "monitors" in counted ? counted.monitors : undefined;
  const plateau = "plateau" in counted ? counted.plateau : undefined;
  return fault === undefined
    ? right({ position: whole, stepsPerEpoch, tensors, engine, log, measured, monitors, plateau })
    : left(fault);
};
