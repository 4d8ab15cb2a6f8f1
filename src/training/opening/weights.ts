/**
 * Loads initial weights of networks: from files of tensors by the names of the state, from those of
 * PyTorch layer by layer.
 */
import { basename } from "node:path";
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import { few } from "../../base/few.js";
import { nearest } from "../../base/suggest.js";
import type { Session } from "../../contracts/session.js";
import type { HostTensor, State } from "../../contracts/tensor.js";
import { missing, openRegular, readingFault } from "../../data/files/regular-file.js";
import { thisMachine } from "../../engines/tensorflow/machine.js";
import { pathIn, published, publishedAs } from "../../engines/weights/published.js";
import { fitBeginning } from "../../weights/fit.js";
import { looksLikePth } from "../../weights/pth.js";
import type { TrainingError } from "../files/errors.js";
import { readState } from "../files/read-state.js";
import { readTensors } from "../files/read-tensors.js";
import type { NetworkInfo, SpecProgram } from "../program/program.js";
import { nonFinite } from "../program/state.js";
import type { WeightsFile } from "../run-directory/manifest.js";

/** Most names that a message lists. */
const shown = 5;

const listed = (names: readonly string[]): string => few(names, shown);

const shapeText = (shape: readonly number[]): string => `[${shape.join(", ")}]`;

/**
 * Returns the network's parameters and running statistics from the file, by their names in the
 * state. The left side is the fault, as the end of a sentence that begins with the file's name.
 */
const weightsOf = (
  { name: network, parameters, statistics = [] }: NetworkInfo,
  tensors: State,
): Either<string, readonly (readonly [string, HostTensor])[]> => {
  const wanted = [
    ...parameters.map(({ name, shape }) => ({ name: `param/${name}`, shape })),
    ...statistics.map(({ name, shape }) => ({ name: `buffer/${name}`, shape })),
  ];
  const found = wanted.flatMap(({ name, shape }) => {
    const tensor = tensors.get(name);
    return tensor === undefined ? [] : [{ name, shape, tensor }];
  });
  if (found.length < wanted.length) {
    const missing = wanted
      .filter(({ name }) => !tensors.has(name))
      .map(({ name, shape }) => `${name} ${shapeText(shape)}`);
    const there = [...tensors].map(([name, { shape }]) => `${name} ${shapeText(shape)}`);
    return left(
      `lacks weights of ${network}: ${listed(missing)}.\nIt has ${there.length === 0 ? "none at all" : listed(there)}.`,
    );
  }
  const odd = found.find(({ shape, tensor }) => shape.join() !== tensor.shape.join());
  if (odd !== undefined)
    return left(
      `has ${odd.name} as ${shapeText(odd.tensor.shape)}, and the layer of ${network} takes ${shapeText(odd.shape)}`,
    );
  const broken = nonFinite(new Map(found.map(({ name, tensor }) => [name, tensor])));
  return broken === undefined
    ? right(found.map(({ name, tensor }) => [name, tensor] as const))
    : left(`holds ${broken.value} in ${broken.what}`);
};

/** Tells how to get weights that are not there: by their name, or by one that may be meant. */
const getting = (path: string, name: string | undefined): readonly string[] => {
  if (name !== undefined) return [`\`ganc weights get ${name}\` downloads it.`];
  const meant = nearest(
    basename(path),
    published.map((one) => one.name),
  );
  return meant === undefined
    ? []
    : [`Published weights are named "${meant.name}": are they meant?`];
};

/** Makes an error with the place in the spec that names the file. */
const wrongFile = (
  { name, published: publishedName, weightsPlace }: NetworkInfo,
  path: string,
  reason: string,
): TrainingError => ({
  kind: "file",
  path,
  reason: [
    reason,
    ...(weightsPlace === undefined
      ? []
      : [`The first weights of ${name} come from it, by \`from\` at ${weightsPlace}.`]),
    ...(reason === missing ? getting(path, publishedName) : []),
  ].join("\n"),
});

/** The weights of a network, and what their file is. */
interface Found {
  readonly tensors: readonly (readonly [string, HostTensor])[];
  readonly sha256: string;
  /** The first module of the file that the network does not take. */
  readonly rest?: string | undefined;
}

/** Tells whether a file is PyTorch's; those of tensors may begin as its pickles do. */
const isPytorchs = async (path: string): Promise<Either<string, boolean>> => {
  const opened = await openRegular(path);
  if (isLeft(opened)) return opened;
  const { handle } = opened.right;
  try {
    const first = new Uint8Array(9);
    await handle.read(first, 0, first.length, 0);
    return right(looksLikePth(first) && first[8] !== "{".charCodeAt(0));
  } catch (thrown) {
    return left(readingFault(thrown));
  } finally {
    await handle.close().catch(() => undefined);
  }
};

/** Reads what the file of a network's weights holds for it. */
const findWeights = async (info: NetworkInfo, path: string): Promise<Either<string, Found>> => {
  const isPth = await isPytorchs(path);
  if (isLeft(isPth)) return isPth;
  const { name, spots } = info;
  if (isPth.right && spots !== undefined) {
    const file = await readState(path);
    if (isLeft(file)) return file;
    const fitted = fitBeginning(file.right.state, { name, spots });
    if (isLeft(fitted)) return left(fitted.left.reason);
    const { entries, rest } = fitted.right;
    const tensors = weightsOf(info, entries);
    return isLeft(tensors)
      ? tensors
      : right({ tensors: tensors.right, sha256: file.right.sha256, rest });
  }
  const contents = await readTensors(path);
  if (isLeft(contents)) return contents;
  const tensors = weightsOf(info, contents.right.tensors);
  return isLeft(tensors)
    ? tensors
    : right({ tensors: tensors.right, sha256: contents.right.sha256 });
};

/** A file that weights were loaded from. */
export interface LoadedFile extends WeightsFile {
  /** A sentence for the user where the file has more than the network takes. */
  readonly notice?: string;
}

const loadedFile = ({ name }: NetworkInfo, path: string, { sha256, rest }: Found): LoadedFile => ({
  network: name,
  path,
  sha256,
  ...(rest === undefined
    ? {}
    : {
        notice: `${name} takes the first layers of ${path}. What follows, from ${rest} on, is left out.`,
      }),
});

/** Returns where a network's first weights are: those that are published in ganc's cache. */
const pathOf = ({ weights, published }: NetworkInfo): string | undefined => {
  const found = published === undefined ? undefined : publishedAs(published);
  return found === undefined ? weights : pathIn(thisMachine().cache, found);
};

/** Loads the initial weights of networks into the session, and their moving averages with them. */
export const loadWeights = async (
  { networks }: Pick<SpecProgram, "networks">,
  session: Pick<Session, "getState" | "setState">,
): Promise<Either<TrainingError, readonly LoadedFile[]>> => {
  const files: LoadedFile[] = [];
  const loaded = new Map<string, HostTensor>();
  for (const network of networks) {
    const path = pathOf(network);
    if (path === undefined) continue;
    const found = await findWeights(network, path);
    if (isLeft(found)) return left(wrongFile(network, path, found.left));
    for (const [name, tensor] of found.right.tensors) loaded.set(name, tensor);
    files.push(loadedFile(network, path, found.right));
  }
  if (files.length === 0) return right(files);
  const state = new Map(await session.getState());
  for (const [name, tensor] of loaded)
    for (const key of new Set([name, name.replace(/^param/, "average")]))
      if (state.has(key)) state.set(key, tensor);
  await session.setState(state);
  return right(files);
};

/**
 * Loads weights as `loadWeights` does for a run that resumes before its first checkpoint, from the
 * files in its manifest, which must not have changed.
 */
export const loadWeightsAgain = async (
  { networks }: Pick<SpecProgram, "networks">,
  begunWith: readonly WeightsFile[],
  session: Pick<Session, "getState" | "setState">,
): Promise<Either<TrainingError, unknown>> => {
  const ofNetwork = (name: string) => begunWith.find(({ network }) => network === name);
  const named = networks.map((one) => ({
    ...one,
    weights: ofNetwork(one.name)?.path,
    published: undefined,
  }));
  const loaded = await loadWeights({ networks: named }, session);
  if (isLeft(loaded)) return loaded;
  const changed = loaded.right.find(({ network, sha256 }) => ofNetwork(network)?.sha256 !== sha256);
  return changed === undefined
    ? loaded
    : left({
        kind: "file",
        path: changed.path,
        reason: `was changed since the run began, which takes the first weights of ${changed.network} from it.\nPut it back, or train anew: leave out --resume.`,
      });
};
