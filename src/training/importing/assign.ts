/** Decides which file is for which network of a spec, and fits each. */
import { basename } from "node:path";
import { type Either, isLeft, isRight, left, right } from "fp-ts/lib/Either.js";
import type { HostTensor, State } from "../../contracts/tensor.js";
import type { Model, Network } from "../../program/model.js";
import { fitState } from "../../weights/fit.js";
import { type Architecture, describe, isGenerator } from "../../weights/official/architecture.js";
import { type Part, partsOf } from "../../weights/official/parts.js";
import { recognise } from "../../weights/official/recognise.js";
import type { Networks } from "../../weights/official/spec.js";
import { tidied } from "../../weights/official/states.js";
import type { FileState } from "../../weights/pth.js";
import type { StateFile } from "../files/read-state.js";
import { nonFinite } from "../program/state.js";
import type { Named } from "./find-files.js";

/** A file that was read, without what nothing reads. */
export interface Source {
  readonly named: Named;
  readonly file: StateFile;
  readonly state: FileState;
  /** Names of statistics that were left out. */
  readonly unread: readonly string[];
  /** The official network that it is of, or why it is of none. */
  readonly found: Either<string, Architecture>;
}

export const sourceOf = (named: Named, file: StateFile): Source => {
  const { state, unread } = tidied(file.state);
  const shapes = new Map([...state].map(([name, { shape }]) => [name, shape]));
  return { named, file, state, unread, found: recognise(shapes) };
};

const isPart = (name: string): name is Part => /^[GD](?:_[AB])?$/.test(name);

/** The part of an official network: as the user or the file's name says, else as it is made. */
const partFor = ({ named }: Source, net: Architecture): Either<string, Part> => {
  const { network, path } = named;
  if (network !== undefined && !isPart(network))
    return left(
      `${network}=${path}: without --spec, networks are named G_A, G_B, D_A and D_B, or G and D.`,
    );
  const part = network ?? named.part ?? (isGenerator(net) ? "G" : "D");
  return part.startsWith("G") === isGenerator(net)
    ? right(part)
    : left(
        `${path} holds a ${isGenerator(net) ? "generator" : "discriminator"} (${describe(net)}), and is named ${part}. Name what it is: ${isGenerator(net) ? "G" : "D"}${part.slice(1)}=${path}`,
      );
};

const taken = (what: string, before: Source, now: Source): string =>
  `${before.named.path} and ${now.named.path} are both for ${what}: say which is for which network, as NETWORK=FILE.`;

/** Names the networks of official files. The left side is whole sentences. */
export const networksOf = (
  sources: readonly Source[],
): Either<string, ReadonlyMap<Part, Source>> => {
  const byPart = new Map<Part, Source>();
  for (const source of sources) {
    if (isLeft(source.found))
      return left(
        `${source.named.path} ${source.found.left}.\nIf it is of a network that a spec of yours declares, give the spec with --spec.`,
      );
    const part = partFor(source, source.found.right);
    if (isLeft(part)) return part;
    const before = byPart.get(part.right);
    if (before !== undefined) return left(taken(part.right, before, source));
    byPart.set(part.right, source);
  }
  return right(byPart);
};

export const architecturesOf = (byPart: ReadonlyMap<Part, Source>): Networks =>
  new Map(
    [...byPart].flatMap(([part, { found }]) =>
      isRight(found) ? [[part, found.right] as const] : [],
    ),
  );

/** The networks of a spec, for people. */
const listed = ({ networks }: Model): string => networks.map(({ name }) => name).join(", ");

/** Finds the network of a spec that a file is for. */
const networkFor = ({ named, found }: Source, model: Model): Either<string, Network> => {
  const { network, path } = named;
  const byName = (name: string | undefined) => model.networks.find((one) => one.name === name);
  if (network !== undefined) {
    const asked = byName(network);
    return asked === undefined
      ? left(`${network}=${path}: the spec has no network ${network}. It has ${listed(model)}.`)
      : right(asked);
  }
  const parts = partsOf(model);
  const kind = isRight(found) && !isGenerator(found.right) ? "D" : "G";
  const wanted: readonly Part[] =
    named.part === undefined || named.part.length === 1
      ? [named.part ?? kind, `${(named.part ?? kind) as "G" | "D"}_A`]
      : [named.part, named.part.slice(0, 1) as Part];
  const [only] = model.networks;
  const fitting =
    wanted.map((part) => parts.get(part)).find((one) => one !== undefined) ??
    (model.networks.length === 1 ? only : undefined);
  return fitting === undefined
    ? left(
        `It is not clear which network ${path} is for. The spec has ${listed(model)}: write ${model.networks[0]?.name ?? "G"}=${path}`,
      )
    : right(fitting);
};

/** Pairs each file with a network of the spec. The left side is whole sentences. */
export const pairsOf = (
  sources: readonly Source[],
  model: Model,
): Either<string, ReadonlyMap<Network, Source>> => {
  const pairs = new Map<Network, Source>();
  for (const source of sources) {
    const network = networkFor(source, model);
    if (isLeft(network)) return network;
    const before = pairs.get(network.right);
    if (before !== undefined) return left(taken(network.right.name, before, source));
    pairs.set(network.right, source);
  }
  return right(pairs);
};

/** Why a file does not fit. */
export interface Unfit {
  readonly network: Network;
  readonly source: Source;
  /** Completes a sentence that begins with the file's name. */
  readonly reason: string;
  /** Count of modules that fit before. */
  readonly fitting: number;
}

/** Fits every file to its network, and returns the entries of the state. */
export const entriesOf = (pairs: ReadonlyMap<Network, Source>): Either<Unfit, State> => {
  const all = new Map<string, HostTensor>();
  for (const [network, source] of pairs) {
    const entries = fitState(source.state, network);
    if (isLeft(entries)) return left({ network, source, ...entries.left });
    const broken = nonFinite(entries.right);
    if (broken !== undefined) {
      const reason = `holds ${broken.value} in ${broken.what}`;
      return left({ network, source, reason, fitting: 0 });
    }
    for (const [name, tensor] of entries.right) all.set(name, tensor);
  }
  return right(all);
};

/** The name of a run of these files: their folder's, where the official code named them. */
export const runName = (sources: readonly Source[]): string => {
  const [path = ""] = sources.map(({ file }) => file.path);
  const folder = basename(path.slice(0, Math.max(0, path.length - basename(path).length - 1)));
  const own = basename(path).replace(/\.\w+$/, "");
  const wish = /net_[GD]/.test(own) && folder !== "" && folder !== "." ? folder : own;
  return wish.replaceAll(/[^A-Za-z0-9_-]+/g, "-").replace(/^-+|-+$/g, "") || "imported";
};
