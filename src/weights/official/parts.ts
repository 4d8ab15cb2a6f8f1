/** The parts that networks have in the official code, which names its files by them. */
import type { Model, Network } from "../../program/model.js";

/**
 * The network's part in the official code: `G_A` translates A to B, and `D_A` judges images of B;
 * `G` and `D` where there is one of each.
 */
export type Part = "G_A" | "G_B" | "D_A" | "D_B" | "G" | "D";

const parts: readonly Part[] = ["G_A", "G_B", "D_A", "D_B", "G", "D"];

const isPart = (name: string): name is Part => parts.some((part) => part === name);

/** Matches `latest_net_G_A.pth` and `200_net_D.pth`. */
const official = /^(?:(latest|\d+)_)?net_([GDF](?:_[AB])?)\.(?:pth|pt|safetensors)$/;

export interface OfficialName {
  /** Epoch after which it was saved; the newest where nothing is said. */
  readonly epoch: number;
  /** The part, or the network F of CUT, which training alone needs. */
  readonly part: Part | "F";
}

/** Reads a file's name as the official code gives it; undefined for others. */
export const officialName = (file: string): OfficialName | undefined => {
  const [, epoch = "latest", part = ""] = official.exec(file) ?? [];
  const known = isPart(part) || part === "F" ? part : undefined;
  return known === undefined
    ? undefined
    : { part: known, epoch: epoch === "latest" ? Infinity : Number(epoch) };
};

/** The name that the official code looks for. */
export const fileNameOf = (part: Part): string => `latest_net_${part}.pth`;

/** The images that a network of one image takes and gives; undefined for others. */
const translationOf = ({ domains }: Model, { from, to }: Network) => {
  const isImage = (name: string | undefined): boolean =>
    domains.some((domain) => domain.name === name && domain.kind === "image");
  return from.length === 1 && isImage(from[0]) && isImage(to) ? { from: from[0], to } : undefined;
};

const judgeOf = ({ networks }: Model, domain: string): Network | undefined =>
  networks.find(({ from, to }) => to === "Scores" && from.at(-1) === domain);

/**
 * Finds the networks of a spec that have parts in the official code: by their names where one is
 * called `G_A` or `G_B`, else the first that makes images of images, the one that leads back, and
 * what judges their results.
 */
export const partsOf = (model: Model): ReadonlyMap<Part, Network> => {
  const named = model.networks.flatMap((network) =>
    isPart(network.name) ? [[network.name, network] as const] : [],
  );
  if (named.some(([part]) => part.startsWith("G_"))) return new Map(named);
  const makers = model.networks.flatMap((network) => {
    const way = translationOf(model, network);
    return way === undefined ? [] : [{ network, ...way }];
  });
  const [there] = makers;
  if (there === undefined) return new Map();
  const back = makers.find(({ from, to }) => from === there.to && to === there.from && from !== to);
  const found: readonly (readonly [Part, Network | undefined])[] =
    back === undefined
      ? [
          ["G", there.network],
          ["D", judgeOf(model, there.to)],
        ]
      : [
          ["G_A", there.network],
          ["G_B", back.network],
          ["D_A", judgeOf(model, there.to)],
          ["D_B", judgeOf(model, back.to)],
        ];
  return new Map(
    found.flatMap(([part, network]) => (network === undefined ? [] : [[part, network]])),
  );
};
