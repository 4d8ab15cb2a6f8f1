/** Facts of the machine alone: its platform, its C library, and this user's caches. */
import { homedir } from "node:os";
import { join } from "node:path";

export interface Machine {
  readonly platform: NodeJS.Platform;
  readonly arch: string;
  /** Version of the GNU C library, for example `2.36`; undefined for another C library. */
  readonly glibc: string | undefined;
  /** This user's folder for ganc's downloads. Safe to delete; shared by every copy of ganc. */
  readonly cache: string;
}

/** Returns `GANC_CACHE`, or the folder `ganc` in this system's place for user caches. */
export const cacheFolder = (
  platform: NodeJS.Platform,
  env: Readonly<Record<string, string | undefined>>,
  home: string,
): string => {
  if (env.GANC_CACHE) return env.GANC_CACHE;
  if (platform === "win32")
    return join(env.LOCALAPPDATA ?? join(home, "AppData", "Local"), "ganc", "Cache");
  if (platform === "darwin") return join(home, "Library", "Caches", "ganc");
  return join(env.XDG_CACHE_HOME || join(home, ".cache"), "ganc");
};

const glibcVersion = (): string | undefined => {
  const report = process.report?.getReport() as
    | { header?: { glibcVersionRuntime?: string } }
    | undefined;
  return report?.header?.glibcVersionRuntime;
};

export const thisMachine = (): Machine => ({
  platform: process.platform,
  arch: process.arch,
  glibc: process.platform === "linux" ? glibcVersion() : undefined,
  cache: cacheFolder(process.platform, process.env, homedir()),
});
