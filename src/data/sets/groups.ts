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
  /** Returns the image that member `m` has in sample `i`, as an index into its domain. */
  readonly place: (i: number, m: number) => number;
}

export interface Member {
  readonly key: string;
  readonly domain: Domain;
}

/** Pairs every draw with its domain. Leaves out unknown domains. */
export const membersOf = ({ domains, draws }: Drawn): readonly (Member & Pick<Draw, "joint">)[] => {
  const all: readonly Pick<Draw, "key" | "domain" | "joint">[] =
    draws ?? domains.map(({ name }) => ({ key: name, domain: name }));
  return all.flatMap(({ key, domain: name, joint }) => {
    const domain = domains.find((d) => d.name === name);
    return domain === undefined ? [] : [{ key, domain, joint }];
  });
};

/** Groups the draws that are made together, the lead of each group first. */
const drawnTogether = (options: Drawn): readonly (readonly Member[])[] => {
  const groups: { readonly lead: string; readonly members: Member[] }[] = [];
  for (const { key, domain, joint } of membersOf(options)) {
    if (domain.kind !== "image") continue;
    const found = groups.find(({ lead }) => joint?.includes(lead) === true);
    if (found === undefined) groups.push({ lead: key, members: [{ key, domain }] });
    else found.members.push({ key, domain });
  }
  return groups.map(({ members }) => members);
};

const groupOf = (members: readonly Member[], options: Drawn): Either<DataError, Group> => {
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
  const paired = pairByName(sources);
  if (isLeft(paired)) return paired;
  const pairs = paired.right;
  return right({ lead, members, classes, size: pairs.length, place: (i, m) => pairs[i]?.[m] ?? 0 });
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
