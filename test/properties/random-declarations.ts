/**
 * Random domains and networks between them, well typed by construction: shapes are reckoned by
 * random-networks.ts, and what ends in images ends within their range.
 */
import type { DomainKind } from "../../src/operators/recipe.js";
import type { Dice } from "../fuzz/dice.js";
import { architecture, type Shape } from "./random-networks.js";

export interface Domain {
  readonly name: string;
  readonly kind: DomainKind;
  readonly shape: Shape;
  readonly range: readonly [number, number];
  /** What stands behind `=`. */
  readonly text: string;
  /** Of a type variable, the domain that it stands for in all uses. */
  readonly actual?: Domain;
}

export interface Net {
  readonly name: string;
  readonly from: readonly Domain[];
  /** Absent: Scores. */
  readonly to: Domain | undefined;
  readonly shape: Shape;
  /** What stands behind `=`. */
  readonly body: string;
  /** Those that it computes with, theirs included. */
  readonly inner: readonly Net[];
  /** Whether it has parameters of its own. */
  readonly learns: boolean;
  readonly isFrozen: boolean;
}

/** One in `n`. */
export const oneIn = ({ below }: Dice, n: number): boolean => below(n) === 0;

/** Names, each given once. */
export class Names {
  private readonly given = new Set<string>();

  constructor(private readonly dice: Dice) {}

  of(pool: readonly string[]): string {
    const stem = this.dice.of(pool);
    let name = stem;
    for (let i = 1; this.given.has(name); i++) name = `${stem}${i}`;
    this.given.add(name);
    return name;
  }
}

const every: Domain["range"] = [-Infinity, Infinity];

/** Images are of one size: one `augment` brings all of them to it. */
const image = (dice: Dice, name: string, other: Domain | undefined): Domain => {
  const { below } = dice;
  const side = 4 + below(3);
  const [height, width] = other?.shape ?? [side, oneIn(dice, 3) ? 4 + below(3) : side];
  const alike = other !== undefined && !oneIn(dice, 3);
  const shape = alike ? other.shape : ([height, width, [1, 3, 3][below(3)] ?? 3] as const);
  const range = alike ? other.range : oneIn(dice, 4) ? ([0, 1] as const) : ([-1, 1] as const);
  const [h, w, c] = shape;
  const sides = h === w && oneIn(dice, 2) ? `${h}, channels: ${c}` : `${h}, ${w}, ${c}`;
  const bounds = range[0] === 0 ? ", low: 0, high: 1" : "";
  return { name, kind: "image", shape, range, text: `image(${sides}${bounds})` };
};

const noise = ({ below }: Dice, name: string): Domain => {
  const [side, channels] = [below(3) === 0 ? 3 : 1, 2 + below(3)];
  const text = `noise(${channels}${side === 1 ? "" : `, height: ${side}`})`;
  return { name, kind: "noise", shape: [side, side, channels], range: every, text };
};

const uniform = ({ below }: Dice, name: string): Domain => {
  const channels = 1 + below(2);
  const range = below(2) === 0 ? ([0, 1] as const) : ([0.5, 2] as const);
  const text = `uniform(${channels}${range[0] === 0 ? "" : ", low: 0.5, high: 2"})`;
  return { name, kind: "uniform", shape: [1, 1, channels], range, text };
};

const labels = ({ below }: Dice, name: string): Domain => {
  const classes = 2 + below(3);
  const text = `labels(${classes})`;
  return { name, kind: "labels", shape: [1, 1, classes], range: [0, 1], text };
};

const features = ({ below }: Dice, name: string, [h, w]: Shape): Domain => {
  const [height, width] = below(2) === 0 ? [h, w] : [2, 3];
  const shape = [height, width, 1 + below(3)] as const;
  return { name, kind: "features", shape, range: every, text: `features(${shape.join(", ")})` };
};

/** At least one of images. */
export const randomDomains = (dice: Dice, names: Names): readonly Domain[] => {
  const first = image(dice, names.of(["X", "Photo"]), undefined);
  const domains = [first];
  for (let i = dice.below(3); i > 0; i--)
    domains.push(image(dice, names.of(["Y", "W", "Monet"]), dice.of(domains)));
  if (oneIn(dice, 2)) domains.push(noise(dice, names.of(["Z", "Noise"])));
  if (oneIn(dice, 3)) domains.push(uniform(dice, names.of(["T"])));
  if (oneIn(dice, 3)) domains.push(labels(dice, names.of(["L", "Kind"])));
  if (oneIn(dice, 2)) domains.push(features(dice, names.of(["H"]), first.shape));
  return domains;
};

export const isDrawn = ({ kind }: Domain): boolean => kind !== "features";

const sizeOf = ([h, w, c]: Shape): number => h * w * c;

/** What would put a sigmoid on a probability, which is an error of its own. */
const without: ReadonlySet<string> = new Set(["sigmoid"]);

interface Piece {
  readonly text: string;
  readonly shape: Shape;
}

/** Layers that fit what they are put behind, and stay small. */
const middle = (dice: Dice, input: Shape): Piece => {
  for (let attempt = 0; attempt < 6; attempt++) {
    const { text, shape: of } = architecture(dice.below, 1 + dice.below(4), without);
    const shape = of(input);
    if (shape !== undefined && sizeOf(shape) <= 150) return { text, shape };
  }
  return { text: "identity", shape: input };
};

/** From one shape to another, with parameters. */
const adapter = (dice: Dice, [h, w]: Shape, target: Shape): string => {
  const [height, width, channels] = target;
  if (h === height && w === width)
    return dice.of([
      `conv(1, ${channels})`,
      `conv(3, ${channels}, pad: 1)`,
      `conv((1, 3), ${channels}, pad: (0, 1))`,
    ]);
  if (height * width === 1) return `dense(${channels}${oneIn(dice, 3) ? ", bias: false" : ""})`;
  return `dense(${sizeOf(target)}) >> reshape(${height}, ${width}, ${channels})`;
};

const ending = (dice: Dice, to: Domain | undefined): string => {
  if (to?.kind === "image") return to.range[0] === 0 ? " >> sigmoid" : " >> tanh";
  if (to?.kind === "labels") return dice.of(["", " >> softmax", " >> sigmoid"]);
  return dice.of(["", "", " >> tanh", " >> leaky_relu(0.2)"]);
};

/** Values side by side: along the channels where their sizes meet, else as one vector. */
const together = (dice: Dice, pieces: readonly Piece[]): Piece => {
  const [first, ...others] = pieces;
  if (first === undefined) throw new Error("nothing to put together");
  if (others.length === 0) return first;
  const channels = pieces.reduce((sum, { shape }) => sum + shape[2], 0);
  const large = pieces.find(({ shape: [h, w] }) => h * w > 1)?.shape ?? first.shape;
  const meets = ({ shape: [h, w] }: Piece): boolean =>
    h * w === 1 || (h === large[0] && w === large[1]);
  if (pieces.every(({ shape }) => shape.join() === first.shape.join()) && oneIn(dice, 2))
    return {
      text: pieces.map(({ text }) => text).join(dice.of([" + ", " - ", " * "])),
      shape: first.shape,
    };
  if (pieces.every(meets))
    return {
      text: `concat(${pieces.map(({ text }) => text).join(", ")})`,
      shape: [large[0], large[1], channels],
    };
  const flat = pieces.map(({ text }) => `flatten(${text})`).join(", ");
  const size = pieces.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  return { text: `concat(${flat})`, shape: [1, 1, size] };
};

/** Times a number, or less than one, once in a while. */
const rescaled = (dice: Dice, { text, shape }: Piece): Piece => {
  if (!oneIn(dice, 4)) return { text, shape };
  const form = dice.of([
    (v: string) => `0.5 * (${v})`,
    (v: string) => `(${v}) / 2`,
    (v: string) => `1 - (${v})`,
    (v: string) => `(${v}) + half`,
    (v: string) => `-(${v})`,
  ]);
  return { text: form(text), shape };
};

export class RandomNets {
  readonly nets: Net[] = [];
  /** Architectures that stand by themselves. */
  readonly lets: string[] = [];

  constructor(
    private readonly dice: Dice,
    private readonly names: Names,
    private readonly domains: readonly Domain[],
  ) {}

  private drawable(): Domain {
    return this.dice.of(this.domains.filter(isDrawn));
  }

  private images(): readonly Domain[] {
    return this.domains.filter(({ kind }) => kind === "image");
  }

  /** Layers from one shape to the other, some of them under a name of their own. */
  private pipeline(input: Shape, target: Shape): string {
    const { text, shape } = middle(this.dice, input);
    // A weight of one number divided by its singular value is a sign: its slope is 0, and in
    // float32 nothing but rounding.
    if (oneIn(this.dice, 12) && input[2] > 1 && target[2] > 1)
      return `spectral_norm(${text} >> ${adapter(this.dice, shape, target)})`;
    if (!oneIn(this.dice, 4)) return `${text} >> ${adapter(this.dice, shape, target)}`;
    const name = this.names.of(["body", "block"]);
    const [, , channels] = target;
    const isPlain = shape[0] === target[0] && shape[1] === target[1];
    if (isPlain && oneIn(this.dice, 2)) {
      this.lets.push(`let ${name}(k, act = relu) = conv(3, k, pad: 1) >> act`);
      const args = this.dice.of([`${channels}`, `k: ${channels}`, `${channels}, act: tanh`]);
      return `${text} >> ${name}(${args}) >> conv(1, ${channels})`;
    }
    this.lets.push(`let ${name} = ${text}`);
    return `${name} >> ${adapter(this.dice, shape, target)}`;
  }

  /** One that may contain others that take one of its inputs. */
  private add(
    name: string,
    from: readonly Domain[],
    to: Domain | undefined,
    target: Shape,
    isFrozen = false,
  ): void {
    const { dice } = this;
    const inner: Net[] = [];
    const end = ending(dice, to);
    let body = `${this.pipeline(from[0]?.shape ?? target, target)}${end}`;
    if (from.length > 1 || oneIn(dice, 3)) {
      const places = from.map(({ shape }, i) => ({ text: `v${i + 1}`, shape }));
      const [first] = from;
      const fitting = this.nets.filter((net) => net.from.length === 1 && net.from[0] === first);
      if (!isFrozen && fitting.length > 0 && oneIn(dice, 2)) {
        const net = dice.of(fitting);
        inner.push(...new Set([net, ...net.inner]));
        const kept = oneIn(dice, 2) ? places : places.slice(1);
        places.splice(0, places.length, ...kept, { text: `${net.name}(v1)`, shape: net.shape });
      }
      const value = rescaled(dice, together(dice, places));
      const formals = from.map((_, i) => `v${i + 1}`);
      const head = formals.length === 1 ? formals[0] : `(${formals.join(", ")})`;
      const layers = `${this.pipeline(value.shape, target)}${end}`;
      body = oneIn(dice, 3)
        ? `${head} => let joined = ${value.text} in (${layers})(joined)`
        : `${head} => (${layers})(${value.text})`;
    }
    this.nets.push({ name, from, to, shape: target, body, inner, learns: true, isFrozen });
  }

  private inputs(first: Domain): readonly Domain[] {
    return oneIn(this.dice, 4) ? [first, this.drawable()] : [first];
  }

  maker(): void {
    const to = this.dice.of(this.images());
    this.add(this.names.of(["G", "F"]), this.inputs(this.drawable()), to, to.shape);
  }

  /** Into what is no image. */
  encoder(isFrozen: boolean): void {
    const others = this.domains.filter(({ kind }) => kind !== "image" && kind !== "uniform");
    if (others.length === 0) {
      this.maker();
      return;
    }
    const to = this.dice.of(others);
    const from = [this.dice.of(this.images())];
    this.add(this.names.of(isFrozen ? ["P", "Vgg"] : ["Enc", "C"]), from, to, to.shape, isFrozen);
  }

  judge(): void {
    const { below } = this.dice;
    const first = oneIn(this.dice, 5) ? this.drawable() : this.dice.of(this.images());
    const target = [
      [1, 1, 1],
      [2, 2, 1],
      [1, 1, 2],
      [first.shape[0], first.shape[1], 1],
    ][below(4)] as unknown as Shape;
    this.add(this.names.of(["D", "D_Y", "Judge"]), this.inputs(first), undefined, target);
  }

  /** From what another network makes. */
  decoder(): void {
    const made = this.nets.flatMap(({ to }) => (to?.kind === "features" ? [to] : []));
    if (made.length === 0) {
      this.encoder(false);
      return;
    }
    const to = this.dice.of(this.images());
    this.add(this.names.of(["Dec"]), [this.dice.of(made)], to, to.shape);
  }

  /** Two behind each other: nothing of its own to learn. */
  composite(): void {
    const pairs = this.nets.flatMap((first) =>
      this.nets.flatMap((second) =>
        second.from.length === 1 && second.from[0] === first.to ? [[first, second] as const] : [],
      ),
    );
    if (pairs.length === 0) {
      this.decoder();
      return;
    }
    const [first, second] = this.dice.of(pairs);
    const isPlain = first.from.length === 1 && oneIn(this.dice, 2);
    const formals = first.from.map((_, i) => `v${i + 1}`);
    const head = formals.length === 1 ? formals[0] : `(${formals.join(", ")})`;
    const body = isPlain
      ? `${first.name} >> ${second.name}`
      : `${head} => ${second.name}(${first.name}(${formals.join(", ")}))`;
    const { to, shape } = second;
    const inner = [...new Set([first, second, ...first.inner, ...second.inner])];
    const name = this.names.of(["Both", "Whole"]);
    this.nets.push({
      name,
      from: first.from,
      to,
      shape,
      body,
      inner,
      learns: false,
      isFrozen: false,
    });
  }

  fill(): void {
    this.maker();
    const kinds = [
      () => this.maker(),
      () => this.judge(),
      () => this.judge(),
      () => this.encoder(false),
      () => this.encoder(true),
      () => this.decoder(),
      () => this.composite(),
    ];
    for (let i = 1 + this.dice.below(4); i > 0; i--) this.dice.of(kinds)();
  }
}
