/**
 * Has a Python import PyTorch and multiply two matrices on each device, in a process of its own: a
 * library that does not fit the machine would end this one.
 */
import type { Either } from "fp-ts/lib/Either.js";
import * as E from "fp-ts/lib/Either.js";
import * as t from "io-ts";
import { lastWords, type Ran, type Tools } from "../tensorflow/tools.js";

export const Probed = t.readonly(
  t.type({
    /** For example `2.15.0`. */
    version: t.string,
    /** The file of the package `torch`. */
    file: t.string,
    /** Those that computed rightly; the name of a graphics card, otherwise empty. */
    devices: t.readonlyArray(
      t.readonly(t.type({ kind: t.keyof({ cpu: null, cuda: null, mps: null }), name: t.string })),
    ),
    /** What PyTorch said of devices that it could not use, a line each. */
    notes: t.readonlyArray(t.string),
  }),
);
export type Probed = t.TypeOf<typeof Probed>;

/** The oldest PyTorch that runs what ganc generates. */
const OLDEST = [2, 6] as const;

const PROBE = `
import json, warnings

import torch

notes, devices = [], []
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    kinds = ["cpu"]
    if torch.version.cuda is not None and torch.cuda.is_available():
        kinds.append("cuda")
    if torch.backends.mps.is_available():
        kinds.append("mps")
    notes += [str(w.message).splitlines()[0] for w in caught if "CUDA" in str(w.message)]
for kind in kinds:
    try:
        a = torch.arange(6, dtype=torch.float32, device=kind).reshape(2, 3)
        product = (a @ a.T).tolist()
        if product != [[5, 14], [14, 50]]:
            raise RuntimeError(f"a product of matrices was {product}")
        name = torch.cuda.get_device_name() if kind == "cuda" else ""
        count = torch.cuda.device_count() if kind == "cuda" else 1
        devices.append({"kind": kind, "name": name if count == 1 else f"{count} x {name}"})
    except Exception as error:
        notes.append(f"{kind}: {str(error).splitlines()[0]}")
answer = {"version": torch.__version__.split("+")[0], "file": torch.__file__}
print(json.dumps({**answer, "devices": devices, "notes": notes}))`;

const whyNot = (python: string, ran: Ran): string => {
  if (ran.absent) return `there is no program ${python}.`;
  if (ran.signal === "SIGILL")
    return "PyTorch uses instructions that this processor does not have.";
  if (ran.signal !== null) return `the process that loaded PyTorch was ended by ${ran.signal}.`;
  if (/No module named '?torch'?\s*$/.test(ran.stderr)) return `${python} has no PyTorch.`;
  const line = /^(?:\w*Error: )(.*)$/m.exec(ran.stderr)?.[1];
  return line === undefined
    ? `the process that loaded PyTorch failed:\n${lastWords(ran)}`
    : `PyTorch does not load: ${line}`;
};

const isOld = (version: string): boolean => {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]);
};

const decode = (stdout: string): Either<unknown, Probed> => {
  const last = stdout.trim().split("\n").at(-1) ?? "";
  return E.flatMap(
    E.tryCatch(
      () => JSON.parse(last) as unknown,
      () => undefined,
    ),
    Probed.decode,
  ) as Either<unknown, Probed>;
};

/** Takes two to four seconds. The left side is the reason why this Python's PyTorch will not do. */
export const probeTorch = async (
  run: Tools["run"],
  python: string,
): Promise<Either<string, Probed>> => {
  const ran = await run([python, "-c", PROBE]);
  if (ran.code !== 0) return E.left(whyNot(python, ran));
  const answer = decode(ran.stdout);
  if (E.isLeft(answer)) return E.left(`${python} gave no answer when it was asked for PyTorch.`);
  const { version, devices, notes } = answer.right;
  if (isOld(version))
    return E.left(`its PyTorch is ${version}; ${OLDEST.join(".")} or later is needed.`);
  return devices.some(({ kind }) => kind === "cpu")
    ? E.right(answer.right)
    : E.left(`PyTorch ${version} loads, but does not compute: ${notes.join("; ")}.`);
};
