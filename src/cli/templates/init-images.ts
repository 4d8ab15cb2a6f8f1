/**
 * Resolves the images for `ganc init`: which folders hold which domain, and what they can teach.
 */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import { printable } from "../../base/printable.js";
import { isImageName, isUnmeant } from "../../data/files/formats.js";
import { placed } from "../../data/images/part.js";
import { isAligned } from "../../data/sets/domain-folders.js";
import { type Kind, kinds } from "./index.js";

export interface PointedOptions {
  /** Folders, or `Domain=folder`. */
  readonly data: readonly string[];
  readonly domains?: readonly string[];
  readonly kind?: string;
}

export interface Pointed {
  readonly kind: Kind;
  /** As many as the kind needs. */
  readonly domains: readonly string[];
  /** The images: one root laid out as a data set, or a folder for each domain. */
  readonly root: string | Readonly<Record<string, string>>;
  /** Number of classes by which the images are filed; 0 if they are not. */
  readonly classes: number;
  /** Set if no kind was given: how the folders were interpreted, and how to choose otherwise. */
  readonly why: string | undefined;
}

const isName = (text: string): boolean => /^[A-Z]\w*$/.test(text) && text !== "Scores";

const isFolder = (path: string): boolean => {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
};

/** Lists a folder. Empty if it cannot be read; opening it will report that. */
const inside = (path: string): readonly string[] => {
  try {
    return readdirSync(path).filter((name) => !isUnmeant(name));
  } catch {
    return [];
  }
};

const foldersIn = (path: string): readonly string[] =>
  inside(path).filter((name) => isFolder(join(path, name)));

const holdsImages = (path: string): boolean =>
  inside(path).some((name) => isImageName(name) && !isFolder(join(path, name)));

/** Tells whether a folder is named like a split of a data set, not a domain or a class. */
const isSplit = (name: string): boolean => /^(train|test)/.test(name);

/** Matches names of splits. A class may also be called `train`, beside `bus` and `car`. */
const splitName = /^(train(ing)?|test(ing)?|val(id(ation)?)?|dev|eval(uation)?)$/i;

/**
 * Finds the training folder, of images or of class folders, in a folder with one for each split.
 */
const trainingFolder = (root: string): string | undefined => {
  const found = foldersIn(root);
  if (!found.every((name) => splitName.test(name))) return undefined;
  const train = found.find((name) => /^train/i.test(name));
  const path = join(root, train ?? "");
  return train !== undefined && (holdsImages(path) || foldersIn(path).length > 1)
    ? path
    : undefined;
};

/** Finds two domains in a folder of exactly two folders, whatever their names. */
const twoInside = (root: string): readonly string[] => {
  const found = foldersIn(root);
  return found.length === 2 && !found.some(isSplit)
    ? [...found].sort().map((name) => join(root, name))
    : [];
};

/** Guesses the kind from the folders if none was given. */
const kindName = (
  folders: readonly string[],
  domains: readonly string[] | undefined,
  isOfSplit: boolean,
): string => {
  const [only] = folders;
  if (folders.some((folder) => isAligned(folder) || placed(folder).part !== undefined))
    return folders.length === 2 || folders.some(isAligned) ? "pix2pix" : "dcgan";
  if (only === undefined || folders.length !== 1 || domains?.length === 2) return "cyclegan";
  // Domains have a folder for each split, `trainX`; below `train` images are filed by class.
  if (isOfSplit) return holdsImages(only) ? "dcgan" : "cgan";
  const found = foldersIn(only);
  if (found.some(isSplit) || ["X", "Y"].every((name) => found.includes(name))) return "cyclegan";
  if (holdsImages(only)) return "dcgan";
  return found.length > 2 || (found.length === 2 && domains?.length === 1) ? "cgan" : "cyclegan";
};

/** How the folders were interpreted, by the chosen kind. */
const reasons: Readonly<Record<string, string>> = {
  cyclegan: "Two sets of images were found, which need not be pairs",
  pix2pix: "Pairs of images were found",
  dcgan: "One folder of images was found",
  cgan: "A folder for each class was found",
};

const whyOf = ({ name }: Kind, folders: readonly string[], isOfSplit: boolean): string => {
  const inFolders =
    name !== "cgan" && folders.length === 1 && twoInside(folders[0] ?? "").length === 2;
  const split = isOfSplit
    ? ` Images are filed by split: those of ${printable(folders[0] ?? "")} are trained on.`
    : "";
  const classes = inFolders ? " If they are two classes of one set: --kind cgan --domains X." : "";
  const others = kinds.flatMap((kind) => (kind.name === name ? [] : [kind.name]));
  return `${reasons[name]}: so it is ${name}.${split}${classes} Otherwise: --kind ${others.join(", ")}.`;
};

const namesOf = (kind: Kind, names: readonly string[]): Either<string, readonly string[]> => {
  const what = `${kind.name}: ${kind.title}`;
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined) return left(`${twice} is named twice: each domain needs its own name`);
  if (names.length !== kind.domains)
    return left(
      kind.domains === 2
        ? `${what}; it has two domains: --domains X Y`
        : `${what}; it has one domain: --domains X`,
    );
  const wrong = names.find((name) => !isName(name));
  return wrong === undefined
    ? right(names)
    : left(
        `${wrong} is not the name of a domain: these begin with a capital letter, such as Photo`,
      );
};

/** Finds the images of two domains: under one folder, or in a folder each. */
const rootOfTwo = (
  folders: readonly string[],
  [x = "", y = ""]: readonly string[],
): Either<string, Pointed["root"]> => {
  const [only = ""] = folders;
  const isLaidOut = isFolder(join(only, x)) && isFolder(join(only, y));
  const both = folders.length === 1 && !isLaidOut ? twoInside(only) : folders;
  const [first, second] = both;
  if (both.length === 2 && first !== undefined && second !== undefined)
    return right({ [x]: first, [y]: second });
  return folders.length === 1
    ? right(only)
    : left("--data takes one folder, or two: --data X=FOLDER Y=FOLDER");
};

/** Finds the images of one domain: a folder of images, or of class folders. */
const rootOfOne = (
  folders: readonly string[],
  [x = ""]: readonly string[],
  kind: Kind,
): Either<string, Pointed["root"]> =>
  folders.length === 1
    ? right({ [x]: folders[0] ?? "" })
    : left(`${kind.name}: ${kind.title}; --data takes one folder: --data X=FOLDER`);

/**
 * Resolves the options. The left side says what is wrong with them. Does not check that images can
 * be read.
 */
export const pointed = ({
  data,
  domains,
  kind: asked,
}: PointedOptions): Either<string, Pointed> => {
  const named = data.map((word) => /^([A-Za-z_]\w*)=(.+)$/.exec(word));
  const isNamed = named.length > 0 && named.every((match) => match !== null);
  const words = isNamed ? named.map((match) => match?.[2] ?? "") : data;
  const training = words.length === 1 ? trainingFolder(words[0] ?? "") : undefined;
  const isOfSplit = training !== undefined;
  const folders = isOfSplit ? [training] : words;
  const given = domains ?? (isNamed ? named.map((match) => match?.[1] ?? "") : undefined);
  const name = asked ?? kindName(folders, given, isOfSplit);
  const kind = kinds.find((one) => one.name === name);
  if (kind === undefined) return left(`there is no kind ${name}`);
  const names = namesOf(kind, given ?? ["X", "Y"].slice(0, kind.domains));
  if (isLeft(names)) return names;
  const root =
    kind.domains === 2 ? rootOfTwo(folders, names.right) : rootOfOne(folders, names.right, kind);
  if (isLeft(root)) return root;
  const classes = kind.isOfClasses === true ? foldersIn(folders[0] ?? "").length : 0;
  if (kind.isOfClasses === true && classes < 2)
    return left(`${kind.name}: ${kind.title}; it needs a folder for each class in ${folders[0]}`);
  const why = asked === undefined ? whyOf(kind, folders, isOfSplit) : undefined;
  return right({ kind, domains: names.right, root: root.right, classes, why });
};
