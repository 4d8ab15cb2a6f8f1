/** Options and methods that are known from other libraries, and what ganc has for each. */
import { plain } from "../base/suggest.js";

/** Names of one kind, and ganc's own or a whole sentence. */
type Row = readonly [names: string, instead: string];

/** Options that mean the same under another name. */
const synonyms: readonly Row[] = [
  ["lr learning_rate", "rate"],
  ["eps", "epsilon"],
  ["negative_slope alpha leak", "slope"],
  ["p prob drop_prob", "rate"],
  ["out_channels num_filters n_filters nf", "filters"],
  ["out_features", "units"],
  ["num_heads n_heads nhead", "heads"],
  ["ksize", "kernel"],
  ["scale_factor upscale_factor", "factor"],
  ["use_bias", "bias"],
  ["dilation_rate", "dilation"],
  ["stddev sigma", "std"],
  ["num_classes n_classes", "classes"],
  ["tau", "temperature"],
];

/** Options that two of ganc's are. */
const pairs: Readonly<Record<string, readonly [string, string]>> = { betas: ["beta1", "beta2"] };

const without: readonly Row[] = [
  [
    "in_channels in_features num_features input_shape input_dim in_dim in_planes num_channels normalized_shape",
    "What comes in is known from what stands before: leave it out.",
  ],
  ["inplace", "Nothing is changed in place: leave it out."],
  ["groups dilation", "A window takes all channels, and pixels without gaps."],
  ["activation act activation_fn", "An activation stands behind its layer: `conv(3, 64) >> relu`."],
  ["mode align_corners", "Between pixels it interpolates by `upsample(factor, bilinear: true)`."],
  ["num_parameters", "All channels have one slope, or each its own by `prelu(shared: false)`."],
  [
    "padding_mode",
    "A mirrored border is a layer of its own in front: `reflect_pad(1) >> conv(3, 64)`.",
  ],
  ["weight_decay", "Weights decay by `adamw(2e-4, decay: 0.01)`."],
  ["amsgrad nesterov maximize foreach fused", "None of ganc's optimizers has it."],
  [
    "kernel_initializer bias_initializer weight_init initializer",
    "How weights begin is said by `init` in the recipe: `init: normal(0, 0.02)`, or of one network `init[G]: kaiming_normal`.",
  ],
  [
    "track_running_stats running_stats",
    "`batch_norm(running: true)` keeps them; else it goes by the batch at hand.",
  ],
  ["reduction size_average", "Distances are means over the elements; `total(v)` is a sum."],
  ["data_format dtype device", "The machine's side is not said in a spec: leave it out."],
];

/** Methods of other libraries' values, and what ganc has instead. */
const methods: readonly Row[] = [
  ["detach", "A value that no gradient goes through is `stop(v)`."],
  [
    "backward step zero_grad grad requires_grad train eval update minimize apply_gradients",
    "There are no statements: `ganc run` derives each step from `solve`.",
  ],
  [
    "size shape height width channels ndim dim",
    "Sizes are known from the domains and the params: write those.",
  ],
  [
    "view reshape permute transpose squeeze unsqueeze",
    "Shapes are changed by layers, `reshape(height, width, channels)` and `flatten`.",
  ],
  [
    "cuda cpu to device float double half type numpy item clone contiguous",
    "The machine's side is not said in a spec: leave it out.",
  ],
  ["pow square", "Powers are written `v ^ 2`."],
  ["sum", "The sum of each sample is `total(v)`."],
  ["cat", "Channels are joined by `concat(x, y)`."],
  [
    "parameters weight weights state_dict",
    "Parameters are the networks' own: players and optimizers name networks.",
  ],
  ["forward call", "A network is applied as a function is: `G(x)`."],
  ["append extend add", "Layers stand in a row by `>>`."],
];

const byName = (table: readonly Row[]): ReadonlyMap<string, string> =>
  new Map(
    table.flatMap(([names, instead]) =>
      names.split(" ").map((name) => [plain(name), instead] as const),
    ),
  );

const [ownNames, sentences, methodNames] = [synonyms, without, methods].map(byName) as [
  ReadonlyMap<string, string>,
  ReadonlyMap<string, string>,
  ReadonlyMap<string, string>,
];

/**
 * Finds what an option of another library is among `formals`: one of them under another name, two
 * of them, or none, with a sentence. Nothing is said of an option that is among them.
 */
export const optionElsewhere = (
  name: string,
  formals: readonly string[],
): { readonly own?: string; readonly two?: readonly [string, string]; readonly says?: string } => {
  if (formals.includes(name)) return {};
  const two = Object.hasOwn(pairs, name) ? pairs[name] : undefined;
  if (two?.every((one) => formals.includes(one)) === true) return { two };
  const own = ownNames.get(plain(name));
  if (own !== undefined && formals.includes(own)) return { own };
  const says = sentences.get(plain(name));
  return says === undefined ? {} : { says };
};

/** A whole sentence of what ganc has for a method of another library. */
export const methodElsewhere = (name: string): string | undefined => methodNames.get(plain(name));

/** Every option and method that is known. */
export const callsKnownElsewhere = {
  options: [...ownNames.keys(), ...sentences.keys(), ...Object.keys(pairs)],
  methods: [...methodNames.keys()],
};
