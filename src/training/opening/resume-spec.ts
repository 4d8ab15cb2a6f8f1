/** Finds the spec with which a run resumes: its own or, on request, another that its state fits. */
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import { few } from "../../base/few.js";
import type { TrainingError } from "../files/errors.js";
import { stateChange } from "../program/carry.js";
import type {
  CompiledSpec,
  Compiler,
  EngineName,
  OnTorch,
  Purpose,
  Sets,
} from "../program/compiled.js";
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

/** Compiles a spec from the texts in a manifest. */
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
  /** The spec's file. If missing, the run's own copy is compiled. */
  readonly file: string | undefined;
  readonly sets: Sets;
  /** Additional folder for the file's imports. */
  readonly root?: string | undefined;
  /** Folder to which file names are relative. */
  readonly folder: string;
  /** Whether to continue with a changed spec, if the form of the state stays the same. */
  readonly carryOver: boolean;
  /** Current place of the images, if they were moved. */
  readonly origin: DataOrigin | undefined;
  /** Intervals given anew. */
  readonly intervals?: Partial<NonNullable<Manifest["intervals"]>>;
  readonly keep?: Manifest["keep"];
  /** ISO 8601. */
  readonly now: string;
  readonly engine: EngineName;
  /** Default `train`. */
  readonly purpose?: Purpose | undefined;
  readonly torch?: OnTorch | undefined;
  readonly seed: number | undefined;
  /** Whether to try a step that needs clearly more memory than there is. */
  readonly forceMemory?: boolean | undefined;
}

/** The spec with which the run resumes. */
export interface Going {
  readonly compiled: CompiledSpec;
  /** The run's own spec, if a different one replaces it. */
  readonly instead: CompiledSpec | undefined;
  /** Values to record for the new spec. */
  readonly sets: Sets;
  readonly place: Manifest["place"];
  /** Notices for the user. */
  readonly notices: readonly string[];
}

const usage = (reason: string): Either<TrainingError, never> => left({ kind: "usage", reason });

/** Words the difference between two specs, on lines of their own. */
const wordsOf = (own: CompiledSpec, next: CompiledSpec): string => {
  const text = specDifference(own, next);
  return text === undefined || text === "" ? "" : `\n\n${text}\n`;
};

/**
 * Words the refusal of a changed spec and the ways out, which depend on the effect on the state.
 */
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

/** Continues with another spec, if that is requested and possible. */
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

/** Resolves the user's file: the run's own spec, or another. */
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
  // The meaning is the same, so the run keeps its original text.
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

/** Warns about `--carry-over` if there is nothing to carry over. */
const unneeded = ({ carryOver }: ResumeRequest): readonly string[] =>
  carryOver ? ["nothing has changed that --carry-over could carry over."] : [];

/** Resolves the run's own texts with newly given values. */
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
    // The same number may be written in different ways.
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

/** Words how to use the changed file. */
const takeIn = ({ path, manifest }: RunDirectory): string =>
  `to take it in: ganc run ${manifest.spec.entry} --out ${shownPath(path)} --resume --carry-over`;

/** Finds the spec that the request asks for, or the reason why it cannot be used. */
export const specToGoOn = (request: ResumeRequest, run: RunDirectory): Attempt<Going> =>
  request.file === undefined ? ofRun(request, run) : ofFile(request, run, request.file);
