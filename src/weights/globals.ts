/**
 * The names in Python that the pickle of a state refers to, and what each stands for here. A name
 * that is not in this table is refused; none of them calls anything.
 */
import { storageKinds } from "./numbers.js";
import { refuse } from "./refusal.js";
import { type Dict, isKind, kindOf, type TensorView, type Value } from "./values.js";

/** Most dimensions of a tensor, as in PyTorch. */
const mostDimensions = 64;

const isCount = (value: Value | undefined): value is number =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= 0;

const counts = (value: Value | undefined, what: string): readonly number[] => {
  if (!isKind(value, "tuple")) return refuse(`gives ${kindOf(value)} as a tensor's ${what}`);
  if (value.items.length > mostDimensions)
    return refuse(`has a tensor of ${value.items.length} dimensions`);
  return value.items.map((item) =>
    isCount(item)
      ? item
      : refuse(
          `gives ${typeof item === "number" ? item : kindOf(item)} in a tensor's ${what}, where only counts can stand`,
        ),
  );
};

/**
 * Makes a tensor of a storage. Refuses one that would read outside of it, or that would repeat its
 * numbers: no state needs that, and a small file could so claim any amount of memory.
 */
const tensorOf = ([storage, offset, size, stride]: readonly Value[]): TensorView => {
  if (!isKind(storage, "storage")) return refuse(`makes a tensor of ${kindOf(storage)}`);
  const [shape, strides] = [counts(size, "shape"), counts(stride, "strides")];
  if (!isCount(offset))
    return refuse(`lets a tensor begin at ${typeof offset === "number" ? offset : kindOf(offset)}`);
  if (shape.length !== strides.length)
    return refuse(`has a tensor of ${shape.length} dimensions with ${strides.length} strides`);
  const numbers = shape.includes(0) ? 0 : shape.reduce((a, b) => a * b, 1);
  const last = shape.reduce((at, n, i) => at + (n - 1) * (strides[i] ?? 0), offset);
  const isInside = numbers === 0 ? offset <= storage.count : last < storage.count;
  if (!isInside || numbers > storage.count)
    return refuse(
      `has a tensor [${shape.join(", ")}] that reads outside of its storage ${storage.key}, which holds ${storage.count} numbers`,
    );
  return { kind: "tensor", storage, offset, shape, strides };
};

const orderedDict = (args: readonly Value[]): Dict => {
  const entries = new Map<string | number, Value>();
  const [pairs] = args;
  if (args.length > 1 || (args.length === 1 && !isKind(pairs, "list")))
    return refuse("makes an OrderedDict of something else than pairs");
  // Python 2 wrote the pairs as one list.
  for (const pair of isKind(pairs, "list") ? pairs.items : []) {
    const items = isKind(pair, "list") || isKind(pair, "tuple") ? pair.items : [];
    const [key, value] = items;
    if (items.length !== 2 || typeof key !== "string" || value === undefined)
      return refuse("makes an OrderedDict of something else than pairs");
    entries.set(key, value);
  }
  return { kind: "dict", isOrdered: true, entries };
};

const parameter = ([data]: readonly Value[]): TensorView =>
  isKind(data, "tensor") ? data : refuse(`makes a parameter of ${kindOf(data)}`);

interface Call {
  /** Least and most arguments. */
  readonly takes: readonly [number, number];
  readonly gives: (args: readonly Value[]) => Value;
}

/** What can stand before REDUCE. The last arguments of tensors concern gradients alone. */
const calls: ReadonlyMap<string, Call> = new Map<string, Call>([
  ["collections.OrderedDict", { takes: [0, 1], gives: orderedDict }],
  ["torch._utils._rebuild_tensor_v2", { takes: [6, 7], gives: tensorOf }],
  ["torch._utils._rebuild_tensor", { takes: [4, 4], gives: tensorOf }],
  ["torch._utils._rebuild_parameter", { takes: [3, 3], gives: parameter }],
  ["torch.nn.parameter.Parameter", { takes: [1, 2], gives: parameter }],
  [
    "torch.Size",
    {
      takes: [1, 1],
      gives: ([items]) =>
        isKind(items, "tuple") ? items : refuse("makes a torch.Size of no tuple"),
    },
  ],
]);

const storageName = /^torch\.(?:storage\.)?(\w+)$/;

/** The numbers of a storage's class, by its name in Python. */
export const kindNamed = (name: string) => storageKinds.get(storageName.exec(name)?.[1] ?? "");

const isKnown = (name: string): boolean => calls.has(name) || kindNamed(name) !== undefined;

/** What to do instead, where a whole network or a checkpoint of training was saved. */
const advice =
  "A state has no use for it. Save the network's state_dict() alone: torch.save(net.state_dict(), FILE)";

/** Accepts a name of the table, and refuses all others by name. */
export const globalNamed = (module: string, member: string): Value => {
  const name = `${module}.${member}`;
  return isKnown(name)
    ? { kind: "global", name }
    : refuse(`asks for ${JSON.stringify(name).slice(1, -1)}, which ganc never loads. ${advice}`);
};

/** What a name of the table makes of arguments. */
export const callOf = (callee: Value | undefined, args: Value | undefined): Value => {
  if (!isKind(callee, "global")) return refuse(`calls ${kindOf(callee)}, which is no function`);
  const call = calls.get(callee.name);
  if (call === undefined) return refuse(`calls ${callee.name}, which is no function of states`);
  if (!isKind(args, "tuple")) return refuse(`calls ${callee.name} with ${kindOf(args)}`);
  const [least, most] = call.takes;
  const given = args.items.length;
  return given < least || given > most
    ? refuse(`calls ${callee.name} with ${given} arguments`)
    : call.gives(args.items);
};
