/**
 * CycleGAN in plain tfjs, as an expert would write it by hand: the baseline for generated code. It
 * has the official objective and order of work: LSGAN, cycle and identity losses, a history of 50
 * images; the discriminators judge the translations of the generators' update. `padding: "same"`
 * puts the odd zero of a stride of 2 after the image, where PyTorch puts it before. So this network
 * is the official one's mirror image: with kernels and images turned by half a turn it computes the
 * same, turned, without a crop or a pad that plain tfjs does not need. `turned` does that to
 * weights and images.
 */
import * as tf from "@tensorflow/tfjs";

export interface PlainSizes {
  readonly size: number;
  readonly ngf: number;
  readonly ndf: number;
  readonly blocks: number;
  /** Weight of the cycle loss. The identity loss has half of it. */
  readonly lambda: number;
}

type Shape = (number | null)[];

/**
 * Reflection padding by mirrorPad. tfjs differentiates it by cropping, which loses what the border
 * reflects: wrong, but no slower.
 */
class ReflectionPadding2D extends tf.layers.Layer {
  static readonly className = "ReflectionPadding2D";

  constructor(private readonly padding: number) {
    super({});
  }

  override computeOutputShape(input: Shape | Shape[]): Shape {
    const [n, h, w, c] = input as [null, number, number, number];
    return [n, h + 2 * this.padding, w + 2 * this.padding, c];
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const x = Array.isArray(inputs) ? inputs[0] : inputs;
    const p = this.padding;
    const paddings: [number, number][] = [
      [0, 0],
      [p, p],
      [p, p],
      [0, 0],
    ];
    return tf.mirrorPad(x as tf.Tensor, paddings, "reflect");
  }
}

class InstanceNormalization extends tf.layers.Layer {
  static readonly className = "InstanceNormalization";

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const x = (Array.isArray(inputs) ? inputs[0] : inputs) as tf.Tensor;
      const { mean, variance } = tf.moments(x, [1, 2], true);
      return tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, 1e-5)));
    });
  }
}

type Symbolic = tf.SymbolicTensor;

const applied = (layer: tf.layers.Layer, x: Symbolic): Symbolic => layer.apply(x) as Symbolic;

const normalised = (x: Symbolic): Symbolic => applied(new InstanceNormalization({}), x);

const reflected = (x: Symbolic, padding: number): Symbolic =>
  applied(new ReflectionPadding2D(padding), x);

const relu = (x: Symbolic): Symbolic => applied(tf.layers.reLU(), x);

const leakyRelu = (x: Symbolic): Symbolic => applied(tf.layers.leakyReLU({ alpha: 0.2 }), x);

interface Conv {
  readonly strides?: number;
  readonly padding?: "same" | "valid";
}

const conv = (
  x: Symbolic,
  kernelSize: number,
  filters: number,
  { strides = 1, padding = "valid" }: Conv = {},
): Symbolic => {
  const kernelInitializer = tf.initializers.randomNormal({ mean: 0, stddev: 0.02 });
  const config = { filters, kernelSize, strides, padding, kernelInitializer };
  return applied(tf.layers.conv2d(config), x);
};

const residualBlock = (x: Symbolic, filters: number): Symbolic => {
  let y = relu(normalised(conv(reflected(x, 1), 3, filters)));
  y = normalised(conv(reflected(y, 1), 3, filters));
  return applied(tf.layers.add(), [x, y] as unknown as Symbolic);
};

const upsampled = (x: Symbolic, filters: number): Symbolic => {
  const kernelInitializer = tf.initializers.randomNormal({ mean: 0, stddev: 0.02 });
  const config = {
    filters,
    kernelSize: 3,
    strides: 2,
    padding: "same",
    kernelInitializer,
  } as const;
  return relu(normalised(applied(tf.layers.conv2dTranspose(config), x)));
};

const buildGenerator = ({ size, ngf, blocks }: PlainSizes): tf.LayersModel => {
  const input = tf.input({ shape: [size, size, 3] });
  let x = relu(normalised(conv(reflected(input, 3), 7, ngf)));
  x = relu(normalised(conv(x, 3, 2 * ngf, { strides: 2, padding: "same" })));
  x = relu(normalised(conv(x, 3, 4 * ngf, { strides: 2, padding: "same" })));
  for (let i = 0; i < blocks; i++) x = residualBlock(x, 4 * ngf);
  x = upsampled(upsampled(x, 2 * ngf), ngf);
  x = conv(reflected(x, 3), 7, 3);
  return tf.model({
    inputs: input,
    outputs: applied(tf.layers.activation({ activation: "tanh" }), x),
  });
};

const buildDiscriminator = ({ size, ndf }: PlainSizes): tf.LayersModel => {
  const padded = (x: Symbolic): Symbolic => applied(tf.layers.zeroPadding2d({ padding: 1 }), x);
  const input = tf.input({ shape: [size, size, 3] });
  let x = leakyRelu(conv(input, 4, ndf, { strides: 2, padding: "same" }));
  x = leakyRelu(normalised(conv(x, 4, 2 * ndf, { strides: 2, padding: "same" })));
  x = leakyRelu(normalised(conv(x, 4, 4 * ndf, { strides: 2, padding: "same" })));
  x = leakyRelu(normalised(conv(padded(x), 4, 8 * ndf)));
  return tf.model({ inputs: input, outputs: conv(padded(x), 4, 1) });
};

/**
 * A history of generated images (Shrivastava et al. 2017), by the rule of the official ImagePool.
 */
class ImagePool {
  private readonly images: tf.Tensor[] = [];

  constructor(private readonly capacity: number) {}

  /** Exchanges an image. Call it within `tf.tidy`, which disposes the result. */
  query(image: tf.Tensor): tf.Tensor {
    if (this.images.length < this.capacity) {
      this.images.push(tf.keep(image.clone()));
      return image;
    }
    if (Math.random() < 0.5) return image;
    const index = Math.floor(Math.random() * this.capacity);
    const kept = this.images[index] as tf.Tensor;
    const old = kept.clone();
    kept.dispose();
    this.images[index] = tf.keep(image.clone());
    return old;
  }
}

const l1 = (a: tf.Tensor, b: tf.Tensor): tf.Scalar => tf.mean(tf.abs(tf.sub(a, b)));

const l2 = (a: tf.Tensor, b: number): tf.Scalar => tf.mean(tf.square(tf.sub(a, b)));

const trained = (...models: tf.LayersModel[]): tf.Variable[] =>
  models.flatMap((model) => model.trainableWeights.map((weight) => weight.read() as tf.Variable));

const applyTo = (model: tf.LayersModel, x: tf.Tensor): tf.Tensor => model.apply(x) as tf.Tensor;

/** Turns weights or images by half a turn, into the mirror image that this network uses. */
export const turned = <T extends tf.Tensor>(t: T, axes: [number, number]): T => tf.reverse(t, axes);

/** Loss values of one step. */
export interface PlainLosses {
  readonly generators: number;
  readonly foolY: number;
  readonly foolX: number;
  readonly cycle: number;
  readonly identity: number;
  readonly judgeY: number;
  readonly judgeX: number;
}

export class PlainCycleGan {
  readonly G: tf.LayersModel;
  readonly F: tf.LayersModel;
  readonly DX: tf.LayersModel;
  readonly DY: tf.LayersModel;
  private readonly poolX = new ImagePool(50);
  private readonly poolY = new ImagePool(50);
  // One for each player: tf.train.adam identifies its moments by the position of a variable.
  private readonly adamG = tf.train.adam(2e-4, 0.5, 0.999);
  private readonly adamX = tf.train.adam(2e-4, 0.5, 0.999);
  private readonly adamY = tf.train.adam(2e-4, 0.5, 0.999);

  constructor(private readonly sizes: PlainSizes) {
    this.G = buildGenerator(sizes);
    this.F = buildGenerator(sizes);
    this.DX = buildDiscriminator(sizes);
    this.DY = buildDiscriminator(sizes);
  }

  /** Updates all networks once. */
  async step(x: tf.Tensor, y: tf.Tensor): Promise<PlainLosses> {
    const scalars = tf.tidy(() => {
      const { fakeX, fakeY, ...losses } = this.updateGenerators(x, y);
      const judgeY = this.updateDiscriminator(this.DY, this.adamY, y, this.poolY.query(fakeY));
      const judgeX = this.updateDiscriminator(this.DX, this.adamX, x, this.poolX.query(fakeX));
      tf.dispose([fakeX, fakeY]);
      return { ...losses, judgeY, judgeX };
    });
    const values = await Promise.all(Object.values(scalars).map((scalar) => scalar.data()));
    tf.dispose(scalars);
    const names = Object.keys(scalars);
    return Object.fromEntries(
      names.map((name, i) => [name, values[i]?.[0]]),
    ) as unknown as PlainLosses;
  }

  private updateGenerators(x: tf.Tensor, y: tf.Tensor) {
    const { G, F, DX, DY } = this;
    const { lambda } = this.sizes;
    let parts: Record<"fakeX" | "fakeY" | "foolY" | "foolX" | "cycle" | "identity", tf.Tensor>;
    const loss = (): tf.Scalar => {
      const fakeY = applyTo(G, x);
      const fakeX = applyTo(F, y);
      const foolY = l2(applyTo(DY, fakeY), 1);
      const foolX = l2(applyTo(DX, fakeX), 1);
      const cycle = tf.add(l1(applyTo(F, fakeY), x), l1(applyTo(G, fakeX), y));
      const identity = tf.add(l1(applyTo(G, y), y), l1(applyTo(F, x), x));
      // Kept, because minimize disposes everything else.
      parts = { fakeX, fakeY, foolY, foolX, cycle, identity };
      for (const part of Object.values(parts)) tf.keep(part);
      const weighted = [foolY, foolX, tf.mul(lambda, cycle), tf.mul(0.5 * lambda, identity)];
      return tf.addN(weighted) as tf.Scalar;
    };
    const generators = this.adamG.minimize(loss, true, trained(G, F)) as tf.Scalar;
    // biome-ignore lint/style/noNonNullAssertion: minimize has called `loss`
    return { generators, ...parts! };
  }

  private updateDiscriminator(
    D: tf.LayersModel,
    adam: tf.Optimizer,
    real: tf.Tensor,
    fake: tf.Tensor,
  ): tf.Scalar {
    const loss = (): tf.Scalar =>
      tf.mul(0.5, tf.add(l2(applyTo(D, real), 1), l2(applyTo(D, fake), 0)));
    return adam.minimize(loss, true, trained(D)) as tf.Scalar;
  }
}
