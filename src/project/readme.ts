/** The README of a project. */
import { quote } from "../base/shell.js";
import { wrap } from "../diagnostics/wrap.js";
import { imageDomains } from "../training/program/program.js";
import type { ProjectFacts } from "./facts.js";
import { nextCommands, usesOf } from "./programs.js";

const paragraph = (...sentences: readonly string[]): string =>
  wrap(sentences.join(" "), 100, "", "");

/** Where the images are, as `--data` takes them. */
const dataWords = (program: ProjectFacts["program"]): string => {
  const domains = imageDomains(program).map(({ name }) => name);
  if (domains.length === 0) return "It draws no images.";
  const folders = domains.map((name) => `\`train${name}\``).join(" and ");
  const named = domains.map((name) => `--data ${name}=FOLDER`).join(" ");
  const one = `\`--data FOLDER\` for a folder that holds ${folders}`;
  return `Images are files in folders or zips: ${one}, or \`${named}\`.`;
};

/** The command that writes the project anew, with the values that its params have. */
const compileCommand = ({ entry, params }: ProjectFacts["program"]): string =>
  [
    `ganc compile ${quote(entry)} --project .`,
    ...Object.entries(params).map(([name, value]) => `--set ${name}=${value}`),
  ].join(" ");

/** @param packages what the project needs, in versions */
export const readmeText = (
  facts: ProjectFacts,
  packages: Readonly<Record<string, string>>,
): string => {
  const { name, entry, recipe } = facts.program;
  const { kind, rate } = recipe.optimizer;
  const isUsed = usesOf(facts).length > 0;
  const [training = "", ...using] = nextCommands(facts.program);
  const node = `@tensorflow/tfjs-node@${packages["@tensorflow/tfjs"]}`;
  return [
    `# ${name}`,
    "",
    paragraph(
      `A project that trains \`${entry}\`, written by ganc ${facts.ganc}.`,
      "It needs Node 20.19 or later, and no ganc.",
    ),
    "",
    "```sh",
    "npm install",
    training,
    "npm run train -- --out runs/first --resume",
    ...using,
    "```",
    "",
    paragraph(
      dataWords(facts.program),
      `The optimizer is \`${kind}\` at ${rate}, as the spec's recipe says;`,
      "images are cropped and flipped as it says, too, and the rate follows its schedule.",
      "A run draws the same weights and images as `ganc run` with the same seed.",
    ),
    "",
    "| file | what it is |",
    "|---|---|",
    `| \`src/generated/${name}.ts\` | networks, losses and step, by \`ganc compile\` |`,
    "| `src/train.ts` | trains; yours to change |",
    ...(isUsed ? ["| `src/translate.ts` | applies trained networks; yours to change |"] : []),
    "| `src/project.ts` | params, recipe and the form of a checkpoint, for the library |",
    "| `vendor/ganc` | what generated code imports, and `ganc/training`; copied, Apache 2.0 |",
    "",
    paragraph(
      "`runs/first` is a run as ganc writes them. With ganc installed,",
      "`ganc translate runs/first IMAGE`, `ganc report runs/first`, `ganc evaluate runs/first`",
      "and `ganc run runs/first --resume` take it,",
      "and `npm run train -- --out RUN --resume` goes on with a run that `ganc run` began.",
    ),
    "",
    paragraph(
      "tfjs computes in plain JavaScript, which is slow.",
      `\`npm install ${node}\` lets it compute on libtensorflow,`,
      "where that package has a binary for your machine; `src/train.ts` finds it.",
    ),
    "",
    paragraph(
      `\`${compileCommand(facts.program)}\` writes the project anew,`,
      "as long as none of the files that it wrote has been changed.",
      "To keep a changed `src/train.ts`, compile into another folder and copy it there.",
    ),
    "",
  ].join("\n");
};
