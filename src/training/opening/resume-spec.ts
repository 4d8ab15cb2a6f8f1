/** Which spec a run goes on with: the one that it began with or, on request, another that its state is of. */
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import { few } from "../../base/few.js";
import type { TrainingError } from "../files/errors.js";
import { stateChange } from "../program/carry.js";
import type { CompiledSpec, Compiler, EngineName, Purpose, Sets } from "../program/compiled.js";
import { specHash } from "../program/program.js";
import type { DataOrigin, Manifest } from "../run-directory/manifest.js";
import { type RunDirectory, shownPath } from "../run-directory/run-directory.js";
import {
  compileNow,
  givenSets,
  setsOf,
  specDifference,
  specNotices,
} from "../run-directory/spec-change.js";
import type { Attempt } from "./begin.js";

/** Compiles a spec from the texts that a manifest holds. */
export const compileSpec = async (
  compiler: Compiler,
  spec: Manifest["spec"],
): Attempt<CompiledSpec> => {
  const { sources, entry, hash } = spec;
  const compiled = await compiler.fromSources(sources, entry, setsOf({ spec }));
  if (isLeft(compiled)) return left({ kind: "spec", reason: compiled.left });
  return specHash(compiled.right.program) === hash
    ? compiled
    : left({
        kind: "spec",
        reason: "This version of ganc reads the run's spec differently than the one that began it.",
      });
};

/** Compiles a run's own spec from its manifest. */
export const compileRun = (compiler: Compiler, { spec }: Manifest): Attempt<CompiledSpec> =>
  compileSpec(compiler, spec);

export interface ResumeRequest {
  readonly compiler: Compiler;
  readonly directory: string;
  /** The spec's file; without it the run's own copy is compiled. */
  readonly file: string | undefined;
  readonly sets: Sets;
  /** A folder that the file's imports may lie in, beyond its project. */
  readonly root?: string | undefined;
  /** The folder that the names of files count from. */
  readonly folder: string;
  /** Whether a spec that has changed is gone on with, where the state stays of its form. */
  readonly carryOver: boolean;
  /** Where the images are now, if they were moved. */
  readonly origin: DataOrigin | undefined;
  /** Those that are given anew. */
  readonly intervals?: Partial<NonNullable<Manifest["intervals"]>>;
  readonly keep?: Manifest["keep"];
  /** ISO 8601. */
  readonly now: string;
  readonly engine: EngineName;
  /** `train` unless said. */
  readonly purpose?: Purpose | undefined;
  readonly seed: number | undefined;
  /** Whether a step is tried that needs clearly more memory than there is. */
  readonly forceMemory?: boolean | undefined;
}

/** The spec to go on with. */
export interface Going {
  readonly compiled: CompiledSpec;
  /** The run's own, where it is another. */
  readonly instead: CompiledSpec | undefined;
  /** What is to be remembered of another. */
  readonly sets: Sets;
  readonly place: Manifest["place"];
  /** What the user should know, a notice each. */
  readonly notices: readonly string[];
}

const usage = (reason: string): Either<TrainingError, never> => left({ kind: "usage", reason });

/** The words that a spec differs by, on lines of their own. */
const wordsOf = (own: CompiledSpec, next: CompiledSpec): string => {
  const text = specDifference(own, next);
  return text === undefined || text === "" ? "" : `\n\n${text}\n`;
};

/** Of a spec that differs: what can be done, by what it would do to the state. */
const refusal = (
  { path }: RunDirectory,
  what: string,
  own: CompiledSpec,
  next: CompiledSpec,
): string => {
  const change = stateChange(own, next);
  const ways = [
    change === undefined
      ? "What it has learnt fits the change. Go on with it: add --carry-over."
      : `What it has learnt does not fit the change: ${change}.`,
    `Go on with the run as it began: ganc run ${shownPath(path)} --resume`,
    "Or train anew: leave out --resume.",
  ];
  return `${what} has changed since ${shownPath(path)} began.${wordsOf(own, next)}\n${ways.join("\n")}`;
};

/** Goes on with another spec where that is asked for and can be. */
const carried = (
  { carryOver }: ResumeRequest,
  run: RunDirectory,
  what: string,
  own: CompiledSpec,
  going: Omit<Going, "instead" | "notices">,
): Either<TrainingError, Going> => {
  const change = stateChange(own, going.compiled);
  if (!carryOver) return usage(refusal(run, what, own, going.compiled));
  if (change !== undefined)
    return usage(
      `${what} cannot be carried over: ${change}.${wordsOf(own, going.compiled)}\nGo on with the run as it began: ganc run ${shownPath(run.path)} --resume\nOr train anew: leave out --resume.`,
    );
  const notice = `goes on with ${what} as it is now:${wordsOf(own, going.compiled) || " it has changed."}`;
  return right({ ...going, instead: own, notices: [notice] });
};

/** Of the user's file: the same as the run's own, or another. */
const ofFile = async (request: ResumeRequest, run: RunDirectory, file: string): Attempt<Going> => {
  const { compiler, sets, root, folder } = request;
  const { manifest } = run;
  const now = await compileNow(compiler, file, manifest, sets, root);
  if (isLeft(now)) return left({ kind: "spec", reason: now.left });
  const place = { folder, root };
  const isSame = specHash(now.right.program) === manifest.spec.hash;
  const going = { compiled: now.right, sets: { ...givenSets(manifest), ...sets }, place };
  if (isSame) return right({ ...going, instead: undefined, notices: unneeded(request) });
  const own = await compileRun(compiler, manifest);
  if (isLeft(own)) return own;
  // What it means is the same: the run keeps to the words that it began with.
  if (specDifference(own.right, now.right) === "")
    return right({
      ...going,
      compiled: own.right,
      instead: undefined,
      notices: [`${file} has changed since the run began, and means the same.`],
    });
  return carried(
    request,
    run,
    Object.keys(sets).length === 0 ? file : `${file}, or a param of it,`,
    own.right,
    going,
  );
};

/** `--carry-over` where there is nothing to carry over. */
const unneeded = ({ carryOver }: ResumeRequest): readonly string[] =>
  carryOver ? ["nothing has changed that --carry-over could carry over."] : [];

/** Of the run's own texts, with values that may have been given anew. */
const ofRun = async (request: ResumeRequest, run: RunDirectory): Attempt<Going> => {
  const { compiler, sets } = request;
  const { path, manifest } = run;
  const own = setsOf(manifest);
  const unknown = Object.keys(sets).find((name) => !Object.hasOwn(own, name));
  if (unknown !== undefined)
    return usage(
      `\`${unknown}=${sets[unknown]}\` names no param of ${path}, which has ${few(Object.keys(own)) || "none"}.`,
    );
  const begun = await compileRun(compiler, manifest);
  if (isLeft(begun)) return begun;
  const given = { ...givenSets(manifest), ...sets };
  const going = { compiled: begun.right, sets: given, place: manifest.place };
  const other = Object.entries(sets).filter(([name, value]) => value !== own[name]);
  if (other.length > 0) {
    const { sources, entry, hash } = manifest.spec;
    const now = await compiler.fromSources(sources, entry, { ...own, ...sets });
    if (isLeft(now)) return left({ kind: "spec", reason: now.left });
    // The same number may be written in other ways.
    if (specHash(now.right.program) !== hash) {
      const names = other.map(([name]) => name).join(", ");
      return carried(request, run, names, begun.right, { ...going, compiled: now.right });
    }
  }
  const notices = await specNotices(compiler, run, begun.right);
  const more = notices.length === 0 || !request.carryOver ? [] : [takeIn(run)];
  const none = notices.length === 0 ? unneeded(request) : [];
  return right({ ...going, instead: undefined, notices: [...notices, ...more, ...none] });
};

/** How the file that has changed is taken in. */
const takeIn = ({ path, manifest }: RunDirectory): string =>
  `to take it in: ganc run ${manifest.spec.entry} --out ${shownPath(path)} --resume --carry-over`;

/** The spec that the request asks to go on with, or why it cannot be. */
export const specToGoOn = (request: ResumeRequest, run: RunDirectory): Attempt<Going> =>
  request.file === undefined ? ofRun(request, run) : ofFile(request, run, request.file);
