/**
 * The networks of pytorch-CycleGAN-and-pix2pix, and the ResNet and PatchGAN of CUT: which modules
 * they have, under which names, and which tensors each of these keeps. Names count the places of
 * `nn.Sequential`, those without tensors too.
 */

import { statisticNames } from "../statistics.js";

export type NormKind = "instance" | "batch" | "none";

export interface Norm {
  readonly kind: NormKind;
  /** Whether it has a scale and a shift. */
  readonly affine: boolean;
  /** Whether it keeps running statistics. */
  readonly running: boolean;
}

interface Common {
  readonly inputs: number;
  /** `ngf` or `ndf`: filters of the first convolution. */
  readonly filters: number;
  readonly norm: Norm;
  /** Whether convolutions before a normalisation have a bias. */
  readonly biased: boolean;
}

export interface Resnet extends Common {
  readonly kind: "resnet";
  readonly outputs: number;
  readonly blocks: number;
  readonly dropout: boolean;
  /** Whether it blurs where it halves and where it doubles, as CUT does. */
  readonly blurs: { readonly down: boolean; readonly up: boolean };
}

export interface Unet extends Common {
  readonly kind: "unet";
  readonly outputs: number;
  /** How often it halves: 7 in unet_128, 8 in unet_256. */
  readonly levels: number;
}

/** `basic` and `n_layers`. */
export interface Patch extends Common {
  readonly kind: "patch";
  readonly layers: number;
  readonly blurs: boolean;
}

export interface Pixel extends Common {
  readonly kind: "pixel";
}

export type Generator = Resnet | Unet;
export type Judge = Patch | Pixel;
export type Architecture = Generator | Judge;

export const isGenerator = (found: Architecture): found is Generator =>
  found.kind === "resnet" || found.kind === "unet";

/** What a tensor is of its module. */
export type Role = "weight" | "bias" | "mean" | "variance" | "batches" | "filter";

export interface ModuleTensor {
  /** Its name in the state: `model.1.weight`. */
  readonly name: string;
  readonly role: Role;
  readonly shape: readonly number[];
}

/** A module with tensors, in the order in which they are registered. */
export interface Module {
  readonly key: string;
  readonly tensors: readonly ModuleTensor[];
}

const convolution = (
  key: string,
  kernel: number,
  [from, to]: readonly [from: number, to: number],
  bias: boolean,
  isTransposed = false,
): Module => ({
  key,
  tensors: [
    {
      name: `${key}.weight`,
      role: "weight",
      shape: isTransposed ? [from, to, kernel, kernel] : [to, from, kernel, kernel],
    },
    ...(bias ? [{ name: `${key}.bias`, role: "bias" as const, shape: [to] }] : []),
  ],
});

const normalisation = (key: string, { affine, running }: Norm, channels: number): Module => {
  const of = (role: Role, last: string, shape = [channels]): ModuleTensor => ({
    name: `${key}.${last}`,
    role,
    shape,
  });
  return {
    key,
    tensors: [
      ...(affine ? [of("weight", "weight"), of("bias", "bias")] : []),
      ...(running
        ? [
            of("mean", statisticNames.mean),
            of("variance", statisticNames.variance),
            of("batches", statisticNames.batches, []),
          ]
        : []),
    ],
  };
};

const blur = (key: string, channels: number, side: number): Module => ({
  key,
  tensors: [{ name: `${key}.filt`, role: "filter", shape: [channels, 1, side, side] }],
});

/** Sides of the filters that CUT blurs with. */
const blurSides = { down: 3, up: 4 } as const;

/** Puts modules at places of an `nn.Sequential`, one behind the other. */
class Places {
  readonly modules: Module[] = [];
  private next = 0;

  constructor(
    private readonly prefix: string,
    private readonly norm: Norm,
  ) {}

  /** Leaves out places of modules without tensors. */
  skip(count = 1): this {
    this.next += count;
    return this;
  }

  add(make: (key: string) => Module): this {
    this.modules.push(make(`${this.prefix}${this.next++}`));
    return this;
  }

  conv(
    kernel: number,
    channels: readonly [number, number],
    bias: boolean,
    isTransposed = false,
  ): this {
    return this.add((key) => convolution(key, kernel, channels, bias, isTransposed));
  }

  normalised(channels: number): this {
    return this.add((key) => normalisation(key, this.norm, channels));
  }

  blurred(channels: number, side: number): this {
    return this.add((key) => blur(key, channels, side));
  }

  /** The modules of one place, in order. */
  within(modules: (prefix: string) => readonly Module[]): this {
    this.modules.push(...modules(`${this.prefix}${this.next++}.`));
    return this;
  }
}

const residualBlock =
  (channels: number, { norm, biased, dropout }: Resnet) =>
  (prefix: string): readonly Module[] => {
    const places = new Places(`${prefix}conv_block.`, norm);
    const conv = () => places.skip().conv(3, [channels, channels], biased).normalised(channels);
    conv().skip(dropout ? 2 : 1);
    conv();
    return places.modules;
  };

const resnet = (net: Resnet): readonly Module[] => {
  const { inputs, outputs, filters: k, blocks, norm, biased, blurs } = net;
  const places = new Places("model.", norm);
  places.skip().conv(7, [inputs, k], biased).normalised(k).skip();
  for (const n of [k, 2 * k]) {
    places
      .conv(3, [n, 2 * n], biased)
      .normalised(2 * n)
      .skip();
    if (blurs.down) places.blurred(2 * n, blurSides.down);
  }
  for (let i = 0; i < blocks; i++) places.within(residualBlock(4 * k, net));
  for (const n of [4 * k, 2 * k]) {
    if (blurs.up) places.blurred(n, blurSides.up);
    places
      .conv(3, [n, n / 2], biased, !blurs.up)
      .normalised(n / 2)
      .skip();
  }
  return places.skip().conv(7, [k, outputs], true).modules;
};

/** Filters at the k-th halving, from 0: they double three times. */
const filtersAt = (first: number, k: number): number => first * Math.min(2 ** k, 8);

/** The k-th level of a U-Net, with all that is below it. */
const unetLevel = (net: Unet, k: number, prefix: string): readonly Module[] => {
  const { filters, levels, norm, biased } = net;
  const [outer, inner] = [filtersAt(filters, k - 1), filtersAt(filters, k)];
  const isLast = k === levels - 1;
  const places = new Places(`${prefix}model.`, norm).skip().conv(4, [outer, inner], biased);
  if (!isLast) places.normalised(inner).within((below) => unetLevel(net, k + 1, below));
  const from = isLast ? inner : 2 * inner;
  return places.skip().conv(4, [from, outer], biased, true).normalised(outer).modules;
};

const unet = (net: Unet): readonly Module[] => {
  const { inputs, outputs, filters, norm, biased } = net;
  return new Places("model.model.", norm)
    .conv(4, [inputs, filters], biased)
    .within((below) => unetLevel(net, 1, below))
    .skip()
    .conv(4, [2 * filters, outputs], true, true).modules;
};

const patch = ({ inputs, filters, layers, norm, biased, blurs }: Patch): readonly Module[] => {
  const places = new Places("model.", norm).conv(4, [inputs, filters], true).skip();
  if (blurs) places.blurred(filters, blurSides.down);
  for (let k = 1; k <= layers; k++) {
    const channels = filtersAt(filters, k);
    places
      .conv(4, [filtersAt(filters, k - 1), channels], biased)
      .normalised(channels)
      .skip();
    if (blurs && k < layers) places.blurred(channels, blurSides.down);
  }
  return places.conv(4, [filtersAt(filters, layers), 1], true).modules;
};

const pixel = ({ inputs, filters: k, norm, biased }: Pixel): readonly Module[] =>
  new Places("net.", norm)
    .conv(1, [inputs, k], true)
    .skip()
    .conv(1, [k, 2 * k], biased)
    .normalised(2 * k)
    .skip()
    .conv(1, [2 * k, 1], biased).modules;

/** Returns the modules that have tensors, in the order of the state. */
export const modulesOf = (net: Architecture): readonly Module[] => {
  const all = (): readonly Module[] => {
    switch (net.kind) {
      case "resnet":
        return resnet(net);
      case "unet":
        return unet(net);
      case "patch":
        return patch(net);
      case "pixel":
        return pixel(net);
    }
  };
  return all().filter(({ tensors }) => tensors.length > 0);
};

/** The numbers of a blur's filter: binomial, for each channel the same. Exact in float32. */
export const blurFilter = (side: number, channels: number): Float32Array => {
  const row = side === blurSides.down ? [1, 2, 1] : [1, 3, 3, 1];
  const sum = row.reduce((a, b) => a + b, 0);
  // Where it doubles, three of four of its inputs are zeros.
  const scale = (side === blurSides.down ? 1 : 4) / (sum * sum);
  const one = row.flatMap((a) => row.map((b) => a * b * scale));
  return Float32Array.from({ length: channels * one.length }, (_, i) => one[i % one.length] ?? 0);
};

/** Names a network as the official options do: `resnet_9blocks, ngf 64, instance norm`. */
export const describe = (net: Architecture): string => {
  const { norm, filters } = net;
  const learnt =
    norm.kind === "instance" && norm.affine ? "affine instance norm" : `${norm.kind} norm`;
  const ofNorm = norm.kind === "none" ? "no norm" : learnt;
  switch (net.kind) {
    case "resnet": {
      const blurred = net.blurs.down || net.blurs.up ? ", blurring as CUT's" : "";
      return `resnet_${net.blocks}blocks, ngf ${filters}, ${ofNorm}${blurred}${net.dropout ? ", dropout" : ""}`;
    }
    case "unet":
      return `unet_${2 ** net.levels}, ngf ${filters}, ${ofNorm}`;
    case "patch":
      return `PatchGAN of ${net.layers} layers, ndf ${filters}, ${ofNorm}${net.blurs ? ", blurring as CUT's" : ""}`;
    case "pixel":
      return `pixel, ndf ${filters}, ${ofNorm}`;
  }
};
