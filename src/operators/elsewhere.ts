/**
 * Names that are known from other libraries and from papers, and what ganc has for each. Many are one letter away from
 * another operation, `adamw` from `adam`: they are no misspellings.
 */
import { plain } from "../base/suggest.js";

/** Names of one kind, and a whole sentence of what to write instead. */
type Row = readonly [names: string, instead: string];

const activations =
  "The activations are `relu`, `leaky_relu(slope)`, `elu`, `gelu`, `swish`, `sigmoid` and `tanh`.";

const rows: readonly Row[] = [
  [
    "adamw adamax nadam radam adamp adagrad adadelta adabelief adan lamb lars lion sgdm sgdw asgd nag rprop lbfgs yogi ftrl",
    "The optimizers are `adam(rate)`, `rmsprop(rate)` and `sgd(rate, momentum: …)`.",
  ],
  [
    "linear_from_zero linear_warmup warmup ramp ramp_up one_cycle cyclic exponential exp_decay exponential_decay plateau reduce_on_plateau multistep poly polynomial",
    "The stages of a schedule are `constant(n)`, `linear_to_zero(n)`, `step_decay(n)` and `cosine(n)`, one behind another by `>>`; none raises the rate.",
  ],
  ["cosine_annealing cosine_decay", "Half a wave from the rate to 0 is `cosine(n)`."],
  [
    "prelu selu celu rrelu crelu relu6 mish hardtanh hard_sigmoid hard_swish glu softsign softshrink hardshrink tanhshrink threshold maxout snake",
    activations,
  ],
  ["silu", "It is the same as `swish`."],
  ["logsigmoid", "Write `log(sigmoid(z))`: in a loss it is finite for every z."],
  ["min_pool lp_pool adaptive_max_pool max_unpool", "There are `max_pool` and `avg_pool`."],
  ["adaptive_avg_pool global_max_pool", "The mean over all places is `global_avg_pool`."],
  [
    "group_norm weight_norm local_response_norm lrn rms_norm pixel_norm",
    "There are `instance_norm`, `layer_norm`, `batch_norm`, and `spectral_norm(f)` around layers.",
  ],
  ["linear fc fully_connected", "A layer of all numbers is `dense(units)`."],
  [
    "l0 l3 l_inf linf huber smooth_l1 charbonnier mse mae rmse mse_loss l1_loss l2_loss",
    "The distances are `l1(a, b)`, the mean of |a - b|, and `l2(a, b)`, the mean of (a - b)^2.",
  ],
  [
    "bce bce_loss bce_with_logits binary_cross_entropy nll kl kl_div kld",
    "Of a score z it is `softplus(-z)` where yes is right and `softplus(z)` where no is; of several classes, `cross_entropy(logits, c)`.",
  ],
  ["sin cos tan sinh cosh asin acos atan atanh arctan arctanh", "Of these there is `tanh` only."],
  ["sqr", "`square(z)` is z z, and `sqrt(z)` its root."],
  ["softmin argmax argmin hardmax gumbel gumbel_softmax", "There are `softmax` and `log_softmax`."],
  [
    "conv1d conv3d depthwise_conv separable_conv deform_conv",
    "There are `conv(kernel, filters)` and `conv_transpose(kernel, filters)`, of two dimensions.",
  ],
  [
    "dropout2d dropout3d alpha_dropout spatial_dropout feature_dropout drop_path drop_connect drop_block",
    "`dropout(rate)` drops single numbers, not whole channels or paths.",
  ],
  [
    "center_crop random_rotation random_rotate color_jitter random_erase cutout vertical_flip random_vertical_flip random_horizontal_flip",
    "Augmentation has `resize`, `random_crop`, and `random_flip` of left and right.",
  ],
];

/** Names that are known from other libraries. */
export const knownElsewhere: readonly string[] = rows.flatMap(([names]) => names.split(" "));

const known: ReadonlyMap<string, string> = new Map(
  rows.flatMap(([names, instead]) =>
    names.split(" ").map((name) => [plain(name), instead] as const),
  ),
);

/** A whole sentence of what ganc has for a name that is known from elsewhere; nothing for other names. */
export const elsewhere = (name: string): string | undefined => known.get(plain(name));
