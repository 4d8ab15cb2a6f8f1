/** What has become of a run's images since it began, in words. */
import { someOf } from "../../base/printable.js";
import type { Dataset } from "../../data/sets/source.js";
import { type Changes, changesOf, type Images } from "./images.js";

const counted = (n: number): string => (n === 1 ? "1 image" : `${n} images`);

const have = (n: number): string => (n === 1 ? "has" : "have");

/** `isSame`: the run goes on with the images that it began with, and no others. */
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
    ...told(changed, "changed since the run began, and will be drawn as now"),
    ...told(gone, `gone since the run began${isSame ? "; others are drawn instead" : ""}`),
    ...told(come, `come since the run began${isSame ? ", and will be left out" : ""}`),
  ];
};

/** Of images that nothing is trained on: what is measured from now on is not what was measured before. */
const heldLines = (domain: string, ids: readonly string[], words: string): readonly string[] =>
  ids.length === 0
    ? []
    : [
        `${domain}: ${counted(ids.length)} of the held-out ${have(ids.length)} ${words} since the run began: ${someOf(ids)}.`,
      ];

/**
 * A line for all that changed, disappeared or came in a domain; none where nothing did. `isSame`: the run keeps to the
 * images that it began with.
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
      lines.push("To take in what has come, name the images again with --data.");
  }
  for (const domain of Object.keys(images.held ?? {})) {
    const { changed, gone } = await changesOf(images, domain, held?.[domain], "held");
    lines.push(...heldLines(domain, changed, "changed"), ...heldLines(domain, gone, "gone"));
  }
  return isOther
    ? [...lines, "So the run comes out otherwise than it would have with its images unchanged."]
    : lines;
};
