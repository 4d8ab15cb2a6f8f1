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

/** Settings that are known from training scripts, none of them a field of `train`. */
const settings: readonly Row[] = [
  [
    "epochs num_epochs n_epochs max_epochs nb_epoch total_epochs iterations n_iter num_iterations max_iter niter niter_decay steps max_steps total_steps",
    "How long is trained is said by the stages of the schedule: `schedule: constant(100)` are 100 epochs.",
  ],
  [
    "lr learning_rate rate base_lr lr_g lr_d beta beta1 beta2 betas momentum weight_decay eps epsilon",
    "What belongs to the optimizer is written there: `optimizer: adam(2e-4, beta1: 0.5, beta2: 0.999)`.",
  ],
  ["lr_policy lr_schedule lr_scheduler decay lr_decay warmup", "The rate follows the `schedule`."],
  [
    "losses criterion metrics gan_mode lambda lambda_a lambda_b lambda_identity lambda_cycle",
    "What is minimised or maximised is said by `solve`, with its weights.",
  ],
  [
    "seed random_seed data dataset dataroot data_dir device gpu gpus gpu_ids engine backend resume checkpoint checkpoint_every save_every sample_every output out",
    "It is no part of a spec: `ganc run` is told it.",
  ],
  [
    "ema ema_decay ema_beta moving_average averaging",
    "A moving average of the weights is `average: 0.999`.",
  ],
  [
    "clip_value clip_weights weight_clip weight_clipping clipping",
    "Weights are kept within bounds by `clip: 0.01`, those of one network by `clip[D]: 0.01`.",
  ],
  [
    "pool_size history replay buffer history_size image_pool",
    "A history of images belongs to the loss that looks at it: `lsgan.judge(D, G, history: 50)`.",
  ],
  [
    "critic_iters n_critic d_steps g_steps critic_steps",
    "Several steps of one player are a phase of `solve`: `repeat 5 { … }`.",
  ],
  [
    "load_size crop_size image_size img_size preprocess transform transforms no_flip",
    "What brings images to size is said by `augment`: `resize(286) >> random_crop(256) >> random_flip`.",
  ],
];

/** Names that are known from other libraries. */
export const knownElsewhere: readonly string[] = rows.flatMap(([names]) => names.split(" "));

const byName = (table: readonly Row[]): ReadonlyMap<string, string> =>
  new Map(
    table.flatMap(([names, instead]) =>
      names.split(" ").map((name) => [plain(name), instead] as const),
    ),
  );

const known = byName(rows);
const knownSettings = byName(settings);

/** A whole sentence of what ganc has for a name that is known from elsewhere; nothing for other names. */
export const elsewhere = (name: string): string | undefined => known.get(plain(name));

/** The same of a field of `train`. */
export const settingElsewhere = (name: string): string | undefined =>
  knownSettings.get(plain(name));

/** Settings that are known from training scripts. */
export const settingsKnownElsewhere: readonly string[] = settings.flatMap(([names]) =>
  names.split(" "),
);
