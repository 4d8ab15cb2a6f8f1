/** Reads numbers and bytes in turn, and never behind the end. Everything is little-endian. */
import { refuse } from "./refusal.js";

export class Cursor {
  private readonly view: DataView;

  /** @param what the part that is read, for messages: "its pickle" */
  constructor(
    readonly bytes: Uint8Array,
    private readonly what: string,
    public at = 0,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get left(): number {
    return this.bytes.byteLength - this.at;
  }

  /** Moves over `count` bytes and returns where they begin. */
  private over(count: number): number {
    if (count > this.left) refuse(`is cut off within ${this.what}`);
    this.at += count;
    return this.at - count;
  }

  u8(): number {
    return this.view.getUint8(this.over(1));
  }

  u16(): number {
    return this.view.getUint16(this.over(2), true);
  }

  u32(): number {
    return this.view.getUint32(this.over(4), true);
  }

  i32(): number {
    return this.view.getInt32(this.over(4), true);
  }

  /** A count of 8 bytes. Refuses what no file can hold. */
  u64(): number {
    const value = this.view.getBigUint64(this.over(8), true);
    return value > BigInt(Number.MAX_SAFE_INTEGER)
      ? refuse(`gives an impossible count, ${value}, in ${this.what}`)
      : Number(value);
  }

  /** Big-endian, as pickles have it. */
  f64(): number {
    return this.view.getFloat64(this.over(8), false);
  }

  take(count: number): Uint8Array {
    const from = this.over(count);
    return this.bytes.subarray(from, from + count);
  }

  /** The text up to a line break of at most `most` bytes, without it. */
  line(most: number): string {
    const end = this.bytes.indexOf(0x0a, this.at);
    if (end < 0) refuse(`is cut off within ${this.what}`);
    if (end - this.at > most) refuse(`has a name of more than ${most} bytes in ${this.what}`);
    const text = utf8(this.take(end - this.at), this.what);
    this.at++;
    return text;
  }
}

/** Decodes UTF-8, and refuses what is none. */
export const utf8 = (bytes: Uint8Array, what: string): string => {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return refuse(`has a text that is not UTF-8 in ${what}`);
  }
};
