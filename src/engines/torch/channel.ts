/**
 * Messages to and from a process: the length of a header (4 bytes, little-endian), a header of
 * JSON, and the numbers of its tensors, which the header lists as `[name, shape]`.
 */
import type { Readable, Writable } from "node:stream";
import { isLeft } from "fp-ts/lib/Either.js";
import * as t from "io-ts";
import type { HostTensor } from "../../contracts/tensor.js";
import { sizeOf } from "../../graph/graph.js";

const Asked = t.intersection([
  t.type({ what: t.string, k: t.number }),
  t.partial({
    history: t.string,
    slot: t.number,
    application: t.string,
    i: t.number,
    count: t.number,
    height: t.number,
    width: t.number,
  }),
]);

/** What the process asks for while it computes. */
export type Asked = t.TypeOf<typeof Asked>;

const Header = t.intersection([
  t.type({ tensors: t.array(t.tuple([t.string, t.array(t.number)])) }),
  t.partial({
    ok: t.boolean,
    error: t.string,
    kind: t.keyof({ memory: null, peer: null, internal: null }),
    ask: Asked,
    beat: t.boolean,
    port: t.number,
    terms: t.record(t.string, t.number),
    version: t.string,
  }),
]);

export interface Message {
  readonly header: t.TypeOf<typeof Header>;
  readonly tensors: ReadonlyMap<string, HostTensor>;
}

/** Bytes of an array of numbers, shared with it. */
const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength);

/** Reads exactly so many bytes, from chunks of any size. */
class Bytes {
  private readonly chunks: Buffer[] = [];
  private held = 0;
  private wanted: { readonly count: number; readonly give: (bytes: Buffer) => void } | undefined;

  push(chunk: Buffer): void {
    this.chunks.push(chunk);
    this.held += chunk.length;
    this.serve();
  }

  take(count: number): Promise<Buffer> {
    return new Promise((give) => {
      this.wanted = { count, give };
      this.serve();
    });
  }

  private serve(): void {
    const { wanted } = this;
    if (wanted === undefined || this.held < wanted.count) return;
    this.wanted = undefined;
    const all = this.chunks.length === 1 ? this.chunks[0] : Buffer.concat(this.chunks);
    const whole = all ?? Buffer.alloc(0);
    this.chunks.length = 0;
    this.held -= wanted.count;
    if (this.held > 0) this.chunks.push(whole.subarray(wanted.count));
    wanted.give(whole.subarray(0, wanted.count));
  }
}

export class Channel {
  private readonly bytes = new Bytes();
  /** Number of pieces that have come. */
  heard = 0;

  constructor(
    from: Readable,
    private readonly to: Writable,
  ) {
    from.on("data", (chunk: Buffer) => {
      this.heard++;
      this.bytes.push(chunk);
    });
  }

  send(header: object, tensors: Iterable<readonly [string, HostTensor]> = []): void {
    const all = [...tensors];
    const listed = all.map(([name, { shape }]) => [name, shape]);
    const text = Buffer.from(JSON.stringify({ ...header, tensors: listed }));
    const length = Buffer.alloc(4);
    length.writeUInt32LE(text.length);
    this.to.write(Buffer.concat([length, text]));
    for (const [, { data }] of all) this.to.write(Buffer.from(bytesOf(data)));
  }

  /** The next message. @throws Error (rejects) where it is none of this protocol */
  async receive(): Promise<Message> {
    const length = (await this.bytes.take(4)).readUInt32LE();
    const text = (await this.bytes.take(length)).toString("utf8");
    const header = Header.decode(JSON.parse(text));
    if (isLeft(header)) throw new Error(`the process of PyTorch sends ${text.slice(0, 200)}`);
    const tensors = new Map<string, HostTensor>();
    for (const [name, shape] of header.right.tensors) {
      const raw = await this.bytes.take(4 * sizeOf(shape));
      const data = new Float32Array(sizeOf(shape));
      bytesOf(data).set(raw);
      tensors.set(name, { shape, data });
    }
    return { header: header.right, tensors };
  }
}
