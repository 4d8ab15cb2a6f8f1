/**
 * Translates one picture: brings it to a size that the network accepts, translates it, and cuts it
 * back to its own.
 */
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import { bytesText } from "../../base/bytes.js";
import { impossible } from "../../base/impossible.js";
import type { Session } from "../../contracts/session.js";
import type { HostTensor } from "../../contracts/tensor.js";
import { toTensor } from "../../data/images/image.js";
import type { Picture } from "../../data/images/picture.js";
import { alphaAt } from "../../data/images/picture-file.js";
import {
  blank,
  in8Bits,
  in16Bits,
  type Pixels,
  paint,
  regionTensor,
} from "../../data/images/pixels.js";
import { sized } from "../../data/images/resize.js";
import { fitDomain } from "../../data/sets/fixed.js";
import { stagesOf } from "../../lowering/stages.js";
import { type Box, wholeOf } from "../../lowering/tile.js";
import { type Frame, frameOf, type Side } from "../../program/frame.js";
import type { Domain, Network } from "../../program/model.js";
import { freeBytes } from "../files/disk.js";
import { imageInputs, type Translator, tensorsFor } from "../program/translators.js";
import { temporaryPlace } from "./maps.js";
import { translateTiled } from "./tiled.js";
import { diskBytes, tilesOf, wholeBudget, wholeBytes } from "./tiling.js";

/**
 * The size at which a picture is translated: its own; the network's domain, as in training, with
 * the result kept or stretched back to the picture's size; or with the longer side at so many
 * pixels.
 */
export type Sizing =
  | { readonly kind: "own" }
  | { readonly kind: "domain"; readonly back: boolean }
  | { readonly kind: "longest"; readonly side: number };

/** A network set up to translate pictures. */
export interface Applied {
  readonly session: Session;
  readonly translator: Translator;
  /** The network with its layers. Without it, pictures are resized to the domain. */
  readonly network: Network | undefined;
  readonly sizing: Sizing;
  /**
   * Side of tiles in pixels of the picture. If missing, only pictures too large for one piece are
   * cut.
   */
  readonly tile?: number | undefined;
  /** Interrupts a picture between two tiles. */
  readonly signal?: AbortSignal | undefined;
  /** Called with the completed share of a tiled picture, from 0 to 1. */
  readonly part?: ((share: number) => void) | undefined;
}

/** The draws and choices for one result. */
export interface Drawn {
  /** Class from 0. */
  readonly only: number;
  readonly draw: number;
  readonly seed: number;
  readonly stream: string;
}

const sideOf = ({ height, width }: Pixels): Side => ({ height, width });

/** Returns the positions of image inputs among all inputs. */
const places = ({ inputs }: Translator): readonly number[] =>
  inputs.flatMap(({ domain: { kind } }, place) => (kind === "image" ? [place] : []));

/**
 * Returns why pictures are resized to the domain although another size was requested. Undefined if
 * they are not.
 */
export const fixedReason = ({ network, translator, sizing }: Applied): string | undefined => {
  if (sizing.kind === "domain" || network === undefined) return undefined;
  const [place = 0] = places(translator);
  const [height = 1, width = 1] = network.inputs[place] ?? [];
  const frame = frameOf(network, place, { height: 2 * height, width: 2 * width });
  return isLeft(frame) ? frame.left : undefined;
};

/** Resizes a picture of a domain so that its longer side has `side` pixels. */
const longest = (picture: Picture, { nearest }: Domain, side: number): Picture => {
  const { pixels, alpha } = picture;
  const factor = side / Math.max(pixels.height, pixels.width);
  if (factor === 1) return picture;
  const [height, width] = [pixels.height, pixels.width].map((of) =>
    Math.max(1, Math.round(of * factor)),
  ) as [number, number];
  const resized = sized(in8Bits(pixels), { height, width, nearest });
  const isDeep = pixels.data instanceof Uint16Array;
  return {
    ...picture,
    pixels: isDeep ? in16Bits(resized) : resized,
    ...(alpha === undefined ? {} : { alpha: alphaAt(alpha, pixels, { height, width }) }),
  };
};

const channelsOf = ({ shape }: Domain): 1 | 3 => (shape[2] === 1 ? 1 : 3);

/** Returns the translator with the frame's sizes, so that draws have them too. */
const within = (translator: Translator, { network }: Frame): Translator => ({
  ...translator,
  inputs: translator.inputs.map((input, place) => ({
    ...input,
    domain: { ...input.domain, shape: network.inputs[place] ?? input.domain.shape },
  })),
});

/** Assigns pictures to inputs, at the sizes that they fill in the frame. */
const placed = (
  { translator }: Applied,
  { filled }: Frame,
  pictures: readonly Picture[],
): ReadonlyMap<number, Pixels> =>
  new Map(
    places(translator).flatMap((place, k) => {
      const { pixels } = pictures[k] ?? {};
      if (pixels === undefined) return [];
      const { height, width } = filled[place] ?? pixels;
      const isOfSize = height === pixels.height && width === pixels.width;
      const to = { height, width, nearest: translator.inputs[place]?.domain.nearest };
      return [[place, isOfSize ? pixels : sized(in8Bits(pixels), to)] as const];
    }),
  );

const stretched = ({ rows, columns }: Box) => ({
  top: rows.from,
  left: columns.from,
  height: rows.to - rows.from,
  width: columns.to - columns.from,
});

/** Cuts a part from a tensor [1, h, w, c]. */
const partOf = ({ shape, data }: HostTensor, box: Box): HostTensor => {
  const [, , w = 1, c = 1] = shape;
  const { top, left, height, width } = stretched(box);
  const part = new Float32Array(height * width * c);
  for (let y = 0; y < height; y++) {
    const at = ((top + y) * w + left) * c;
    part.set(data.subarray(at, at + width * c), y * width * c);
  }
  return { shape: [1, height, width, c], data: part };
};

/** Translates pictures in a frame. */
const framed = async (
  applied: Applied,
  frame: Frame,
  pictures: readonly Picture[],
  drawn: Drawn,
): Promise<Either<string, Pixels>> => {
  const { session, translator, tile, signal, part } = applied;
  const { network } = frame;
  const images = placed(applied, frame, pictures);
  const { height, width } = frame.result;
  const made = blank(height, width, channelsOf(translator.to), depthOf(pictures));
  const write = ({ rows, columns }: Box, result: HostTensor): void =>
    paint(made, { top: rows.from, left: columns.from }, result, translator.to.range);
  const imagePart = (place: number, pixels: Pixels, box: Box): HostTensor => {
    const { domain } = translator.inputs[place] ?? { domain: translator.to };
    return regionTensor(pixels, stretched(box), channelsOf(domain), domain.range);
  };
  const isCut =
    session.prepare !== undefined && (tile !== undefined || wholeBytes(network) > wholeBudget);
  const tensors = tensorsFor(within(translator, frame), {
    ...drawn,
    images: [...images].map(([place, pixels]) =>
      isCut
        ? { shape: [1, 0, 0, 0], data: new Float32Array() }
        : imagePart(place, pixels, wholeOf(network.inputs[place] ?? [1, 1, 1])),
    ),
  });
  if (!isCut) {
    write(wholeOf(network.output), await session.translate(translator.network, tensors));
    return right(made);
  }
  const staged = stagesOf(network);
  const tiles = tilesOf(network, staged, { side: tile });
  if (isLeft(tiles)) return tiles;
  const short = await tooLittleDisk(diskBytes(tiles.right));
  if (short !== undefined) return left(short);
  const read = (place: number, box: Box): HostTensor => {
    const pixels = images.get(place);
    const given = tensors[place];
    if (pixels !== undefined) return imagePart(place, pixels, box);
    return given === undefined ? impossible("an input is missing") : partOf(given, box);
  };
  await translateTiled({ session, network, staged, tiles: tiles.right, read, write, signal, part });
  return right(made);
};

/** Returns a message if the disk has too little space for values kept between stages. */
const tooLittleDisk = async (wanted: number): Promise<string | undefined> => {
  const place = temporaryPlace();
  const free = await freeBytes(place);
  if (isLeft(free) || free.right >= wanted) return undefined;
  return `at this size ${bytesText(wanted)} of temporary files are needed, but ${place} has ${bytesText(free.right)} free: set TMPDIR to a folder on a larger disk, or give a smaller --size`;
};

/** Returns the depth of the picture that is translated. */
const depthOf = ([picture]: readonly Picture[]): 8 | 16 =>
  picture?.pixels.data instanceof Uint16Array ? 16 : 8;

/** Translates pictures resized to the network's domains. */
const fitted = async (
  { session, translator, sizing }: Applied,
  pictures: readonly Picture[],
  drawn: Drawn,
): Promise<Pixels> => {
  const images = imageInputs(translator).map(({ domain }, k) => {
    const image = pictures[k]?.pixels ?? blank(1, 1, 3, 8);
    return toTensor([fitDomain(in8Bits(image), domain)], domain.range);
  });
  const result = await session.translate(
    translator.network,
    tensorsFor(translator, { ...drawn, images }),
  );
  const [, height = 1, width = 1] = result.shape;
  const made = blank(height, width, channelsOf(translator.to), depthOf(pictures));
  paint(made, { top: 0, left: 0 }, result, translator.to.range);
  const [original] = pictures;
  if (sizing.kind !== "domain" || !sizing.back || original === undefined) return made;
  const { width: wide, height: high } = original.pixels;
  const resized = sized(in8Bits(made), {
    height: high,
    width: wide,
    nearest: translator.to.nearest,
  });
  return depthOf(pictures) === 16 ? in16Bits(resized) : resized;
};

/**
 * Translates pictures, one for each image input. The result has the transparency and metadata of
 * the first, which is the translated one.
 */
export const translatePictures = async (
  applied: Applied,
  pictures: readonly Picture[],
  drawn: Drawn,
): Promise<Either<string, Picture>> => {
  const { network, sizing, translator } = applied;
  const inputs = imageInputs(translator);
  const given =
    sizing.kind === "longest"
      ? pictures.map((one, k) => longest(one, inputs[k]?.domain ?? translator.to, sizing.side))
      : pictures;
  const [first] = given;
  if (first === undefined) return left("there is no picture");
  const [place = 0] = places(translator);
  const frame =
    sizing.kind === "domain" || network === undefined
      ? undefined
      : frameOf(network, place, sideOf(first.pixels));
  const made =
    frame === undefined || isLeft(frame)
      ? right(await fitted(applied, given, drawn))
      : await framed(applied, frame.right, given, drawn);
  if (isLeft(made)) return made;
  const { alpha, noted } = first;
  const mask = alpha === undefined ? undefined : alphaAt(alpha, first.pixels, made.right);
  return right({ pixels: made.right, noted, ...(mask === undefined ? {} : { alpha: mask }) });
};
