/**
 * Fits a state of PyTorch to a network of a spec: modules to layers with parameters, one by one in
 * order, each tensor to the parameter of its role, if the shapes are the same.
 */
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import type { HostTensor } from "../contracts/tensor.js";
import { layers } from "../operators/layers.js";
import type { LayerNode, Network } from "../program/network.js";
import { parameterName } from "../program/network.js";
import { fromTorch, torchShape } from "./layouts.js";
import type { FileState, FileTensor } from "./pth.js";
import { statisticNames } from "./statistics.js";

/** Tensors of one module: names end in their key of `tensors`. */
interface Group {
  /** `model.1` */
  readonly key: string;
  readonly tensors: ReadonlyMap<string, FileTensor>;
}

/** Orders names by their numbers too: `model.2` stands before `model.10`. */
const byPlace = (a: string, b: string): number => {
  const [left, right] = [a.split("."), b.split(".")];
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const [x = "", y = ""] = [left[i], right[i]];
    if (x === y) continue;
    const isCount = /^\d+$/.test(x) && /^\d+$/.test(y);
    return isCount ? Number(x) - Number(y) : x < y ? -1 : 1;
  }
  return left.length - right.length;
};

/** Filters of a blur are no weights: ganc's layer has them built in. */
const isFixed = (last: string): boolean => last === "filt";

/** Lists the modules with tensors, in the file's order. */
const modulesOf = (state: FileState): readonly Group[] => {
  const groups = new Map<string, Map<string, FileTensor>>();
  for (const [name, tensor] of state) {
    const dot = name.lastIndexOf(".");
    const [key, last] = [name.slice(0, Math.max(0, dot)), name.slice(dot + 1)];
    if (isFixed(last)) continue;
    groups.set(key, (groups.get(key) ?? new Map<string, FileTensor>()).set(last, tensor));
  }
  return [...groups].map(([key, tensors]) => ({ key, tensors }));
};

/** Lists the modules with tensors in the order of their names. */
const groupsOf = (state: FileState): readonly Group[] =>
  [...modulesOf(state)].sort((a, b) => byPlace(a.key, b.key));

/** What PyTorch calls a parameter or buffer of a layer. */
const torchName = ({ kind }: LayerNode, name: string): string =>
  layers.get(kind)?.torch.parameters?.[name] ?? name;

/** Statistics of batch norms: of use only to layers that keep them. The count is of use to none. */
const statistics: ReadonlySet<string> = new Set(Object.values(statisticNames));

/** Tells whether a layer can do without a tensor of its module. */
const isSpare = (last: string, { wanted }: Spot): boolean =>
  statistics.has(last) && !wanted.some((one) => one.last === last);

/** A tensor that a layer has, by the names of the state. */
export interface Wanted {
  /** `param/G.conv.weight` or `buffer/G.batch_norm.mean` */
  readonly entry: string;
  readonly shape: readonly number[];
  /** Its name in PyTorch's module. */
  readonly last: string;
}

/** The place of a layer with tensors, as plain data. */
export interface Spot {
  /** `R_3.conv_2` */
  readonly path: string;
  readonly wanted: readonly Wanted[];
}

/** A layer with tensors. */
export interface Place extends Spot {
  readonly layer: LayerNode;
}

/** Lists the layers of a network that have tensors, each once, in order. */
export const placesOf = (network: Network): readonly Place[] => {
  const seen = new Set<string>();
  const buffers = new Map(network.buffers.map(({ name, shape }) => [name, shape]));
  return network.layers.flatMap((layer): readonly Place[] => {
    const own = parameterName(network.name, layer, "");
    if (seen.has(own)) return [];
    seen.add(own);
    const parameters = layer.parameters.map(
      ({ name, shape }): Wanted => ({
        entry: `param/${own}${name}`,
        shape,
        last: torchName(layer, name),
      }),
    );
    const kept = ["mean", "variance"].flatMap((name): readonly Wanted[] => {
      const shape = buffers.get(`${own}${name}`);
      return shape === undefined
        ? []
        : [{ entry: `buffer/${own}${name}`, shape, last: torchName(layer, name) }];
    });
    const wanted = [...parameters, ...kept];
    return wanted.length === 0 ? [] : [{ layer, path: layer.path, wanted }];
  });
};

const shapeText = (shape: readonly number[]): string => `[${shape.join(", ")}]`;

/** How far a state fits, and what does not. */
export interface Misfit {
  /** Completes a sentence that begins with the file's name. */
  readonly reason: string;
  /** Count of modules that fit before. */
  readonly fitting: number;
}

/** A whole sentence of what to write for a tensor that only the file has, or only the layer. */
const remedies: Readonly<Record<string, string>> = {
  bias: "whether it has one is its option `bias`, or `affine` of a normalisation",
  weight: "whether a normalisation has a scale and a shift is its option `affine`",
  running_mean: "a batch norm keeps statistics with `running: true`",
  running_var: "a batch norm keeps statistics with `running: true`",
};

const remedy = (last: string): string => {
  const words = remedies[last];
  return words === undefined ? "" : `: ${words}`;
};

/** Returns what is wrong with one module for one layer; usually undefined. */
const faultOf = ({ key, tensors }: Group, place: Spot, network: string): string | undefined => {
  const { path, wanted } = place;
  const named = (last: string): string => (key === "" ? last : `${key}.${last}`);
  const of = `${path} of ${network}`;
  for (const { last, shape } of wanted) {
    const found = tensors.get(last);
    if (found === undefined)
      return `has no ${named(last)}, and ${of} takes one ${shapeText(torchShape(shape))}${remedy(last)}`;
    if (found.shape.join() !== torchShape(shape).join())
      return `has ${named(last)} as ${shapeText(found.shape)}, and ${of} takes ${shapeText(torchShape(shape))}`;
  }
  const extra = [...tensors.keys()].find(
    (last) => !isSpare(last, place) && !wanted.some((one) => one.last === last),
  );
  return extra === undefined
    ? undefined
    : `has ${named(extra)} ${shapeText(tensors.get(extra)?.shape ?? [])}, and ${of} takes none${remedy(extra)}`;
};

const counted = (count: number, what: string): string =>
  `${count} ${what}${count === 1 ? "" : "s"}`;

const fitted = (group: Group, place: Spot): readonly (readonly [string, HostTensor])[] =>
  place.wanted.map(({ entry, shape, last }) => {
    const numbers = group.tensors.get(last)?.numbers() ?? new Float32Array();
    return [entry, { shape, data: fromTorch(numbers, shape) }];
  });

/**
 * Fits a state to a network. Returns the entries of ganc's state, by name. The left side says which
 * tensor does not fit, with both shapes in PyTorch's order.
 */
export const fitState = (
  state: FileState,
  network: Network,
): Either<Misfit, ReadonlyMap<string, HostTensor>> => {
  const checked = check(state, network);
  if (isLeft(checked)) return checked;
  const places = placesOf(network);
  return right(
    new Map(
      groupsOf(state).flatMap((group, i) => {
        const place = places[i];
        return place === undefined ? [] : fitted(group, place);
      }),
    ),
  );
};

/** Checks as `fitState` does, without reading a number. */
export const check = (state: FileState, network: Network): Either<Misfit, true> =>
  compare(groupsOf(state), placesOf(network), network);

const compare = (
  groups: readonly Group[],
  places: readonly Spot[],
  network: Pick<Network, "name">,
): Either<Misfit, true> => {
  for (const [i, group] of groups.entries()) {
    const place = places[i];
    if (place === undefined)
      return left({
        fitting: i,
        reason: `goes on with ${group.key}, and ${network.name} has only ${counted(places.length, "layer")} with weights`,
      });
    const reason = faultOf(group, place, network.name);
    if (reason !== undefined) return left({ fitting: i, reason });
  }
  const next = places[groups.length];
  return next === undefined
    ? right(true)
    : left({
        fitting: groups.length,
        reason: `ends after ${counted(groups.length, "module")} with weights, and ${network.name} goes on with ${next.path}`,
      });
};

/** Lists the statistics of a state that fits a network, and that its layers do not keep. */
export const spareOf = (state: FileState, network: Network): readonly string[] => {
  const places = placesOf(network);
  return groupsOf(state).flatMap(({ key, tensors }, i) => {
    const place = places[i];
    const keepsNone = place !== undefined && !place.wanted.some(({ last }) => statistics.has(last));
    return keepsNone
      ? [...tensors.keys()].filter((last) => statistics.has(last)).map((last) => `${key}.${last}`)
      : [];
  });
};

/** Weights of the first modules of a file. */
export interface Beginning {
  readonly entries: ReadonlyMap<string, HostTensor>;
  /** The first module that the network does not take; undefined where it takes them all. */
  readonly rest: string | undefined;
}

/** Lists the layers of a network that have tensors of its own, without networks inside of it. */
export const spotsOf = (network: Network): readonly Spot[] => {
  const own = `${network.name}.`;
  return placesOf(network)
    .filter(({ wanted }) =>
      wanted.some(({ entry }) => entry.slice(entry.indexOf("/") + 1).startsWith(own)),
    )
    .map(({ path, wanted }) => ({ path, wanted }));
};

/**
 * Fits the first modules of a state to a network, in the order of the file, which is that in which
 * PyTorch's modules were made: of a classifier, what makes its features. Modules behind those that
 * the network has layers for are left out. The left side says which tensor does not fit.
 */
export const fitBeginning = (
  state: FileState,
  network: { readonly name: string; readonly spots: readonly Spot[] },
): Either<Misfit, Beginning> => {
  const { spots } = network;
  const modules = modulesOf(state);
  const taken = modules.slice(0, spots.length);
  const compared = compare(taken, spots, network);
  if (isLeft(compared)) return compared;
  const entries = taken.flatMap((group, i) => {
    const spot = spots[i];
    return spot === undefined ? [] : fitted(group, spot);
  });
  return right({ entries: new Map(entries), rest: modules[spots.length]?.key });
};
