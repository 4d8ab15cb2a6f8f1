/** One folder as a source of images: those directly inside, or those of its sub-folders, a class each. */
import { join } from "node:path";
import { type Either, isLeft, isRight, left, right } from "fp-ts/lib/Either.js";
import { someOf } from "../base/printable.js";
import { readImage } from "./decode.js";
import type { DataError, PassedOver } from "./errors.js";
import { formatNames } from "./formats.js";
import {
  brokenText,
  byName,
  byNumber,
  foldersText,
  type Listing,
  listFolder,
  othersText,
} from "./listing.js";
import type { ImageFile, ImageSource } from "./source.js";

/** A source over the image files of one folder, with what naming the data takes. */
export interface Folder extends ImageSource {
  readonly since: readonly string[];
  file(i: number): ImageFile;
  /** `name size-in-bytes` of each file. */
  readonly inventory: readonly string[];
  readonly passed: readonly PassedOver[];
  readonly beside: readonly string[];
  /** Names of what else lies in it, its sub-folders and files that are called otherwise. */
  readonly rest: Pick<Listing, "folders" | "others">;
}

/** What a folder without images holds instead. */
const insteadOf = ({ folders, others, broken }: Listing): readonly string[] => [
  ...brokenText(broken),
  ...othersText(others),
  ...foldersText(folders),
];

const emptyFolder = (path: string, listing: Listing): Either<DataError, never> =>
  left({
    kind: "empty-folder",
    path,
    reason: ["it holds no image", ...insteadOf(listing)].join("; "),
    hint: `Put images (${formatNames}) directly into this folder.`,
  });

/** The first readable image says that the folder is worth training on; the rest are met as they are drawn. */
const anyReadable = async (source: ImageSource): Promise<Either<DataError, ImageSource>> => {
  let first: string | undefined;
  for (let i = 0; i < source.size; i++) {
    const loaded = await source.load(i);
    if (isRight(loaded)) return right(source);
    first ??= `${loaded.left.id}: ${loaded.left.reason}`;
  }
  return left({
    kind: "no-readable-image",
    path: source.name,
    reason: `none of its ${source.size} image files can be read (${first})`,
    hint: `Convert the images to PNG or JPEG, or name another folder.`,
  });
};

/** How a folder is opened for a run that goes on; for a new one, nothing is known. */
export interface Opening {
  /** Ids of the images. */
  readonly images?: readonly string[] | undefined;
  readonly classes?: readonly string[] | undefined;
  readonly isOld: boolean;
  /** Whether a folder without images is a source of none, as the folder of a test split may be. */
  readonly mayBeEmpty?: boolean | undefined;
}

/**
 * The images directly inside a folder, sorted by name, or those that are remembered; hidden files and sub-folders are passed
 * over.
 */
export const openFolder = async (
  path: string,
  { images: remembered, isOld, mayBeEmpty = false }: Opening,
): Promise<Either<DataError, Folder>> => {
  const listed = await listFolder(path, isOld);
  if (isLeft(listed)) return listed;
  const { images, folders, others, broken } = listed.right;
  const names = remembered ?? images.map(({ name }) => name);
  const isEmpty = names.length === 0;
  if (isEmpty && !mayBeEmpty) return emptyFolder(path, listed.right);
  const nameOf = (i: number): string => names[i] ?? "";
  const bytes = new Map(images.map(({ name, size }) => [name, size]));
  const own = new Set(names);
  // Of these it was seen that they are whole.
  const known = new Set<number>();
  const folder: Folder = {
    name: path,
    size: names.length,
    id: nameOf,
    file: (i) => ({ path: join(path, nameOf(i)), bytes: bytes.get(nameOf(i)) }),
    since: images.flatMap(({ name }) => (own.has(name) ? [] : [name])),
    load: async (i) => {
      const loaded = await readImage(join(path, nameOf(i)), nameOf(i), known.has(i));
      if (isRight(loaded)) known.add(i);
      return loaded;
    },
    inventory: images.map(({ name, size }) => `${name} ${size}`),
    passed: broken.filter(({ name }) => !own.has(name)),
    beside: isEmpty ? insteadOf(listed.right) : [...foldersText(folders), ...othersText(others)],
    rest: { folders, others },
  };
  if (isEmpty) return right(folder);
  const readable = await anyReadable(folder);
  return isLeft(readable) ? readable : right(folder);
};

const subfoldersOf = (names: readonly string[]): string =>
  names.length === 0
    ? "no sub-folder"
    : `${names.length} sub-folder${names.length === 1 ? "" : "s"} (${someOf(names, 10)})`;

/** The folders of the classes in their order, and what lies beside them. */
const listClasses = async (
  path: string,
  classes: number,
  { classes: remembered, isOld, mayBeEmpty = false }: Opening,
): Promise<Either<DataError, Listing & { readonly names: readonly string[] }>> => {
  const listed = await listFolder(path, isOld);
  if (isLeft(listed)) return listed;
  const names = [...listed.right.folders].sort(isOld ? byName : byNumber);
  if (mayBeEmpty && names.length + listed.right.images.length === 0)
    return right({ ...listed.right, names });
  if (names.length === classes)
    return remembered === undefined ||
      [...remembered].sort().join("/") === [...names].sort().join("/")
      ? right({ ...listed.right, names: remembered ?? names })
      : left({
          kind: "wrong-classes",
          path,
          reason: `it has ${subfoldersOf(names)}, and the run began with the classes ${someOf(remembered, 10)}`,
          hint: "Call the sub-folder of each class as it was.",
        });
  const broken = brokenText(listed.right.broken).map((text) => `; ${text}`);
  return left({
    kind: "wrong-classes",
    path,
    reason: `it has ${subfoldersOf(names)}, and the spec's labels are of ${classes} classes${broken.join("")}`,
    hint: "Put the images of each class into a sub-folder of its own, or set the number of classes.",
  });
};

/** `images beside the class folders left out: a.png`; nothing where there are none. */
const looseText = ({ images }: Listing): readonly string[] =>
  images.length === 0
    ? []
    : [
        `${images.length === 1 ? "1 image" : `${images.length} images`} beside the class folders left out: ${someOf(images.map(({ name }) => name))}`,
      ];

/** Of ids of images in classes, those of one class, without its name. */
const inside = (ids: readonly string[] | undefined, of: string): readonly string[] | undefined =>
  ids?.flatMap((id) => (id.startsWith(`${of}/`) ? [id.slice(of.length + 1)] : []));

/** The images of each sub-folder, a class each, in the order of their names, or as it is remembered. */
export const openClasses = async (
  path: string,
  classes: number,
  opening: Opening,
): Promise<Either<DataError, Folder>> => {
  const listed = await listClasses(path, classes, opening);
  if (isLeft(listed)) return listed;
  const { names, broken } = listed.right;
  const folders: Folder[] = [];
  for (const name of names) {
    const images = inside(opening.images, name);
    const { isOld, mayBeEmpty } = opening;
    const opened = await openFolder(join(path, name), { images, isOld, mayBeEmpty });
    if (isLeft(opened)) return opened;
    folders.push(opened.right);
  }
  const all = folders.flatMap((folder, of) =>
    Array.from({ length: folder.size }, (_, i) => ({ folder, of, i })),
  );
  const inClass = (name: string, of: number): string => `${names[of]}/${name}`;
  const within = (list: (folder: Folder) => readonly string[]): readonly string[] =>
    folders.flatMap((folder, of) => list(folder).map((name) => inClass(name, of)));
  const rest = {
    folders: within((folder) => folder.rest.folders),
    others: [...listed.right.others, ...within((folder) => folder.rest.others)],
  };
  return right({
    name: path,
    size: all.length,
    id: (i) => inClass(all[i]?.folder.id(all[i].i) ?? "", all[i]?.of ?? 0),
    classOf: (i) => all[i]?.of ?? 0,
    file: (i) => all[i]?.folder.file(all[i].i) ?? { path, bytes: undefined },
    since: within((folder) => folder.since),
    load: async (i) => {
      const at = all[i];
      const loaded = await (at?.folder ?? (folders[0] as Folder)).load(at?.i ?? 0);
      return isLeft(loaded)
        ? left({ ...loaded.left, id: inClass(loaded.left.id, at?.of ?? 0) })
        : loaded;
    },
    inventory: within((folder) => folder.inventory),
    passed: [
      ...broken,
      ...folders.flatMap((folder, of) =>
        folder.passed.map(({ name, reason }) => ({ name: inClass(name, of), reason })),
      ),
    ],
    beside: [...looseText(listed.right), ...foldersText(rest.folders), ...othersText(rest.others)],
    rest,
    classes: names,
  });
};
