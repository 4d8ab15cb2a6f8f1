/** Data sets in folders of image files, laid out as the official CycleGAN data are or as the user says. */
import { createHash } from "node:crypto";
import { type Dirent, promises as fs } from "node:fs";
import { extname, join } from "node:path";
import { type Either, isLeft, isRight, left, right } from "fp-ts/lib/Either.js";
import { type DataError, reasonOf } from "./errors.js";
import { readImage } from "./image.js";
import type { Dataset, ImageSource } from "./source.js";

const EXTENSIONS: ReadonlySet<string> = new Set([".jpg", ".jpeg", ".png", ".webp"]);

/** A folder for each domain, and where there is one a folder of test images. */
export type DomainFolders = Readonly<Record<string, string | { train: string; test?: string }>>;

type Folders = Readonly<Record<string, { readonly train: string; readonly test?: string }>>;

/** A source over the image files of one folder, with what naming the data takes. */
interface Folder extends ImageSource {
  /** `name size-in-bytes` of each file. */
  readonly inventory: readonly string[];
  /** Names of sub-folders, which are not followed. */
  readonly subfolders: readonly string[];
}

const error = (
  kind: DataError["kind"],
  path: string,
  reason: string,
  hint: string,
): Either<DataError, never> => left({ kind, path, reason, hint });

const folderFault = (path: string, thrown: unknown): Either<DataError, never> => {
  const code =
    typeof thrown === "object" && thrown !== null && "code" in thrown ? thrown.code : undefined;
  if (code === "ENOENT")
    return error("missing-folder", path, "there is no such folder", "Check the path.");
  if (code === "ENOTDIR")
    return error(
      "not-a-folder",
      path,
      "this is a file, not a folder",
      "Name the folder that holds the images.",
    );
  return error(
    "unreadable-folder",
    path,
    `the folder cannot be read: ${reasonOf(thrown)}`,
    "Check its permissions.",
  );
};

const isImage = (entry: Dirent): boolean =>
  !entry.name.startsWith(".") &&
  !entry.isDirectory() &&
  EXTENSIONS.has(extname(entry.name).toLowerCase());

/** By code unit, so that the order is the same in every locale. */
const byName = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** The first readable image says that the folder is worth training on; the rest are met as they are drawn. */
const anyReadable = async (source: ImageSource): Promise<Either<DataError, ImageSource>> => {
  let first: string | undefined;
  for (let i = 0; i < source.size; i++) {
    const loaded = await source.load(i);
    if (isRight(loaded)) return right(source);
    first ??= `${loaded.left.id}: ${loaded.left.reason}`;
  }
  return error(
    "no-readable-image",
    source.name,
    `none of its ${source.size} image files can be read (${first})`,
    "Convert the images to png or jpeg, or name another folder.",
  );
};

/** The images directly inside a folder, sorted by name; hidden files and sub-folders are passed over. */
export const openFolder = async (path: string): Promise<Either<DataError, Folder>> => {
  try {
    const entries = await fs.readdir(path, { withFileTypes: true });
    const names = entries
      .filter(isImage)
      .map((entry) => entry.name)
      .sort(byName);
    const subfolders = entries.filter((e) => e.isDirectory() && !e.name.startsWith("."));
    if (names.length === 0)
      return error(
        "empty-folder",
        path,
        `it holds no .jpg, .jpeg, .png or .webp file${subfolders.length > 0 ? `; sub-folders (${subfolders.length}) are not followed` : ""}`,
        "Put the images directly into this folder.",
      );
    const inventory = await Promise.all(
      names.map(async (name) => `${name} ${(await fs.stat(join(path, name))).size}`),
    );
    const folder: Folder = {
      name: path,
      size: names.length,
      id: (i) => names[i] ?? "",
      load: (i) => readImage(join(path, names[i] ?? ""), names[i] ?? ""),
      inventory,
      subfolders: subfolders.map((entry) => entry.name),
    };
    const readable = await anyReadable(folder);
    return isLeft(readable) ? readable : right(folder);
  } catch (thrown) {
    return folderFault(path, thrown);
  }
};

const subfoldersOf = (names: readonly string[]): string =>
  names.length === 0
    ? "no sub-folder"
    : `${names.length} sub-folder${names.length === 1 ? "" : "s"} (${names.join(", ")})`;

/** The images of each sub-folder, a class each, in the order of their names. */
const openClasses = async (path: string, classes: number): Promise<Either<DataError, Folder>> => {
  let names: readonly string[];
  try {
    const entries = await fs.readdir(path, { withFileTypes: true });
    names = entries
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith("."))
      .map((entry) => entry.name)
      .sort(byName);
  } catch (thrown) {
    return folderFault(path, thrown);
  }
  if (names.length !== classes)
    return error(
      "wrong-classes",
      path,
      `it has ${subfoldersOf(names)}, and the spec's labels are of ${classes} classes`,
      "Put the images of each class into a sub-folder of its own, or set the number of classes.",
    );
  const folders: Folder[] = [];
  for (const name of names) {
    const opened = await openFolder(join(path, name));
    if (isLeft(opened)) return opened;
    folders.push(opened.right);
  }
  const all = folders.flatMap((folder, of) =>
    Array.from({ length: folder.size }, (_, i) => ({ folder, of, i })),
  );
  const inClass = (name: string, of: number) => `${names[of]}/${name}`;
  return right({
    name: path,
    size: all.length,
    id: (i) => inClass(all[i]?.folder.id(all[i].i) ?? "", all[i]?.of ?? 0),
    classOf: (i) => all[i]?.of ?? 0,
    load: async (i) => {
      const at = all[i];
      const loaded = await (at?.folder ?? (folders[0] as Folder)).load(at?.i ?? 0);
      return isLeft(loaded)
        ? left({ ...loaded.left, id: inClass(loaded.left.id, at?.of ?? 0) })
        : loaded;
    },
    inventory: folders.flatMap((folder, of) => folder.inventory.map((line) => inClass(line, of))),
    subfolders: [],
    classes: names,
  });
};

const isFolder = async (path: string): Promise<boolean> => {
  try {
    return (await fs.stat(path)).isDirectory();
  } catch {
    return false;
  }
};

/** What a domain's folders may be called under a root, in the order of preference: `trainA`, `trainX`, `X`. */
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
  for (const [train, test] of candidates(domain, index))
    if (await isFolder(join(root, train)))
      return right({
        train: join(root, train),
        ...((await isFolder(join(root, test))) ? { test: join(root, test) } : {}),
      });
  const wanted = candidates(domain, index).map(([train]) => train);
  return error(
    "missing-folder",
    root,
    `it has no folder for domain ${domain}: looked for ${[...new Set(wanted)].join(", ")}`,
    `Put the training images of ${domain} into ${wanted[1]} (and test images into ${candidates(domain, index)[1]?.[1]}), or name a folder for each domain.`,
  );
};

/** The folders of every domain under one root. */
const findFolders = async (
  root: string,
  domains: readonly string[],
): Promise<Either<DataError, Folders>> => {
  try {
    await fs.readdir(root);
  } catch (thrown) {
    return folderFault(root, thrown);
  }
  const found: Record<string, Folders[string]> = {};
  for (const [index, domain] of domains.entries()) {
    const folders = await findDomain(root, domain, index);
    if (isLeft(folders)) return folders;
    found[domain] = folders.right;
  }
  return right(found);
};

/** The folders that the user named, one entry for each domain of the spec. */
const namedFolders = (
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
    Object.fromEntries(
      domains.map((domain) => {
        const given = folders[domain] ?? "";
        return [domain, typeof given === "string" ? { train: given } : given];
      }),
    ),
  );
};

/** A class is a place in the order of names: other names among the test images would be other classes. */
const otherClasses = (train: Folder, test: Folder): Either<DataError, undefined> => {
  const [trained = [], tested = []] = [train.classes, test.classes];
  const other = tested.find((name, at) => name !== trained[at]);
  return other === undefined
    ? right(undefined)
    : error(
        "wrong-classes",
        test.name,
        `its sub-folders are ${tested.join(", ")}, and those of ${train.name} are ${trained.join(", ")}`,
        "Call the sub-folder of each class the same in both.",
      );
};

const describeSplit = (split: string, sources: Readonly<Record<string, Folder>>): string =>
  `${split}: ${Object.entries(sources)
    .map(
      ([domain, { size, name, subfolders, classes }]) =>
        `${domain} ${size} images in ${name}${classes === undefined ? "" : ` (classes: ${classes.join(", ")})`}${subfolders.length > 0 ? ` (sub-folders not followed: ${subfolders.join(", ")})` : ""}`,
    )
    .join(", ")}`;

const hashOf = (splits: readonly Readonly<Record<string, Folder>>[]): string => {
  const hash = createHash("sha256");
  for (const [i, split] of splits.entries())
    for (const [domain, folder] of Object.entries(split))
      hash.update(JSON.stringify([i, domain, folder.inventory]));
  return hash.digest("hex");
};

/**
 * A data set in folders. With one `root`: `trainX testX` by domain name, else `trainA testA trainB testB …` in the
 * order of the domains, else a folder of the domain's name. Or with a folder for each domain, wherever it lies. Test
 * folders are optional, but either every domain has one or none is used. jpg, jpeg, png and webp files directly inside,
 * sorted by name; sub-folders are not followed, hidden files are ignored. One image of each folder is decoded now; a
 * folder without a single readable image is an error, and other broken files are named when they are met.
 */
export const openFolders = async (
  root: string | DomainFolders,
  domains: readonly string[],
  /** Of each domain whose images are filed by class: how many classes there are. */
  classes: Readonly<Record<string, number>> = {},
): Promise<Either<DataError, Dataset>> => {
  const open = (domain: string, path: string): Promise<Either<DataError, Folder>> => {
    const count = classes[domain];
    return count === undefined ? openFolder(path) : openClasses(path, count);
  };
  const folders =
    typeof root === "string" ? await findFolders(root, domains) : namedFolders(root, domains);
  if (isLeft(folders)) return folders;
  const train: Record<string, Folder> = {};
  const test: Record<string, Folder> = {};
  for (const [domain, paths] of Object.entries(folders.right)) {
    const opened = await open(domain, paths.train);
    if (isLeft(opened)) return opened;
    train[domain] = opened.right;
    if (paths.test === undefined) continue;
    const tested = await open(domain, paths.test);
    if (isLeft(tested)) return tested;
    const differing = otherClasses(opened.right, tested.right);
    if (isLeft(differing)) return differing;
    test[domain] = tested.right;
  }
  const tested = domains.every((domain) => domain in test);
  const splits = tested ? [train, test] : [train];
  return right({
    name:
      typeof root === "string"
        ? root
        : Object.values(train)
            .map((f) => f.name)
            .join(" + "),
    train,
    ...(tested ? { test } : {}),
    describe: () =>
      domains.length === 0
        ? "no images: all that is drawn are numbers"
        : splits.map((split, i) => describeSplit(i === 0 ? "train" : "test", split)).join("\n"),
    hash: hashOf(splits),
  });
};
