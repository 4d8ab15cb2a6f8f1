/**
 * Reads one pickle as plain values. It is a machine for the few opcodes that states are written
 * with; everything else is refused by name, and so is every global but those of globals.ts. It
 * calls nothing and imports nothing: REDUCE looks a name up in a table of ganc's own.
 */
import { type Cursor, utf8 } from "./cursor.js";
import { callOf, globalNamed } from "./globals.js";
import { opcodeNames } from "./opcodes.js";
import { refuse } from "./refusal.js";
import { type Dict, isKind, kindOf, type List, tuple, type Value } from "./values.js";

/** More than any state takes: of a thousand tensors, with memo and metadata. */
const limits = {
  pickleBytes: 2 ** 24,
  /** Values made in all. */
  made: 2 ** 18,
  stack: 2 ** 16,
  nesting: 64,
  memo: 2 ** 17,
  nameBytes: 256,
  textBytes: 2 ** 16,
  /** Of a whole number. */
  wholeBytes: 16,
} as const;

const highestProtocol = 5;

/** Turns what a persistent id says into the value that it stands for. */
export type Persistent = (id: Value) => Value;

class Machine {
  private readonly stack: Value[] = [];
  /** Heights of the stack at its marks. */
  private readonly marks: number[] = [];
  private readonly memo = new Map<number, Value>();
  private made = 0;

  constructor(
    private readonly input: Cursor,
    private readonly persistent: Persistent,
  ) {}

  run(): Value {
    const from = this.input.at;
    for (;;) {
      if (this.input.at - from > limits.pickleBytes)
        return refuse(`has a pickle of more than ${limits.pickleBytes} bytes`);
      const code = this.input.u8();
      if (code === 0x2e) return this.end();
      const step = steps.get(code);
      if (step === undefined) return refuseOpcode(code);
      step(this, this.input);
    }
  }

  private end(): Value {
    const value = this.pop();
    return this.stack.length === 0 && this.marks.length === 0
      ? value
      : refuse("has a pickle that ends with more than one value");
  }

  push(value: Value): void {
    if (++this.made > limits.made)
      refuse(`has a pickle that makes more than ${limits.made} values`);
    if (this.stack.length >= limits.stack)
      refuse(`has a pickle deeper than ${limits.stack} values`);
    this.stack.push(value);
  }

  pop(): Value {
    const isBare = this.stack.length <= (this.marks.at(-1) ?? 0);
    const value = isBare ? undefined : this.stack.pop();
    return value === undefined ? refuse("has a pickle that takes a value where none is") : value;
  }

  /** The value on top, which stays. */
  top(): Value {
    const value = this.pop();
    this.stack.push(value);
    return value;
  }

  mark(): void {
    if (this.marks.length >= limits.nesting)
      refuse(`has a pickle nested more than ${limits.nesting} deep`);
    this.marks.push(this.stack.length);
  }

  /** Takes all that stands on the last mark. */
  popMark(): readonly Value[] {
    const height = this.marks.pop();
    return height === undefined
      ? refuse("has a pickle that goes back to a mark where none is")
      : this.stack.splice(height);
  }

  popTuple(count: number): void {
    const items = Array.from({ length: count }, () => this.pop());
    this.push(tuple(items.reverse()));
  }

  keep(place: number): void {
    const value = this.top();
    if (!this.memo.has(place) && this.memo.size >= limits.memo)
      refuse(`has a pickle that remembers more than ${limits.memo} values`);
    this.memo.set(place, value);
  }

  keepNext(): void {
    this.keep(this.memo.size);
  }

  recall(place: number): void {
    const value = this.memo.get(place);
    this.push(
      value === undefined
        ? refuse(`has a pickle that recalls ${place}, which it never kept`)
        : value,
    );
  }

  text(bytes: number): void {
    if (bytes > limits.textBytes) refuse(`has a text of ${bytes} bytes in its pickle`);
    this.push(utf8(this.input.take(bytes), "its pickle"));
  }

  /** A whole number, least byte first, negative in two's complement. */
  whole(bytes: number): void {
    if (bytes > limits.wholeBytes) refuse(`has a whole number of ${bytes} bytes in its pickle`);
    const digits = this.input.take(bytes);
    const value = BigInt.asIntN(
      8 * bytes,
      digits.reduceRight((sum, byte) => sum * 256n + BigInt(byte), 0n),
    );
    const near = Number(value);
    this.push(Number.isSafeInteger(near) ? near : { kind: "whole", value });
  }

  global(module: Value, member: Value): void {
    if (typeof module !== "string" || typeof member !== "string")
      refuse(`names a global by ${kindOf(module)} and ${kindOf(member)}`);
    this.push(globalNamed(String(module), String(member)));
  }

  reduce(): void {
    const args = this.pop();
    this.push(callOf(this.pop(), args));
  }

  private dict(): Dict {
    const into = this.top();
    return isKind(into, "dict") ? into : refuse(`sets an item of ${kindOf(into)}`);
  }

  private list(): List {
    const into = this.top();
    return isKind(into, "list") ? into : refuse(`appends to ${kindOf(into)}`);
  }

  setItems(items: readonly Value[]): void {
    const { entries } = this.dict();
    if (items.length % 2 !== 0) refuse("has a pickle that sets a key without a value");
    for (let i = 0; i < items.length; i += 2) {
      const [key, value] = [items[i], items[i + 1]];
      if ((typeof key !== "string" && typeof key !== "number") || value === undefined)
        refuse(`has ${kindOf(key)} as a key, where names stand`);
      else if (entries.has(key)) refuse(`has ${JSON.stringify(key)} twice`);
      else entries.set(key, value);
    }
  }

  append(items: readonly Value[]): void {
    const { items: into } = this.list();
    for (const item of items) into.push(item);
  }

  /** PyTorch gives its dictionaries one attribute, the versions of modules, which nobody needs. */
  build(): void {
    const state = this.pop();
    const into = this.top();
    const isMetadata =
      isKind(into, "dict") &&
      into.isOrdered &&
      isKind(state, "dict") &&
      [...state.entries.keys()].every((key) => key === "_metadata");
    if (!isMetadata)
      refuse(`sets attributes of ${kindOf(into)}, which only a state's _metadata are`);
  }

  persist(): void {
    this.push(this.persistent(this.pop()));
  }
}

const refuseOpcode = (code: number): never =>
  refuse(
    `has the pickle opcode ${opcodeNames.get(code) ?? `0x${code.toString(16).padStart(2, "0")}`}, which no state needs and ganc never runs`,
  );

type Step = (m: Machine, input: Cursor) => void;

const proto: Step = (_, input) => {
  const version = input.u8();
  if (version > highestProtocol) refuse(`has a pickle of protocol ${version}, which is unknown`);
};

const frame: Step = (_, input) => {
  if (input.u64() > input.left) refuse("is cut off within its pickle");
};

const steps: ReadonlyMap<number, Step> = new Map<number, Step>([
  [0x80, proto],
  [0x95, frame],
  [0x28, (m) => m.mark()],
  [0x4e, (m) => m.push(null)],
  [0x88, (m) => m.push(true)],
  [0x89, (m) => m.push(false)],
  [0x4b, (m, input) => m.push(input.u8())],
  [0x4d, (m, input) => m.push(input.u16())],
  [0x4a, (m, input) => m.push(input.i32())],
  [0x8a, (m, input) => m.whole(input.u8())],
  [0x47, (m, input) => m.push(input.f64())],
  [0x58, (m, input) => m.text(input.u32())],
  [0x8c, (m, input) => m.text(input.u8())],
  // Python 2 wrote texts like this.
  [0x55, (m, input) => m.text(input.u8())],
  [0x54, (m, input) => m.text(input.u32())],
  [0x7d, (m) => m.push({ kind: "dict", isOrdered: false, entries: new Map() })],
  [0x5d, (m) => m.push({ kind: "list", items: [] })],
  [0x29, (m) => m.push(tuple([]))],
  [0x85, (m) => m.popTuple(1)],
  [0x86, (m) => m.popTuple(2)],
  [0x87, (m) => m.popTuple(3)],
  [0x74, (m) => m.push(tuple(m.popMark()))],
  [0x71, (m, input) => m.keep(input.u8())],
  [0x72, (m, input) => m.keep(input.u32())],
  [0x94, (m) => m.keepNext()],
  [0x68, (m, input) => m.recall(input.u8())],
  [0x6a, (m, input) => m.recall(input.u32())],
  [0x63, (m, input) => m.global(input.line(limits.nameBytes), input.line(limits.nameBytes))],
  [
    0x93,
    (m) => {
      const member = m.pop();
      m.global(m.pop(), member);
    },
  ],
  [0x52, (m) => m.reduce()],
  [0x62, (m) => m.build()],
  [0x51, (m) => m.persist()],
  [
    0x73,
    (m) => {
      const value = m.pop();
      m.setItems([m.pop(), value]);
    },
  ],
  [0x75, (m) => m.setItems(m.popMark())],
  [0x61, (m) => m.append([m.pop()])],
  [0x65, (m) => m.append(m.popMark())],
]);

/** Reads the pickle at the cursor, which then stands behind it. */
export const unpickle = (input: Cursor, persistent: Persistent): Value =>
  new Machine(input, persistent).run();
