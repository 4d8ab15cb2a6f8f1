/** The programs of a Python project as texts, for its user to change. */
import type { TorchFacts } from "./facts.js";

/** The arguments of the module's `step` in `train.py`, as its parameters are. */
const stepArguments = (text: string): string => {
  const [, parameters = ""] = /\ndef step\(([^)]*)\)/.exec(text) ?? [];
  const has = (name: string): boolean => new RegExp(`\\b${name}:`).test(parameters);
  const more = [...(has("chance") ? ["now.chance"] : []), ...(has("count") ? ["now.step"] : [])];
  return ["training.nets", "training.memory", "now.draws", "now.rate", ...more].join(", ");
};

/** What to type in a project that is installed. */
export const nextCommands = ({ data, translators, generators }: TorchFacts): readonly string[] => {
  const drawn = new Set(data.draws.map((draw) => (draw as { readonly domain: string }).domain));
  const images = data.domains
    .map((domain) => domain as { readonly name: string; readonly kind: string })
    .filter(({ name, kind }) => kind === "image" && drawn.has(name));
  const given =
    images.length === 0
      ? ""
      : images.length === 1
        ? ` --data ${images[0]?.name}=FOLDER`
        : " --data FOLDER";
  const [translator] = translators;
  const [generator] = generators;
  const using =
    translator !== undefined
      ? [`python translate.py runs/first ${translator.network} picture.jpg made.png`]
      : generator !== undefined
        ? [`python translate.py runs/first ${generator.network} made 16`]
        : [];
  return [`python train.py${given} --out runs/first --steps 1000`, ...using];
};

const imported = (module: string): string =>
  module === "model" ? "import model" : `import ${module} as model`;

/** Trains: the loop's body is here, what surrounds it is the library's. */
export const trainText = (
  facts: TorchFacts,
  moduleText: string,
): string => `"""Trains ${facts.module}.
It is yours: change it as you like.

    ${nextCommands(facts)[0]}
"""

from __future__ import annotations

import argparse
import sys

${imported(facts.module)}
from ganc_run import Problem, Training


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Train, or go on with a run.")
    parser.add_argument(
        "--data",
        nargs="+",
        metavar="FOLDER",
        help="a folder with trainX and trainY in it, or X=FOLDER for each domain",
    )
    parser.add_argument("--out", default="runs/first", help="the run's folder")
    parser.add_argument("--resume", action="store_true", help="go on with the run in it")
    parser.add_argument("--seed", type=int, help="of weights, images and their order; 0")
    parser.add_argument("--steps", type=int, help="steps of the whole run")
    parser.add_argument("--save-every", type=int, metavar="STEPS", help="an epoch")
    parser.add_argument("--device", help="cpu, cuda or mps; the fastest that there is")
    parser.add_argument("--bf16", action="store_true", help="compute networks in bfloat16")
    parser.add_argument("--compile", action="store_true", help="compile the networks")
    parser.add_argument("--channels-last", action="store_true", help="for graphics cards")
    return parser.parse_args()


def data_of(words: list[str] | None) -> str | dict[str, str] | None:
    """\`photos\`, or \`X=here Y=there\` by domain."""
    if words is None or (len(words) == 1 and "=" not in words[0]):
        return None if words is None else words[0]
    folders = dict(word.partition("=")[::2] for word in words)
    if not all(folders.values()):
        raise Problem("--data: name one folder, or DOMAIN=FOLDER for each domain")
    return folders


def main() -> None:
    args = arguments()
    training = Training(
        model,
        data=data_of(args.data),
        out=args.out,
        resume=args.resume,
        seed=args.seed,
        device=args.device,
        bf16=args.bf16,
        compiled=args.compile,
        channels_last=args.channels_last,
    )
    training.say(f"{training.engine}; {training.steps_per_epoch} steps an epoch")
    # Ctrl-C ends the run after its step, with a checkpoint.
    with training:
        for now in training.moments(args.steps, args.save_every):
            # The whole of a step: the generated code computes the losses and moves the weights.
            terms = model.step(${stepArguments(moduleText)})
            losses = training.made(now, terms)
            words = "  ".join(f"{name} {value:.3g}" for name, value in losses.items())
            training.say(f"step {now.step + 1}, epoch {now.epoch + 1}: {words}")
    training.say(f"{training.step} steps; go on with --out {args.out} --resume")


if __name__ == "__main__":
    try:
        main()
    except Problem as problem:
        sys.exit(f"error: {problem}")
`;

const head = (facts: TorchFacts, about: string): string => `"""${about}
It is yours: change it as you like.

    ${nextCommands(facts)[1] ?? ""}
"""

from __future__ import annotations

import argparse
import sys

${imported(facts.module)}
from ganc_run import Problem, Trained
`;

const foot = `

if __name__ == "__main__":
    try:
        main()
    except Problem as problem:
        sys.exit(f"error: {problem}")
`;

/** Applies a trained network; nothing where none makes an image of an image, or of noise. */
export const translateText = (facts: TorchFacts): string | undefined => {
  const { translators, generators } = facts;
  const choices = (all: readonly { readonly network: string }[]): string =>
    `[${all.map(({ network }) => JSON.stringify(network)).join(", ")}]`;
  const source = `    parser.add_argument("run", help="a run's folder, or a .safetensors file of weights")`;
  const options = `    parser.add_argument("--checkpoint", type=int, metavar="STEP", help="the newest")
    parser.add_argument("--device", help="cpu, cuda or mps; the fastest that there is")
    args = parser.parse_args()
    trained = Trained(model, args.run, step=args.checkpoint, device=args.device)`;
  if (translators.length > 0)
    return `${head(facts, "Translates a picture with a trained network.")}

def main() -> None:
    parser = argparse.ArgumentParser(description="Translate a picture.")
${source}
    parser.add_argument("network", choices=${choices(translators)})
    parser.add_argument("picture")
    parser.add_argument("made", nargs="?", default="made.png")
${options}
    trained.translate_file(args.network, args.picture, args.made)
    print(args.made)
${foot}`;
  if (generators.length > 0)
    return `${head(facts, "Makes images with a trained network.")}

def main() -> None:
    parser = argparse.ArgumentParser(description="Make images of noise.")
${source}
    parser.add_argument("network", choices=${choices(generators)})
    parser.add_argument("folder", nargs="?", default="made")
    parser.add_argument("count", nargs="?", type=int, default=16)
    parser.add_argument("--seed", type=int, default=0, help="the same makes the same images")
${options}
    for path in trained.generate_files(args.network, args.folder, args.count, args.seed):
        print(path)
${foot}`;
  return undefined;
};
