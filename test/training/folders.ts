/** What lies in a folder, to be held against what lies in another. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Every file below by its path from there, as bytes in a string; pipes, links and the like are left
 * aside.
 */
export const contents = (folder: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => {
        const path = join(entry.parentPath, entry.name);
        return [path.slice(folder.length + 1), readFileSync(path, "latin1")] as const;
      })
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
