/** Finds the params of a spec with which a file would fit, by trying. */
import { isLeft, isRight } from "fp-ts/lib/Either.js";
import { recordOf } from "../../base/record.js";
import type { Network } from "../../program/model.js";
import { check } from "../../weights/fit.js";
import { type Architecture, isGenerator } from "../../weights/official/architecture.js";
import type { CompiledSpec, Sets } from "../program/compiled.js";
import type { Unfit } from "./assign.js";

/** Numbers of an official network that a param of a spec may stand for. */
const numbersOf = (net: Architecture): readonly number[] => [
  ...new Set([
    net.filters,
    net.inputs,
    ...(isGenerator(net) ? [net.outputs] : []),
    ...(net.kind === "resnet" ? [net.blocks] : []),
    ...(net.kind === "patch" ? [net.layers] : []),
    ...(net.kind === "unet" ? [2 ** net.levels] : []),
  ]),
];

/** Compiles the spec with these values; undefined where it does not compile. */
export type Trial = (sets: Sets) => Promise<CompiledSpec | undefined>;

/** Counts the modules that fit; all of them is infinity. */
const scoreOf = ({ source, network }: Unfit, compiled: CompiledSpec | undefined): number => {
  const other: Network | undefined = compiled?.model?.networks.find(
    ({ name }) => name === network.name,
  );
  if (other === undefined) return -1;
  const fits = check(source.state, other);
  return isLeft(fits) ? fits.left.fitting : Infinity;
};

/** Most params that are set together. */
const mostParams = 3;

/**
 * Sets params one by one, each time the one with which most modules fit. Returns the values with
 * which all do; undefined if there are none.
 */
export const fittingSets = async (
  unfit: Unfit,
  params: Readonly<Record<string, number | boolean>>,
  trial: Trial,
): Promise<Sets | undefined> => {
  const { found } = unfit.source;
  if (!isRight(found)) return undefined;
  const numbers = numbersOf(found.right);
  const names = Object.keys(params).filter((name) => typeof params[name] === "number");
  let sets: Sets = recordOf<string>([]);
  let best = unfit.fitting;
  for (let round = 0; round < mostParams; round++) {
    const before = best;
    let next = sets;
    for (const name of names)
      for (const number of numbers) {
        if (params[name] === number || name in sets) continue;
        const tried: Sets = { ...sets, [name]: String(number) };
        const score = scoreOf(unfit, await trial(tried));
        if (score > best) [best, next] = [score, tried];
      }
    if (best === Infinity) return next;
    if (best === before) return undefined;
    sets = next;
  }
  return undefined;
};
