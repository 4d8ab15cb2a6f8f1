/** Words the problems found in a data set. */
import { someOf } from "../../base/printable.js";
import { type Across, type Group, groupsAlike } from "./groups-alike.js";
import { type Inspected, type Inspection, placeOf, type Seen } from "./inspect.js";
import { layoutDifference } from "./layout-share.js";

export type Kind =
  | "broken"
  | "overlap-train-test"
  | "overlap-domains"
  | "duplicates"
  | "near-duplicates"
  | "proportions"
  | "small"
  | "blank"
  | "grey"
  | "few"
  | "layout";

export interface Finding {
  readonly kind: Kind;
  /** True if it spoils learning or measuring; otherwise it is a remark. */
  readonly isFault: boolean;
  /** The finding in one or two sentences. */
  readonly says: string;
  /** The files concerned, grouped where several show the same. */
  readonly files: readonly (readonly string[])[];
}

const counted = (n: number, one = "image"): string => `${n} ${one}${n === 1 ? "" : "s"}`;

const are = (n: number): string => (n === 1 ? "is" : "are");

const setName = ({ split, domain }: Inspected): string => `${split} ${domain}`;

const brokenOf = ({ sets }: Inspection): readonly Finding[] =>
  sets.flatMap((set) => {
    const { broken, source } = set;
    if (broken.length === 0) return [];
    const named = broken.slice(0, 5).map(({ name, reason }) => `${someOf([name])} (${reason})`);
    const more = broken.length - named.length;
    const says = `${setName(set)}: ${counted(broken.length, "file")} cannot be used, and training passes ${broken.length === 1 ? "it" : "them"} over: ${named.join("; ")}${more > 0 ? ` and ${more} more` : ""}.`;
    return [
      {
        kind: "broken",
        isFault: true,
        says,
        files: broken.map(({ name }) => [`${source.name}/${name}`]),
      },
    ];
  });

/** Writes the first groups: `a.png = b.png`. */
const shown = (inspection: Inspection, groups: readonly Group[]): string =>
  someOf(
    groups.map(
      ({ images, isExact }) =>
        images
          .slice(0, 3)
          .map((one) => placeOf(inspection, one))
          .join(isExact ? " = " : " ~ ") +
        (images.length > 3 ? ` and ${images.length - 3} more` : ""),
    ),
    4,
  );

interface Wording {
  readonly kind: Kind;
  readonly across: Across;
  readonly isExact: boolean;
  readonly isFault: boolean;
  /**
   * Words the finding for a number of pictures: what stands before their names, and what follows
   * from it.
   */
  readonly words: (pictures: number) => readonly [string, string];
}

const wordings: readonly Wording[] = [
  {
    kind: "overlap-train-test",
    across: "train and test",
    isExact: true,
    isFault: true,
    words: (n) => [
      `${counted(n, "picture")} ${are(n)} in both training and test`,
      "Measures on them only show what was memorised: remove them from one of the two.",
    ],
  },
  {
    kind: "overlap-train-test",
    across: "train and test",
    isExact: false,
    isFault: false,
    words: (n) => [
      `${counted(n, "picture")} ${are(n)} nearly the same in training and test`,
      "Look at them: what is measured on known pictures says little.",
    ],
  },
  {
    kind: "overlap-domains",
    across: "domains",
    isExact: true,
    isFault: true,
    words: (n) => [
      `${counted(n, "picture")} ${are(n)} in more than one domain`,
      "Discriminators are taught that the same picture is real and is not.",
    ],
  },
  {
    kind: "overlap-domains",
    across: "domains",
    isExact: false,
    isFault: false,
    words: (n) => [
      `${counted(n, "picture")} of one domain ${n === 1 ? "has" : "have"} a near copy in another, apart from colour`,
      "Where most have, they are pairs, and learning from pairs (pix2pix) is easier.",
    ],
  },
  {
    kind: "duplicates",
    across: "one set",
    isExact: true,
    isFault: true,
    words: (n) => [
      `${counted(n, "picture")} ${are(n)} there more than once`,
      "They are drawn more often than others.",
    ],
  },
  {
    kind: "near-duplicates",
    across: "one set",
    isExact: false,
    isFault: false,
    words: (n) => [
      `${counted(n, "picture")} ${are(n)} there more than once in nearly equal form, as if encoded again, resized or cropped`,
      "They are drawn more often than others.",
    ],
  },
];

const alikeOf = (inspection: Inspection): readonly Finding[] => {
  const groups = groupsAlike(inspection);
  return wordings.flatMap(({ kind, across, isExact, isFault, words }) => {
    const found = groups.filter((group) => group.across === across && group.isExact === isExact);
    if (found.length === 0) return [];
    const [what, so] = words(found.length);
    const says = `${what}: ${shown(inspection, found)}. ${so}`;
    const files = found.map(({ images }) => images.map((one) => placeOf(inspection, one)));
    return [{ kind, isFault, says, files }];
  });
};

/** Groups the images of both splits by domain, in the order of the domains. */
const byDomain = ({ sets, seen }: Inspection): ReadonlyMap<string, readonly Seen[]> => {
  const found = new Map<string, Seen[]>();
  for (const { domain } of sets) found.set(domain, []);
  for (const one of seen) found.get(sets[one.set]?.domain ?? "")?.push(one);
  return found;
};

export const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;

/** Factors by which proportions and sides may differ from the domain's median. */
const oddFactor = 1.5;
const smallFactor = 2;

const filesOf = (inspection: Inspection, images: readonly Seen[]): Finding["files"] =>
  images.map((one) => [placeOf(inspection, one)]);

const withSize = (inspection: Inspection, images: readonly Seen[]): string =>
  someOf(images.map((one) => `${placeOf(inspection, one)} (${one.width} x ${one.height})`));

const sizesOf = (inspection: Inspection): readonly Finding[] =>
  [...byDomain(inspection)].flatMap(([domain, images]): readonly Finding[] => {
    const ratio = median(images.map(({ width, height }) => width / height));
    const side = median(images.map(({ width, height }) => Math.min(width, height)));
    const odd = images.filter(
      ({ width, height }) => Math.abs(Math.log(width / height / ratio)) > Math.log(oddFactor),
    );
    const small = images.filter(
      ({ width, height }) => Math.min(width, height) * smallFactor < side,
    );
    const of = `of ${images.length} images`;
    return [
      ...(odd.length === 0
        ? []
        : [
            {
              kind: "proportions" as const,
              isFault: false,
              says: `${domain}: ${odd.length} ${of} ${odd.length === 1 ? "has" : "have"} other proportions than most (${ratio.toFixed(2)} wide for 1 high), and a resize stretches them otherwise: ${withSize(inspection, odd)}.`,
              files: filesOf(inspection, odd),
            },
          ]),
      ...(small.length === 0
        ? []
        : [
            {
              kind: "small" as const,
              isFault: false,
              says: `${domain}: ${small.length} ${of} ${are(small.length)} less than half as large as most (shorter side ${side}): ${withSize(inspection, small)}.`,
              files: filesOf(inspection, small),
            },
          ]),
    ];
  });

const blankOf = (inspection: Inspection): readonly Finding[] =>
  [...byDomain(inspection)].flatMap(([domain, images]): readonly Finding[] => {
    const blank = images.filter(({ isBlank, isPicture }) => isBlank && isPicture);
    if (blank.length === 0) return [];
    const says = `${domain}: ${counted(blank.length)} ${are(blank.length)} of one colour, and ${blank.length === 1 ? "shows" : "show"} nothing: ${someOf(blank.map((one) => placeOf(inspection, one)))}.`;
    return [{ kind: "blank", isFault: false, says, files: filesOf(inspection, blank) }];
  });

/**
 * Shares of grey images: from the first on a domain counts as grey, up to the second as coloured.
 */
const [mostlyGrey, hardlyGrey] = [0.95, 0.05];

const greyOf = (inspection: Inspection): readonly Finding[] => {
  const shares = [...byDomain(inspection)].flatMap(([domain, all]) => {
    const images = all.filter(({ isPicture }) => isPicture);
    const grey = images.filter(({ isGrey }) => isGrey).length;
    return images.length === 0 ? [] : [{ domain, images, share: grey / images.length }];
  });
  const grey = shares.filter(({ share }) => share >= mostlyGrey);
  const mixed = shares.filter(({ share }) => share > hardlyGrey && share < mostlyGrey);
  const names = (all: typeof shares): string => someOf(all.map(({ domain }) => domain));
  const coloured = shares.filter(({ share }) => share <= hardlyGrey);
  return [
    ...(grey.length > 0 && coloured.length > 0
      ? [
          {
            kind: "grey" as const,
            isFault: false,
            says: `${names(grey)} ${are(grey.length)} grey and ${names(coloured)} ${are(coloured.length)} coloured: a coloured image loses its colours on the way, and no network can restore them for the cycle; image(…, 1) makes all grey.`,
            files: [],
          },
        ]
      : []),
    ...mixed.map(({ domain, images, share }) => ({
      kind: "grey" as const,
      isFault: false,
      says: `${domain}: ${Math.round(share * 100)} % of the images are grey, the others are coloured.`,
      files: filesOf(
        inspection,
        images.filter(({ isGrey }) => isGrey === share < 0.5),
      ),
    })),
  ];
};

/** With fewer training images than this, a discriminator soon memorises them. */
const few = 50;

const fewOf = ({ sets, seen }: Inspection): readonly Finding[] =>
  sets.flatMap((set, at): readonly Finding[] => {
    const count = seen.filter((one) => one.set === at).length;
    if (set.split === "test" || count >= few) return [];
    const says = `${setName(set)}: ${counted(count)} only. A discriminator soon memorises so few; published sets have hundreds or thousands.`;
    return [{ kind: "few", isFault: false, says, files: [] }];
  });

/** Least reported difference in layout, as a share and as a multiple of chance. */
const [leastApart, timesChance] = [0.1, 2];

const percent = (share: number): string => `${Math.round(share * 100)} %`;

const layoutOf = ({ sets }: Inspection): readonly Finding[] => {
  const [x, y] = sets.filter(({ split }) => split === "train");
  if (x === undefined || y === undefined) return [];
  const { between, within } = layoutDifference(x.layout, y.layout);
  if (between < leastApart || between < timesChance * within) return [];
  const says = `${x.domain} and ${y.domain} differ in layout: of the area that stands out from the picture's border, ${percent(between)} is not common to both (${percent(within)} between halves of one domain). A CycleGAN hardly learns to change shapes.`;
  return [{ kind: "layout", isFault: false, says, files: [] }];
};

/** Lists all findings, faults first, then in the order of the kinds. */
export const findingsOf = (inspection: Inspection): readonly Finding[] => {
  const all = [brokenOf, alikeOf, sizesOf, blankOf, greyOf, fewOf, layoutOf].flatMap((of) =>
    of(inspection),
  );
  return [...all.filter(({ isFault }) => isFault), ...all.filter(({ isFault }) => !isFault)];
};
