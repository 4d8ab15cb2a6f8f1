/** The sides that bench/step.ts can compare, in the order of its table. */
import { openNode, openTorch, type Running } from "./running.js";
import type { Subject } from "./sides.js";

export type Settings = Readonly<Record<string, string>>;

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
    open: (_: Settings, subject: Subject): Promise<Running> => openTorch(subject, false),
  },
  compile: {
    title: "torch.compile",
    open: (_: Settings, subject: Subject): Promise<Running> => openTorch(subject, true),
  },
};

export type Name = keyof typeof sides;

export const names = Object.keys(sides) as readonly Name[];
