/** The list of unpacked files beside them: `ganc.json` in a folder of the cache. */
import type { Either } from "fp-ts/lib/Either.js";
import * as E from "fp-ts/lib/Either.js";
import * as t from "io-ts";
import type { Wheel } from "./wheels.js";

const FileEntry = t.readonly(t.type({ path: t.string, bytes: t.number, sha256: t.string }));
export type FileEntry = t.TypeOf<typeof FileEntry>;

const Manifest = t.readonly(
  t.type({
    package: t.string,
    version: t.string,
    /** Hash of the wheel from which the files come. */
    sha256: t.string,
    files: t.readonlyArray(FileEntry),
  }),
);
export type Manifest = t.TypeOf<typeof Manifest>;

export const MANIFEST = "ganc.json";

export const manifestOf = (wheel: Wheel, files: readonly FileEntry[]): Manifest => ({
  package: wheel.package,
  version: wheel.version,
  sha256: wheel.sha256,
  files,
});

/** Reads a manifest for this wheel. The left side is the fault. */
export const readManifest = (text: string, wheel: Wheel): Either<string, Manifest> => {
  const parsed = E.tryCatch(
    () => JSON.parse(text) as unknown,
    () => "its list of files is not JSON",
  );
  if (E.isLeft(parsed)) return parsed;
  const decoded = Manifest.decode(parsed.right);
  if (E.isLeft(decoded)) return E.left("its list of files is not one that ganc wrote");
  const absent = absentFiles(wheel, decoded.right.files);
  if (decoded.right.sha256 !== wheel.sha256) return E.left("it is of another wheel");
  return absent.length > 0 ? E.left(`${absent.join(", ")} is not in it`) : decoded;
};

/** Lists required files that the wheel lacks. */
export const absentFiles = (wheel: Wheel, files: readonly FileEntry[]): readonly string[] => {
  const paths = new Set(files.map(({ path }) => path));
  return wheel.needs.filter((path) => !paths.has(path));
};
