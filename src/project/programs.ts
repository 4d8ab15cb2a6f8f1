/** The programs of a project as texts, for its user to change: `train.ts` and `translate.ts`. */
import {
  type Direction,
  directions,
  type Generator,
  generators,
  imageDomains,
} from "../training/program/program.js";
import type { ProjectFacts } from "./facts.js";

/**
 * What trained networks are used for, the first of each kind: to make an image of an image, or of
 * noise.
 */
export const usesOf = ({
  program,
}: Pick<ProjectFacts, "program">): readonly (Direction | Generator)[] => [
  ...directions(program),
  ...generators(program),
];

const isDirection = (use: Direction | Generator): use is Direction => "kind" in use.from;

/**
 * What to type in a project that is installed: how to train and, where it can, to use what was
 * trained.
 */
export const nextCommands = (program: ProjectFacts["program"]): readonly string[] => {
  const [use] = usesOf({ program });
  const domains = imageDomains(program).map((domain) => domain.name);
  const given =
    domains.length === 0
      ? ""
      : domains.length === 1
        ? ` --data ${domains[0]}=FOLDER`
        : " --data FOLDER";
  const using =
    use &&
    (isDirection(use) ? `runs/first ${use.network} picture.jpg made.png` : "runs/first made 16");
  return [
    `npm run train --${given} --out runs/first --steps 1000`,
    ...(using === undefined ? [] : [`npm run translate -- ${using}`]),
  ];
};

/**
 * How a program of the project ends: with the words of an error, and not with where it was thrown.
 */
const ending = `main().catch((error: unknown) => {
  console.error(\`error: \${error instanceof Error ? error.message : error}\`);
  process.exitCode = 1;
});
`;

/** Trains: the loop is the library's, the step is here. */
export const trainText = (facts: ProjectFacts, text: string): string => {
  const { name } = facts.program;
  // Where a phase runs in some steps only, the step takes its number.
  const count = /\n {2}count: number,/.test(text) ? ", count" : "";
  const parts = `networks, memory, draws, rate, chance${count}`;
  return `// Written by ganc for ${name}. It is yours: change it as you like.
// ${nextCommands(facts.program)[0]}
import { parseArgs } from "node:util";
import { openTraining, useFastBackend } from "ganc/training";
import * as model from ${JSON.stringify(`./generated/${name}.js`)};
import { project } from "./project.js";

const usage = \`train [--data FOLDER | --data X=FOLDER Y=FOLDER] [--out RUN] [--resume]
      [--steps N] [--save-every N] [--seed N]\`;

const argumentsOf = () =>
  parseArgs({
    // Folders may follow --data one by one, as \`X=here Y=there\`.
    allowPositionals: true,
    options: {
      // A folder with trainX and trainY in it, or X=FOLDER for each domain.
      data: { type: "string", multiple: true, default: [] },
      out: { type: "string", default: "runs/first" },
      resume: { type: "boolean", default: false },
      seed: { type: "string" },
      steps: { type: "string" },
      "save-every": { type: "string" },
      help: { type: "boolean", default: false },
    },
  });

/** \`photos\`, or \`X=here Y=there\` by domain. */
const dataOf = (words: readonly string[]): string | Record<string, string> | undefined => {
  const [first] = words;
  if (first === undefined || (words.length === 1 && !first.includes("="))) return first;
  // Without a prototype: no domain's name finds what is inherited.
  const folders: Record<string, string> = Object.create(null);
  for (const word of words) {
    const [, domain = "", folder = ""] = /^(\\w+)=(.+)$/s.exec(word) ?? [];
    if (folder === "") throw new Error(\`--data: write DOMAIN=FOLDER in place of \${word}\`);
    folders[domain] = folder;
  }
  return folders;
};

/** The whole number that an option is given; refuses any other text. */
const numberOf = (
  option: string,
  text: string | undefined,
  least: number,
): number | undefined => {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!/^\\d+$/.test(text) || value < least || !Number.isSafeInteger(value))
    throw new Error(\`--\${option} takes a whole number from \${least} on, not \${text}\`);
  return value;
};

const main = async (): Promise<void> => {
  const { values, positionals } = argumentsOf();
  if (values.help) {
    console.log(usage);
    return;
  }
  const data = dataOf([...values.data, ...positionals]);
  const seed = numberOf("seed", values.seed, 0);
  const steps = numberOf("steps", values.steps, 1);
  const saveEvery = numberOf("save-every", values["save-every"], 1);
  console.log(await useFastBackend());
  const training = await openTraining({
    model,
    project,
    out: values.out,
    resume: values.resume,
    ...(data === undefined ? {} : { data }),
    ...(seed === undefined ? {} : { seed }),
  });
  console.log(\`\${training.data}; \${training.stepsPerEpoch} steps an epoch\`);
  for (const notice of training.notices) console.log(\`note: \${notice}\`);

  // Ctrl-C ends the run after its step, with a checkpoint.
  const interrupted = new AbortController();
  process.once("SIGINT", () => interrupted.abort());

  try {
    const made = await training.train({
      // The whole of a training step: the generated code computes the losses and moves the weights.
      step: ({ ${parts} }) =>
        model.step(${parts}),
      onStep: ({ step, epoch, losses }) => {
        const words = Object.entries(losses).map(
          ([name, value]) => \`\${name} \${value.toPrecision(3)}\`,
        );
        console.log(\`step \${step}, epoch \${epoch + 1}: \${words.join("  ")}\`);
      },
      onFile: (path) => console.log(\`wrote \${path}\`),
      onNotice: (line) => console.log(\`note: \${line}\`),
      signal: interrupted.signal,
      ...(steps === undefined ? {} : { steps }),
      ...(saveEvery === undefined ? {} : { saveEvery }),
    });
    console.log(\`\${made} steps; go on with --out \${training.folder} --resume\`);
  } finally {
    await training.close();
  }
};

${ending}`;
};

/** Applies a trained network; nothing where none makes an image of an image, or of noise. */
export const translateText = (facts: ProjectFacts): string | undefined => {
  const { name } = facts.program;
  const [use] = usesOf(facts);
  if (use === undefined) return undefined;
  const head = `// Written by ganc for ${name}. It is yours: change it as you like.`;
  if (!isDirection(use))
    return `${head}
// npm run translate -- runs/first made 16
import { openTrained } from "ganc/training";
import * as model from ${JSON.stringify(`./generated/${name}.js`)};
import { project } from "./project.js";

const [run = "runs/first", folder = "made", count = "16"] = process.argv.slice(2);

const main = async (): Promise<void> => {
  const trained = await openTrained({ model, project, run });
  // The same seed makes the same images.
  const paths = await trained.generate("${use.network}", { count: Number(count), folder, seed: 0 });
  for (const path of paths) console.log(path);
  trained.close();
};

${ending}`;
  const all = directions(facts.program);
  const rows = all.map(
    ({ network, from, to }) => `  ${network}: { from: "${from.name}", to: "${to.name}" },`,
  );
  return `${head}
// npm run translate -- runs/first ${use.network} picture.jpg made.png
import { openTrained } from "ganc/training";
import * as model from ${JSON.stringify(`./generated/${name}.js`)};
import { project } from "./project.js";

/** The networks that make an image of one domain from an image of another. */
const translators = {
${rows.join("\n")}
} as const;

const [run, network = "", picture, made = "made.png"] = process.argv.slice(2);
if (run === undefined || picture === undefined || !(network in translators)) {
  console.error(\`translate RUN \${Object.keys(translators).join("|")} PICTURE [MADE.png]\`);
  process.exit(2);
}
const { from, to } = translators[network as keyof typeof translators];

const main = async (): Promise<void> => {
  const trained = await openTrained({ model, project, run });
  // [1, height, width, channels] in the range of the domain.
  const image = await trained.readImage(picture, from);
  await trained.writeImage(made, await trained.translate(network, [image]), to);
  console.log(made);
  trained.close();
};

${ending}`;
};
