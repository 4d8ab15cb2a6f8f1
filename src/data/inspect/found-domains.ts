/** Which domains a folder holds, where no spec says so: by how data sets are laid out. */
import { basename, join } from "node:path";
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import { recordOf } from "../../base/record.js";
import type { DataError } from "../errors.js";
import { openFolders } from "../folders.js";
import { listFolder } from "../listing.js";
import type { Dataset } from "../source.js";

/** What follows `train` in the names of a data set's folders. */
const trained = (folders: readonly string[]): readonly string[] =>
  folders.flatMap((name) => /^train(\w+)$/.exec(name)?.[1] ?? []);

/** Of folders by domain, those whose images are filed by class: how many classes each has. */
const classesIn = async (
  paths: Readonly<Record<string, string>>,
): Promise<Either<DataError, Readonly<Record<string, number>>>> => {
  const classes = recordOf<number>([]);
  for (const [domain, path] of Object.entries(paths)) {
    const listed = await listFolder(path);
    if (isLeft(listed)) return listed;
    const { images, folders } = listed.right;
    if (images.length === 0 && folders.length > 0) classes[domain] = folders.length;
  }
  return right(classes);
};

const openNamed = async (
  paths: Readonly<Record<string, string>>,
): Promise<Either<DataError, Dataset>> => {
  const classes = await classesIn(paths);
  return isLeft(classes) ? classes : openFolders(paths, Object.keys(paths), classes.right);
};

/** Under one root: `trainA trainB …`, domains called as what follows; else two folders, a domain each; else one domain. */
const openRoot = async (root: string): Promise<Either<DataError, Dataset>> => {
  const listed = await listFolder(root);
  if (isLeft(listed)) return listed;
  const { folders, images } = listed.right;
  const domains = trained(folders);
  if (domains.length > 0) {
    const classes = await classesIn(
      recordOf(domains.map((domain) => [domain, join(root, `train${domain}`)])),
    );
    return isLeft(classes) ? classes : openFolders(root, domains, classes.right);
  }
  const split = images.length === 0 && folders.length === 2 ? folders : undefined;
  return split === undefined
    ? openNamed({ [basename(root) || "images"]: root })
    : openNamed(recordOf(split.map((name) => [name, join(root, name)])));
};

/** Opens one folder, or a folder for each domain, to be looked through. */
export const openToInspect = async (
  where: string | Readonly<Record<string, string>>,
): Promise<Either<DataError, Dataset>> => {
  const opened = await (typeof where === "string" ? openRoot(where) : openNamed(where));
  if (isLeft(opened)) return opened;
  return Object.keys(opened.right.train).length > 0
    ? opened
    : left({
        kind: "wrong-domains",
        path: typeof where === "string" ? where : "--data",
        reason: "no folder of images is named",
        hint: "Name a folder, or X=FOLDER Y=FOLDER.",
      });
};
