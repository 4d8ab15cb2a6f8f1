/** Writes the spec of imported networks: readable, with the official options as params. */
import { isRight } from "fp-ts/lib/Either.js";
import { impossible } from "../../base/impossible.js";
import { format } from "../../format/format.js";
import {
  type Architecture,
  describe,
  type Generator,
  isGenerator,
  type Judge,
} from "./architecture.js";
import { architectureText, type Suffix } from "./declarations.js";
import type { Part } from "./parts.js";

/** Networks by their parts. */
export type Networks = ReadonlyMap<Part, Architecture>;

/** A network of the spec. */
interface Declared {
  readonly part: Part;
  readonly net: Architecture;
  /** Whether it was in a file; the others begin anew. */
  readonly isGiven: boolean;
}

const names = { resnet: "resnet", unet: "unet", patch: "patchgan", pixel: "pixelgan" } as const;

/** A declared architecture: networks that are alike share one. */
interface Shared {
  readonly net: Architecture;
  readonly suffix: Suffix;
  /** `resnet_2` */
  readonly name: string;
}

const key = (net: Architecture): string => JSON.stringify({ ...net, inputs: 0 });

const sharedOf = (all: readonly Declared[]): readonly Shared[] => {
  const shared: Shared[] = [];
  for (const { net } of all) {
    if (shared.some((one) => key(one.net) === key(net))) continue;
    const alike = shared.filter((one) => isGenerator(one.net) === isGenerator(net)).length;
    const suffix = alike === 0 ? "" : `_${alike + 1}`;
    shared.push({ net, suffix, name: `${names[net.kind]}${suffix}` });
  }
  return shared;
};

/** Sides that all take: what halvings divide, and enough for the last layers of a judge. */
const sizeText = (nets: readonly Architecture[]): string => {
  const step = 2 ** Math.max(...nets.map((net) => (net.kind === "unet" ? net.levels : 2)));
  const least = 2 ** Math.max(5, ...nets.map((net) => (net.kind === "patch" ? net.layers + 2 : 5)));
  const isUnet = nets.some(({ kind }) => kind === "unet");
  const usual = isUnet ? step * Math.ceil(least / step) : Math.max(256, least);
  const where = [`size % ${step} == 0`, ...(step >= least ? [] : [`size >= ${least}`])];
  return `param size : Int = ${usual} where ${where.join(" and ")}`;
};

const paramsOf = ({ net, suffix }: Shared): readonly string[] => {
  const [filters, blocks] = [`${isGenerator(net) ? "ngf" : "ndf"}${suffix}`, `blocks${suffix}`];
  return [
    `param ${filters} : Int = ${net.filters} where ${filters} >= 1`,
    ...(net.kind === "resnet"
      ? [`param ${blocks} : Int = ${net.blocks} where ${blocks} >= 0`]
      : []),
  ];
};

const netText = (
  { part, net, isGiven }: Declared,
  shared: readonly Shared[],
  type: string,
  body: (architecture: string) => string = (name) => name,
): string => {
  const { name } = shared.find((one) => key(one.net) === key(net)) ?? { name: names[net.kind] };
  const words = isGiven ? describe(net) : `${describe(net)}; in no file, it begins anew`;
  return `-- ${words}\nnet ${part} : ${type} = ${body(name)}\n`;
};

const recipe = `train {
  optimizer: adam(2e-4, beta1: 0.5)
  schedule:  halves_reached(100)
  batch:     1
  init:      normal(0, 0.02)
  augment:   resize(size * 286 // 256) >> random_crop(size) >> random_flip
}
`;

/** A game: what it needs of the library, its params, types of networks, and its objectives. */
interface Game {
  readonly words: string;
  readonly imports: string;
  readonly params: readonly string[];
  readonly domains: readonly (readonly [name: string, channels: number])[];
  readonly nets: readonly string[];
  readonly solve: string;
}

/** What a game is made of. */
interface Material {
  readonly declared: readonly Declared[];
  readonly shared: readonly Shared[];
}

const partOf = ({ declared }: Material, part: Part): Declared | undefined =>
  declared.find((one) => one.part === part);

const cycleGame = (material: Material, [a, b]: readonly [number, number]): Game => {
  const type = { G_A: "A -> B", G_B: "B -> A", D_A: "B -> Scores", D_B: "A -> Scores" } as const;
  const parts = Object.entries(type).flatMap(([part, text]) => {
    const one = partOf(material, part as Part);
    return one === undefined ? [] : [netText(one, material.shared, text)];
  });
  const same = a === b;
  return {
    words: "CycleGAN as the official code trains it: D_A judges what G_A makes, images of B.",
    imports: `import std.losses (lsgan, cycle${same ? ", identity" : ""})`,
    params: ["param lambda : Real = 10 where lambda >= 0"],
    domains: [
      ["A", a],
      ["B", b],
    ],
    nets: parts,
    solve: `solve {
  min[G_A, G_B] lsgan.fool(G_A, D_A) + lsgan.fool(G_B, D_B) + lambda * cycle(G_A, G_B)${same ? " + 0.5 * lambda * identity(G_A, G_B)" : ""}
  min[D_A]      lsgan.judge(D_A, G_A, history: 50)
  min[D_B]      lsgan.judge(D_B, G_B, history: 50)
}
`,
  };
};

/** A generator with a judge of what it makes alone. */
const oneWayGame = (material: Material, g: Declared, d: Declared, generator: Generator): Game => {
  const back = g.part === "G_B";
  const [from, to] = back ? ["B", "A"] : ["A", "B"];
  const y = to.toLowerCase();
  const same = generator.inputs === generator.outputs;
  const keeps = same ? ` + lambda * (E[${y} ~ ${to}] l1(${g.part}(${y} as ${from}), ${y}))` : "";
  const channels = back
    ? ([
        ["A", generator.outputs],
        ["B", generator.inputs],
      ] as const)
    : ([
        ["A", generator.inputs],
        ["B", generator.outputs],
      ] as const);
  return {
    words: `A generator and a judge of what it makes${same ? `; images of ${to} should stay as they are` : ""}.\n-- To go on as CycleGAN, import the files of the other direction with it.`,
    imports: "import std.losses (lsgan)",
    params: same ? ["param lambda : Real = 5 where lambda >= 0"] : [],
    domains: channels,
    nets: [
      netText(g, material.shared, `${from} -> ${to}`),
      netText(d, material.shared, `${to} -> Scores`),
    ],
    solve: `solve {
  min[${g.part}] lsgan.fool(${g.part}, ${d.part})${keeps}
  min[${d.part}] lsgan.judge(${d.part}, ${g.part}, history: 50)
}
`,
  };
};

const pairedGame = (material: Material, g: Declared, d: Declared, generator: Generator): Game => ({
  words: "pix2pix: paired images, and a judge that sees both.",
  imports: "",
  params: ["param lambda : Real = 100 where lambda >= 0"],
  domains: [
    ["A", generator.inputs],
    ["B", generator.outputs],
  ],
  nets: [
    netText(g, material.shared, "A -> B"),
    netText(d, material.shared, "(A, B) -> Scores", (name) => `(a, b) => ${name}(concat(a, b))`),
  ],
  solve: `solve {
  min[${g.part}] E[a ~ A] softplus(-${d.part}(a, ${g.part}(a))) + lambda * E[(a, b) ~ pairs(A, B)] l1(${g.part}(a), b)
  min[${d.part}] 0.5 * E[(a, b) ~ pairs(A, B)] (softplus(-${d.part}(a, b)) + softplus(${d.part}(a, stop(${g.part}(a)))))
}
`,
});

const opposite = (net: Generator): Generator => ({
  ...net,
  inputs: net.outputs,
  outputs: net.inputs,
});

/** The official default judge, of as many channels. */
const defaultJudge = (inputs: number, { norm, biased, ...net }: Generator, like?: Judge): Judge => {
  if (like !== undefined) return { ...like, inputs };
  const blurs = net.kind === "resnet" && net.blurs.down;
  return { kind: "patch", inputs, filters: 64, layers: 3, norm, biased, blurs };
};

const judgeIn = (nets: Networks, part: Part): Judge | undefined => {
  const found = nets.get(part);
  return found === undefined || isGenerator(found) ? undefined : found;
};

const generatorIn = (nets: Networks, part: Part): Generator | undefined => {
  const found = nets.get(part);
  return found !== undefined && isGenerator(found) ? found : undefined;
};

const isTwoWay = (nets: Networks): boolean =>
  [...nets.keys()].some((part) => part.endsWith("_A")) &&
  [...nets.keys()].some((part) => part.endsWith("_B")) &&
  (generatorIn(nets, "G_A") !== undefined || generatorIn(nets, "G_B") !== undefined);

/** Completes the networks of both directions by those that are in no file. */
const bothWays = (nets: Networks): Networks => {
  const [a, b] = [generatorIn(nets, "G_A"), generatorIn(nets, "G_B")];
  const there = a ?? (b === undefined ? undefined : opposite(b));
  if (there === undefined) return nets;
  const like = judgeIn(nets, "D_A") ?? judgeIn(nets, "D_B");
  return new Map<Part, Architecture>([
    ["G_A", there],
    ["G_B", b ?? opposite(there)],
    ["D_A", judgeIn(nets, "D_A") ?? defaultJudge(there.outputs, there, like)],
    ["D_B", judgeIn(nets, "D_B") ?? defaultJudge(there.inputs, there, like)],
  ]);
};

const declaredOf = (all: Networks, given: Networks): readonly Declared[] =>
  [...all].map(([part, net]) => ({ part, net, isGiven: given.has(part) }));

const oneWay = (nets: Networks): readonly [Game, Material] | undefined => {
  const part = (["G", "G_A", "G_B"] as const).find((one) => generatorIn(nets, one) !== undefined);
  const generator = part === undefined ? undefined : generatorIn(nets, part);
  if (part === undefined || generator === undefined) return undefined;
  const judge = part.replace("G", "D") as Part;
  const both = generator.inputs + generator.outputs;
  const known = judgeIn(nets, judge);
  const isPaired = known === undefined ? generator.kind === "unet" : known.inputs === both;
  const net = known ?? defaultJudge(isPaired ? both : generator.outputs, generator);
  const declared = declaredOf(
    new Map<Part, Architecture>([
      [part, generator],
      [judge, net],
    ]),
    nets,
  );
  const [g, d] = declared;
  if (g === undefined || d === undefined) return undefined;
  const material = { declared, shared: sharedOf(declared) };
  const game = isPaired
    ? pairedGame(material, g, d, generator)
    : oneWayGame(material, g, d, generator);
  return [game, material];
};

const twoWays = (nets: Networks): readonly [Game, Material] | undefined => {
  const all = bothWays(nets);
  const there = generatorIn(all, "G_A");
  if (there === undefined) return undefined;
  const declared = declaredOf(all, nets);
  const material = { declared, shared: sharedOf(declared) };
  return [cycleGame(material, [there.inputs, there.outputs]), material];
};

/**
 * Writes a spec of these networks, with the game that the official code trains them in: CycleGAN
 * for two directions, pix2pix for a U-Net or a judge of pairs, else a generator and its judge.
 * Networks that the game needs and nobody gave are declared too. Undefined where there is no
 * generator.
 */
export const specOf = (nets: Networks): string | undefined => {
  const made = isTwoWay(nets) ? twoWays(nets) : oneWay(nets);
  if (made === undefined) return undefined;
  const [game, { declared, shared }] = made;
  const domains = game.domains.map(
    ([name, channels]) => `domain ${name} = image(size, size, ${channels})\n`,
  );
  const all = declared.map(({ net }) => net);
  const running = all.some(({ norm }) => norm.running) ? ["param running : Bool = true"] : [];
  const params = [sizeText(all), ...shared.flatMap(paramsOf), ...running, ...game.params];
  const text = [
    `-- Networks of pytorch-CycleGAN-and-pix2pix, as their tensors tell.\n-- ${game.words}\n`,
    `${[game.imports, "import std.schedules (halves_reached)"].filter(Boolean).join("\n")}\n`,
    `${params.join("\n")}\n`,
    domains.join(""),
    ...shared.map(({ net, suffix }) => architectureText(net, suffix)),
    ...game.nets,
    game.solve,
    recipe,
  ].join("\n");
  const laid = format({ name: "imported.gan", text });
  return isRight(laid) ? laid.right : impossible("a spec of official networks does not parse");
};
