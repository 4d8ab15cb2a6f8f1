/** The process that PyTorch computes in. */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { impossible } from "../../base/impossible.js";
import type { HostTensor } from "../../contracts/tensor.js";
import { EngineFailure } from "../sessions/failure.js";
import { type Asked, Channel, type Message } from "./channel.js";

const driver = fileURLToPath(new URL("./driver.py", import.meta.url));

/** The last lines that the process wrote to its log. */
const tail = (log: readonly string[]): string =>
  log.join("").trim().split("\n").slice(-3).join(" ");

const failureOf = (error: string, kind: "memory" | "internal" | undefined): EngineFailure => {
  const [line = ""] = error.trim().split("\n");
  return kind === "memory"
    ? new EngineFailure(
        `the step needs more memory than is free: smaller images, a smaller batch or fewer channels need less. PyTorch says: ${line}`,
      )
    : new EngineFailure(`${line}${line.endsWith(".") ? "" : "."}`);
};

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

  private lost(code: number | null, signal: NodeJS.Signals | null): EngineFailure {
    const how = signal === null ? `with code ${code}` : `by ${signal}`;
    const memory =
      signal === "SIGKILL"
        ? " Systems end the process that takes most memory when it runs out: a smaller batch, smaller images or fewer channels need less."
        : "";
    const said = tail(this.log);
    return new EngineFailure(`its process ended ${how}${said === "" ? "." : `: ${said}`}${memory}`);
  }

  /** Writes a module where the process can load it, and gives its path. */
  write(text: string): string {
    const path = join(this.folder, `module_${this.written++}.py`);
    writeFileSync(path, text);
    return path;
  }

  /**
   * Sends a request and gives the reply; what the process asks for meanwhile, `answer` gives it.
   * @throws EngineFailure (rejects) where the process fails or ends
   */
  request(
    header: object,
    tensors: Iterable<readonly [string, HostTensor]> = [],
    answer?: (asked: Asked) => Float32Array,
  ): Promise<Message> {
    const all = [...tensors];
    const run = this.last.then(async () => {
      this.channel.send(header, all);
      for (;;) {
        const message = await Promise.race([this.channel.receive(), this.ended]);
        const { ask, error, kind } = message.header;
        if (error !== undefined) throw failureOf(error, kind);
        if (ask === undefined) return message;
        this.answer(ask, answer);
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
    this.child.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Starts a process of PyTorch. */
export const startTorch = (python: string): TorchProcess =>
  new TorchProcess(
    spawn(python, ["-u", driver], {
      stdio: "pipe",
      env: { ...process.env, PYTHONDONTWRITEBYTECODE: "1" },
      // Ctrl-C is ganc's to handle: it saves first.
      detached: process.platform !== "win32",
    }),
  );
