/** Files that no reader should take, each with words of the sentence that refuses it. */
import {
  archive,
  archiveOf,
  bytesOf,
  legacy,
  op,
  type Part,
  patched,
  pickle,
  placeOf,
  sixNumbers,
  sound,
  state,
  storage,
  type TensorParts,
  tensor,
  u16,
  u32,
  u64,
} from "./pickles.js";

type Parts = readonly Part[];

const inArchive = (...value: Parts): Uint8Array => archive(pickle(...value));

/** A state whose one tensor is made like this. */
const withTensor = (parts: TensorParts): Uint8Array => archive(state(op.text("w"), tensor(parts)));

/** What would be run: it makes a file at that place. */
const command = (canary: string) => `touch ${canary}`;

/** Bytes of the directory's fields, counted from its signature. */
const directory = { method: 10, flags: 8, crc: 16, packed: 20, unpacked: 24, disk: 34, header: 42 };

const central = "PK\x01\x02";

/** A sound archive with a field of its n-th entry changed. */
const inDirectory = (field: keyof typeof directory, n: number, ...parts: Parts): Uint8Array =>
  patched(sound(), placeOf(sound(), central, n) + directory[field], ...parts);

const endOf = (file: Uint8Array): number => placeOf(file, "PK\x05\x06");

const nested = (depth: number): Parts => ["(".repeat(depth), "t".repeat(depth)];

/** Runs of code, in every way that pickles have. */
const attacks = (canary: string): Readonly<Record<string, readonly [Uint8Array, RegExp]>> => {
  const line = op.text(command(canary));
  const call = ["(", line, "tR"] as const;
  return {
    "REDUCE of os.system": [inArchive(op.global("os", "system"), call), /os\.system/],
    "REDUCE of posix.system": [inArchive(op.global("posix", "system"), call), /posix\.system/],
    "REDUCE of nt.system": [inArchive(op.global("nt", "system"), call), /nt\.system/],
    "REDUCE of builtins.eval": [inArchive(op.global("builtins", "eval"), call), /builtins\.eval/],
    "REDUCE of Python 2's eval": [
      inArchive(op.global("__builtin__", "eval"), call),
      /__builtin__\.eval/,
    ],
    "REDUCE of subprocess.Popen": [
      inArchive(op.global("subprocess", "Popen"), call),
      /subprocess\.Popen/,
    ],
    "STACK_GLOBAL of builtins.exec": [
      inArchive(op.text("builtins"), op.text("exec"), 0x93, call),
      /builtins\.exec/,
    ],
    "STACK_GLOBAL of a dotted path": [
      inArchive(op.text("torch"), op.text("serialization.os.system"), 0x93, call),
      /torch\.serialization\.os\.system/,
    ],
    "STACK_GLOBAL of numbers": [
      inArchive(op.int(1), op.int(2), 0x93),
      /names a global by a number/,
    ],
    "a module that ends as a known one": [
      inArchive(op.global("evil.torch", "FloatStorage")),
      /evil\.torch\.FloatStorage/,
    ],
    "a loader of PyTorch": [inArchive(op.global("torch", "load"), call), /torch\.load/],
    "a loader of a library's": [
      inArchive(op.global("torch.hub", "load"), call),
      /torch\.hub\.load/,
    ],
    "a function of JavaScript": [
      inArchive(op.global("globalThis", "eval"), call),
      /globalThis\.eval/,
    ],
    "a global named __proto__": [inArchive(op.global("__proto__", "constructor")), /__proto__/],
    "a whole network": [
      inArchive(op.global("models.networks", "ResnetGenerator"), ")", 0x81),
      /models\.networks\.ResnetGenerator.*state_dict/,
    ],
    "INST of os.system": [inArchive("(", line, "i", "os\nsystem\n"), /INST/],
    "OBJ of a class": [inArchive("(", op.global("collections", "OrderedDict"), line, "o"), /OBJ/],
    "NEWOBJ of a class": [inArchive(op.global("collections", "OrderedDict"), ")", 0x81), /NEWOBJ/],
    NEWOBJ_EX: [inArchive(op.global("collections", "OrderedDict"), ")}", 0x92), /NEWOBJ_EX/],
    EXT1: [inArchive(0x82, 1), /EXT1/],
    EXT2: [inArchive(0x83, u16(1)), /EXT2/],
    EXT4: [inArchive(0x84, u32(1)), /EXT4/],
    PERSID: [inArchive("P", "storage\n"), /PERSID/],
    "BUILD that sets an attribute": [
      inArchive(op.ordered, "}", op.text("__class__"), op.global("torch", "Size"), "sb"),
      /sets attributes of a dict/,
    ],
    "BUILD of a tensor": [inArchive(tensor(), "}b"), /sets attributes of a tensor/],
    "BUILD of a global": [
      inArchive(op.global("collections", "OrderedDict"), "}b"),
      /sets attributes of collections\.OrderedDict/,
    ],
    "REDUCE of a text": [inArchive(line, ")R"), /calls a string/],
    "REDUCE of a storage's class": [
      inArchive(op.global("torch", "FloatStorage"), "(", op.int(1_000_000_000), "tR"),
      /calls torch\.FloatStorage/,
    ],
    "REDUCE with a dictionary of arguments": [
      inArchive(op.global("torch._utils", "_rebuild_tensor_v2"), "}R"),
      /with a dict/,
    ],
    "in an older file": [legacy(pickle(op.global("os", "system"), call)), /os\.system/],
    "in the head of an older file": [
      legacy(state(op.text("w"), tensor()), { system: [op.global("os", "system"), call] }),
      /os\.system/,
    ],
    "in the list of storages of an older file": [
      legacy(state(op.text("w"), tensor()), { keys: [op.global("os", "system"), call] }),
      /os\.system/,
    ],
  };
};

/** Pickles that take a reader's memory or time, or that are no states. */
const pickles: Readonly<Record<string, readonly [Uint8Array, RegExp]>> = {
  "deep nesting": [inArchive(...nested(100_000)), /nested more than 64 deep/],
  "a tall stack": [inArchive("N".repeat(200_000)), /deeper than/],
  "a memo bomb": [
    inArchive(
      "N",
      Array.from({ length: 300_000 }, (_, i) => ["r", u32(i)]),
    ),
    /remembers more than/,
  ],
  "a bomb of values": [
    inArchive(
      "](",
      Array.from({ length: 1100 }, () => ["]".repeat(1000), "e("]),
    ),
    /makes more than/,
  ],
  "a memo that was never written": [inArchive("h", 7), /recalls 7, which it never kept/],
  "a text longer than the file": [inArchive("X", u32(0xfffffff0), "a"), /text of 4294967280 bytes/],
  "a number of 255 bytes": [inArchive(0x8a, 255, "1".repeat(255)), /whole number of 255 bytes/],
  "a text that is not UTF-8": [inArchive("X", u32(2), 0xc3, 0x28), /not UTF-8/],
  "a global without an end": [inArchive("c", "a".repeat(5000)), /cut off within its pickle/],
  "a global with a long name": [
    inArchive("c", "a".repeat(5000), "\n", "b\n"),
    /more than 256 bytes/,
  ],
  "a protocol of the future": [archive(bytesOf(op.proto(9), "N.")), /protocol 9/],
  "an opcode that does not exist": [inArchive(0xf7), /opcode 0xf7/],
  "an empty stack": [inArchive(), /takes a value where none is/],
  "a stack below its mark": [inArchive("N(", 0x85), /takes a value where none is/],
  "no mark": [inArchive("t"), /mark where none is/],
  "two values left": [inArchive("NN"), /more than one value/],
  "something behind the pickle": [
    archive(bytesOf([...state(op.text("w"), tensor())], "N.")),
    /behind its pickle/,
  ],
  "a frame longer than the file": [inArchive(0x95, u64(2 ** 40), "N"), /cut off/],
  "a frame of 2^63 bytes": [inArchive(0x95, u64(2n ** 63n), "N"), /impossible count/],
  "a dictionary with a tensor as a key": [inArchive("}(", tensor(), "Nu"), /a tensor as a key/],
  "a key without a value": [inArchive("}(", op.text("w"), "u"), /a key without a value/],
  "a key twice": [archive(state(op.text("w"), tensor(), op.text("w"), tensor())), /"w" twice/],
  "items of a list": [inArchive("](", op.text("w"), "Nu"), /sets an item of a list/],
  "items appended to a dictionary": [inArchive("}(Ne"), /appends to a dict/],
  "a list that holds itself": [inArchive("]q\0(h\0e"), /holds a list, where a state/],
  "a dictionary that holds itself": [inArchive("}q\0(", op.text("w"), "h\0u"), /without tensors/],
  "no state": [inArchive("K\x05"), /holds a number, where a state/],
  "an empty state": [inArchive("}"), /empty dictionary/],
  "a number among the tensors": [
    archive(state(op.text("w"), tensor(), op.text("epoch"), op.int(3))),
    /holds a number as "epoch"/,
  ],
};

/** Tensors and storages that do not fit each other. */
const tensors: Readonly<Record<string, readonly [Uint8Array, RegExp]>> = {
  "strides that read outside": [
    withTensor({ strides: op.tuple(op.int(1000), op.int(1)) }),
    /\[2, 3\] that reads outside of its storage 0, which holds 6/,
  ],
  "an offset that reads outside": [withTensor({ offset: op.int(1) }), /reads outside/],
  "an offset that is negative": [withTensor({ offset: op.int(-1) }), /begin at -1/],
  "an offset beyond whole numbers": [
    withTensor({ offset: op.long(2n ** 62n) }),
    /begin at a large number/,
  ],
  "an offset that is a fraction": [
    withTensor({ offset: ["G", 0x3f, 0xe0, 0, 0, 0, 0, 0, 0] }),
    /begin at 0\.5/,
  ],
  "a stride that is negative": [
    withTensor({ strides: op.tuple(op.int(-3), op.int(1)) }),
    /-3 in a tensor's strides/,
  ],
  "a size that is negative": [
    withTensor({ shape: op.tuple(op.int(-2), op.int(3)) }),
    /-2 in a tensor's shape/,
  ],
  "sizes whose product overflows": [
    withTensor({
      shape: op.tuple(op.long(2n ** 52n), op.long(2n ** 52n)),
      strides: op.tuple(op.int(0), op.int(0)),
    }),
    /reads outside/,
  ],
  "sizes of 2^62": [
    withTensor({ shape: op.tuple(op.long(2n ** 62n), op.int(1)) }),
    /a large number in a tensor's shape/,
  ],
  "one number as a million": [
    withTensor({
      shape: op.tuple(op.int(1000), op.int(1000)),
      strides: op.tuple(op.int(0), op.int(0)),
    }),
    /reads outside/,
  ],
  "a thousand tensors of one storage": [
    archive(state(...Array.from({ length: 1000 }, (_, i) => [op.text(`w${i}`), tensor()]))),
    /share storages too often/,
  ],
  "more strides than sizes": [
    withTensor({ strides: op.tuple(op.int(3), op.int(1), op.int(1)) }),
    /2 dimensions with 3 strides/,
  ],
  "a hundred dimensions": [
    withTensor({ shape: op.tuple(...Array.from({ length: 100 }, () => op.int(1))) }),
    /100 dimensions/,
  ],
  "a shape that is a list": [withTensor({ shape: "]" }), /a list as a tensor's shape/],
  "a tensor of no storage": [
    inArchive(
      op.global("torch._utils", "_rebuild_tensor_v2"),
      op.tuple("N", "N", "N", "N", "N", "N"),
      "R",
    ),
    /a tensor of None/,
  ],
  "a tensor of two arguments": [
    inArchive(op.global("torch._utils", "_rebuild_tensor_v2"), op.tuple("N", "N"), "R"),
    /with 2 arguments/,
  ],
  "a parameter of no tensor": [
    inArchive(
      op.global("torch._utils", "_rebuild_parameter"),
      op.tuple("N", 0x89, op.ordered),
      "R",
    ),
    /a parameter of None/,
  ],
  "complex numbers": [
    withTensor({ type: op.global("torch", "ComplexFloatStorage") }),
    /torch\.ComplexFloatStorage/,
  ],
  "numbers of an unknown kind": [
    withTensor({ type: op.global("torch", "UntypedStorage") }),
    /torch\.UntypedStorage/,
  ],
  "a function as a storage's class": [
    withTensor({ type: op.global("torch._utils", "_rebuild_tensor") }),
    /where a storage's class stands/,
  ],
  "a storage that is not there": [withTensor({ key: op.text("1") }), /lacks the storage 1/],
  "a storage that leads out": [withTensor({ key: op.text("../../etc/passwd") }), /names a storage/],
  "a storage with fewer bytes": [
    withTensor({ count: op.int(7) }),
    /24 bytes in storage 0, where 7 numbers of float32 take 28/,
  ],
  "a storage with more bytes": [
    withTensor({ type: op.global("torch", "HalfStorage") }),
    /24 bytes in storage 0, where 6 numbers of float16 take 12/,
  ],
  "a storage of a negative size": [withTensor({ count: op.int(-6) }), /-6 numbers/],
  "a storage that contradicts itself": [
    archive(
      state(
        op.text("w"),
        tensor(),
        op.text("b"),
        tensor({ type: op.global("torch", "IntStorage") }),
      ),
    ),
    /contradicts itself about storage 0/,
  ],
  "a persistent id that is a text": [inArchive(op.text("storage"), "Q"), /in another way/],
  "a persistent id of something else": [
    inArchive(op.tuple(op.text("module"), "N", "N", "N", "N"), "Q"),
    /in another way/,
  ],
  "a persistent id that is too short": [
    inArchive(op.tuple(op.text("storage")), "Q"),
    /in another way/,
  ],
  "a persistent id without a key": [withTensor({ key: op.int(0) }), /in another way/],
  "a bare storage": [inArchive(storage()), /holds a storage, where a state/],
  "an OrderedDict of a text": [
    inArchive(op.global("collections", "OrderedDict"), op.tuple(op.text("w")), "R"),
    /something else than pairs/,
  ],
};

/** Archives that are damaged, or that could be read in two ways. */
const archives = (): Readonly<Record<string, readonly [Uint8Array, RegExp]>> => {
  const whole = sound();
  const end = endOf(whole);
  const data = state(op.text("w"), tensor());
  return {
    "no file at all": [new Uint8Array(), /is empty/],
    "a web page": [bytesOf("<!DOCTYPE html><title>404</title>"), /is a web page/],
    "a pointer of Git LFS": [bytesOf("version https://git-lfs.github.com/spec/v1\n"), /Git LFS/],
    "a tar archive": [bytesOf("a".repeat(257), "ustar", "\0".repeat(300)), /tar archive/],
    "an archive of something else": [
      archiveOf([["a.txt", bytesOf("a")]]),
      /not one of torch\.save/,
    ],
    "a TorchScript program": [
      archiveOf([
        ["net/data.pkl", data],
        ["net/constants.pkl", data],
      ]),
      /TorchScript/,
    ],
    "two pickles": [
      archiveOf([
        ["a/data.pkl", data],
        ["b/data.pkl", data],
      ]),
      /or several/,
    ],
    "two entries of one name": [
      archiveOf([
        ["archive/data.pkl", data],
        ["archive/data/0", sixNumbers],
        ["archive/data/0", sixNumbers],
      ]),
      /two entries named archive\/data\/0/,
    ],
    "a name that leads out": [
      archive(data, { "archive/data/0": sixNumbers, "../evil": sixNumbers }),
      /leads out of it/,
    ],
    "a name from the root": [
      archive(data, { "archive/data/0": sixNumbers, "/etc/passwd": sixNumbers }),
      /leads out of it/,
    ],
    "a name with a drive": [
      archive(data, { "archive/data/0": sixNumbers, "C:\\evil": sixNumbers }),
      /leads out of it/,
    ],
    "the other byte order": [
      archive(data, { "archive/data/0": sixNumbers, "archive/byteorder": bytesOf("big") }),
      /highest byte first/,
    ],
    "an entry that is compressed": [inDirectory("method", 1, u16(8)), /compressed/],
    "an entry that is encrypted": [inDirectory("flags", 1, u16(1)), /encrypted/],
    "two sizes of an entry": [inDirectory("packed", 1, u32(4)), /two sizes/],
    "an entry of 4 GiB": [
      inDirectory("packed", 1, u32(0xfffffffe), u32(0xfffffffe)),
      /two sizes|cut off/,
    ],
    "an entry without its zip64 sizes": [
      inDirectory("packed", 1, u32(0xffffffff), u32(0xffffffff)),
      /no size of/,
    ],
    "an entry on another disk": [inDirectory("disk", 1, u16(3)), /several disks/],
    "a header behind the end": [inDirectory("header", 1, u32(0xfffffff0)), /cut off/],
    "a header that is none": [inDirectory("header", 1, u32(5)), /where its directory says/],
    "the header of another entry": [inDirectory("header", 1, u32(0)), /where its directory says/],
    "a number that was changed": [
      patched(whole, placeOf(whole, "\x80\x40\0\0\xa0\x40"), 0x81),
      /does not fit its checksum/,
    ],
    "a directory of more entries": [
      patched(whole, end + 8, u16(3), u16(3)),
      /cut off|broken directory/,
    ],
    "a directory of fewer entries": [
      patched(whole, end + 8, u16(1), u16(1)),
      /more in its directory/,
    ],
    "two counts of entries": [patched(whole, end + 8, u16(1)), /contradicts itself/],
    "a directory elsewhere": [patched(whole, end + 16, u32(3)), /does not end where it should/],
    "no zip64 record": [patched(whole, end + 16, u32(0xffffffff)), /lacks its zip64 record/],
    "something behind the archive": [bytesOf([...whole], "a"), /cut off, or is no whole/],
    "entries that overlap": [overlapping(), /overlap/],
    "a name that differs in the header": [
      patched(whole, placeOf(whole, "archive/data/0"), "archive/data/1"),
      /where its directory says archive\/data\/0/,
    ],
    "an older file with another number": [
      legacy(data, { magic: op.long(12345) }),
      /not one of torch\.save/,
    ],
    "an older file of another protocol": [
      legacy(data, { protocol: ["M", u16(1002)] }),
      /unknown protocol/,
    ],
    "an older file of the other byte order": [
      legacy(data, { system: ["}(", op.text("little_endian"), 0x89, "u"] }),
      /highest byte first/,
    ],
    "an older file with a count too large": [
      legacy(data, { storages: [u64(2 ** 50), [...sixNumbers]] }),
      /1125899906842624 numbers in storage 0/,
    ],
    "an older file with a negative count": [
      legacy(data, { storages: [u64(2n ** 64n - 6n), [...sixNumbers]] }),
      /impossible count/,
    ],
    "an older file without a storage": [
      legacy(data, { keys: "]", storages: [] }),
      /lacks the storage 0/,
    ],
    "an older file with a storage twice": [
      legacy(data, { keys: ["](", op.text("0"), op.text("0"), "e"] }),
      /or twice/,
    ],
    "an older file with a strange storage": [
      legacy(data, { keys: ["](", op.text("5"), "e"] }),
      /the storage 5, which no tensor names/,
    ],
    "an older file that goes on": [bytesOf([...legacy(data)], "a"), /behind its last storage/],
    "an older file without a list": [legacy(data, { keys: "N" }), /list of its storages/],
    "a pickle alone": [pickle("}"), /not one of torch\.save/],
  };
};

/** Two entries that share bytes: the second lies within the first, as zip bombs have it. */
const overlapping = (): Uint8Array => {
  const inner = archiveOf([["archive/data/0", sixNumbers]]);
  const header = inner.subarray(0, placeOf(inner, "PK\x01\x02"));
  const outer = archiveOf([
    ["archive/data.pkl", header],
    ["archive/data/0", sixNumbers],
  ]);
  // The directory's second entry is led to the header inside of the first entry's data.
  const within = placeOf(outer, "PK\x03\x04", 1);
  return patched(outer, placeOf(outer, central, 1) + directory.header, u32(within));
};

/** @param canary the file that a command would make */
export const malicious = (
  canary: string,
): Readonly<Record<string, readonly [Uint8Array, RegExp]>> => ({
  ...attacks(canary),
  ...pickles,
  ...tensors,
  ...archives(),
});
