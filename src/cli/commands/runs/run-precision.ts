/** `ganc run` in bfloat16, compiled, or with channels last: what PyTorch alone can do. */
import type { Command } from "commander";
import { type Either, left, right } from "fp-ts/lib/Either.js";
import type { Precision } from "../../../contracts/session.js";
import type { EngineName } from "../../../training/program/compiled.js";

export interface PrecisionOptions {
  readonly bf16?: boolean;
  readonly compile?: boolean;
  readonly channelsLast?: boolean;
}

/** Adds the options. */
export const withPrecision = (command: Command): Command =>
  command
    .option(
      "--bf16",
      "with PyTorch: compute networks in bfloat16, their norms, losses and updates in float32",
    )
    .option(
      "--compile",
      "with PyTorch: compile networks, which takes a minute before the first step",
    )
    .option("--channels-last", "with PyTorch on a graphics card: lay images out as it likes them");

/** How PyTorch computes; undefined for float32 as written. The left side is wrong usage. */
export const precisionOf = (
  { bf16 = false, compile: compiled = false, channelsLast = false }: PrecisionOptions,
  engine: EngineName,
): Either<string, Precision | undefined> => {
  if (!bf16 && !compiled && !channelsLast) return right(undefined);
  const [option = ""] = [
    ...(bf16 ? ["--bf16"] : []),
    ...(compiled ? ["--compile"] : []),
    "--channels-last",
  ];
  return engine === "torch"
    ? right({ bf16, compiled, channelsLast })
    : left(`${option} is PyTorch's: add --engine torch, or leave it out.`);
};
