/** Writes the official architectures as declarations of a spec, their options as params. */
import type { Architecture, Judge, Norm, Patch, Resnet, Unet } from "./architecture.js";

/** What follows a convolution that is normalised. */
const normText = ({ kind, affine, running }: Norm): string => {
  switch (kind) {
    case "none":
      return "";
    case "instance":
      return ` >> instance_norm${affine ? "(affine: true)" : ""}`;
    case "batch":
      return ` >> batch_norm${running ? "(running: running)" : ""}`;
  }
};

/** How a network's declarations are told from another's: `_2`. */
export type Suffix = string;

const biasText = ({ biased }: Pick<Architecture, "biased">): string =>
  biased ? "" : ", bias: false";

const resnetText = (net: Resnet, s: Suffix): string => {
  const [norm, bias] = [normText(net.norm), biasText(net)];
  const { down, up } = net.blurs;
  const halved = down
    ? `conv(3, k, pad: 1${bias})${norm} >> relu >> blur_pool`
    : `conv(3, k, stride: 2, pad: 1${bias})${norm} >> relu`;
  const doubled = up
    ? `upsample(2) >> blur_pool(3, stride: 1) >> conv(3, k, pad: 1${bias})${norm} >> relu`
    : `conv_transpose(3, k, stride: 2, pad: 1, output_pad: 1${bias})${norm} >> relu`;
  const half = `reflect_pad(1) >> conv(3, k${bias})${norm}`;
  const between = net.dropout ? ">> dropout(0.5) >>" : ">>";
  const n = `ngf${s}`;
  return `let c7s1${s}(k) = reflect_pad(3) >> conv(7, k${bias})${norm} >> relu
let d${s}(k) = ${halved}
let R${s}(k) = residual(${half} >> relu ${between} ${half})
let u${s}(k) = ${doubled}

let resnet${s} =
  c7s1${s}(${n}) >> d${s}(2 * ${n}) >> d${s}(4 * ${n}) >> R${s}(4 * ${n}) * blocks${s} >>
  u${s}(2 * ${n}) >> u${s}(${n}) >> reflect_pad(3) >> conv(7, ${net.outputs}) >> tanh
`;
};

/** Filters at the k-th halving, from 0. */
const filtersText = (k: number, name: string): string =>
  k === 0 ? name : `${Math.min(2 ** k, 8)} * ${name}`;

const unetText = (net: Unet, s: Suffix): string => {
  const [norm, bias] = [normText(net.norm), biasText(net)];
  const n = `ngf${s}`;
  const last = net.levels - 1;
  const half = (k: string) => `conv(4, ${k}, stride: 2, pad: 1${bias})`;
  const double = (k: string) => `conv_transpose(4, ${k}, stride: 2, pad: 1${bias})${norm}`;
  const bottom = `leaky_relu(0.2) >> ${half(filtersText(last, n))} >> relu >> ${double(filtersText(last - 1, n))}`;
  const levels = Array.from({ length: last - 1 }, (_, i) => i + 1).reduceRight((below, k) => {
    const [at, out] = [filtersText(k, n), filtersText(k - 1, n)];
    return at === out ? `deep${s}(${below})` : `level${s}(${at}, ${below}, ${out})`;
  }, `bottom${s}`);
  return `let bottom${s} = x => concat(x, (${bottom})(x))
let level${s}(k, below, out, last = identity) =
  x =>
    concat(
      x, (leaky_relu(0.2) >> ${half("k")}${norm} >> below >>
          relu >> ${double("out")} >> last)(x))
let deep${s}(below) = level${s}(8 * ${n}, below, 8 * ${n}, last: dropout(0.5))

let unet${s} =
  ${half(n)} >> ${levels} >>
  relu >> conv_transpose(4, ${net.outputs}, stride: 2, pad: 1) >> tanh
`;
};

const patchText = (net: Patch, s: Suffix): string => {
  const [norm, bias] = [normText(net.norm), biasText(net)];
  const n = `ndf${s}`;
  const slide = net.blurs ? "" : ", stride: 2";
  const blur = net.blurs ? " >> blur_pool" : "";
  const block = (k: number): string =>
    k === net.layers
      ? `conv(4, ${filtersText(k, n)}, pad: 1${bias})${norm} >> leaky_relu(0.2)`
      : `conv(4, ${filtersText(k, n)}${slide}, pad: 1${bias})${norm} >> leaky_relu(0.2)${blur}`;
  const blocks = Array.from({ length: net.layers }, (_, i) => block(i + 1));
  const begin = `conv(4, ${n}${slide}, pad: 1) >> leaky_relu(0.2)${blur}`;
  return `let patchgan${s} =
  ${[begin, ...blocks, "conv(4, 1, pad: 1)"].join(" >>\n  ")}
`;
};

const judgeText = (net: Judge, s: Suffix): string => {
  if (net.kind === "patch") return patchText(net, s);
  const [norm, bias] = [normText(net.norm), biasText(net)];
  const n = `ndf${s}`;
  return `let pixelgan${s} =
  conv(1, ${n}) >> leaky_relu(0.2) >>
  conv(1, 2 * ${n}${bias})${norm} >> leaky_relu(0.2) >>
  conv(1, 1${bias})
`;
};

/** Returns the `let`s of an architecture: `resnet`, `unet`, `patchgan` or `pixelgan`. */
export const architectureText = (net: Architecture, suffix: Suffix): string => {
  switch (net.kind) {
    case "resnet":
      return resnetText(net, suffix);
    case "unet":
      return unetText(net, suffix);
    case "patch":
    case "pixel":
      return judgeText(net, suffix);
  }
};
