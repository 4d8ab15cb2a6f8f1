/** The process that PyTorch computes in. */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { impossible } from "../../base/impossible.js";
import type { HostTensor } from "../../contracts/tensor.js";
import { EngineFailure, LostPeer, LostProcess } from "../sessions/failure.js";
import { type Asked, Channel, type Message } from "./channel.js";
import { silence } from "./silence.js";

const driver = fileURLToPath(new URL("./driver.py", import.meta.url));

/** The last lines that the process wrote to its log. */
const tail = (log: readonly string[]): string =>
  log.join("").trim().split("\n").slice(-3).join(" ");

type Kind = "memory" | "peer" | "internal";

const failureOf = (error: string, kind: Kind | undefined): EngineFailure => {
  const [line = ""] = error.trim().split("\n");
  if (kind === "peer") return new LostPeer("a process that it shares a step with is gone.");
  return kind === "memory"
    ? new EngineFailure(
        `the step needs more memory than is free: smaller images, a smaller batch or fewer channels need less. PyTorch says: ${line}`,
      )
    : new EngineFailure(`${line}${line.endsWith(".") ? "" : "."}`);
};

/** A request to a process, whose draws `answer` makes. */
export interface Request {
  readonly header: object;
  readonly tensors?: Iterable<readonly [string, HostTensor]>;
  readonly answer?: (asked: Asked) => Float32Array;
  /** Seconds of silence after which the process counts as lost; it tells each that it lives. */
  readonly patience?: number | undefined;
}

export class TorchProcess {
  private readonly channel: Channel;
  private readonly ended: Promise<never>;
  private readonly log: string[] = [];
  private isDisposed = false;
  /** Requests wait for those before them. */
  private last: Promise<unknown> = Promise.resolve();
  private readonly folder = mkdtempSync(join(tmpdir(), "ganc-torch-"));
  private written = 0;

  constructor(private readonly child: ChildProcessWithoutNullStreams) {
    const { stdin, stdout, stderr } = child;
    this.channel = new Channel(stdout, stdin);
    stderr.on("data", (chunk: Buffer) => {
      this.log.push(chunk.toString("utf8"));
      if (this.log.length > 200) this.log.splice(0, 100);
    });
    // A pipe that breaks is told by the end of the process.
    stdin.on("error", () => {});
    this.ended = new Promise<never>((_, reject) => {
      child.on("error", (error) => reject(new EngineFailure(`${error.message}.`)));
      child.on("close", (code, signal) => reject(this.lost(code, signal)));
    });
    this.ended.catch(() => {});
  }

  private lost(code: number | null, signal: NodeJS.Signals | null): LostProcess {
    const how = signal === null ? `with code ${code}` : `by ${signal}`;
    const memory =
      signal === "SIGKILL"
        ? " Systems end the process that takes most memory when it runs out: a smaller batch, smaller images or fewer channels need less."
        : "";
    const said = tail(this.log);
    return new LostProcess(`its process ended ${how}${said === "" ? "." : `: ${said}`}${memory}`);
  }

  /** The path of a file in the process's folder. */
  place(name: string): string {
    return join(this.folder, name);
  }

  /** Writes a module where the process can load it, and gives its path. */
  write(text: string): string {
    const path = join(this.folder, `module_${this.written++}.py`);
    writeFileSync(path, text);
    return path;
  }

  /**
   * Sends a request and gives the reply.
   * @throws EngineFailure (rejects) where the process fails; LostProcess where it ends or hangs
   */
  request({ header, tensors = [], answer, patience }: Request): Promise<Message> {
    const all = [...tensors];
    const run = this.last.then(async () => {
      this.channel.send(header, all);
      const quiet = silence(() => this.channel.heard, patience);
      try {
        for (;;) {
          const message = await Promise.race([this.channel.receive(), this.ended, quiet.lost]);
          const { ask, beat, error, kind } = message.header;
          if (error !== undefined) throw failureOf(error, kind);
          if (ask !== undefined) this.answer(ask, answer);
          else if (beat !== true) return message;
        }
      } finally {
        quiet.stop();
      }
    });
    this.last = run.catch(() => {});
    return run;
  }

  private answer(ask: Asked, answer: ((asked: Asked) => Float32Array) | undefined): void {
    try {
      const data = answer?.(ask) ?? impossible("nothing was to be drawn");
      this.channel.send({}, [["drawn", { shape: [data.length], data }]]);
    } catch (error) {
      // The process waits; it gives the error back as its reply.
      this.channel.send({ failed: String(error) });
    }
  }

  dispose(): void {
    if (this.isDisposed) return;
    this.isDisposed = true;
    this.child.stdin.end();
    // One that is stopped hears nothing else, and none has anything to save.
    this.child.kill("SIGKILL");
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** The network that processes of one machine talk by: no name has to be resolved for it. */
const loopback = process.platform === "darwin" ? "lo0" : "lo";

/** Starts a process of PyTorch; `isHere` says whether all that it talks to are on this machine. */
export const startTorch = (python: string, isHere = true): TorchProcess =>
  new TorchProcess(
    spawn(python, ["-u", driver], {
      stdio: "pipe",
      env: {
        ...(isHere && process.platform !== "win32" ? { GLOO_SOCKET_IFNAME: loopback } : {}),
        ...process.env,
        PYTHONDONTWRITEBYTECODE: "1",
      },
      // Ctrl-C is ganc's to handle: it saves first.
      detached: process.platform !== "win32",
    }),
  );
