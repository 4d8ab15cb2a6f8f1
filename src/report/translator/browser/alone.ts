/**
 * The script of a page that translates by itself with ONNX Runtime on WebAssembly, on one thread.
 * It makes no network requests.
 */
import * as ort from "onnxruntime-web/wasm";
import { engineId, factsId, modelId, type NetworkFacts } from "../contents.js";
import { show } from "./shown.js";

/** Most pixels of the longer side; more takes a browser minutes. */
const longest = 512;

const textOf = (id: string): string => document.getElementById(id)?.textContent ?? "";

/** Decodes base64 and gzip. */
const unpacked = async (id: string): Promise<Uint8Array> => {
  const packed = atob(textOf(id));
  const bytes = new Uint8Array(packed.length);
  for (let i = 0; i < packed.length; i++) bytes[i] = packed.charCodeAt(i);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
};

const facts = JSON.parse(textOf(factsId)) as NetworkFacts;

let loaded: Promise<ort.InferenceSession> | undefined;

const session = (): Promise<ort.InferenceSession> => {
  loaded ??= (async () => {
    ort.env.wasm.numThreads = 1;
    ort.env.wasm.proxy = false;
    ort.env.wasm.wasmBinary = (await unpacked(engineId)).buffer as ArrayBuffer;
    return ort.InferenceSession.create(await unpacked(modelId), {
      executionProviders: ["wasm"],
      logSeverityLevel: 3,
    });
  })();
  return loaded;
};

interface Sides {
  readonly width: number;
  readonly height: number;
}

/**
 * Returns the sides at which a picture is translated: its own, bounded, or the network's if it has
 * only one size.
 */
const sidesFor = ({ width, height }: Sides, [h, w]: readonly [number, number, number]): Sides => {
  if (facts.sides === undefined) return { width: w, height: h };
  const factor = Math.min(1, longest / Math.max(width, height));
  return {
    width: Math.max(1, Math.round(width * factor)),
    height: Math.max(1, Math.round(height * factor)),
  };
};

/** Rounds a side up to the next that the network accepts. */
const padded = (side: number): number => {
  if (facts.sides === undefined) return side;
  const { base, step, least } = facts.sides;
  return Math.max(least, base + Math.ceil((side - base) / step) * step);
};

const mirrored = (at: number, side: number): number => {
  if (side === 1) return 0;
  const period = 2 * (side - 1);
  const place = at % period;
  return place < side ? place : period - place;
};

/**
 * Makes a tensor [1, channels, height, width] of a picture's pixels, mirrored at the bottom and on
 * the right.
 */
const tensorOf = (
  { data, width, height }: ImageData,
  channels: number,
  [low, high]: readonly [number, number],
  to: Sides,
): ort.Tensor => {
  const out = new Float32Array(channels * to.width * to.height);
  for (let y = 0; y < to.height; y++)
    for (let x = 0; x < to.width; x++) {
      const at = 4 * (mirrored(y, height) * width + mirrored(x, width));
      const [r, g, b] = [data[at] ?? 0, data[at + 1] ?? 0, data[at + 2] ?? 0];
      for (let c = 0; c < channels; c++) {
        const level = channels === 1 ? 0.299 * r + 0.587 * g + 0.114 * b : (data[at + c] ?? 0);
        out[(c * to.height + y) * to.width + x] = low + ((high - low) * level) / 255;
      }
    }
  return new ort.Tensor("float32", out, [1, channels, to.height, to.width]);
};

const gaussian = (): number =>
  Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());

/** Makes an input that is not a picture. */
const otherTensor = (
  { kind, shape: [h, w, c], range: [low, high] }: NetworkFacts["inputs"][number],
  only: number,
): ort.Tensor => {
  const value = (i: number): number => {
    if (kind === "labels") return i === only ? 1 : 0;
    return kind === "noise" ? gaussian() : low + (high - low) * Math.random();
  };
  return new ort.Tensor(
    "float32",
    Float32Array.from({ length: h * w * c }, (_, i) => value(i)),
    [1, c, h, w],
  );
};

const drawn = (source: CanvasImageSource, { width, height }: Sides): CanvasRenderingContext2D => {
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (context === null) throw new Error("This browser cannot draw pictures.");
  context.fillStyle = "#ffffff";
  context.fillRect(0, 0, width, height);
  context.imageSmoothingQuality = "high";
  context.drawImage(source, 0, 0, width, height);
  return context;
};

/** Cuts the picture's part from the result and encodes it. */
const painted = async (result: ort.Tensor, part: Sides): Promise<Blob> => {
  const [, channels = 3, height = 1, width = 1] = result.dims;
  const data = result.data as Float32Array;
  const [low, high] = facts.output.range;
  const image = new ImageData(part.width, part.height);
  for (let y = 0; y < part.height; y++)
    for (let x = 0; x < part.width; x++) {
      const at = 4 * (y * part.width + x);
      for (let c = 0; c < 3; c++) {
        const from = ((channels === 1 ? 0 : c) * height + y) * width + x;
        image.data[at + c] = (((data[from] ?? 0) - low) / (high - low)) * 255;
      }
      image.data[at + 3] = 255;
    }
  const canvas = Object.assign(document.createElement("canvas"), part);
  canvas.getContext("2d")?.putImageData(image, 0, 0);
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob === null ? reject(new Error("no picture")) : resolve(blob))),
  );
};

show(async (file, only) => {
  const bitmap = await createImageBitmap(file).catch(() => {
    throw new Error("This browser cannot read that picture.");
  });
  const place = facts.inputs.findIndex(({ kind }) => kind === "image");
  const image = facts.inputs[place];
  if (image === undefined) throw new Error("This network takes no picture.");
  const own = sidesFor(bitmap, image.shape);
  const frame = { width: padded(own.width), height: padded(own.height) };
  const pixels = drawn(bitmap, own).getImageData(0, 0, own.width, own.height);
  const feeds = Object.fromEntries(
    facts.inputs.map((input, i) => [
      input.name,
      i === place ? tensorOf(pixels, input.shape[2], input.range, frame) : otherTensor(input, only),
    ]),
  );
  const results = await (await session()).run(feeds);
  const result = results[facts.output.name];
  if (result === undefined) throw new Error("The network returned no picture.");
  const [, , height = 1, width = 1] = result.dims;
  const made = await painted(result, {
    width: Math.round((own.width * width) / frame.width),
    height: Math.round((own.height * height) / frame.height),
  });
  return { made, words: "" };
});
