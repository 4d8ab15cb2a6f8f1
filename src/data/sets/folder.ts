/**
 * One place as a source of images: all files in it, or those of its sub-folders, one class each.
 */
import { extname, join } from "node:path";
import { type Either, isLeft, isRight, left, mapLeft, right } from "fp-ts/lib/Either.js";
import { someOf } from "../../base/printable.js";
import type { BrokenImage, DataError, PassedOver } from "../files/errors.js";
import { formatNames } from "../files/formats.js";
import {
  brokenText,
  byName,
  byNumber,
  foldersText,
  type Listing,
  othersText,
} from "../files/listing.js";
import { listTree, readIn } from "../files/tree.js";
import { readImage } from "../images/decode.js";
import { inLevels } from "../images/numbers.js";
import { cutPart, type Part, partName, placed, placeText } from "../images/part.js";
import { type Gathered, gather, kindOf, labelsOf } from "./gather.js";
import { conversionTexts, takenNumbers } from "./looked-at.js";
import type { ImageFile, ImageSource } from "./source.js";

/** A source over the image files of one folder, with what a data set's hash and messages need. */
export interface Folder extends ImageSource {
  readonly since: readonly string[];
  file(i: number): ImageFile;
  /** `name size-in-bytes` of each file. */
  readonly inventory: readonly string[];
  readonly passed: readonly PassedOver[];
  readonly beside: readonly string[];
  /** Notes on how images are converted and how numbers are read; the last of `beside`. */
  readonly told: readonly string[];
  /** Names of the other contents: sub-folders and files with other endings. */
  readonly rest: Pick<Listing, "folders" | "others">;
}

/** Says what a place without images holds instead. */
const insteadOf = ({ rest: { folders, others, broken } }: Gathered): readonly string[] => [
  ...brokenText(broken),
  ...othersText(others),
  ...(folders.length === 0 ? [] : [`nor do its sub-folders: ${someOf(folders, 5)}`]),
];

const emptyWords: Readonly<Record<Gathered["kind"], readonly [string, string]>> = {
  folder: ["it holds no image", `Put images (${formatNames}) into this folder.`],
  pattern: [
    "no image matches it",
    "Check the pattern; `**` stands for any folders, `*` for a part of a name.",
  ],
  list: [
    "it names no image that is there",
    "Name image files, a line each, relative to the folder of this list.",
  ],
};

const emptyPlace = (path: string, gathered: Gathered): Either<DataError, never> => {
  const [what, hint] = emptyWords[gathered.kind];
  return left({
    kind: "empty-folder",
    path,
    reason: [what, ...insteadOf(gathered)].join("; "),
    hint,
  });
};

/**
 * Checks that one image is readable, so the folder is worth training on. Other broken files are met
 * as they are drawn.
 */
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

/** How to open a folder: a run that resumes remembers what it had, a new one remembers nothing. */
export interface Opening {
  /** Ids of the images. */
  readonly images?: readonly string[] | undefined;
  readonly classes?: readonly string[] | undefined;
  readonly isOld: boolean;
  /** Whether a folder without images is allowed, as for a test split. */
  readonly mayBeEmpty?: boolean | undefined;
}

/**
 * Writes `sub-folders too: a, b` and `named more than once: a.png`, or nothing if there are none.
 */
const gatheredText = ({ followed, again }: Gathered): readonly string[] => [
  ...(followed.length === 0 ? [] : [`sub-folders too: ${someOf(followed, 5)}`]),
  ...(again.length === 0 ? [] : [`named more than once, but used once: ${someOf(again)}`]),
];

/** Writes ` left` behind a file of whose pictures the left half is meant. */
const ofPart = (part: Part | undefined): string => (part === undefined ? "" : ` ${partName(part)}`);

/** Makes a source of the gathered images, or of the remembered ones. */
const asFolder = async (
  path: string,
  gathered: Gathered,
  { images: remembered, isOld, mayBeEmpty = false }: Opening,
  part?: Part,
): Promise<Either<DataError, Folder>> => {
  const { files, base, rest } = gathered;
  const names = remembered ?? files.map(({ id }) => id);
  const isEmpty = names.length === 0;
  if (isEmpty && !mayBeEmpty) return emptyPlace(path, gathered);
  const nameOf = (i: number): string => names[i] ?? "";
  const byId = new Map(files.map((file) => [file.id, file]));
  const pathOf = (id: string): string => byId.get(id)?.path ?? join(base, id);
  const own = new Set(names);
  // Images already found intact.
  const known = new Set<number>();
  let isUnit = false;
  const folder: Folder = {
    name: path,
    size: names.length,
    id: nameOf,
    file: (i) => {
      const at = pathOf(nameOf(i));
      const read = /\.zip[/\\]/i.test(at) ? { read: () => readIn(at) } : {};
      return { path: at, bytes: byId.get(nameOf(i))?.size, isUnit, part, ...read };
    },
    since: files.flatMap(({ id }) => (own.has(id) ? [] : [id])),
    load: async (i) => {
      const loaded = await readImage(pathOf(nameOf(i)), nameOf(i), known.has(i));
      if (isLeft(loaded)) return loaded;
      known.add(i);
      const cut = cutPart(loaded.right, part);
      const made = isUnit && isRight(cut) ? inLevels(cut.right, [0, 1]) : cut;
      return mapLeft((reason: string): BrokenImage => {
        return { kind: "broken-image", id: nameOf(i), path: pathOf(nameOf(i)), reason };
      })(made);
    },
    inventory: files.map(({ id, size }) => `${id} ${size}${ofPart(part)}`),
    passed: rest.broken.filter(({ name }) => !own.has(name)),
    beside: isEmpty
      ? insteadOf(gathered)
      : [
          ...gatheredText(gathered),
          ...(isOld ? foldersText(rest.folders) : []),
          ...othersText(rest.others),
        ],
    rest: { folders: rest.folders, others: rest.others },
    told: [],
  };
  if (isEmpty) return right(folder);
  const readable = await anyReadable(folder);
  if (isLeft(readable)) return readable;
  const told: string[] = [];
  const numbers = [".npy", ".tif", ".tiff"];
  if (names.some((name) => numbers.includes(extname(name).toLowerCase()))) {
    const taken = await takenNumbers(folder);
    isUnit = taken.isUnit;
    told.push(...taken.texts);
  }
  told.push(...(await conversionTexts(names.length, (i) => pathOf(nameOf(i)))));
  return right({ ...folder, told, beside: [...folder.beside, ...told] });
};

/**
 * Opens the images of a place: everything below a folder or in a zip archive, sorted by name; or
 * the matches of a pattern; or the files of a list; by `train:left` a part of each. A resumed run
 * opens only those that it remembers.
 */
export const openFolder = async (
  path: string,
  opening: Opening,
): Promise<Either<DataError, Folder>> => {
  const { path: at, part } = placed(path);
  const gathered = await gather(at, opening.isOld);
  return isLeft(gathered) ? gathered : asFolder(path, gathered.right, opening, part);
};

const subfoldersOf = (names: readonly string[]): string =>
  names.length === 0
    ? "no sub-folder"
    : `${names.length} sub-folder${names.length === 1 ? "" : "s"} (${someOf(names, 10)})`;

/** Lists the class folders in their order, and what lies beside them. */
const listClasses = async (
  path: string,
  classes: number,
  { classes: remembered, isOld, mayBeEmpty = false }: Opening,
): Promise<Either<DataError, Listing & { readonly names: readonly string[] }>> => {
  const listed = await listTree(path, isOld);
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
          reason: `it has ${subfoldersOf(names)}, but the run began with the classes ${someOf(remembered, 10)}`,
          hint: "Call the sub-folder of each class as it was.",
        });
  const broken = brokenText(listed.right.broken).map((text) => `; ${text}`);
  return left({
    kind: "wrong-classes",
    path,
    reason: `it has ${subfoldersOf(names)}, but the spec's labels are of ${classes} classes${broken.join("")}`,
    hint: "Put the images of each class into a sub-folder of its own, or set the number of classes.",
  });
};

/** Writes `images beside the class folders left out: a.png`, or nothing if there are none. */
const looseText = (images: readonly string[]): readonly string[] =>
  images.length === 0
    ? []
    : [
        `${images.length === 1 ? "1 image" : `${images.length} images`} beside the class folders left out: ${someOf(images)}`,
      ];

/** Filters ids to those of one class, and drops the class from them. */
const inside = (ids: readonly string[] | undefined, of: string): readonly string[] | undefined =>
  ids?.flatMap((id) => (id.startsWith(`${of}/`) ? [id.slice(of.length + 1)] : []));

interface Classes {
  readonly names: readonly string[];
  /** The images of each class. */
  readonly folders: readonly Folder[];
  /** Images beside the class folders. */
  readonly loose: readonly string[];
  readonly rest: Pick<Listing, "others" | "broken">;
}

/** Joins the images of all classes into one source. `isNamed`: whether ids start with the class. */
const joinClasses = (path: string, classes: Classes, isNamed: boolean): Folder => {
  const { names, folders, loose, rest } = classes;
  const all = folders.flatMap((folder, of) =>
    Array.from({ length: folder.size }, (_, i) => ({ folder, of, i })),
  );
  const inClass = (name: string, of: number): string => (isNamed ? `${names[of]}/${name}` : name);
  const within = (list: (folder: Folder) => readonly string[]): readonly string[] =>
    folders.flatMap((folder, of) => list(folder).map((name) => inClass(name, of)));
  const besides = {
    folders: within((folder) => folder.rest.folders),
    others: [...rest.others, ...within((folder) => folder.rest.others)],
  };
  return {
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
      ...rest.broken,
      ...folders.flatMap((folder, of) =>
        folder.passed.map(({ name, reason }) => ({ name: inClass(name, of), reason })),
      ),
    ],
    beside: [
      ...looseText(loose),
      ...othersText(besides.others),
      ...folders.flatMap((folder, of) => folder.told.map((text) => `${names[of]}: ${text}`)),
    ],
    told: [],
    rest: besides,
    classes: names,
  };
};

/** Opens a pattern or a list, whose files each have a class. */
const openLabelled = async (
  path: string,
  classes: number,
  gathered: Gathered,
  opening: Opening,
): Promise<Either<DataError, Folder>> => {
  const labels = labelsOf(path, gathered);
  if (isLeft(labels)) return labels;
  const names = opening.classes ?? [...labels.right.keys()].sort(byNumber);
  const isSame =
    names.length === labels.right.size && names.every((name) => labels.right.has(name));
  if (names.length !== classes || !isSame)
    return left({
      kind: "wrong-classes",
      path,
      reason: `its images are of ${labels.right.size} classes (${someOf([...labels.right.keys()], 10)}), but ${opening.classes === undefined ? `the spec's labels are of ${classes}` : `the run began with ${someOf(opening.classes, 10)}`}`,
      hint: "Give each image its class, or set the number of classes.",
    });
  const folders: Folder[] = [];
  for (const name of names) {
    const files = labels.right.get(name) ?? [];
    const own = new Set(files.map(({ id }) => id));
    const images = opening.images?.filter((id) => own.has(id));
    const ofClass: Gathered = {
      ...gathered,
      files,
      again: [],
      rest: { folders: [], others: [], broken: [] },
    };
    const opened = await asFolder(path, ofClass, { images, isOld: false }, placed(path).part);
    if (isLeft(opened)) return opened;
    folders.push(opened.right);
  }
  return right(joinClasses(path, { names, folders, loose: [], rest: gathered.rest }, false));
};

/**
 * Opens the images of each class, from sub-folders or a list, in the order of the classes' names or
 * in the remembered order.
 */
export const openClasses = async (
  path: string,
  classes: number,
  opening: Opening,
): Promise<Either<DataError, Folder>> => {
  const { path: at, part } = placed(path);
  const kind = await kindOf(at, opening.isOld);
  if (kind !== "folder") {
    const gathered = await gather(at, opening.isOld);
    return isLeft(gathered) ? gathered : openLabelled(path, classes, gathered.right, opening);
  }
  const listed = await listClasses(at, classes, opening);
  if (isLeft(listed)) return listed;
  const { names, images: loose, ...rest } = listed.right;
  const folders: Folder[] = [];
  for (const name of names) {
    const images = inside(opening.images, name);
    const { isOld, mayBeEmpty } = opening;
    const place = placeText({ path: join(at, name), ...(part === undefined ? {} : { part }) });
    const opened = await openFolder(place, { images, isOld, mayBeEmpty });
    if (isLeft(opened)) return opened;
    folders.push(opened.right);
  }
  const beside = loose.map((image) => image.name);
  return right(joinClasses(path, { names, folders, loose: beside, rest }, true));
};
