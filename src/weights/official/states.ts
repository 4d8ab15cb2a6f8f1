/** What a state says besides its numbers, and what older versions of PyTorch left in it. */
import type { FileState } from "../pth.js";
import { statisticNames } from "../statistics.js";

const parallel = "module.";

/** Removes the prefix that `nn.DataParallel` puts before every name. */
const withoutParallel = (state: FileState): FileState =>
  state.size > 0 && [...state.keys()].every((name) => name.startsWith(parallel))
    ? new Map([...state].map(([name, tensor]) => [name.slice(parallel.length), tensor]))
    : state;

const statistics: ReadonlySet<string> = new Set(Object.values(statisticNames));

const partsOf = (name: string): readonly [module: string, last: string] => {
  const dot = name.lastIndexOf(".");
  return [name.slice(0, dot), name.slice(dot + 1)];
};

export interface Tidied {
  readonly state: FileState;
  /** Names that were left out: statistics of instance norms, which nothing reads. */
  readonly unread: readonly string[];
}

/**
 * Removes what nothing reads: PyTorch before 0.4 kept running statistics for instance norms too.
 * Those have no scale, and the convolution in front has a bias.
 */
export const tidied = (found: FileState): Tidied => {
  const state = withoutParallel(found);
  const isUnread = (name: string): boolean => {
    const [module, last] = partsOf(name);
    if (!statistics.has(last) || state.has(`${module}.weight`)) return false;
    const place = /^(.*?)(\d+)$/.exec(module);
    const before = place === null ? "" : `${place[1]}${Number(place[2]) - 1}`;
    return state.has(`${before}.bias`) && state.get(`${before}.weight`)?.shape.length === 4;
  };
  const unread = [...state.keys()].filter(isUnread);
  const left = new Set(unread);
  return { state: new Map([...state].filter(([name]) => !left.has(name))), unread };
};
