/** Whether several processes, each with its share of a batch, can make the step of one. */
import type { Span } from "../../base/source.js";
import { layers } from "../../operators/layers.js";
import { firstBeyondMeans } from "../../program/means.js";
import type { Model } from "../../program/model.js";

/** The numbers in words: `2, 3 or 6`. */
const either = (numbers: readonly number[]): string =>
  [numbers.slice(0, -1).join(", "), ...numbers.slice(-1)]
    .filter((text) => text !== "")
    .join(" or ");

const indivisible = (batch: number, size: number): string => {
  const fitting = [Math.floor(batch / size) * size, Math.ceil(batch / size) * size];
  const batches = fitting.filter((value) => value > 0).map((value) => `\`batch: ${value}\``);
  const counts = Array.from({ length: batch }, (_, i) => i + 1).filter(
    (count) => batch % count === 0 && count > 1,
  );
  const others = counts.length === 0 ? "" : `, or start ${either(counts)} processes`;
  return `A batch of ${batch} cannot be shared by ${size} processes, which get the same number of samples each: write ${batches.join(" or ")}${others}.`;
};

/**
 * A layer whose output tells of the other samples of the batch. Norms are shared by the processes.
 */
const tellingOf = (networks: Model["networks"]): string | undefined =>
  networks
    .flatMap((network) => network.layers)
    .find(({ kind }) => layers.get(kind)?.mixesBatch === "told")?.kind;

/**
 * Why processes that each have a part of the batch cannot share the steps of a model, whatever
 * their number; undefined where they can.
 * @param processes them in words
 */
export const wholeBatchFault = (
  { players, domains, networks }: Pick<Model, "players" | "domains" | "networks">,
  processes: string,
  locate: (span: Span) => string,
): string | undefined => {
  const telling = tellingOf(networks);
  if (telling !== undefined)
    return `\`${telling}\` looks at samples of the whole batch together: ${processes}, each with a part of it, would train something else. Train this in one process.`;
  const beyond = firstBeyondMeans(
    players.flatMap(({ summands }) => summands.map(({ term }) => term)),
    domains,
  );
  return beyond === undefined
    ? undefined
    : `What stands at ${locate(beyond.span)} depends on an expectation of the whole batch by more than its share: ${processes}, each with a part of the batch, would train something else. Only sums of expectations, with constant factors, can be shared: train this in one process.`;
};

/**
 * Why so many processes cannot share the steps of a model, and what to do; undefined where they
 * can. One can do everything.
 */
export const sharingFault = (
  model: Pick<Model, "recipe" | "players" | "domains" | "networks">,
  size: number,
  locate: (span: Span) => string,
): string | undefined => {
  const { batch } = model.recipe;
  if (size === 1) return undefined;
  return batch % size === 0
    ? wholeBatchFault(model, `${size} processes`, locate)
    : indivisible(batch, size);
};
