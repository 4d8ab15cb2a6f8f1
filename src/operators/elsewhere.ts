/**
 * Names that are known from other libraries and from papers, and what ganc has for each. Many are
 * one letter away from another operation, `nadam` from `adam`: they are no misspellings.
 */
import { plain } from "../base/suggest.js";
import { activations as activationLayers } from "./activations.js";
import { inits } from "./inits.js";
import type { Layer } from "./layer.js";
import { layers } from "./layers.js";
import { normLayers } from "./norms.js";
import { schedules } from "./schedules.js";

/** Names of one kind, and a whole sentence of what to write instead. */
type Row = readonly [names: string, instead: string];

/** Names of entries in the text: "`relu`, `elu` and `tanh`". */
const listed = (entries: readonly Layer[]): string => {
  const names = entries.map(({ name }) => `\`${name}\``);
  return `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
};

const activations = `The activations are ${listed(activationLayers.filter(({ elementwise, moves }) => elementwise && !moves))}.`;

const rows: readonly Row[] = [
  [
    "adamax nadam radam adamp adagrad adadelta adabelief adan lamb lars lion sgdm sgdw asgd nag rprop lbfgs yogi ftrl",
    "The optimizers are `adam(rate)`, `adamw(rate, decay: …)`, `rmsprop(rate)` and `sgd(rate, momentum: …)`.",
  ],
  [
    "linear_from_zero linear_warmup ramp_up linear_ramp",
    "The rate rises by `warmup(n)`, and from one share of it to another by `ramp(n, from: 0.1, to: 1)`.",
  ],
  [
    "one_cycle cyclic exponential exp_decay exponential_decay reduce_on_plateau multistep poly polynomial",
    `The stages of a schedule are ${[...schedules.keys()].map((name) => `\`${name}\``).join(", ")}, one behind another by \`>>\`.`,
  ],
  [
    "xavier glorot glorot_normal glorot_uniform kaiming he he_normal he_uniform lecun_normal lecun_uniform truncated_normal trunc_normal variance_scaling",
    `The first weights are of ${[...inits.keys()].map((name) => `\`${name}\``).join(", ")}.`,
  ],
  ["cosine_annealing cosine_decay", "Half a wave from the rate to 0 is `cosine(n)`."],
  [
    "prelu selu celu rrelu crelu relu6 mish hardtanh hard_sigmoid hard_swish glu softsign softshrink hardshrink tanhshrink threshold maxout snake",
    activations,
  ],
  ["silu", "It is the same as `swish`."],
  ["logsigmoid", "Write `log(sigmoid(z))`: in a loss it is finite for every z."],
  [
    "multihead_attention multi_head_attention mha msa scaled_dot_product_attention",
    "Attention over places is `attention(heads)`.",
  ],
  [
    "interpolate resize_bilinear upsample_bilinear upsample_nearest upsampling upsampling_nearest upsampling_bilinear",
    "Images are enlarged by `upsample(factor)`, which can be told to interpolate.",
  ],
  [
    "coord_conv add_coords",
    "Rows and columns are joined to a value by `concat(v, coordinates(v))`.",
  ],
  [
    "positional_encoding position_embedding pos_embed",
    "What is added to a value `v` to tell its places is `sinusoids(v)` or, learnt, `learnt(n, n, n)(v)`.",
  ],
  ["min_pool lp_pool adaptive_max_pool max_unpool", "There are `max_pool` and `avg_pool`."],
  ["adaptive_avg_pool global_max_pool", "The mean over all places is `global_avg_pool`."],
  [
    "group_norm weight_norm local_response_norm lrn rms_norm pixel_norm",
    `There are ${listed(normLayers)}, and \`spectral_norm(f)\` around layers.`,
  ],
  ["linear fc fully_connected", "A layer of all numbers is `dense(units)`."],
  [
    "l0 l3 l_inf linf huber smooth_l1 charbonnier mse mae rmse mse_loss l1_loss l2_loss",
    "The distances are `l1(a, b)`, the mean of |a - b|, and `l2(a, b)`, the mean of (a - b)^2.",
  ],
  [
    "bce bce_loss bce_with_logits bce_with_logits_loss binary_cross_entropy binary_cross_entropy_with_logits cross_entropy_loss nll_loss nll kl kl_div kld",
    "Of a score z it is `softplus(-z)` where yes is right and `softplus(z)` where no is; of several classes, `cross_entropy(logits, c)`.",
  ],
  [
    "tan sinh cosh asin acos atan atanh arctan arctanh",
    "Of these there are `sin`, `cos` and `tanh`.",
  ],
  ["sequential", "Layers stand in a row by `>>`: `reflect_pad(1) >> conv(3, 64) >> relu`."],
  ["detach stop_gradient no_grad", "A value that no gradient goes through is `stop(v)`."],
  ["cat concatenate", "Channels are joined by `concat(v, z)`."],
  [
    "conv2d_transpose deconv transposed_conv upconv",
    "The transposed convolution is `conv_transpose(kernel, filters)`.",
  ],
  [
    "reflection_pad replication_pad constant_pad pad padding",
    "Layers that pad are `reflect_pad(n)` and `zero_pad(n)`; a convolution adds zeros by itself, `conv(3, 64, pad: 1)`.",
  ],
  ["none null nil undefined", "There is no empty value: what is left out has its default."],
  ["self this", "There are no objects: every name stands by itself."],
  [
    "nn torch tf keras tensorflow jax jnp flax np numpy optim",
    "Layers, functions and optimizers stand by their own names: `conv(3, 64) >> relu`, `adam(2e-4)`.",
  ],
  ["range", "There are no loops: an architecture is repeated by `*`."],
  [
    "randn rand randn_like rand_like gaussian",
    "Random numbers are drawn from a domain, of `noise(n)` or `uniform(n)`.",
  ],
  ["ones zeros ones_like zeros_like", "A number stands for as many as are needed: `l2(z, 1)`."],
  ["sum reduce_sum", "The sum of each sample is `total(v)`."],
  ["reduce_mean", "The mean of each sample is `mean(v)`."],
  [
    "view permute transpose squeeze unsqueeze",
    "Shapes are changed by `reshape(n, n, n)` and `flatten`.",
  ],
  ["pow power", "Powers are written `v ^ 2`."],
  ["maximum minimum", "Values are kept within bounds by `clamp(v, 0, 1)`."],
  ["sqr", "`square(z)` is z z, and `sqrt(z)` its root."],
  ["softmin argmax argmin hardmax gumbel gumbel_softmax", "There are `softmax` and `log_softmax`."],
  [
    "depthwise_conv depthwise_conv2d separable_conv separable_conv2d grouped_conv",
    "A convolution of each channel by itself has as many groups as channels: `conv(3, k, groups: k)`; `>> conv(1, n)` makes it separable.",
  ],
  ["conv1d", "A convolution along the width alone is `conv((1, n), filters)`."],
  [
    "conv3d deform_conv",
    "There are `conv(kernel, filters)` and `conv_transpose(kernel, filters)`, of two dimensions.",
  ],
  [
    "dropout2d dropout3d alpha_dropout spatial_dropout feature_dropout drop_path drop_connect drop_block",
    "`dropout(rate)` drops single numbers, not whole channels or paths.",
  ],
  [
    "center_crop random_rotate random_erase random_erasing vertical_flip random_vertical_flip random_horizontal_flip",
    "Augmentation has `resize`, `random_crop`, `random_flip` of left and right, `random_rotation`, `color_jitter` and `cutout`.",
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
  [
    "lr_policy lr_schedule lr_scheduler decay lr_decay warmup_epochs warmup_steps",
    "The rate follows the `schedule`.",
  ],
  [
    "losses criterion metrics gan_mode lambda lambda_a lambda_b lambda_identity lambda_cycle",
    "What is minimised or maximised is said by `solve`, with its weights.",
  ],
  [
    "seed random_seed data dataset dataroot data_dir device gpu gpus gpu_ids engine backend resume checkpoint checkpoint_every save_every sample_every output out",
    "It is no part of a spec: `ganc run` is told it.",
  ],
  [
    "gradient_checkpointing checkpointing activation_checkpointing checkpoint_gradients recompute remat",
    "Activations are computed again on the way back, rather than kept, by `checkpoint_activations: true`.",
  ],
  [
    "accumulation_steps gradient_accumulation gradient_accumulation_steps accumulate_grad_batches grad_accum accumulate_steps accum_steps",
    "Gradients of several batches are averaged for each update by `accumulate: 4`.",
  ],
  [
    "ema ema_decay ema_beta moving_average averaging",
    "A moving average of the weights is `average: 0.999`.",
  ],
  [
    "clip_norm clip_grad clip_grad_norm clip_grad_value clipnorm clipvalue global_clipnorm grad_clip gradient_clip gradient_clipping gradient_clip_val max_norm max_grad_norm",
    "Gradients are bounded by `clip_gradient: by_norm(1)` or `by_value(0.5)`.",
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

/** Splits a row into names, without those that have become layers here. */
const namesOf = ([names]: Row): readonly string[] =>
  names.split(" ").filter((name) => !layers.has(name));

/** Names that are known from other libraries. */
export const knownElsewhere: readonly string[] = rows.flatMap(namesOf);

const byName = (table: readonly Row[]): ReadonlyMap<string, string> =>
  new Map(table.flatMap((row) => namesOf(row).map((name) => [plain(name), row[1]] as const)));

const known = byName(rows);
const knownSettings = byName(settings);

/**
 * A whole sentence of what ganc has for a name that is known from elsewhere; nothing for other
 * names.
 */
export const elsewhere = (name: string): string | undefined =>
  known.get(plain(name)) ?? known.get(plain(name).replace(/2d$/, ""));

/** The same of a field of `train`. */
export const settingElsewhere = (name: string): string | undefined =>
  knownSettings.get(plain(name));

/** Settings that are known from training scripts. */
export const settingsKnownElsewhere: readonly string[] = settings.flatMap(([names]) =>
  names.split(" "),
);
