/**
 * Lists of image files as text: one path a line, or a table with a column of paths and one of
 * classes.
 */
import { extname } from "node:path";
import { CsvError, parse } from "csv-parse/sync";
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import { someOf } from "../../base/printable.js";
import { type DataError, reasonOf } from "./errors.js";
import { readRegularText } from "./regular-file.js";

export interface Row {
  /** As written, relative to the folder of the list. */
  readonly file: string;
  readonly label?: string | undefined;
}

/** Most bytes of a list: millions of lines. */
const mostBytes = 2 ** 28;

const fileColumns = ["file", "filename", "file_name", "path", "image"];
const labelColumns = ["label", "class", "category"];

const bad = (path: string, reason: string, hint: string): Either<DataError, never> =>
  left({ kind: "bad-list", path, reason, hint });

const parseTable = (path: string, text: string): Either<DataError, readonly Row[]> => {
  let records: readonly (readonly string[])[];
  try {
    records = parse(text, {
      bom: true,
      delimiter: [",", ";", "\t"],
      relax_column_count: true,
      skip_empty_lines: true,
      trim: true,
    });
  } catch (thrown) {
    const where =
      thrown instanceof CsvError && typeof thrown.lines === "number"
        ? ` in line ${thrown.lines}`
        : "";
    return bad(
      path,
      `it is not a table${where}: ${reasonOf(thrown)}`,
      "Check its quotes and commas.",
    );
  }
  const [header = [], ...rows] = records;
  const names = header.map((name) => name.toLowerCase());
  const column = (wanted: readonly string[]): number =>
    names.findIndex((name) => wanted.includes(name));
  const file = column(fileColumns);
  if (file < 0)
    return bad(
      path,
      `its first line names no column \`file\`: it has ${someOf(header, 8)}`,
      `Call the column of image files ${fileColumns.join(", ")}, and that of classes ${labelColumns.join(", ")}.`,
    );
  const label = column(labelColumns);
  return right(
    rows.flatMap((row) =>
      row[file] === undefined || row[file] === ""
        ? []
        : [{ file: row[file], label: label < 0 ? undefined : row[label] }],
    ),
  );
};

/** Reads one path a line. Blank lines and comments are skipped, but `#1.png` is a file. */
const parseLines = (text: string): readonly Row[] =>
  text
    .replace(/^\ufeff/, "")
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => !/^(#(\s|$)|$)/.test(line))
    .map((file) => ({ file, label: /([^/\\]+)[/\\][^/\\]+$/.exec(file)?.[1] }));

/**
 * Reads the files that a list names: a `.csv` or `.tsv` by its header, any other list one path a
 * line. Backslashes separate folders too.
 */
export const readTable = async (path: string): Promise<Either<DataError, readonly Row[]>> => {
  const text = await readRegularText(path, mostBytes);
  if (isLeft(text))
    return bad(path, `it ${text.left}`, "Name a text file of image files, one a line.");
  const isTable = /^\.[ct]sv$/i.test(extname(path));
  const rows = isTable ? parseTable(path, text.right) : right(parseLines(text.right));
  if (isLeft(rows)) return rows;
  return right(rows.right.map(({ file, label }) => ({ file: file.replaceAll("\\", "/"), label })));
};
