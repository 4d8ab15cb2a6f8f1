/** The README of a Python project. */
import { quote } from "../../base/shell.js";
import { wrap } from "../../diagnostics/wrap.js";
import type { TorchFacts } from "./facts.js";
import { nextCommands } from "./programs.js";

const paragraph = (...sentences: readonly string[]): string =>
  wrap(sentences.join(" "), 100, "", "");

/** The command that writes the project anew, with the values that its params have. */
const compileCommand = ({ entry, params }: TorchFacts["manifest"]["spec"]): string =>
  [
    `ganc compile ${quote(entry)} --target torch --project .`,
    ...Object.entries(params).map(([name, value]) => `--set ${name}=${value}`),
  ].join(" ");

/** The README. `isTrained`: weights lie beside the code. */
export const readmeText = (facts: TorchFacts, isTrained: boolean): string => {
  const { spec } = facts.manifest;
  const [training = "", ...using] = nextCommands(facts);
  const use = using.map((one) =>
    isTrained ? one.replace("runs/first", "weights.safetensors") : one,
  );
  const commands = isTrained
    ? [...use, training]
    : [training, `${training.split(" --")[0]} --out runs/first --resume`, ...use];
  return [
    `# ${spec.name}`,
    "",
    paragraph(
      `A project that trains \`${spec.entry}\` with PyTorch, written by ganc ${facts.ganc}.`,
      "It needs Python 3.11 or later, and no ganc.",
    ),
    "",
    "```sh",
    "python -m venv .venv && . .venv/bin/activate",
    "pip install -r requirements.txt",
    ...commands,
    "```",
    "",
    paragraph(
      "Weights, images and their order, crops, flips and histories are drawn as `ganc run` draws",
      "them with the same seed.",
      "`--bf16` computes networks in bfloat16, with norms, losses and updates in float32;",
      "`--compile` compiles them, for which a processor needs a C++ compiler;",
      "`--channels-last` speeds up graphics cards.",
      ...(facts.unshared === null && facts.data.batch > 1
        ? [
            "`torchrun --standalone --nproc_per_node N train.py` shares each batch among N processes.",
          ]
        : []),
    ),
    "",
    "| file | what it is |",
    "|---|---|",
    `| \`${facts.module}.py\` | networks, losses and step, by \`ganc compile --target torch\` |`,
    "| `train.py` | trains; yours to change |",
    ...(using.length > 0 ? ["| `translate.py` | applies trained networks; yours to change |"] : []),
    ...(isTrained
      ? ["| `weights.safetensors` | what was trained, by the names of the spec |"]
      : []),
    "| `project.json` | params, recipe and the form of a checkpoint, for the library |",
    "| `ganc_run` | runs, images and random numbers; copied, Apache 2.0 |",
    "",
    paragraph(
      "`runs/first` is a run as ganc writes them. With ganc installed,",
      "`ganc translate runs/first IMAGE`, `ganc report runs/first` and",
      "`ganc run runs/first --resume` take it,",
      "and `python train.py --out RUN --resume` goes on with a run that `ganc run` began.",
    ),
    "",
    paragraph(
      `\`${compileCommand(spec)}\` writes the project anew,`,
      "as long as none of the files that it wrote has been changed.",
      "To keep a changed `train.py`, compile into another folder and copy it there.",
    ),
    "",
  ].join("\n");
};
