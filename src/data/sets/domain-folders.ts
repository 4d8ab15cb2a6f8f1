/**
 * Finds where the images of each domain lie: under one root by folder name, or as the user says.
 */

import { join } from "node:path";
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import { recordOf } from "../../base/record.js";
import type { DataError } from "../files/errors.js";
import { isFolderIn, listTree } from "../files/tree.js";

/** A folder for each domain, and optionally a folder of test images. */
export type DomainFolders = Readonly<Record<string, string | { train: string; test?: string }>>;

type Folders = Readonly<Record<string, { readonly train: string; readonly test?: string }>>;

const error = (
  kind: DataError["kind"],
  path: string,
  reason: string,
  hint: string,
): Either<DataError, never> => left({ kind, path, reason, hint });

/** Finds a folder, or a zip archive of that name. */
const placeOf = async (path: string): Promise<string | undefined> => {
  for (const candidate of [path, `${path}.zip`]) if (await isFolderIn(candidate)) return candidate;
  return undefined;
};

/**
 * Lists the names that a domain's folders may have under a root, best first: `trainA`, `trainX`,
 * `X`.
 */
const candidates = (domain: string, index: number): readonly (readonly [string, string])[] => {
  const letter = String.fromCharCode("A".charCodeAt(0) + index);
  return [
    [`train${domain}`, `test${domain}`],
    [`train${letter}`, `test${letter}`],
    [domain, `test${domain}`],
  ];
};

const findDomain = async (
  root: string,
  domain: string,
  index: number,
): Promise<Either<DataError, Folders[string]>> => {
  for (const [trained, tested] of candidates(domain, index)) {
    const train = await placeOf(join(root, trained));
    if (train === undefined) continue;
    const test = await placeOf(join(root, tested));
    return right({ train, ...(test === undefined ? {} : { test }) });
  }
  const wanted = candidates(domain, index).map(([train]) => train);
  const hint = `Put the training images of ${domain} into ${wanted[1]} (and test images into ${candidates(domain, index)[1]?.[1]}), or name a folder for each domain.`;
  const isOfSplits = (await placeOf(join(root, "train"))) !== undefined;
  return error(
    "missing-folder",
    root,
    `it has no folder for domain ${domain}: looked for ${[...new Set(wanted)].join(", ")}`,
    isOfSplits
      ? `${hint} If each picture in train holds both images side by side, write ${root}:AtoB, or ${root}:BtoA.`
      : hint,
  );
};

/** A folder of pictures that hold A on the left and B on the right. The first domain is A, or B. */
const aligned = /^(.+):(AtoB|BtoA)$/s;

/** Tells whether a folder is named as one of pictures with both partners: `facades:AtoB`. */
export const isAligned = (root: string): boolean => aligned.test(root);

/** The names of two domains without a spec, the one that is translated first. */
export const alignedDomains = (root: string): readonly string[] =>
  aligned.exec(root)?.[2] === "BtoA" ? ["B", "A"] : ["A", "B"];

/**
 * Finds the halves of such pictures: in `train` and `test`, or `val`, as the published sets have
 * them, or in the folder itself.
 */
const alignedFolders = async (
  root: string,
  domains: readonly string[],
): Promise<Either<DataError, Folders>> => {
  const path = aligned.exec(root)?.[1] ?? root;
  if (domains.length !== 2)
    return error(
      "wrong-domains",
      root,
      `its pictures hold two images side by side, and the spec draws images of ${domains.length === 0 ? "no domain" : domains.join(", ")}`,
      `Name the part of each domain: ${domains.map((name, i) => `${name}=${path}:${i + 1}of${domains.length}`).join(" ") || "none is needed"}.`,
    );
  const listed = await listTree(path);
  if (isLeft(listed)) return listed;
  const train = (await placeOf(join(path, "train"))) ?? path;
  const test = (await placeOf(join(path, "test"))) ?? (await placeOf(join(path, "val")));
  const found = domains.map((domain, i) => {
    const side = alignedDomains(root)[i] === "A" ? "left" : "right";
    const tested = test === undefined || train === path ? {} : { test: `${test}:${side}` };
    return [domain, { train: `${train}:${side}`, ...tested }] as const;
  });
  return right(recordOf(found));
};

/** Finds the folders of every domain under one root. */
export const findFolders = async (
  root: string,
  domains: readonly string[],
): Promise<Either<DataError, Folders>> => {
  if (isAligned(root)) return alignedFolders(root, domains);
  const listed = await listTree(root);
  if (isLeft(listed)) return listed;
  const found = recordOf<Folders[string]>([]);
  for (const [index, domain] of domains.entries()) {
    const folders = await findDomain(root, domain, index);
    if (isLeft(folders)) return folders;
    found[domain] = folders.right;
  }
  return right(found);
};

/** Checks the folders that the user named: one entry for each domain of the spec. */
export const namedFolders = (
  folders: DomainFolders,
  domains: readonly string[],
): Either<DataError, Folders> => {
  const missing = domains.filter((domain) => !(domain in folders));
  const extra = Object.keys(folders).filter((domain) => !domains.includes(domain));
  if (missing.length > 0 || extra.length > 0)
    return error(
      "wrong-domains",
      [...missing, ...extra].join(", "),
      missing.length > 0
        ? `no folder is named for domain ${missing.join(", ")}`
        : `the spec has no domain ${extra.join(", ")}`,
      `Name one folder for each of ${domains.join(", ")}.`,
    );
  return right(
    recordOf(
      domains.map((domain) => {
        const given = folders[domain] ?? "";
        return [domain, typeof given === "string" ? { train: given } : given];
      }),
    ),
  );
};
