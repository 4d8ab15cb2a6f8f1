/** Places in a spec, as the tooltip of a box shows them. */
import { lineStarts, positionAt, type Span } from "../../base/source.js";

/** Words a place: `cyclegan.gan:42: net G : X -> Y = resnet`. */
export type PlaceOf = (span: Span) => string;

/** Makes a `PlaceOf` for the given texts. For a file without a text it returns only its name. */
export const placesIn = (textOf: (file: string) => string | undefined): PlaceOf => {
  const starts = new Map<string, readonly number[]>();
  return ({ file, start }) => {
    const content = textOf(file);
    if (content === undefined) return file;
    const lines = starts.get(file) ?? lineStarts(content);
    starts.set(file, lines);
    const { line } = positionAt(lines, start);
    const from = lines[line - 1] ?? 0;
    return `${file}:${line}: ${content.slice(from, lines[line] ?? content.length).trim()}`;
  };
};
