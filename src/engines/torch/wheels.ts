/**
 * Downloads the wheels of a list, one by one: each is in the folder completely or not at all, and
 * an installation that was interrupted goes on with those that are there.
 */
import { mkdir, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Either } from "fp-ts/lib/Either.js";
import * as E from "fp-ts/lib/Either.js";
import { hashFile, withTemporaryFolder } from "../tensorflow/cache.js";
import { largestBelow } from "../tensorflow/download.js";
import { type Missing, missing } from "../tensorflow/missing.js";
import type { Progress, Tools } from "../tensorflow/tools.js";
import { pipFailure } from "./failures.js";
import type { Entry, List } from "./lists.js";

const PREFIX = "torch-wheels-";

/** The folder of wheels for a version of Python, for which some are made. */
export const wheelsFolder = (cache: string, pythonVersion: string): string =>
  join(cache, `${PREFIX}${pythonVersion}`);

/** Removes the wheels once PyTorch is installed. */
export const removeWheels = async (cache: string): Promise<void> => {
  for (const name of await readdir(cache).catch(() => []))
    if (name.startsWith(PREFIX)) await rm(join(cache, name), { recursive: true, force: true });
};

const wheelsIn = async (folder: string): Promise<readonly string[]> =>
  (await readdir(folder).catch(() => [])).filter((name) => name.endsWith(".whl"));

/** Tells whether a file is a wheel of this package and version. */
const isOf = (file: string, { name, version }: Entry): boolean => {
  const [distribution = "", its = ""] = file.split("-");
  return distribution.toLowerCase().replaceAll(/[_.]+/g, "-") === name && its === version;
};

/** Bytes of the list's wheels that are there, whole or not. */
export const bytesThere = async (folder: string, { entries }: List): Promise<number> => {
  const files = await wheelsIn(folder);
  const wanted = files.filter((file) => entries.some((entry) => isOf(file, entry)));
  const sizes = await Promise.all(
    wanted.map((file) =>
      stat(join(folder, file)).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  );
  return sizes.reduce((a, b) => a + b, 0);
};

/** Tells whether an entry's wheel is there. One that is damaged is removed. */
const isThere = async (folder: string, entry: Entry): Promise<boolean> => {
  const file = (await wheelsIn(folder)).find((name) => isOf(name, entry));
  if (file === undefined) return false;
  const path = join(folder, file);
  if (entry.hashes.has(await hashFile(path))) return true;
  await rm(path, { force: true });
  return false;
};

/** Settings of the user's that would lead pip elsewhere; pip ignores empty ones. */
const UNSET = ["PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_USER", "PIP_CONSTRAINT", "PYTHONPATH"];

/** pip's environment; its temporary files go to the disk that was checked for space. */
export const pipEnvironment = (folder: string): Readonly<Record<string, string>> => {
  const env: Record<string, string> = { TMPDIR: folder, TEMP: folder, TMP: folder };
  for (const name of UNSET) env[name] = "";
  return { ...env, PIP_RESUME_RETRIES: "10", PYTHONHOME: "" };
};

/** pip's arguments that downloading and installing share. */
export const pip = (python: string, command: string): readonly string[] => [
  ...[python, "-m", "pip", command, "--quiet", "--no-input", "--progress-bar", "off"],
  ...["--disable-pip-version-check", "--no-cache-dir", "--no-deps", "--only-binary=:all:"],
  "--require-hashes",
];

/** Downloads one wheel into `wheels`, through a folder that is removed. */
const fetchOne = (
  python: string,
  entry: Entry,
  wheels: string,
  tools: Tools,
  onBytes: (bytes: number) => void,
): Promise<Either<Missing, void>> =>
  withTemporaryFolder(wheels, async (folder) => {
    const into = join(folder, "wheel");
    const list = join(folder, "requirements.txt");
    await mkdir(into);
    await writeFile(list, entry.text);
    let arriving = true;
    const watch = setInterval(async () => {
      const bytes = await largestBelow(folder);
      if (arriving) onBytes(bytes);
    }, 200);
    const command = [...pip(python, "download"), "--dest", into, "-r", list];
    const ran = await tools.run(command, pipEnvironment(folder));
    arriving = false;
    clearInterval(watch);
    if (ran.code !== 0) return E.left(pipFailure(ran, `download ${entry.name} ${entry.version}`));
    const [file] = await wheelsIn(into);
    if (file !== undefined) await rename(join(into, file), join(wheels, file));
    else if (!entry.conditional)
      return E.left(missing(`pip brought no file for ${entry.name}.`, "Run this again."));
    return E.right(undefined);
  });

/** Downloads what is missing of a list's wheels, in its order. */
export const fetchWheels = async (
  python: string,
  list: List,
  wheels: string,
  tools: Tools,
  progress: Progress,
): Promise<Either<Missing, void>> => {
  await mkdir(wheels, { recursive: true });
  for (const entry of list.entries) {
    if (await isThere(wheels, entry)) continue;
    const before = await bytesThere(wheels, list);
    const onBytes = (bytes: number) => progress.at(before + bytes);
    const fetched = await fetchOne(python, entry, wheels, tools, onBytes);
    if (E.isLeft(fetched)) return fetched;
    progress.at(await bytesThere(wheels, list));
  }
  return E.right(undefined);
};
