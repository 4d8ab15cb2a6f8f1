/** Groups the draws of a step that are made together, and chooses the images of their samples. */
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import type { Domain } from "../../program/model.js";
import type { Draw } from "../../program/plan.js";
import type { DataError } from "../files/errors.js";
import { pairByName } from "./pairing.js";
import type { Dataset, ImageSource } from "./source.js";

/** The draws of a step, from `FeedOptions`. */
export interface Drawn {
  readonly dataset: Dataset;
  readonly domains: readonly Domain[];
  /** Default: each domain once. */
  readonly draws?: readonly Draw[] | undefined;
}

/** Domains that are drawn together: one, or a pair. */
export interface Group {
  /** The first draw's key, after which its streams are named. */
  readonly lead: string;
  readonly members: readonly Member[];
  /** Draws of the classes of these images. */
  readonly classes: readonly Member[];
  /** Number of samples: images, or pairs of them. */
  readonly size: number;
  /** Of pairs among images without partners: how many images each member has in all. */
  readonly among?: readonly number[];
  /** Returns the image that member `m` has in sample `i`, as an index into its domain. */
  readonly place: (i: number, m: number) => number;
}

export interface Member {
  readonly key: string;
  readonly domain: Domain;
}

interface Drawing extends Member {
  readonly joint?: readonly string[] | undefined;
  readonly isPartial: boolean;
}

/** Pairs every draw with its domain. Leaves out unknown domains. */
export const membersOf = ({ domains, draws }: Drawn): readonly Drawing[] => {
  const all: readonly Omit<Draw, "slot">[] =
    draws ?? domains.map(({ name }) => ({ key: name, domain: name }));
  return all.flatMap(({ key, domain: name, joint, isPartial = false }) => {
    const domain = domains.find((d) => d.name === name);
    return domain === undefined ? [] : [{ key, domain, joint, isPartial }];
  });
};

/** Groups the draws that are made together, the lead of each group first. */
const drawnTogether = (options: Drawn): readonly (readonly Drawing[])[] => {
  const groups: { readonly lead: string; readonly members: Drawing[] }[] = [];
  for (const drawing of membersOf(options)) {
    if (drawing.domain.kind !== "image") continue;
    const found = groups.find(({ lead }) => drawing.joint?.includes(lead) === true);
    if (found === undefined) groups.push({ lead: drawing.key, members: [drawing] });
    else found.members.push(drawing);
  }
  return groups.map(({ members }) => members);
};

const groupOf = (members: readonly Drawing[], options: Drawn): Either<DataError, Group> => {
  const { dataset } = options;
  const sources: ImageSource[] = [];
  for (const { domain } of members) {
    const source = dataset.train[domain.name];
    if (source === undefined)
      return left({
        kind: "wrong-domains",
        path: `domain ${domain.name}`,
        reason: `the data set ${dataset.name} has no images of it, only of ${Object.keys(dataset.train).join(", ")}`,
        hint: "Name a folder for each domain of the spec.",
      });
    sources.push(source);
  }
  const lead = members[0]?.key ?? "";
  const classes = membersOf(options).filter(
    (m) => m.domain.kind === "labels" && m.joint?.includes(lead) === true,
  );
  if (sources.length < 2)
    return right({ lead, members, classes, size: sources[0]?.size ?? 0, place: (i) => i });
  const isPartial = members.some((member) => member.isPartial);
  const paired = pairByName(sources, isPartial);
  if (isLeft(paired)) return paired;
  const pairs = paired.right;
  const own = { lead, members, classes, size: pairs.length };
  const of = isPartial ? { among: sources.map(({ size }) => size) } : {};
  return right({ ...own, ...of, place: (i, m) => pairs[i]?.[m] ?? 0 });
};

export const groupsOf = (options: Drawn): Either<DataError, readonly Group[]> => {
  const groups: Group[] = [];
  for (const members of drawnTogether(options)) {
    const group = groupOf(members, options);
    if (isLeft(group)) return group;
    groups.push(group.right);
  }
  return right(groups);
};
