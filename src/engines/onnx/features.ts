/**
 * A feature network of the user's for images: an ONNX file, usually Inception without its last
 * layer.
 */
import { stat } from "node:fs/promises";
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import type * as Ort from "onnxruntime-node";
import type { HostTensor } from "../../contracts/tensor.js";
import { ortLibrary } from "./runtime.js";

/** Side in pixels if the file leaves it open: Inception's. */
const INCEPTION_SIDE = 299;

/** Images in a batch if the file leaves it open. */
const AT_ONCE = 8;

export interface FeatureNetwork {
  /** Size of its images, `[height, width]`. */
  readonly size: readonly [number, number];
  /** Computes a row of features for each of the images `[n, height, width, 3]`: `[n, d]`. */
  features(images: HostTensor): Promise<HostTensor>;
  dispose(): void;
}

interface Input {
  readonly name: string;
  readonly isChannelsFirst: boolean;
  readonly size: readonly [number, number];
  /** Batch size that the file requires, if it does. */
  readonly batch: number | undefined;
  /** Name of the output to read. */
  readonly output: string;
}

const shapeText = (shape: readonly unknown[]): string => `[${shape.join(", ")}]`;

/** Number of features of Inception's last pooling. */
const INCEPTION_FEATURES = 2048;

/** Chooses the output with 2048 numbers an image, else the first. */
const outputOf = ({ outputMetadata, outputNames }: Ort.InferenceSession): string => {
  const pooled = outputMetadata.find((output) => {
    const [, ...rest] = output.isTensor ? output.shape : [];
    return rest.reduce<number>((a, b) => a * Number(b), 1) === INCEPTION_FEATURES;
  });
  return pooled?.name ?? outputNames[0] ?? "";
};

/** Describes the file's only input. The left side is the reason why it does not accept images. */
const inputOf = (session: Ort.InferenceSession): Either<string, Input> => {
  const [input, ...others] = session.inputMetadata;
  if (input === undefined || others.length > 0)
    return left(`it has ${session.inputMetadata.length} inputs, but needs one: images`);
  if (!input.isTensor || input.type !== "float32")
    return left(`its input "${input.name}" is not a tensor of float32`);
  const { shape } = input;
  const [n, a, b, c] = shape;
  if (shape.length !== 4 || (a !== 3 && c !== 3))
    return left(
      `its input "${input.name}" is ${shapeText(shape)}, but images of three channels are [n, 3, h, w] or [n, h, w, 3]`,
    );
  const isChannelsFirst = a === 3;
  const side = (extent: unknown): number =>
    typeof extent === "number" && extent > 0 ? extent : INCEPTION_SIDE;
  const size = isChannelsFirst ? [side(b), side(c)] : [side(a), side(b)];
  return right({
    name: input.name,
    isChannelsFirst,
    size: size as [number, number],
    batch: typeof n === "number" && n > 0 ? n : undefined,
    output: outputOf(session),
  });
};

/** Transposes `[n, h, w, 3]` to `[n, 3, h, w]`. */
const channelsFirst = (data: Float32Array, n: number, pixels: number): Float32Array => {
  const out = new Float32Array(data.length);
  for (let k = 0; k < n; k++)
    for (let i = 0; i < pixels; i++)
      for (let c = 0; c < 3; c++)
        out[(k * 3 + c) * pixels + i] = data[(k * pixels + i) * 3 + c] ?? 0;
  return out;
};

class OrtFeatures implements FeatureNetwork {
  readonly size: readonly [number, number];

  constructor(
    private readonly ort: typeof Ort,
    private readonly session: Ort.InferenceSession,
    private readonly input: Input,
  ) {
    this.size = input.size;
  }

  async features({ shape, data }: HostTensor): Promise<HostTensor> {
    const { batch, size } = this.input;
    const atOnce = batch ?? AT_ONCE;
    const [n = 0] = shape;
    const each = size[0] * size[1] * 3;
    const rows: Float32Array[] = [];
    for (let from = 0; from < n; from += atOnce) {
      const count = Math.min(atOnce, n - from);
      // A file with a fixed batch gets a full one; the surplus is dropped.
      const given = batch ?? count;
      const some = new Float32Array(given * each);
      some.set(data.subarray(from * each, (from + count) * each));
      const out = await this.run(some, given);
      rows.push(out.subarray(0, (out.length / given) * count));
    }
    const all = Float32Array.from(rows.flatMap((row) => [...row]));
    return { shape: [n, all.length / Math.max(1, n)], data: all };
  }

  private async run(images: Float32Array, n: number): Promise<Float32Array> {
    const { name, isChannelsFirst, size, output } = this.input;
    const [h, w] = size;
    const data = isChannelsFirst ? channelsFirst(images, n, h * w) : images;
    const dims = isChannelsFirst ? [n, 3, h, w] : [n, h, w, 3];
    const results = await this.session.run({ [name]: new this.ort.Tensor("float32", data, dims) });
    return results[output]?.data as Float32Array;
  }

  dispose(): void {
    void this.session.release();
  }
}

/**
 * Opens an ONNX model with its weights in it, a file or its bytes. The reason completes a sentence
 * that begins with its name.
 */
export const openModel = async (
  file: string | Uint8Array,
): Promise<Either<string, FeatureNetwork>> => {
  const library = await ortLibrary();
  if (isLeft(library)) return left(`cannot be used: ${library.left.reason}`);
  try {
    const { InferenceSession } = library.right;
    const options = { logSeverityLevel: 4 } as const;
    const session =
      typeof file === "string"
        ? await InferenceSession.create(file, options)
        : await InferenceSession.create(file, options);
    const input = inputOf(session);
    return isLeft(input)
      ? left(`cannot be used: ${input.left}`)
      : right(new OrtFeatures(library.right, session, input.right));
  } catch (error) {
    const [reason] = (error instanceof Error ? error.message : String(error)).split("\n");
    return left(`is not an ONNX model that can be read: ${reason}`);
  }
};

/** Opens an ONNX file. The reason completes a sentence that begins with the file's name. */
export const openFeatures = async (path: string): Promise<Either<string, FeatureNetwork>> => {
  const isThere = await stat(path).then(
    () => true,
    () => false,
  );
  return isThere ? openModel(path) : left("is not there");
};
