/**
 * `ganc export`: writes networks of a run in other formats, each file checked against the run
 * first.
 */

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { type Command, Option } from "commander";
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import { recordOf } from "../../../base/record.js";
import { reasonOf } from "../../../data/files/errors.js";
import { missing, readRegularText } from "../../../data/files/regular-file.js";
import type { Domain, Model, Network } from "../../../program/model.js";
import { cardMark } from "../../../report/runs/card.js";
import {
  type Checked,
  descriptionOf,
  type Exported,
  layersModelOf,
  namedWeights,
  onnxOf,
  safetensorsOf,
  tolerance,
} from "../../../training/export/networks.js";
import { pageOf } from "../../../training/export/page.js";
import {
  attempt,
  makeFolder,
  realDisk,
  textBytes,
  writeAtomically,
} from "../../../training/files/disk.js";
import { describe, type TrainingError } from "../../../training/files/errors.js";
import type { CheckpointChoice, OpenedRun } from "../../../training/opening/open-run.js";
import { type Compiler, engineNames } from "../../../training/program/compiled.js";
import { generators } from "../../../training/program/program.js";
import { classCount, classNames, translators } from "../../../training/program/translators.js";
import { modelCard } from "../../../training/reports/model-card.js";
import type { Manifest } from "../../../training/run-directory/manifest.js";
import { shownPath } from "../../../training/run-directory/run-directory.js";
import { setsOf } from "../../../training/run-directory/spec-change.js";
import { packageRoot, standardSources } from "../../specs/spec-files.js";
import { reportFailure } from "../../terminal/failure.js";
import { complain, note, say, type Terminal } from "../../terminal/terminal.js";
import { checkpointOption, folder } from "../options.js";
import { withTrained } from "../trained.js";
import { exportOfficial } from "./export-official.js";
import { exportTorch } from "./export-torch.js";

/** Formats of one file for each network. */
const fileFormats = ["onnx", "tfjs", "safetensors", "page"] as const;
type Format = (typeof fileFormats)[number];

const official = "pytorch-cyclegan";
const project = "torch";
const formats = [...fileFormats, official, project] as const;

const endings: Readonly<Record<Format, string>> = {
  onnx: ".onnx",
  tfjs: "/model.json",
  safetensors: ".safetensors",
  page: ".html",
};

export interface ExportOptions {
  readonly format: (typeof formats)[number];
  readonly net?: string;
  readonly out?: string;
  readonly checkpoint?: CheckpointChoice;
  readonly engine: (typeof engineNames)[number];
}

/** Options as given: the format by either of two names. */
type Given = Partial<Pick<ExportOptions, "format">> &
  Omit<ExportOptions, "format"> & { readonly to?: ExportOptions["format"] };

/** A network that can be exported, with its named inputs and its output. */
interface Candidate {
  readonly network: string;
  readonly inputs: readonly { readonly name: string; readonly domain: Domain }[];
  readonly to: Domain;
}

/** Lists the networks that make images, from images or from noise. */
const candidates = ({ compiled: { program } }: OpenedRun): readonly Candidate[] => {
  const translating = translators(program);
  const making = generators(program).map(({ network, from, to }) => ({
    network,
    to,
    inputs: from.map((domain, i) => ({
      name: from.length === 1 ? domain.name.toLowerCase() : `${domain.name.toLowerCase()}${i + 1}`,
      domain,
    })),
  }));
  return [...translating, ...making];
};

const chosen = (
  opened: OpenedRun,
  net: string | undefined,
): Either<string, readonly Candidate[]> => {
  const all = candidates(opened);
  if (all.length === 0) return left("No network of this run makes images.");
  const fitting = all.filter(({ network }) => net === undefined || network === net);
  return fitting.length > 0
    ? right(fitting)
    : left(`${net} makes no images. These do: ${all.map(({ network }) => network).join(", ")}.`);
};

const exportedOf = (
  { session, step, run }: OpenedRun,
  model: Model,
  network: Network,
  { inputs, to }: Candidate,
): Exported => {
  const names = inputs.map(({ name }) => name);
  const output = names.includes(to.name.toLowerCase()) ? "translated" : to.name.toLowerCase();
  return {
    ...{ model, network, session, to, output },
    domains: inputs.map(({ domain }) => domain),
    inputs: names,
    about: {
      run: run.manifest.spec.name,
      network: network.name,
      steps: String(step),
      spec: run.manifest.spec.entry,
      params: JSON.stringify(run.manifest.spec.params),
      ranges: JSON.stringify(
        recordOf([
          ...inputs.map(({ name, domain }) => [name, domain.range] as const),
          [output, to.range] as const,
        ]),
      ),
    },
  };
};

/** Exports through the code that `ganc compile` writes for the run's spec. */
const asLayersModel = async (
  manifest: Manifest,
  exported: Exported,
): Promise<Either<string, Checked>> => {
  const [{ compile }, { applyLayersModel, layersModelFiles }] = await Promise.all([
    import("../../../compiler/index.js"),
    import("../../../engines/tfjs/layers-model.js"),
  ]);
  const { sources, entry } = manifest.spec;
  const texts = new Map(sources.map(({ name, text }) => [name, text]));
  const read = (name: string) => texts.get(name) ?? standardSources.read(name);
  const { libraries } = standardSources;
  const settings = new Map(Object.entries(setsOf(manifest)));
  const { output } = await compile(entry, { libraries, read }, settings);
  if (output === undefined) return left("the run's spec cannot be compiled to tfjs");
  const weights = await namedWeights(exported);
  const { name } = exported.network;
  try {
    return await layersModelOf(exported, {
      files: (isOpen, weightsName) =>
        layersModelFiles(output.text, name, weights, { isOpen, weightsName }),
      apply: applyLayersModel,
    });
  } catch (thrown) {
    return left(`tfjs does not take it: ${reasonOf(thrown)}`);
  }
};

const checked = async (
  { run, compiled }: OpenedRun,
  exported: Exported,
  format: Format,
): Promise<Either<string, Checked>> => {
  if (format === "onnx") return onnxOf(exported);
  if (format === "safetensors") return safetensorsOf(exported);
  if (format === "tfjs") return asLayersModel(run.manifest, exported);
  const translator = translators(compiled.program, true).find(
    ({ network }) => network === exported.network.name,
  );
  const count = translator === undefined ? undefined : classCount(translator);
  const classes =
    count === undefined ? [] : classNames(count, exported.to, run.manifest.data.classes);
  const require = createRequire(import.meta.url);
  const wasm = require.resolve("onnxruntime-web/ort-wasm-simd-threaded.wasm");
  const script = join(packageRoot, "dist/src/report/translator/browser/alone.js");
  return pageOf(exported, {
    classes,
    engine: await readFile(wasm),
    script: await readFile(script, "utf8"),
  });
};

/** Writes the file and, for weights, the description that says how to use them. */
const write = async (
  to: string,
  exported: Exported,
  { bytes, beside }: Checked,
  format: Format,
): Promise<Either<TrainingError, readonly string[]>> => {
  const path = join(to, `${exported.network.name}${endings[format]}`);
  const made = await attempt(dirname(path), async () => makeFolder(dirname(path)));
  if (isLeft(made)) return made;
  const first = beside === undefined ? undefined : join(dirname(path), beside.name);
  const weights =
    first === undefined || beside === undefined
      ? right(undefined)
      : await writeAtomically(realDisk, first, [beside.bytes]);
  if (isLeft(weights)) return weights;
  const written = await writeAtomically(realDisk, path, bytes);
  if (isLeft(written)) return written;
  if (format !== "safetensors") return right(first === undefined ? [path] : [path, first]);
  const description = join(to, `${exported.network.name}.json`);
  const text = `${JSON.stringify(descriptionOf(exported), undefined, 2)}\n`;
  const described = await writeAtomically(realDisk, description, textBytes(text));
  return isLeft(described) ? described : right([path, description]);
};

const mostCard = 2 ** 24;

const writeCard = async (opened: OpenedRun, to: string): Promise<Either<TrainingError, string>> => {
  const card = await modelCard(opened.run.path, async () => right(opened.compiled.program), {
    isElsewhere: true,
    exported: opened.step,
  });
  if (isLeft(card)) return card;
  const path = join(to, "README.md");
  // A file that a person wrote there stays.
  const before = await readRegularText(path, mostCard);
  if (isLeft(before) ? before.left !== missing : !before.right.includes(cardMark))
    return left({
      kind: "file",
      path,
      reason: "ganc did not write this file, so it stays as it is",
    });
  const written = await writeAtomically(realDisk, path, textBytes(card.right));
  return isLeft(written) ? written : right(path);
};

const exportAll = async (
  opened: OpenedRun,
  all: readonly Candidate[],
  format: Format,
  to: string,
  terminal: Terminal,
): Promise<number> => {
  const { model } = opened.compiled;
  const made = await attempt(to, async () => makeFolder(to));
  if (isLeft(made)) {
    reportFailure(terminal, made.left);
    return 1;
  }
  let failed = 0;
  for (const candidate of all) {
    const network = model?.networks.find(({ name }) => name === candidate.network);
    if (model === undefined || network === undefined) continue;
    const exported = exportedOf(opened, model, network, candidate);
    const file = await checked(opened, exported, format);
    if (isLeft(file)) {
      complain(terminal, `${network.name}: ${file.left}.`);
      failed++;
      continue;
    }
    const written = await write(to, exported, file.right, format);
    if (isLeft(written)) {
      reportFailure(terminal, written.left);
      return 1;
    }
    for (const path of written.right) say(terminal, shownPath(path));
    const { difference, words } = file.right;
    const apart =
      format === "safetensors"
        ? "reads back bit for bit"
        : `at most ${difference.toExponential(1)} of the range from the run (allowed: ${tolerance})`;
    terminal.err.write(`${network.name}: ${[...words, apart].join("; ")}\n`);
  }
  const card = failed < all.length ? await writeCard(opened, to) : right("");
  if (isLeft(card)) note(terminal, `No model card was written: ${describe(card.left)}.`);
  else if (card.right !== "") say(terminal, shownPath(card.right));
  return failed === 0 ? 0 : 1;
};

/**
 * Exports networks of a run. Exit code: 0 if everything was written, 1 if not, 2 for wrong usage.
 */
export const exportCommand = async (
  compiler: Compiler,
  path: string,
  options: ExportOptions,
  terminal: Terminal,
): Promise<number> =>
  withTrained(compiler, path, options, terminal, async (opened) => {
    for (const notice of opened.notices) note(terminal, notice);
    const { format, net, out = join(opened.run.path, "exported") } = options;
    if (format === project) {
      if (net === undefined) return exportTorch(opened, out, terminal);
      complain(terminal, "A project has all networks of the spec: leave out --net.");
      return 2;
    }
    if (format === official) return exportOfficial(compiler, opened, { net, to: out }, terminal);
    const all = chosen(opened, net);
    if (isLeft(all)) {
      complain(terminal, all.left);
      return 2;
    }
    return exportAll(opened, all.right, format, out, terminal);
  });

/** Adds `export` to the command line. */
export const registerExport = (program: Command, compiler: Compiler, terminal: Terminal): void => {
  program
    .command("export")
    .description("Write trained networks for use elsewhere, each checked against the run first.")
    .argument("<run>", "the folder of a run")
    .addOption(
      new Option(
        "--format <name>",
        "onnx: for ONNX Runtime and others; tfjs: a LayersModel; safetensors: the weights, and JSON that describes the layers; page: one web page that translates pictures by itself; pytorch-cyclegan: .pth files that pytorch-CycleGAN-and-pix2pix and CUT load; torch: a project in Python with the weights, which translates and trains",
      ).choices(formats),
    )
    .addOption(new Option("--to <name>", "the same as --format").choices(formats))
    .option(
      "--net <name>",
      "one network (default: all that make images; for pytorch-cyclegan discriminators too)",
    )
    .option(
      "-o, --out <folder>",
      "where the files go (default: `exported` in the run's folder)",
      folder,
    )
    .addOption(checkpointOption())
    .addOption(new Option("--engine <name>", "what computes").choices(engineNames).default("auto"))
    .action(async (run: string, { to, ...given }: Given, command: Command) => {
      const format = given.format ?? to;
      if (format === undefined || (to !== undefined && to !== format))
        command.error(
          format === undefined
            ? `error: say what to write: --format ${formats.join(", ")}`
            : `error: --format ${given.format} and --to ${to} say two things: give one`,
          { exitCode: 2 },
        );
      const options = { ...given, format };
      process.exitCode = await exportCommand(compiler, run, options, terminal);
    });
};
