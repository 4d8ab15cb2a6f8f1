/** Convolution and transposed convolution. */
import * as tf from "@tensorflow/tfjs";
import {
  type Block,
  type LayerConfig,
  layerBlock,
  mapSpatial,
  requireInteger,
  requireSides,
  type Shape,
} from "./bases/layer.js";
import { type SizeOf, WeightedLayer } from "./bases/weighted-layer.js";
import { biasAdd, conv2d, convSize, convTranspose2d, convTransposeSize } from "./kernels/conv.js";
import { groupedConv2d } from "./kernels/grouped-conv.js";
import { along, areBoth, bothOf, type Sides } from "./kernels/sides.js";

interface ConvOptions {
  readonly kernel: Sides;
  readonly filters: number;
  readonly stride: Sides;
  readonly pad: Sides;
  readonly bias: boolean;
}

interface GroupedOptions extends ConvOptions {
  readonly groups: number;
  readonly dilation: Sides;
}

interface ConvTransposeOptions extends ConvOptions {
  readonly outputPad: Sides;
}

function checkConv({ kernel, filters, stride, pad, bias }: ConvOptions): ConvOptions {
  return {
    kernel: requireSides("kernel", kernel, 1),
    filters: requireInteger("filters", filters, 1),
    stride: requireSides("stride", stride, 1),
    pad: requireSides("pad", pad, 0),
    bias,
  };
}

abstract class ConvLayer<Options extends ConvOptions> extends WeightedLayer<Options> {
  /** Shape of the weight for an input with that many channels. */
  protected abstract filterShape(channels: number): number[];

  protected abstract convolve(x: tf.Tensor4D, weight: tf.Tensor4D): tf.Tensor4D;

  protected override weightShapes(size: SizeOf): Record<string, number[]> {
    const { filters, bias } = this.options;
    const weight = this.filterShape(size("number of channels"));
    return bias ? { weight, bias: [filters] } : { weight };
  }

  protected override compute(x: tf.Tensor4D): tf.Tensor4D {
    const y = this.convolve(x, this.weight("weight"));
    return this.options.bias ? biasAdd(y, this.weight("bias")) : y;
  }
}

class Conv extends ConvLayer<GroupedOptions> {
  static readonly className = "GancConv";

  constructor(config: LayerConfig<GroupedOptions>) {
    super(config, ({ groups = 1, dilation = 1, ...rest }) => {
      if (rest.filters % requireInteger("groups", groups, 1) !== 0)
        throw new RangeError(`${rest.filters} filters do not divide into ${groups} groups`);
      const gaps = { dilation: requireSides("dilation", dilation, 1) };
      return { ...checkConv(rest), groups, ...gaps };
    });
  }

  protected override filterShape(channels: number): number[] {
    const { kernel, filters, groups } = this.options;
    if (channels % groups !== 0)
      throw new RangeError(`${channels} channels do not divide into ${groups} groups`);
    return [...bothOf(kernel), channels / groups, filters];
  }

  protected override resultShape(input: Shape): Shape {
    const { kernel, filters, dilation } = this.options;
    return mapSpatial(input, filters, (size, axis) => {
      const reach = (along(kernel, axis) - 1) * along(dilation, axis) + 1;
      return convSize(size, reach, this.options, axis);
    });
  }

  protected override convolve(x: tf.Tensor4D, weight: tf.Tensor4D): tf.Tensor4D {
    const { groups, dilation } = this.options;
    return groups === 1 && areBoth(dilation, 1)
      ? conv2d(x, weight, this.options)
      : groupedConv2d(x, weight, this.options);
  }
}

class ConvTranspose extends ConvLayer<ConvTransposeOptions> {
  static readonly className = "GancConvTranspose";

  constructor(config: LayerConfig<ConvTransposeOptions>) {
    super(config, ({ outputPad, ...rest }) => {
      requireSides("outputPad", outputPad, 0);
      for (const axis of [0, 1] as const)
        if (along(outputPad, axis) >= along(rest.stride, axis))
          throw new RangeError(
            `outputPad ${outputPad} must be less than the stride ${rest.stride}`,
          );
      return { ...checkConv(rest), outputPad };
    });
  }

  protected override filterShape(channels: number): number[] {
    const { kernel, filters } = this.options;
    return [...bothOf(kernel), filters, channels];
  }

  protected override outputAxis(): number {
    return 2;
  }

  protected override resultShape(input: Shape): Shape {
    const { kernel, filters } = this.options;
    return mapSpatial(input, filters, (size, axis) =>
      convTransposeSize(size, along(kernel, axis), this.options, axis),
    );
  }

  protected override convolve(x: tf.Tensor4D, weight: tf.Tensor4D): tf.Tensor4D {
    return convTranspose2d(x, weight, this.options);
  }
}

tf.serialization.registerClass(Conv);
tf.serialization.registerClass(ConvTranspose);

export interface ConvBlockOptions {
  /** At least 1. Default 1. */
  readonly stride?: Sides;
  /** Zeros added on each side. Default 0. */
  readonly pad?: Sides;
  /** Whether the layer has a bias. Default true. */
  readonly bias?: boolean;
}

/**
 * Makes a convolution: [n, h, w, c] to [n, floor((h + 2 pad - reach) / stride) + 1, …, filters],
 * where the reach is (kernel - 1) dilation + 1. Kernel, stride, pad and dilation are one number for
 * both axes, or [height, width]. The weight is [kernel, kernel, c / groups, filters]. `groups`
 * divides channels and filters; each group of filters sees one group of channels. Default 1. The
 * places of the window lie `dilation` pixels apart. Default 1.
 */
export const conv = (
  kernel: Sides,
  filters: number,
  {
    stride = 1,
    pad = 0,
    groups = 1,
    bias = true,
    dilation = 1,
  }: ConvBlockOptions & { readonly groups?: number; readonly dilation?: Sides } = {},
): Block =>
  layerBlock(
    "conv",
    (name) => new Conv({ name, kernel, filters, stride, pad, groups, bias, dilation }),
  );

/**
 * Makes a transposed convolution with the arithmetic of PyTorch's ConvTranspose2d: [n, h, w, c] to
 * [n, (h - 1) stride - 2 pad + kernel + outputPad, …, filters], with outputPad < stride. The weight
 * is [kernel, kernel, filters, c]. All but the filters may be [height, width].
 */
export const convTranspose = (
  kernel: Sides,
  filters: number,
  {
    stride = 1,
    pad = 0,
    outputPad = 0,
    bias = true,
  }: ConvBlockOptions & { readonly outputPad?: Sides } = {},
): Block =>
  layerBlock(
    "conv_transpose",
    (name) => new ConvTranspose({ name, kernel, filters, stride, pad, outputPad, bias }),
  );
