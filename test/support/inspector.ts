/**
 * A debugger's side of Node's inspector: it starts a process that waits for it, sends commands and
 * reads events.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { EventEmitter, once } from "node:events";
import { request } from "node:http";
import type { Socket } from "node:net";

type Message = {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly message: string };
};

/** A text frame of RFC 6455 as clients send it: masked, here by zeros. */
const frameOf = (text: string): Buffer => {
  const payload = Buffer.from(text);
  const head = Buffer.alloc(payload.length < 126 ? 2 : 4);
  head[0] = 0x81;
  head[1] = 0x80 | (payload.length < 126 ? payload.length : 126);
  if (payload.length >= 126) head.writeUInt16BE(payload.length, 2);
  return Buffer.concat([head, Buffer.alloc(4), payload]);
};

/** The first whole frame of the bytes: its text, and where the next begins. */
const firstFrame = (bytes: Buffer): { readonly text: string; readonly end: number } | undefined => {
  if (bytes.length < 2) return undefined;
  const short = (bytes[1] ?? 0) & 0x7f;
  const begin = short < 126 ? 2 : short === 126 ? 4 : 10;
  if (bytes.length < begin) return undefined;
  const size =
    short < 126 ? short : short === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
  const end = begin + size;
  return bytes.length < end ? undefined : { text: bytes.toString("utf8", begin, end), end };
};

const upgraded = (url: URL): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const headers = {
      Connection: "Upgrade",
      Upgrade: "websocket",
      "Sec-WebSocket-Version": "13",
      "Sec-WebSocket-Key": randomBytes(16).toString("base64"),
    };
    request({ host: url.hostname, port: url.port, path: url.pathname, headers })
      .on("upgrade", (_, socket) => resolve(socket as Socket))
      .on("error", reject)
      .end();
  });

export class Inspector {
  /** Of every method, what came. */
  readonly seen = new Map<string, Record<string, unknown>[]>();
  private readonly events = new EventEmitter();
  private bytes = Buffer.alloc(0);
  private sent = 0;

  private constructor(private readonly socket: Socket) {
    socket.on("data", (data) => {
      this.bytes = Buffer.concat([this.bytes, data]);
      for (let frame = firstFrame(this.bytes); frame; frame = firstFrame(this.bytes)) {
        this.bytes = this.bytes.subarray(frame.end);
        this.take(JSON.parse(frame.text) as Message);
      }
    });
  }

  static async at(url: string): Promise<Inspector> {
    return new Inspector(await upgraded(new URL(url)));
  }

  private take({ id, method, params = {}, result, error }: Message): void {
    if (method !== undefined) {
      this.seen.set(method, [...(this.seen.get(method) ?? []), params]);
      this.events.emit(method, params);
    } else
      this.events.emit(`answer ${id}`, error === undefined ? result : new Error(error.message));
  }

  async send(method: string, params: object = {}): Promise<Record<string, unknown>> {
    const id = ++this.sent;
    const answer = once(this.events, `answer ${id}`);
    this.socket.write(frameOf(JSON.stringify({ id, method, params })));
    const [result] = await answer;
    if (result instanceof Error) throw result;
    return result as Record<string, unknown>;
  }

  /** Sends a command, and waits for the event that it leads to. */
  async until(
    event: string,
    method: string,
    params: object = {},
  ): Promise<Record<string, unknown>> {
    const seen = once(this.events, event);
    await this.send(method, params);
    const [found] = await seen;
    return found as Record<string, unknown>;
  }

  close(): void {
    this.socket.destroy();
  }
}

/** Starts Node by `--inspect-brk` on a free port, and gives the process with its debugger. */
export const debugged = async (
  args: readonly string[],
  cwd: string,
): Promise<{ readonly child: ChildProcess; readonly inspector: Inspector }> => {
  const child = spawn(process.execPath, ["--inspect-brk=127.0.0.1:0", ...args], { cwd });
  let said = "";
  const url = await new Promise<string>((resolve, reject) => {
    child.stderr.on("data", (data) => {
      said += data;
      const [found] = /ws:\/\/\S+/.exec(said) ?? [];
      if (found !== undefined) resolve(found);
    });
    child.on("close", () => reject(new Error(said)));
  });
  return { child, inspector: await Inspector.at(url) };
};
