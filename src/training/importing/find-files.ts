/** Finds the files to import: those that are named, and those of folders. */
import { readdir, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import { faultAt } from "../../data/files/regular-file.js";
import { officialName, type Part } from "../../weights/official/parts.js";

/** A file, and what its name or the user says that it holds. */
export interface Named {
  readonly path: string;
  /** The name of a network, as the user gave it: `NAME=FILE`. */
  readonly network?: string | undefined;
  /** The part that the file's name says. */
  readonly part?: Part | undefined;
}

/** Finds the newest file of each part in a folder. CUT's F is left out: only training needs it. */
const inFolder = async (path: string): Promise<Either<string, readonly Named[]>> => {
  const newest = new Map<Part, { readonly name: string; readonly epoch: number }>();
  const names = (await readdir(path)).sort();
  for (const name of names) {
    const found = officialName(name);
    if (found === undefined || found.part === "F") continue;
    const known = newest.get(found.part);
    if (known === undefined || known.epoch < found.epoch)
      newest.set(found.part, { name, epoch: found.epoch });
  }
  if (newest.size > 0)
    return right([...newest].map(([part, { name }]) => ({ path: join(path, name), part })));
  const others = names.filter((name) => /\.pth?$/.test(name));
  const such = others.length === 0 ? "no .pth file either" : `but ${others.slice(0, 3).join(", ")}`;
  return left(
    `holds no file named as latest_net_G_A.pth or latest_net_G.pth, ${such}: name the files themselves`,
  );
};

/** Matches `G=FILE`. */
const assignment = /^([A-Za-z_]\w*)=(.+)$/;

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

const findOne = async (word: string): Promise<Either<string, readonly Named[]>> => {
  const [, network, path] = assignment.exec(word) ?? [];
  if (network !== undefined && path !== undefined && !(await isThere(word)))
    return right([{ path, network }]);
  try {
    if ((await stat(word)).isDirectory()) {
      const found = await inFolder(word);
      return isLeft(found) ? left(`${word} ${found.left}`) : found;
    }
  } catch (thrown) {
    return left(`${word} ${await faultAt(word, thrown)}`);
  }
  const known = officialName(basename(word));
  return right([
    { path: word, part: known === undefined || known.part === "F" ? undefined : known.part },
  ]);
};

/**
 * Finds the files behind the words of the command: files, `NETWORK=FILE`, and folders of the
 * official code. The left side is a sentence without its full stop.
 */
export const findFiles = async (
  words: readonly string[],
): Promise<Either<string, readonly Named[]>> => {
  const all: Named[] = [];
  for (const word of words) {
    const found = await findOne(word);
    if (isLeft(found)) return found;
    all.push(...found.right);
  }
  return right(all);
};
