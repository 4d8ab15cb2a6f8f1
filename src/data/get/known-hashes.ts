/**
 * Hashes of archives as this user first downloaded them. They reveal a later change even where none
 * are published.
 */
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { isRight } from "fp-ts/lib/Either.js";
import * as t from "io-ts";

const Known = t.record(t.string, t.type({ sha256: t.string, at: t.string }));

export type Known = t.TypeOf<typeof Known>;

/** Reads the recorded hashes by URL. Empty if the file is missing or damaged. */
export const readKnown = async (path: string): Promise<Known> => {
  try {
    const read = Known.decode(JSON.parse(await readFile(path, "utf8")));
    return isRight(read) ? read.right : {};
  } catch {
    return {};
  }
};

export const noteKnown = async (
  path: string,
  url: string,
  sha256: string,
  at: string,
): Promise<void> => {
  const known = { ...(await readKnown(path)), [url]: { sha256, at } };
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.unfinished`, `${JSON.stringify(known, undefined, 2)}\n`);
  await rename(`${path}.unfinished`, path);
};
