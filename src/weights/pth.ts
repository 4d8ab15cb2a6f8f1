/**
 * Reads what PyTorch's `torch.save` makes of a network's state: a zip archive, or before PyTorch
 * 1.6 pickles in a row. Without Python, and without running anything that the file says.
 */
import type { Either } from "fp-ts/lib/Either.js";
import { Cursor, utf8 } from "./cursor.js";
import { kindNamed } from "./globals.js";
import { refuse, refusing } from "./refusal.js";
import { unpickle } from "./unpickle.js";
import { unzip } from "./unzip.js";
import { type Dict, isKind, kindOf, type Storage, type TensorView, type Value } from "./values.js";

/** A tensor of a state, still in the bytes of its file. */
export interface FileTensor {
  readonly shape: readonly number[];
  /** PyTorch's name of its numbers: `float32`, `int64`. */
  readonly dtype: string;
  /** Its numbers in the order of rows, as a new array. Rounds what float32 does not hold. */
  readonly numbers: () => Float32Array;
  /** The same without rounding, but for whole numbers beyond 2^53. */
  readonly exact: () => Float64Array;
}

/** The tensors of a state by name, in the file's order. */
export type FileState = ReadonlyMap<string, FileTensor>;

const mostStorages = 65_536;
const mostKey = 1024;

/** Tensors may share storages, but not many times: each is made anew from its numbers. */
const mostShared = 4;

/** Keeps the storages that a pickle names, each once. */
class Storages {
  readonly all = new Map<string, Storage>();

  /** Takes the persistent id of a storage: ("storage", class, key, device, count). */
  readonly named = (id: Value): Value => {
    const items = isKind(id, "tuple") ? id.items : [];
    const [word, type, key, device, count, view] = items;
    const isForm = word === "storage" && items.length >= 5 && items.length <= 6;
    if (!isForm || !isKind(type, "global") || typeof key !== "string" || typeof device !== "string")
      return refuse("names a storage in another way than torch.save does");
    if (view !== undefined && view !== null)
      return refuse("shares a storage between tensors as PyTorch did before 0.4: save it again");
    if (key === "" || key.length > mostKey || /[/\\]/.test(key))
      return refuse(`names a storage ${JSON.stringify(key.slice(0, 40))}`);
    if (typeof count !== "number" || !Number.isSafeInteger(count) || count < 0)
      return refuse(
        `gives storage ${key} ${typeof count === "number" ? count : kindOf(count)} numbers`,
      );
    return this.once(key, type.name, count);
  };

  private once(key: string, type: string, count: number): Storage {
    const numbers = kindNamed(type) ?? refuse(`has ${type} where a storage's class stands`);
    const known = this.all.get(key);
    if (known !== undefined)
      return known.numbers === numbers && known.count === count
        ? known
        : refuse(`contradicts itself about storage ${key}`);
    if (this.all.size >= mostStorages) refuse(`has more than ${mostStorages} storages`);
    const storage: Storage = { kind: "storage", key, numbers, count };
    this.all.set(key, storage);
    return storage;
  }
}

/** Checks that a storage has the bytes that the pickle gives it. */
const checkBytes = ({ key, numbers, count }: Storage, bytes: number): void => {
  if (bytes !== count * numbers.bytes)
    refuse(
      `has ${bytes} bytes in storage ${key}, where ${count} numbers of ${numbers.name} take ${count * numbers.bytes}`,
    );
};

const product = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

const isDense = ({ shape, strides }: TensorView): boolean => {
  let step = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    if (shape[i] !== 1 && strides[i] !== step) return false;
    step *= shape[i] ?? 1;
  }
  return true;
};

/** Writes a tensor's numbers in the order of rows, whatever its strides. */
const gather = (
  { storage, offset, shape, strides }: TensorView,
  bytes: Uint8Array,
  into: Float32Array | Float64Array,
): void => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { read, bytes: size } = storage.numbers;
  const place = shape.map(() => 0);
  let at = offset;
  for (let k = 0; k < into.length; k++) {
    into[k] = read(view, at * size);
    for (let i = shape.length - 1; i >= 0; i--) {
      at += strides[i] ?? 0;
      place[i] = (place[i] ?? 0) + 1;
      if ((place[i] ?? 0) < (shape[i] ?? 0)) break;
      at -= (shape[i] ?? 0) * (strides[i] ?? 0);
      place[i] = 0;
    }
  }
};

const tensorIn = (view: TensorView, bytes: Uint8Array): FileTensor => {
  const { shape, offset, storage } = view;
  const count = product(shape);
  return {
    shape,
    dtype: storage.numbers.name,
    numbers: () => {
      const data = new Float32Array(count);
      if (storage.numbers.name !== "float32" || !isDense(view)) gather(view, bytes, data);
      else {
        const from = offset * 4;
        new Uint8Array(data.buffer).set(bytes.subarray(from, from + 4 * count));
      }
      return data;
    },
    exact: () => {
      const data = new Float64Array(count);
      gather(view, bytes, data);
      return data;
    },
  };
};

/** Words under which training scripts keep the state of their network. */
const wrappers = ["state_dict", "model_state_dict", "model", "net", "params"];

const holdsTensors = (value: Value | undefined): value is Dict =>
  isKind(value, "dict") && [...value.entries.values()].some((one) => isKind(one, "tensor"));

/** The dictionary of tensors: the value itself, or what a training script keeps beside others. */
const stateIn = (value: Value): Dict => {
  if (!isKind(value, "dict"))
    return refuse(`holds ${kindOf(value)}, where a state is a dictionary of tensors`);
  const { entries } = value;
  if (holdsTensors(value)) return value;
  const [only, ...others] = wrappers.map((name) => entries.get(name)).filter(holdsTensors);
  if (only !== undefined && others.length === 0) return only;
  return refuse(
    entries.size === 0
      ? "holds an empty dictionary, and no tensors"
      : "holds a dictionary without tensors, so no state of a network",
  );
};

const tensorsOf = (value: Value, bytesOf: (storage: Storage) => Uint8Array): FileState => {
  const state = new Map<string, FileTensor>();
  const seen = new Set<Storage>();
  let [held, told] = [0, 0];
  for (const [key, item] of stateIn(value).entries) {
    const name = String(key);
    if (!isKind(item, "tensor"))
      return refuse(`holds ${kindOf(item)} as ${JSON.stringify(name)}, and not a tensor`);
    if (name.length > mostKey)
      return refuse(`has a tensor with a name of more than ${mostKey} letters`);
    if (!seen.has(item.storage)) held += item.storage.count;
    seen.add(item.storage);
    told += product(item.shape);
    if (told > mostShared * held)
      return refuse(
        `describes ${told} numbers, and holds ${held}: its tensors share storages too often`,
      );
    state.set(name, tensorIn(item, bytesOf(item.storage)));
  }
  return state;
};

/** The folder that everything in the archive lies in, with its `/`. */
const folderOf = (entries: ReadonlyMap<string, Uint8Array>): string => {
  const names = [...entries.keys()];
  const pickles = names.filter((name) => /^[^/]+\/data\.pkl$/.test(name));
  const [pickle] = pickles;
  return pickle === undefined || pickles.length > 1
    ? refuse("is a zip archive, but not one of torch.save: it has no data.pkl, or several")
    : pickle.slice(0, -"data.pkl".length);
};

const readZip = (file: Uint8Array): FileState => {
  const entries = unzip(file);
  const folder = folderOf(entries);
  const order = entries.get(`${folder}byteorder`);
  if (order !== undefined && utf8(order, "its byteorder") !== "little")
    return refuse("was written by a machine that puts the highest byte first");
  const storages = new Storages();
  const input = new Cursor(entries.get(`${folder}data.pkl`) ?? new Uint8Array(), "its pickle");
  const value = unpickle(input, storages.named);
  if (input.left > 0) refuse("has something behind its pickle");
  const bytes = new Map<Storage, Uint8Array>();
  for (const storage of storages.all.values()) {
    const data = entries.get(`${folder}data/${storage.key}`);
    if (data === undefined) return refuse(`lacks the storage ${storage.key}`);
    checkBytes(storage, data.byteLength);
    bytes.set(storage, data);
  }
  return tensorsOf(value, (storage) => bytes.get(storage) ?? new Uint8Array());
};

/** The number that older files begin with, as a pickle. */
const legacyMagic = 0x1950a86a20f9469cfc6cn;
const legacyProtocol = 1001;

const noStorage = (): Value => refuse("names a storage where none can be");

/** Reads what an older file says of itself before its state. */
const checkLegacyHead = (input: Cursor): void => {
  const magic = unpickle(input, noStorage);
  if (!isKind(magic, "whole") || magic.value !== legacyMagic)
    refuse("is a pickle, but not one of torch.save");
  if (unpickle(input, noStorage) !== legacyProtocol)
    refuse("has an unknown protocol of torch.save");
  const system = unpickle(input, noStorage);
  if (isKind(system, "dict") && system.entries.get("little_endian") !== true)
    refuse("was written by a machine that puts the highest byte first");
};

const readLegacy = (file: Uint8Array): FileState => {
  const input = new Cursor(file, "its pickles");
  checkLegacyHead(input);
  const storages = new Storages();
  const value = unpickle(input, storages.named);
  const keys = unpickle(input, noStorage);
  if (!isKind(keys, "list")) return refuse("lacks the list of its storages");
  const bytes = new Map<Storage, Uint8Array>();
  const data = new Cursor(file, "its storages", input.at);
  for (const key of keys.items) {
    const storage = storages.all.get(String(key));
    if (storage === undefined || bytes.has(storage))
      return refuse(
        `lists the storage ${typeof key === "string" ? key : kindOf(key)}, which no tensor names, or twice`,
      );
    const count = data.u64();
    if (count !== storage.count)
      return refuse(
        `has ${count} numbers in storage ${storage.key}, where its pickle says ${storage.count}`,
      );
    bytes.set(storage, data.take(count * storage.numbers.bytes));
  }
  if (data.left > 0) return refuse("has something behind its last storage");
  const lost = [...storages.all.values()].find((storage) => !bytes.has(storage));
  if (lost !== undefined) return refuse(`lacks the storage ${lost.key}`);
  return tensorsOf(value, (storage) => bytes.get(storage) ?? new Uint8Array());
};

const begins = (file: Uint8Array, text: string, at = 0): boolean =>
  [...text].every((letter, i) => file[at + i] === letter.charCodeAt(0));

/** What people take for a state, by how it begins. */
const strangers: readonly (readonly [begins: string, at: number, reason: string])[] = [
  [
    "version https://git-lfs",
    0,
    "is a pointer of Git LFS, and not the file itself: run `git lfs pull`",
  ],
  ["<", 0, "is a web page, or XML: the download did not give the file itself"],
  ["\x89HDF", 0, "is a file of HDF5, as Keras writes, and not one of PyTorch"],
  ["\x1f\x8b", 0, "is compressed by gzip: unpack it first"],
  [
    "ustar",
    257,
    "is a tar archive, as PyTorch wrote before 0.1.10: save it again with a later PyTorch",
  ],
];

/** Tells whether a file begins as those of `torch.save` do. */
export const looksLikePth = (file: Uint8Array): boolean => begins(file, "PK") || file[0] === 0x80;

/**
 * Reads the state in a `.pth` file. The left side completes a sentence that begins with the file's
 * name. Runs nothing that the file says, reads nothing outside of it, and keeps no more memory than
 * a few times the file's.
 */
export const readPth = (file: Uint8Array): Either<string, FileState> =>
  refusing(() => {
    if (file.byteLength === 0) return refuse("is empty");
    if (begins(file, "PK")) return readZip(file);
    if (file[0] === 0x80) return readLegacy(file);
    const stranger = strangers.find(([text, at]) => begins(file, text, at));
    return refuse(
      stranger?.[2] ??
        "is no file of torch.save: it begins neither as a zip archive nor as a pickle",
    );
  });
