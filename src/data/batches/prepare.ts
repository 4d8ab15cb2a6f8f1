/**
 * A cache of images that are decoded and through the stages that draw nothing, up to a budget of
 * memory.
 */
import { type Either, isLeft, isRight, left } from "fp-ts/lib/Either.js";
import type { AugmentStage } from "../../program/model.js";
import type { BrokenImage } from "../files/errors.js";
import { DEFAULT_RANGE, type Raster } from "../images/image.js";
import type { ImageSource } from "../sets/source.js";
import { loadAside } from "./load-aside.js";
import { fixedStagesOf } from "./load-file.js";

type Loaded = Promise<Either<BrokenImage, Raster>>;

/**
 * Returns a loader by domain and index that applies the domain's `stages` (only resizes). It keeps
 * results until `bytes` are used, and makes the rest again each time. It always remembers which
 * images are broken.
 */
export const prepare = (
  sources: Readonly<Record<string, ImageSource>>,
  stages: (domain: string) => readonly AugmentStage[],
  bytes: number,
  /** Range of a domain's values. */
  range: (domain: string) => readonly [number, number] = () => DEFAULT_RANGE,
): ((domain: string, i: number) => Loaded) => {
  const kept = new Map<string, Loaded>();
  let free = bytes;

  /** Loads files in the other thread; drawn and in-memory images in this one. */
  const made = async (domain: string, source: ImageSource, i: number) => {
    const own = { range: range(domain), stages: stages(domain) };
    const file = source.file?.(i);
    if (file !== undefined) {
      const { path, isUnit = false, part } = file;
      return loadAside({ path, isUnit, part, ...own });
    }
    const found = await source.load(i);
    return isLeft(found) ? left(found.left) : fixedStagesOf(found.right, own.range, own.stages);
  };

  const make = async (domain: string, source: ImageSource, i: number): Loaded => {
    const loaded = await made(domain, source, i);
    if (isRight(loaded)) return loaded;
    if (typeof loaded.left !== "string") return left(loaded.left);
    const id = source.id(i);
    const path = source.file?.(i).path ?? `${source.name}/${id}`;
    return left({ kind: "broken-image", id, path, reason: loaded.left });
  };

  return async (domain, i) => {
    const key = `${domain}/${i}`;
    const known = kept.get(key);
    if (known !== undefined) return known;
    const source = sources[domain];
    if (source === undefined) throw new Error(`no images of domain ${domain}`);
    const making = make(domain, source, i);
    // Kept while it is being made, so that two draws of one image decode it once.
    kept.set(key, making);
    const made = await making;
    if (isLeft(made)) return made;
    const size = made.right.data.byteLength;
    if (size <= free) free -= size;
    else kept.delete(key);
    return made;
  };
};
