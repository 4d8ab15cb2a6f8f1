/**
 * Words the facts of a run for its report: its state, its beginning, the processes and machines
 * that trained it.
 */
import { recordOf } from "../../base/record.js";
import { formatDuration, formatMoment } from "../../base/times.js";
import type { Environment, Fact, SpecText } from "../../report/page/contents.js";
import { thousands } from "../../report/text/words.js";
import { epochsOf, type Manifest } from "../run-directory/manifest.js";
import type { TrainedSession } from "../run-directory/sessions.js";

/** The facts of the log that are put into words. */
export interface LoggedProgress {
  /** Steps made. */
  readonly steps: number;
  /** Epoch of the last step, from 0. */
  readonly epoch: number;
  /** Milliseconds of training. */
  readonly elapsed: number;
}

export interface Known {
  readonly manifest: Manifest | undefined;
  readonly progress: LoggedProgress | undefined;
  /** Step of the newest checkpoint. */
  readonly saved: number | undefined;
  readonly isTraining: boolean;
  /** Oldest first. */
  readonly sessions: readonly TrainedSession[];
}

const fact = (name: string, value: string | undefined): readonly Fact[] =>
  value === undefined ? [] : [{ name, value }];

const endings: Readonly<Record<string, string>> = {
  schedule: "trained to the end of its schedule",
  epochs: "stopped as --epochs asked",
  steps: "stopped as --steps asked",
  minutes: "stopped as --minutes asked",
  interrupted: "interrupted, and saved",
  monitor: "ended by a monitor, and saved",
  failed: "failed",
};

const endingText = (end: TrainedSession["end"]): string => {
  if (end === undefined) return "ended without a message: killed, or the machine went down";
  const reason = end.reason === undefined ? "" : `: ${end.reason}`;
  return `${endings[end.ending] ?? end.ending}${reason}`;
};

const stateText = ({ isTraining, sessions }: Known): string | undefined => {
  if (isTraining) return "training";
  const last = sessions.at(-1);
  return last === undefined ? undefined : endingText(last.end);
};

const epochText = (progress: LoggedProgress, epochs: number | undefined): string => {
  const of = epochs === undefined ? "" : ` of ${thousands(epochs)}`;
  return `${thousands(progress.epoch + 1)}${of}`;
};

export const overviewOf = (known: Known): readonly Fact[] => {
  const { manifest, progress, saved } = known;
  const { data, created, seed } = manifest ?? {};
  return [
    ...fact("State", stateText(known)),
    ...fact("Steps", progress === undefined ? "none yet" : thousands(progress.steps)),
    ...fact("Epoch", progress && epochText(progress, manifest && epochsOf(manifest))),
    ...fact("Steps in an epoch", data && thousands(data.stepsPerEpoch)),
    ...fact("Time of training", progress && formatDuration(progress.elapsed)),
    ...fact("Newest checkpoint", saved === undefined ? "none" : `step ${thousands(saved)}`),
    ...fact("Begun", created && formatMoment(created)),
    ...fact("Seed", seed === undefined ? undefined : String(seed)),
    ...fact("Images", data?.description),
  ];
};

/** Returns the spec that trains the run now. */
export const specOf = ({ spec }: Manifest): SpecText => {
  const entry = spec.sources.filter(({ name }) => name === spec.entry);
  const others = spec.sources.filter(({ name }) => name !== spec.entry);
  return { files: [...entry, ...others].map(({ name, text }) => ({ name, text })) };
};

export const paramsText = (params: Manifest["spec"]["params"]): string =>
  Object.entries(params)
    .map(([name, value]) => `${name} = ${value}`)
    .join(", ");

/** Words the earlier specs: their differing params or text, and their steps. */
const pastText = ({ past = [], spec }: Manifest): string | undefined =>
  past.length === 0
    ? undefined
    : past
        .map(({ from, to, spec: one }) => {
          const params = Object.entries(one.params).filter(
            ([name, value]) => spec.params[name] !== value,
          );
          const words = paramsText(recordOf(params)) || "another text";
          return `steps ${thousands(from)} to ${thousands(to)}: ${words}`;
        })
        .join("; ");

const runFacts = (manifest: Manifest): readonly Fact[] => {
  const { engine, run, spec } = manifest;
  return [
    ...fact("Params", paramsText(spec.params) || "none"),
    ...fact("Engine that it began on", engine),
    ...fact("Name", run),
    ...fact("Fingerprint of the spec", spec.hash),
    ...fact("Specs before", pastText(manifest)),
  ];
};

const gibibyte = 2 ** 30;

const machineFacts = ({ begin }: TrainedSession): readonly Fact[] => [
  ...fact("Command", begin.command.join(" ")),
  ...fact("ganc", begin.versions.ganc),
  ...fact("Node.js", begin.versions.node),
  ...fact("Engine", begin.engine),
  ...fact("Threads", begin.threads === null ? undefined : String(begin.threads)),
  ...fact("Platform", begin.platform),
  ...fact("Processor", `${begin.cpu}, ${begin.cores} at once`),
  ...fact("Memory", `${(begin.memory / gibibyte).toFixed(1)} GiB`),
];

/** Most processes that are listed, the newest ones. */
const mostSessions = 50;

export const environmentOf = ({ manifest, sessions, isTraining }: Known): Environment => {
  const last = sessions.at(-1);
  return {
    groups: [
      ...(manifest === undefined ? [] : [{ title: "The run", facts: runFacts(manifest) }]),
      ...(last === undefined
        ? []
        : [{ title: "The process that trained last", facts: machineFacts(last) }]),
    ],
    processes: sessions.slice(-mostSessions).map((session, i, all) => ({
      begun: formatMoment(session.begin.at),
      steps: `${thousands(session.begin.step)} to ${session.end === undefined ? "?" : thousands(session.end.step)}`,
      ending: isTraining && i === all.length - 1 ? "trains now" : endingText(session.end),
    })),
  };
};
