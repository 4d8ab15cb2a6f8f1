/** Runs the sides of bench/step.ts in processes with one interface. */
import { type ChildProcess, fork, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { packageRoot } from "../src/cli/specs/spec-files.js";
import type { State } from "../src/contracts/tensor.js";
import { encode } from "../src/training/files/safetensors.js";
import { imagesOf, RATE, SEED, type Subject } from "./sides.js";
import type { Failed, Ready, Request, Start, Timed } from "./step-child.js";
import { torchPython } from "./torch/python.js";
import { namesOf, weightsOf } from "./torch/state.js";

/** A side whose networks are loaded and that waits for requests. */
export interface Running {
  /** For example `libtensorflow 2.21`. */
  readonly engine: string;
  step(number: number): Promise<Timed>;
  end(): void;
}

/** A channel with one request at a time, each answered by one reply. */
class Channel {
  private answer: ((reply: unknown) => void) | undefined;

  constructor(
    private readonly child: ChildProcess,
    private readonly send: (request: unknown) => void,
  ) {}

  receive(reply: unknown): void {
    this.answer?.(reply);
  }

  /**
   * Sends a request and waits for the reply.
   * @throws Error if the child fails or ends instead of answering
   */
  ask<R>(request: unknown): Promise<R> {
    return new Promise((resolve, reject) => {
      const ended = (code: number | null): void => reject(new Error(`a side ended with ${code}`));
      this.child.once("exit", ended);
      // The program, for example Python, may be missing.
      this.child.once("error", reject);
      this.answer = (message) => {
        this.child.off("exit", ended);
        this.child.off("error", reject);
        const reply = message as Failed | (R & { readonly kind: string });
        if (reply.kind === "failed") reject(new Error((reply as Failed).reason));
        else resolve(reply as R);
      };
      this.send(request);
    });
  }

  end(): void {
    this.child.removeAllListeners();
    this.child.kill();
  }
}

/** Starts bench/step-child.ts. The first request says which side it is. */
export const openNode = async (first: Start): Promise<Running> => {
  const script = fileURLToPath(new URL("./step-child.js", import.meta.url));
  const child = fork(script, { cwd: packageRoot });
  const channel = new Channel(child, (request) => child.send(request as Request));
  child.on("message", (reply) => channel.receive(reply));
  const { engine } = await channel.ask<Ready>(first);
  return {
    engine,
    step: (number) => channel.ask({ kind: "step", number }),
    end: () => channel.end(),
  };
};

/** The behaviour of a full image history of 50: it recalls every other time. */
const places = (number: number) => ({
  D_X: [number % 2 === 0 ? number % 50 : -1],
  D_Y: [number % 2 === 0 ? -1 : number % 50],
});

/** What a side of PyTorch computes. */
export interface OnTorch {
  /** Whether it goes through torch.compile. */
  readonly compiled: boolean;
  /** The code that ganc writes, and how it computes; absent for the step written by hand. */
  readonly written?: {
    readonly text: string;
    readonly form: object;
    readonly bf16: boolean;
  };
}

/** Starts bench/torch/step.py. Code, weights and images go through files in `folder`. */
const openPython = async (
  subject: Subject,
  { compiled, written }: OnTorch,
  folder: string,
): Promise<Running> => {
  const write = (name: string, tensors: State): string => {
    const path = join(folder, name);
    writeFileSync(path, Buffer.concat(encode(tensors)));
    return path;
  };
  const about = (): object => {
    if (written === undefined) return {};
    const module = join(folder, "written.py");
    writeFileSync(module, written.text);
    const library = join(packageRoot, "dist/src/engines/torch");
    return { written: { module, library, form: written.form, bf16: written.bf16 } };
  };
  const script = join(packageRoot, "bench/torch/step.py");
  const child = spawn(torchPython(), [script], { stdio: ["pipe", "pipe", "inherit"] });
  const channel = new Channel(child, (request) =>
    child.stdin.write(`${JSON.stringify(request)}\n`),
  );
  createInterface(child.stdout).on("line", (line) => channel.receive(JSON.parse(line)));
  const started = channel.ask<Ready>({
    kind: "start",
    compiled,
    threads: availableParallelism(),
    rate: RATE,
    sizes: subject.sizes,
    parameters: namesOf(subject),
    weights: write("weights.safetensors", weightsOf(subject, SEED)),
    ...about(),
  });
  // A side that cannot start must not keep the others waiting.
  started.catch(() => channel.end());
  const { engine } = await started;
  return {
    engine,
    step: (number) => {
      const { x, y } = imagesOf(subject, number);
      const images = new Map(Object.entries({ X: x, Y: y }));
      const path = write("images.safetensors", images);
      return channel.ask({ kind: "step", images: path, places: places(number) });
    },
    end: () => channel.end(),
  };
};

export const openTorch = async (subject: Subject, how: OnTorch): Promise<Running> => {
  const folder = mkdtempSync(join(tmpdir(), "ganc-bench-"));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    const running = await openPython(subject, how, folder);
    return {
      ...running,
      end: () => {
        running.end();
        remove();
      },
    };
  } catch (error) {
    remove();
    throw error;
  }
};
