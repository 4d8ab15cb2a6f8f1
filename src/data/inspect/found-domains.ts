/** Finds the domains in a folder without a spec, by the usual layouts of data sets. */
import { join, parse } from "node:path";
import { type Either, isLeft, left } from "fp-ts/lib/Either.js";
import { recordOf } from "../../base/record.js";
import type { DataError } from "../files/errors.js";
import type { Listing } from "../files/listing.js";
import { isFolderIn, listTree } from "../files/tree.js";
import { placed } from "../images/part.js";
import { alignedDomains, isAligned } from "../sets/domain-folders.js";
import { openFolders } from "../sets/folders.js";
import type { Dataset } from "../sets/source.js";

/** Returns what follows `train` in the names of a data set's folders and archives. */
const trained = ({ folders, others }: Listing): readonly string[] => {
  const names = [...folders, ...others.filter((name) => /\.zip$/i.test(name))];
  return names.flatMap((name) => /^train(\w+)(?:\.zip)?$/i.exec(name)?.[1] ?? []);
};

const openNamed = (paths: Readonly<Record<string, string>>): Promise<Either<DataError, Dataset>> =>
  openFolders(paths, Object.keys(paths));

/**
 * Opens what lies under one root: the domains of `trainA trainB …`, else two folders as two
 * domains, else everything as one domain.
 */
const openRoot = async (root: string): Promise<Either<DataError, Dataset>> => {
  if (isAligned(root)) return openFolders(root, alignedDomains(root));
  const alone = { [parse(placed(root).path).name || "images"]: root };
  if (!(await isFolderIn(root))) return openNamed(alone);
  const listed = await listTree(root);
  if (isLeft(listed)) return listed;
  const { folders, images } = listed.right;
  const domains = trained(listed.right);
  if (domains.length > 0) return openFolders(root, [...new Set(domains)]);
  return images.length === 0 && folders.length === 2
    ? openNamed(recordOf(folders.map((name) => [name, join(root, name)])))
    : openNamed(alone);
};

/** Opens one folder, or a folder for each domain, for inspection. */
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
