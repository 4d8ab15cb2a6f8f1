/**
 * Instance normalisation (Ulyanov, Vedaldi, Lempitsky 2016) without affine parameters, with the
 * biased variance: y = (x - mean) / sqrt(variance + epsilon), with mean and variance of each
 * channel of each sample over its positions.
 */
import * as tf from "@tensorflow/tfjs";
import {
  type AttributeValue,
  defineKernel,
  executeTensorflow,
  float32,
  type Kernel,
  only,
} from "./backend.js";

interface InstanceNormAttributes {
  readonly epsilon: number;
}

const positions = [1, 2];

/** Computes the mean and the inverse deviation, each [n, 1, 1, c]. */
function statistics(x: tf.Tensor, epsilon: number): [mean: tf.Tensor, inverse: tf.Tensor] {
  const mean = tf.mean(x, positions, true);
  const variance = tf.mean(tf.square(tf.sub(x, mean)), positions, true);
  return [mean, tf.rsqrt(tf.add(variance, epsilon))];
}

/**
 * Computes inverse (dy - mean(dy) - y mean(dy y)), with y = (x - mean) inverse and means over
 * positions.
 */
function portableGradient(
  dy: tf.Tensor,
  x: tf.Tensor,
  mean: tf.Tensor,
  inverse: tf.Tensor,
): tf.Tensor {
  const y = tf.mul(tf.sub(x, mean), inverse);
  const along = tf.mean(tf.mul(dy, y), positions, true);
  return tf.mul(inverse, tf.sub(tf.sub(dy, tf.mean(dy, positions, true)), tf.mul(y, along)));
}

const fusedAttributes = ({
  epsilon,
}: InstanceNormAttributes): Readonly<Record<string, AttributeValue>> => ({
  T: float32,
  U: float32,
  epsilon: { type: "float", value: epsilon },
  data_format: { type: "string", value: "NHWC" },
  is_training: { type: "bool", value: true },
});

/** Tells whether batch normalisation computes it: for a batch of one the two are the same. */
const fusable = (x: tf.Tensor): boolean => x.shape[0] === 1;

const portableForward = (x: tf.Tensor, epsilon: number): tf.Tensor[] => {
  const [mean, inverse] = statistics(x, epsilon);
  return [tf.mul(tf.sub(x, mean), inverse), mean, inverse];
};

const forward: Kernel<InstanceNormAttributes> = defineKernel({
  name: "GancInstanceNorm",
  portable: ({ x }, { epsilon }) => portableForward(x as tf.Tensor, epsilon),
  tensorflow: ({ x }, attributes) => {
    const input = x as tf.Tensor;
    if (!fusable(input)) return portableForward(input, attributes.epsilon);
    const channels = input.shape[3] as number;
    const [y, , , ...reserved] = executeTensorflow(
      "FusedBatchNormV3",
      {
        ...fusedAttributes(attributes),
        exponential_avg_factor: { type: "float", value: 1 },
      },
      [input, tf.ones([channels]), tf.zeros([channels]), tf.tensor1d([]), tf.tensor1d([])],
      6,
    );
    return [y as tf.Tensor, ...reserved];
  },
  savesInputs: ["x"],
  savesOutputs: [false, true, true, true],
  gradient: (dy, saved, attributes) => ({
    x: () => {
      const [x, ...statisticsOfX] = saved as [tf.Tensor, ...tf.Tensor[]];
      if (isRecorded()) return portableGradient(dy, x, ...statistics(x, attributes.epsilon));
      const inputs = Object.fromEntries(statisticsOfX.map((s, i) => [`s${i}`, s]));
      return only(backward({ dy, x, ...inputs }, attributes));
    },
  }),
});

/**
 * Tells whether a tape is recording. Then this gradient is itself differentiated, and is made of
 * tfjs's own operations.
 */
const isRecorded = (): boolean => tf.engine().state.gradientDepth > 0;

const backward: Kernel<InstanceNormAttributes> = defineKernel({
  name: "GancInstanceNormGradient",
  portable: ({ dy, x, s0, s1 }) => [
    portableGradient(dy as tf.Tensor, x as tf.Tensor, s0 as tf.Tensor, s1 as tf.Tensor),
  ],
  tensorflow: ({ dy, x, s0, s1, s2 }, attributes) => {
    const input = x as tf.Tensor;
    if (!fusable(input)) {
      return [portableGradient(dy as tf.Tensor, input, s0 as tf.Tensor, s1 as tf.Tensor)];
    }
    const [dx] = executeTensorflow(
      "FusedBatchNormGradV3",
      fusedAttributes(attributes),
      [
        dy as tf.Tensor,
        input,
        tf.ones([input.shape[3] as number]),
        s0 as tf.Tensor,
        s1 as tf.Tensor,
        s2 as tf.Tensor,
      ],
      5,
    );
    return [dx as tf.Tensor];
  },
  gradient: () => {
    throw new Error("unreachable: under a tape the gradient is made of tfjs's operations");
  },
});

/**
 * Normalises each channel of each sample of x [n, h, w, c]. `epsilon` is positive and keeps
 * constant images finite.
 */
export function instanceNorm2d(x: tf.Tensor4D, epsilon: number): tf.Tensor4D {
  const [y, ...statisticsOfX] = forward({ x }, { epsilon });
  tf.dispose(statisticsOfX);
  return y as tf.Tensor4D;
}
