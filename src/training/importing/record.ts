/** `imported.json` in a run's folder: which files its first weights are of. */
import { join, resolve } from "node:path";
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import * as t from "io-ts";
import { recordOf } from "../../base/record.js";
import { missing, readRegularText } from "../../data/files/regular-file.js";
import { decodeJson } from "../files/decode.js";
import { jsonBytes } from "../files/disk.js";
import type { Source } from "./assign.js";

/** What was imported into a network. */
export interface Imported {
  readonly network: string;
  readonly source: Source;
}

export const recordName = "imported.json";

/** Matches the count of batches that PyTorch keeps beside running statistics. */
const counter = /num_batches_tracked$/;

const Record = t.type({
  format: t.literal(1),
  files: t.readonlyArray(
    t.type({
      network: t.string,
      path: t.string,
      sha256: t.string,
      /** Batches that PyTorch's batch norms had counted, by their names in the state. */
      batches: t.record(t.string, t.number),
    }),
  ),
});

export const encodeRecord = (imported: readonly Imported[]): readonly Uint8Array[] => {
  const record: t.TypeOf<typeof Record> = {
    format: 1,
    files: imported.map(({ network, source: { file, state } }) => ({
      network,
      path: resolve(file.path),
      sha256: file.sha256,
      batches: recordOf(
        [...state].flatMap(([name, tensor]) =>
          counter.test(name) ? [[name, tensor.exact()[0] ?? 0] as const] : [],
        ),
      ),
    })),
  };
  return jsonBytes(record);
};

/** Batches that were counted before the import: by network, then by their names in the state. */
export type Batches = ReadonlyMap<string, Readonly<Record<string, number>>>;

const mostBytes = 2 ** 24;

/** Reads the counts of batches; none for a run that was not imported. */
export const readBatches = async (run: string): Promise<Either<string, Batches>> => {
  const text = await readRegularText(join(run, recordName), mostBytes);
  if (isLeft(text)) return text.left === missing ? right(new Map()) : text;
  const found = decodeJson(Record, text.right);
  return isLeft(found)
    ? left("is damaged")
    : right(new Map(found.right.files.map(({ network, batches }) => [network, batches])));
};
