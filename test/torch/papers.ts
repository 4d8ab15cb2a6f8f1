/** What references of papers' models in PyTorch are asked: weights in the order of the layers. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { torchPython } from "../../bench/torch/python.js";
import type { HostTensor, State } from "../../src/contracts/tensor.js";
import type { Model } from "../../src/program/model.js";
import { root } from "../support/specs.js";

export const plain = ({ shape, data }: HostTensor) => ({ shape, data: [...data] });

/** The weights of each network, as papers.py takes them. */
export const weightsOf = ({ networks }: Model, state: State) =>
  Object.fromEntries(
    networks.map(({ name, parameters }) => [
      name,
      parameters.map((parameter) => {
        const u = state.get(`buffer/${parameter.name}.u`);
        const weight = plain(state.get(`param/${parameter.name}`) as HostTensor);
        return u === undefined ? weight : { ...weight, u: [...u.data] };
      }),
    ]),
  );

/** What `test/torch/NAME.py` writes. */
export const referenceOf = (name: string, asked: unknown): unknown =>
  JSON.parse(
    execFileSync(torchPython(), [join(root, `test/torch/${name}.py`)], {
      input: JSON.stringify(asked),
      encoding: "utf8",
      maxBuffer: 2 ** 28,
    }),
  );
