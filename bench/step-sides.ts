/** The sides that bench/step.ts can compare, in the order of its table. */
import { diskSources } from "../src/cli/specs/spec-files.js";
import { analyse, noSettings } from "../src/compiler/frontend.js";
import { torchForm } from "../src/engines/torch/form.js";
import { emitTorch } from "../src/targets/torch/emit.js";
import { openNode, openTorch, type Running } from "./running.js";
import { SPEC, type Subject } from "./sides.js";

export type Settings = Readonly<Record<string, string>>;

/** Opens the code that `ganc compile --target torch` writes. */
const openWritten = (
  settings: Settings,
  subject: Subject,
  { compiled, bf16 }: { readonly compiled: boolean; readonly bf16: boolean },
): Promise<Running> => {
  const given = new Map([...noSettings, ...Object.entries(settings)]);
  const { result } = analyse(SPEC, diskSources, given);
  if (result === undefined) throw new Error(`${SPEC} has errors`);
  const { program } = result;
  const written = { text: emitTorch(program), form: torchForm(program), bf16 };
  return openTorch(subject, { compiled, written });
};

export const sides = {
  onnx: {
    title: "one ONNX graph",
    open: (settings: Settings): Promise<Running> => openNode({ kind: "onnx", settings }),
  },
  halves: {
    title: "its halves at once",
    open: (settings: Settings): Promise<Running> => openNode({ kind: "halves", settings }),
  },
  tfjs: {
    title: "generated code, tfjs",
    open: (settings: Settings): Promise<Running> => openNode({ kind: "tfjs", settings }),
  },
  explicit: {
    title: "the graph, tfjs",
    open: (settings: Settings): Promise<Running> => openNode({ kind: "explicit", settings }),
  },
  plain: {
    title: "plain tfjs",
    open: (_: Settings, subject: Subject): Promise<Running> => openNode({ kind: "plain", subject }),
  },
  eager: {
    title: "PyTorch eager",
    open: (_: Settings, subject: Subject): Promise<Running> =>
      openTorch(subject, { compiled: false }),
  },
  compile: {
    title: "torch.compile",
    open: (_: Settings, subject: Subject): Promise<Running> =>
      openTorch(subject, { compiled: true }),
  },
  written: {
    title: "generated PyTorch",
    open: (settings: Settings, subject: Subject): Promise<Running> =>
      openWritten(settings, subject, { compiled: false, bf16: false }),
  },
  "written-compile": {
    title: "generated, compiled",
    open: (settings: Settings, subject: Subject): Promise<Running> =>
      openWritten(settings, subject, { compiled: true, bf16: false }),
  },
  "written-bf16": {
    title: "generated, bfloat16",
    open: (settings: Settings, subject: Subject): Promise<Running> =>
      openWritten(settings, subject, { compiled: false, bf16: true }),
  },
  "written-both": {
    title: "generated, compiled bfloat16",
    open: (settings: Settings, subject: Subject): Promise<Running> =>
      openWritten(settings, subject, { compiled: true, bf16: true }),
  },
};

export type Name = keyof typeof sides;

export const names = Object.keys(sides) as readonly Name[];
