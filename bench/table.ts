/** Writes tables for the terminal. */

/**
 * Writes a table with the first row as its head. The first column is left-aligned, the others
 * right-aligned.
 */
export const table = (rows: readonly (readonly string[])[]): string => {
  const columns = rows[0]?.length ?? 0;
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? "").length)),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join("  ")
      .trimEnd();
  const [head = [], ...body] = rows;
  const rule = widths.map((width) => "-".repeat(width)).join("  ");
  return [line(head), rule, ...body.map(line)].join("\n");
};

/** Writes one line on a goal and whether it is met. */
export const verdict = (met: boolean, goal: string): string =>
  `${met ? "met   " : "MISSED"}  ${goal}`;
