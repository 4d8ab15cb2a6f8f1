/** The layers without parameters. */
import * as tf from "@tensorflow/tfjs";
import {
  type Block,
  ImageLayer,
  type LayerConfig,
  layerBlock,
  mapSpatial,
  requireInteger,
  requireSides,
  type Shape,
} from "./bases/layer.js";
import { activations, leakyReluOf } from "./kernels/activations.js";
import { convSize, padWith } from "./kernels/conv.js";
import { gaussianBlur2d } from "./kernels/gaussian-blur.js";
import { avgPool2d, maxPool2d } from "./kernels/pool.js";
import { reflectPad2d } from "./kernels/reflect-pad.js";
import { type Axis, along, type Sides } from "./kernels/sides.js";
import { bilinear2d, upsample2d } from "./kernels/upsample.js";

interface Padding {
  readonly pad: Sides;
}

/** Of a border that mirrors more than there is beside it. */
const tooNarrow = (place: string, pad: number, size: number, axis: Axis): RangeError =>
  new RangeError(
    `${place}: a reflection of ${pad} needs more than ${size} ${axis === 0 ? "rows" : "columns"}`,
  );

class ReflectPad extends ImageLayer<Padding> {
  static readonly className = "GancReflectPad";

  constructor(config: LayerConfig<Padding>) {
    super(config, ({ pad }) => ({ pad: requireSides("pad", pad, 0) }));
  }

  protected override resultShape(input: Shape): Shape {
    const { pad } = this.options;
    return mapSpatial(input, input[3] ?? null, (size, axis) => {
      const border = along(pad, axis);
      if (border >= size) throw tooNarrow(this.place, border, size, axis);
      return size + 2 * border;
    });
  }

  protected override compute(x: tf.Tensor4D): tf.Tensor4D {
    return reflectPad2d(x, this.options.pad);
  }
}

interface ZeroPadding extends Padding {
  readonly after: Sides;
}

class ZeroPad extends ImageLayer<ZeroPadding> {
  static readonly className = "GancZeroPad";

  constructor(config: LayerConfig<ZeroPadding>) {
    super(config, ({ pad, after = pad }) => ({
      pad: requireSides("pad", pad, 0),
      after: requireSides("after", after, 0),
    }));
  }

  protected override resultShape(input: Shape): Shape {
    const { pad, after } = this.options;
    return mapSpatial(
      input,
      input[3] ?? null,
      (size, axis) => along(pad, axis) + size + along(after, axis),
    );
  }

  protected override compute(x: tf.Tensor4D): tf.Tensor4D {
    const { pad, after } = this.options;
    return padWith(x, pad, 0, after);
  }
}

class Relu extends ImageLayer<{ readonly slope: number }> {
  static readonly className = "GancRelu";

  constructor(config: LayerConfig<{ readonly slope: number }>) {
    super(config, ({ slope }) => {
      if (!(slope >= 0)) throw new RangeError(`slope is at least 0, not ${slope}`);
      return { slope };
    });
  }

  protected override resultShape(input: Shape): Shape {
    return input;
  }

  protected override compute(x: tf.Tensor4D): tf.Tensor4D {
    return leakyReluOf(x, this.options.slope);
  }
}

class Pointwise extends ImageLayer<{ readonly by: keyof typeof activations }> {
  static readonly className = "GancPointwise";

  constructor(config: LayerConfig<{ readonly by: keyof typeof activations }>) {
    super(config, ({ by }) => ({ by }));
  }

  protected override resultShape(input: Shape): Shape {
    return input;
  }

  protected override compute(x: tf.Tensor4D): tf.Tensor4D {
    return activations[this.options.by](x) as tf.Tensor4D;
  }
}

interface Upsampling {
  readonly factor: Sides;
  readonly bilinear: boolean;
}

class Upsample extends ImageLayer<Upsampling> {
  static readonly className = "GancUpsample";

  constructor(config: LayerConfig<Upsampling>) {
    super(config, ({ factor, bilinear = false }) => ({
      factor: requireSides("factor", factor, 1),
      bilinear,
    }));
  }

  protected override resultShape(input: Shape): Shape {
    return mapSpatial(
      input,
      input[3] ?? null,
      (size, axis) => size * along(this.options.factor, axis),
    );
  }

  protected override compute(x: tf.Tensor4D): tf.Tensor4D {
    const { factor, bilinear } = this.options;
    return bilinear ? bilinear2d(x, factor) : upsample2d(x, factor);
  }
}

interface Rescaling {
  readonly scale: number;
  readonly offset: number;
}

class Rescale extends ImageLayer<Rescaling> {
  static readonly className = "GancRescale";

  constructor(config: LayerConfig<Rescaling>) {
    super(config, ({ scale, offset }) => ({ scale, offset }));
  }

  protected override resultShape(input: Shape): Shape {
    return input;
  }

  protected override compute(x: tf.Tensor4D): tf.Tensor4D {
    const { scale, offset } = this.options;
    const scaled = scale === 1 ? x : tf.mul<tf.Tensor4D>(x, scale);
    return offset === 0 ? scaled : tf.add<tf.Tensor4D>(scaled, offset);
  }
}

interface PoolOptions {
  readonly by: "average" | "maximum";
  readonly kernel: Sides;
  readonly stride: Sides;
  readonly pad: Sides;
}

class Pool extends ImageLayer<PoolOptions> {
  static readonly className = "GancPool";

  constructor(config: LayerConfig<PoolOptions>) {
    super(config, ({ by, kernel, stride, pad }) => {
      requireSides("kernel", kernel, 1);
      requireSides("stride", stride, 1);
      requireSides("pad", pad, 0);
      // A window of padding alone has no maximum.
      const isCovered = along(pad, 0) < along(kernel, 0) && along(pad, 1) < along(kernel, 1);
      if (by === "maximum" && !isCovered)
        throw new RangeError(`pad ${pad} must be less than the kernel ${kernel}`);
      return { by, kernel, stride, pad };
    });
  }

  protected override resultShape(input: Shape): Shape {
    const { kernel } = this.options;
    return mapSpatial(input, input[3] ?? null, (size, axis) =>
      convSize(size, along(kernel, axis), this.options, axis),
    );
  }

  protected override compute(x: tf.Tensor4D): tf.Tensor4D {
    const { by, kernel, stride, pad } = this.options;
    return by === "average"
      ? avgPool2d(padWith(x, pad, 0), kernel, stride)
      : maxPool2d(padWith(x, pad, lowest), kernel, stride);
  }
}

interface BlurOptions {
  readonly kernel: number;
  readonly stride: number;
}

class BlurPool extends ImageLayer<BlurOptions> {
  static readonly className = "GancBlurPool";

  constructor(config: LayerConfig<BlurOptions>) {
    super(config, ({ kernel, stride }) => ({
      kernel: requireInteger("kernel", kernel, 2),
      stride: requireInteger("stride", stride, 1),
    }));
  }

  protected override resultShape(input: Shape): Shape {
    const { kernel, stride } = this.options;
    const pad = Math.floor(kernel / 2);
    return mapSpatial(input, input[3] ?? null, (size, axis) => {
      if (pad >= size) throw tooNarrow(this.place, pad, size, axis);
      return Math.ceil(size / stride);
    });
  }

  /** Takes means of two neighbours again and again, which weigh binomially. */
  protected override compute(x: tf.Tensor4D): tf.Tensor4D {
    const { kernel, stride } = this.options;
    const mirrored = reflectPad2d(x, Math.floor(kernel / 2));
    // A filter of even size has no middle, and one pixel less before it.
    const padded = kernel % 2 === 0 ? tf.slice(mirrored, [0, 1, 1, 0]) : mirrored;
    const steps = Array.from({ length: kernel - 1 }, (_, i) => (i === kernel - 2 ? stride : 1));
    return steps.reduce((y, step) => avgPool2d(y, 2, step), padded);
  }
}

interface GaussianOptions {
  readonly kernel: number;
  readonly sigma: number;
  readonly pad: number;
}

class GaussianBlur extends ImageLayer<GaussianOptions> {
  static readonly className = "GancGaussianBlur";

  constructor(config: LayerConfig<GaussianOptions>) {
    super(config, ({ kernel, sigma, pad }) => {
      if (!(sigma > 0)) throw new RangeError(`sigma is above 0, not ${sigma}`);
      return {
        kernel: requireInteger("kernel", kernel, 1),
        sigma,
        pad: requireInteger("pad", pad, 0),
      };
    });
  }

  protected override resultShape(input: Shape): Shape {
    const { kernel, pad } = this.options;
    return mapSpatial(input, input[3] ?? null, (size, axis) =>
      convSize(size, kernel, { stride: 1, pad }, axis),
    );
  }

  protected override compute(x: tf.Tensor4D): tf.Tensor4D {
    const { kernel, sigma, pad } = this.options;
    return gaussianBlur2d(padWith(x, pad, 0), kernel, sigma);
  }
}

/**
 * Less than every float32 that a network computes with, but finite: infinity times zero would be
 * NaN.
 */
const lowest = -3.4e38;

for (const layer of [
  ReflectPad,
  ZeroPad,
  Relu,
  Pointwise,
  Upsample,
  Rescale,
  Pool,
  BlurPool,
  GaussianBlur,
]) {
  tf.serialization.registerClass(layer);
}

/**
 * Pads height and width by n reflected rows and columns on each side; n is less than both. It may
 * be [rows, columns].
 */
export const reflectPad = (n: Sides): Block =>
  layerBlock("reflect_pad", (name) => new ReflectPad({ name, pad: n }));

/**
 * Pads height and width by n zeros above and on the left, and by `after` zeros, also n unless
 * given, below and on the right. Both may be [rows, columns].
 */
export const zeroPad = (n: Sides, { after = n }: { readonly after?: Sides } = {}): Block =>
  layerBlock("zero_pad", (name) => new ZeroPad({ name, pad: n, after }));

/** Computes max(x, 0), with the derivative 0 at 0. */
export const relu = (): Block => layerBlock("relu", (name) => new Relu({ name, slope: 0 }));

/** Computes max(x, 0) + slope min(x, 0), slope >= 0. */
export const leakyRelu = (slope = 0.01): Block =>
  layerBlock("leaky_relu", (name) => new Relu({ name, slope }));

const pointwise = (kind: keyof typeof activations): Block =>
  layerBlock(kind, (name) => new Pointwise({ name, by: kind }));

/** Computes min(max(x, 0), 6), with the derivative 0 at 0 and at 6. */
export const relu6 = (): Block => pointwise("relu6");

/** The hyperbolic tangent: into (-1, 1). */
export const tanh = (): Block => pointwise("tanh");

/** Computes e^x. */
export const exp = (): Block => pointwise("exp");

/** The sine of x, in radians. */
export const sin = (): Block => pointwise("sin");

/** The cosine of x, in radians. */
export const cos = (): Block => pointwise("cos");

/** 1 / (1 + exp(-x)): into (0, 1). */
export const sigmoid = (): Block => pointwise("sigmoid");

/** Computes exp(x) over its sum over the channels, for each place. */
export const softmax = (): Block => pointwise("softmax");

/** Computes x where it is positive, exp(x) - 1 elsewhere (Clevert et al. 2016). */
export const elu = (): Block => pointwise("elu");

/** Computes x sigmoid(x) (Ramachandran et al. 2017). */
export const swish = (): Block => pointwise("swish");

/**
 * Computes x times the normal distribution function of x, in its tanh approximation (Hendrycks and
 * Gimpel 2016).
 */
export const gelu = (): Block => pointwise("gelu");

/**
 * Repeats every pixel `factor` times along height and width, or if bilinear interpolates between
 * the middles of pixels. The factor may be [height, width].
 */
export const upsample = (
  factor: Sides,
  { bilinear = false }: { readonly bilinear?: boolean } = {},
): Block => layerBlock("upsample", (name) => new Upsample({ name, factor, bilinear }));

/** Computes `scale` times every number, plus `offset`. */
export const rescale = (scale: number, { offset = 0 }: { readonly offset?: number } = {}): Block =>
  layerBlock("rescale", (name) => new Rescale({ name, scale, offset }));

/** Each number may be [height, width]. */
export interface PoolBlockOptions {
  /** Default: the kernel. */
  readonly stride?: Sides;
  /** Cells added on each side; for a maximum fewer than the kernel. Default 0. */
  readonly pad?: Sides;
}

/** Averages each window. Padding counts as zeros, as in PyTorch's AvgPool2d. */
export const avgPool = (
  kernel: Sides,
  { stride = kernel, pad = 0 }: PoolBlockOptions = {},
): Block =>
  layerBlock("avg_pool", (name) => new Pool({ name, by: "average", kernel, stride, pad }));

/** Takes the maximum of each window. Padding is never the maximum. */
export const maxPool = (
  kernel: Sides,
  { stride = kernel, pad = 0 }: PoolBlockOptions = {},
): Block =>
  layerBlock("max_pool", (name) => new Pool({ name, by: "maximum", kernel, stride, pad }));

/**
 * Blurs each channel by a binomial filter of `kernel` pixels, at least 2, with mirrored borders,
 * and keeps every `stride`-th pixel (Zhang 2019). Output side: ceil(side / stride).
 */
export const blurPool = (kernel = 3, { stride = 2 }: { readonly stride?: number } = {}): Block =>
  layerBlock("blur_pool", (name) => new BlurPool({ name, kernel, stride }));

/**
 * Blurs each channel by a Gaussian of `sigma` pixels, cut off at a window of `kernel` pixels and
 * scaled to a sum of 1, over `pad` zeros on each side. Output side: side + 2 pad - kernel + 1.
 */
export const gaussianBlur = (
  kernel: number,
  sigma: number,
  { pad = 0 }: { readonly pad?: number } = {},
): Block => layerBlock("gaussian_blur", (name) => new GaussianBlur({ name, kernel, sigma, pad }));

/** Its input, as it is. */
export const identity = (): Block => (x) => x;
