/**
 * Data sets in folders of image files, laid out as the official CycleGAN data or as the user says.
 */

import { createHash } from "node:crypto";
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import { few } from "../../base/few.js";
import { printable, someOf } from "../../base/printable.js";
import { recordOf } from "../../base/record.js";
import type { DataError } from "../files/errors.js";
import { type DomainFolders, findFolders, namedFolders } from "./domain-folders.js";
import { type Folder, type Opening, openClasses, openFolder } from "./folder.js";
import type { Dataset, Remembered } from "./source.js";

/**
 * Checks that both splits have the same classes. A class is a position in the order of names, so
 * other names in the test split would mean other classes.
 */
const otherClasses = (train: Folder, test: Folder): Either<DataError, undefined> => {
  const [trained = [], tested = []] = [train.classes, test.classes];
  const other = tested.find((name, at) => name !== trained[at]);
  return other === undefined
    ? right(undefined)
    : left({
        kind: "wrong-classes",
        path: test.name,
        reason: `its sub-folders are ${tested.join(", ")}, and those of ${train.name} are ${trained.join(", ")}`,
        hint: "Call the sub-folder of each class the same in both.",
      });
};

const describeFolder = (domain: string, { size, name, classes, beside }: Folder): string =>
  [
    `${domain} ${size} images in ${printable(name)}`,
    ...(classes === undefined ? [] : [`(classes: ${someOf(classes, 20)})`]),
    ...beside.map((text) => `(${text})`),
  ].join(" ");

const describeSplit = (split: string, sources: Readonly<Record<string, Folder>>): string =>
  `${split}: ${Object.entries(sources)
    .map(([domain, folder]) => describeFolder(domain, folder))
    .join(", ")}`;

const hashOf = (splits: readonly Readonly<Record<string, Folder>>[]): string => {
  const hash = createHash("sha256");
  for (const [i, split] of splits.entries())
    for (const [domain, folder] of Object.entries(split))
      hash.update(JSON.stringify([i, domain, folder.inventory]));
  return hash.digest("hex");
};

/**
 * Tells whether every domain has test images, with notices if only some have, or their folders are
 * empty.
 */
const testSplit = (
  test: Readonly<Record<string, Folder>>,
  domains: readonly string[],
): { readonly isWhole: boolean; readonly notices: readonly string[] } => {
  const has = (domain: string): boolean => (test[domain]?.size ?? 0) > 0;
  const without = domains.filter((domain) => !has(domain));
  const empty = domains.flatMap((domain) => {
    const folder = test[domain];
    if (folder === undefined || folder.size > 0) return [];
    const instead = folder.beside.length === 0 ? "" : ` (${folder.beside.join("; ")})`;
    return [
      `${printable(folder.name)} holds no image${instead}: there are no test images of ${domain}.`,
    ];
  });
  const unused = domains.flatMap((domain) => {
    const folder = test[domain];
    return without.length === 0 || folder === undefined || !has(domain)
      ? []
      : [`${printable(folder.name)} is not used: there are no test images of ${few(without)}.`];
  });
  return { isWhole: without.length === 0, notices: [...empty, ...unused] };
};

/**
 * Opens a data set in folders. With one `root`: `trainX testX` by domain name, else `trainA testA
 * trainB testB …` in the order of the domains, else a folder with the domain's name. Or with a
 * folder for each domain, wherever it lies. Test folders are optional and may be empty; they are
 * used only if every domain has test images. `openFolder` and `openClasses` say which files count.
 * One image of each folder is decoded now; a folder without a readable image is an error. Other
 * broken files are reported when they are met.
 */
export const openFolders = async (
  root: string | DomainFolders,
  domains: readonly string[],
  /** Number of classes of each domain whose images are filed by class. */
  classes: Readonly<Record<string, number>> = {},
  /** What a resumed run remembers. */
  remembered: Remembered = { isOld: false },
): Promise<Either<DataError, Dataset>> => {
  const { isOld } = remembered;
  const open = (domain: string, path: string, isTest: boolean) => {
    const count = classes[domain];
    const images = isTest ? undefined : remembered.images?.[domain];
    const remains = { images, classes: remembered.classes?.[domain], isOld };
    const opening: Opening = { ...remains, mayBeEmpty: isTest };
    return count === undefined ? openFolder(path, opening) : openClasses(path, count, opening);
  };
  const folders =
    typeof root === "string" ? await findFolders(root, domains) : namedFolders(root, domains);
  if (isLeft(folders)) return folders;
  const train = recordOf<Folder>([]);
  const test = recordOf<Folder>([]);
  for (const [domain, paths] of Object.entries(folders.right)) {
    const opened = await open(domain, paths.train, false);
    if (isLeft(opened)) return opened;
    train[domain] = opened.right;
    if (paths.test === undefined) continue;
    const tested = await open(domain, paths.test, true);
    if (isLeft(tested)) return tested;
    const isSplit = tested.right.size > 0;
    const differing = isSplit ? otherClasses(opened.right, tested.right) : right(undefined);
    if (isLeft(differing)) return differing;
    test[domain] = tested.right;
  }
  const { isWhole, notices } = testSplit(test, domains);
  const splits = isWhole ? [train, test] : [train];
  return right({
    name:
      typeof root === "string"
        ? root
        : Object.values(train)
            .map((f) => f.name)
            .join(" + "),
    train,
    ...(isWhole ? { test } : {}),
    notices,
    describe: () =>
      domains.length === 0
        ? "no images: all that is drawn are numbers"
        : splits.map((split, i) => describeSplit(i === 0 ? "train" : "test", split)).join("\n"),
    hash: hashOf(splits),
  });
};
