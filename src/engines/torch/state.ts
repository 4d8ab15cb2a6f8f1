/**
 * Where ganc's own environment of PyTorch is: a folder beside other downloads, and a small file
 * that names it. The file is replaced in one move, so the environment is the new one or the old.
 */
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as E from "fp-ts/lib/Either.js";
import * as t from "io-ts";
import { temporaryName } from "../tensorflow/cache.js";

const State = t.readonly(
  t.type({
    /** Name of the environment's folder. */
    folder: t.string,
    kind: t.keyof({ cpu: null, cuda: null }),
    /** Key of the list that it was installed from. */
    key: t.string,
  }),
);
export type State = t.TypeOf<typeof State>;

const PREFIX = "torch-engine-";
const stateFile = (cache: string): string => join(cache, "torch-engine.json");

/** Reads which environment is the engine's; undefined if there is none. */
export const readState = (cache: string): State | undefined => {
  try {
    const decoded = State.decode(JSON.parse(readFileSync(stateFile(cache), "utf8")));
    return E.isRight(decoded) ? decoded.right : undefined;
  } catch {
    return undefined;
  }
};

/** Writes a file completely or not at all. */
export const replaceFile = async (path: string, text: string): Promise<void> => {
  const aside = join(path, "..", temporaryName());
  try {
    await writeFile(aside, text);
    await rename(aside, path);
  } finally {
    await rm(aside, { force: true });
  }
};

export const writeState = async (cache: string, state: State): Promise<void> => {
  await mkdir(cache, { recursive: true });
  await replaceFile(stateFile(cache), `${JSON.stringify(state, undefined, 2)}\n`);
};

/** Tells whether a folder of the cache is an environment of the engine. */
export const isOwn = (folder: string): boolean => folder.startsWith(PREFIX);

/** A name that no other installation has. */
export const newFolder = (version: string, kind: State["kind"]): string =>
  `${PREFIX}${version}-${kind}-${randomBytes(4).toString("hex")}`;

/** The Python of an environment. */
export const pythonOf = (environment: string, platform: NodeJS.Platform): string =>
  platform === "win32"
    ? join(environment, "Scripts", "python.exe")
    : join(environment, "bin", "python");

/** Removes environments that the state does not name: of before, or of killed installations. */
export const removeOthers = async (cache: string): Promise<void> => {
  const current = readState(cache)?.folder;
  for (const name of await readdir(cache).catch(() => []))
    if (isOwn(name) && name !== current)
      await rm(join(cache, name), { recursive: true, force: true });
};
