/** `ganc run` in several processes: its options, and how it goes on where one is lost. */
import { type Command, InvalidArgumentError, Option } from "commander";
import { type Either, left, right } from "fp-ts/lib/Either.js";
import { PATIENCE } from "../../../engines/torch/world.js";
import type { EngineName, Sharing } from "../../../training/program/compiled.js";
import { count, positive } from "../options.js";

export interface SharingOptions {
  readonly nproc?: number;
  readonly nnodes?: number;
  readonly nodeRank?: number;
  readonly rdzv?: { readonly host: string; readonly port: number };
  readonly patience?: number;
  readonly restarts?: number;
}

/** Reads a whole number from 1. */
const several = (text: string): number => {
  const value = count(text);
  if (value < 1) throw new InvalidArgumentError("Not above 0.");
  return value;
};

/** Reads `host:29500`, or `[::1]:29500`. */
export const address = (text: string): { readonly host: string; readonly port: number } => {
  const [, host = "", port = ""] = /^(.+):(\d+)$/.exec(text) ?? [];
  if (host === "" || Number(port) > 65535)
    throw new InvalidArgumentError("It is no address: write HOST:PORT, such as first:29500.");
  return { host: host.replace(/^\[(.*)\]$/, "$1"), port: Number(port) };
};

/** Adds the options. */
export const withSharing = (command: Command): Command =>
  command
    .addOption(
      new Option(
        "--nproc <n>",
        "processes of PyTorch that share each batch (default: 1)",
      ).argParser(several),
    )
    .addOption(
      new Option("--nnodes <n>", "machines, each with --nproc processes (default: 1)").argParser(
        several,
      ),
    )
    .addOption(
      new Option(
        "--node-rank <n>",
        "number of this machine, from 0, which writes the run",
      ).argParser(count),
    )
    .addOption(
      new Option(
        "--rdzv <host:port>",
        "where the machine of number 0 waits for the others",
      ).argParser(address),
    )
    .addOption(
      new Option(
        "--patience <seconds>",
        `silence after which a process or a machine counts as lost (default: ${PATIENCE})`,
      ).argParser(positive),
    )
    .addOption(
      new Option(
        "--restarts <n>",
        "how often to go on from the newest checkpoint where a process is lost (default: 3, and 0 with one process)",
      ).argParser(count),
    );

/** The processes that the options ask for; undefined for one. The left side is wrong usage. */
export const sharingOf = (
  { nproc = 1, nnodes = 1, nodeRank = 0, rdzv, patience = PATIENCE }: SharingOptions,
  engine: EngineName,
): Either<string, Sharing | undefined> => {
  if (nnodes > 1 && rdzv === undefined)
    return left(
      "Say where the machines meet: --rdzv HOST:PORT, the same on all, with the address of the machine of number 0.",
    );
  if (nodeRank >= nnodes)
    return left(
      `There is no machine of number ${nodeRank} among ${nnodes}: --node-rank counts from 0, and --nnodes says how many there are.`,
    );
  if (nproc * nnodes === 1) return right(undefined);
  if (engine !== "torch")
    return left("Several processes share a batch on PyTorch only: add --engine torch.");
  return right({ nproc, nnodes, nodeRank, rdzv, patience });
};

/** How often a run begins anew from its newest checkpoint. */
export const restartsOf = ({ restarts }: SharingOptions, sharing: Sharing | undefined): number =>
  restarts ?? (sharing === undefined ? 0 : 3);
