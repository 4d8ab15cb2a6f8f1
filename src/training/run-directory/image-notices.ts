/** Words how a run's images have changed since it began. */
import { someOf } from "../../base/printable.js";
import type { Dataset } from "../../data/sets/source.js";
import { type Changes, changesOf, type Images } from "./images.js";

const counted = (n: number): string => (n === 1 ? "1 image" : `${n} images`);

const have = (n: number): string => (n === 1 ? "has" : "have");

/** Words the changes in a domain. `isSame`: the run continues with exactly its original images. */
const linesOf = (
  domain: string,
  { changed, gone, come }: Changes,
  isSame: boolean,
): readonly string[] => {
  const told = (ids: readonly string[], words: string): readonly string[] =>
    ids.length === 0
      ? []
      : [`${domain}: ${counted(ids.length)} ${have(ids.length)} ${words}: ${someOf(ids)}.`];
  return [
    ...told(changed, "changed since the run began; the new content will be used"),
    ...told(gone, `gone since the run began${isSame ? "; others are drawn instead" : ""}`),
    ...told(come, `been added since the run began${isSame ? ", and will be left out" : ""}`),
  ];
};

/** Words changes to held-out images: later measurements are not comparable with earlier ones. */
const heldLines = (domain: string, ids: readonly string[], words: string): readonly string[] =>
  ids.length === 0
    ? []
    : [
        `${domain}: ${counted(ids.length)} of the held-out ${have(ids.length)} ${words} since the run began: ${someOf(ids)}.`,
      ];

/**
 * Words all changes in every domain, a line each; none if there are none. `isSame`: the run keeps
 * its original images.
 */
export const changeNotices = async (
  images: Images,
  { train, held }: Dataset,
  isSame: boolean,
): Promise<readonly string[]> => {
  const lines: string[] = [];
  let isOther = false;
  for (const domain of Object.keys(images.train)) {
    const changes = await changesOf(images, domain, train[domain]);
    lines.push(...linesOf(domain, changes, isSame));
    isOther ||= changes.changed.length + changes.gone.length > 0;
    isOther ||= !isSame && changes.come.length > 0;
    if (isSame && changes.come.length > 0)
      lines.push("To include the new images, name the images again with --data.");
  }
  for (const domain of Object.keys(images.held ?? {})) {
    const { changed, gone } = await changesOf(images, domain, held?.[domain], "held");
    lines.push(...heldLines(domain, changed, "changed"), ...heldLines(domain, gone, "gone"));
  }
  return isOther
    ? [...lines, "So the result of the run differs from that with unchanged images."]
    : lines;
};
