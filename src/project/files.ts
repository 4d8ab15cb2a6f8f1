/** The files that `ganc compile --project` writes, as texts: what is the spec's own, and what all projects have. */
import {
  type Direction,
  directions,
  type Generator,
  generators,
  imageDomains,
} from "../training/program/program.js";
import type { ProjectFacts } from "./facts.js";

/** Packages in the versions that ganc itself was built with. */
export interface Versions {
  /** What the vendored library imports. */
  readonly library: Readonly<Record<string, string>>;
  readonly project: Readonly<Record<string, string>>;
  readonly development: Readonly<Record<string, string>>;
}

export interface ProjectRequest {
  readonly facts: ProjectFacts;
  /** The generated module. */
  readonly text: string;
  readonly versions: Versions;
}

/** Of all characters that npm takes in a name; `project` where none is left. */
const packageName = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, "-")
    .replace(/^-+|-+$/g, "") || "project";

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** A value as TypeScript: JSON, which has no infinite numbers, and those. */
const literal = (value: unknown): string =>
  JSON.stringify(
    value,
    (_, part: unknown) =>
      typeof part === "number" && !Number.isFinite(part) ? `@number ${part}` : part,
    2,
  ).replace(/"@number (-?Infinity|NaN)"/g, "$1");

const packageJson = ({ facts, versions }: ProjectRequest): string =>
  json({
    name: packageName(facts.program.name),
    version: "0.1.0",
    private: true,
    type: "module",
    engines: { node: ">=20.19" },
    scripts: {
      build: "tsc",
      train: "tsc && node dist/train.js",
      ...(usesOf(facts).length === 0 ? {} : { translate: "tsc && node dist/translate.js" }),
    },
    dependencies: { ...versions.project, ganc: "file:vendor/ganc" },
    devDependencies: versions.development,
  });

const vendoredPackage = ({ facts, versions }: ProjectRequest): string =>
  json({
    name: "ganc",
    version: facts.ganc,
    description: "The runtime and the training library of ganc, as a project needs them",
    license: "Apache-2.0",
    type: "module",
    exports: {
      "./runtime": { types: "./runtime/index.d.ts", default: "./runtime/index.js" },
      "./training": { types: "./project/training.d.ts", default: "./project/training.js" },
    },
    dependencies: versions.library,
    peerDependencies: versions.project,
  });

const tsconfig = json({
  compilerOptions: {
    target: "es2022",
    module: "nodenext",
    moduleResolution: "nodenext",
    lib: ["es2023"],
    types: ["node"],
    strict: true,
    skipLibCheck: true,
    sourceMap: true,
    rootDir: "src",
    outDir: "dist",
  },
  include: ["src"],
});

const projectModule = (
  facts: ProjectFacts,
): string => `// Made by ganc ${facts.ganc}: what the library knows of the spec. Write the project anew rather than change it.
import type { Project } from "ganc/training";

export const project: Project = ${literal(facts)};
`;

/** How a program of the project ends: with the words of an error, and not with where it was thrown. */
const ending = `main().catch((error: unknown) => {
  console.error(\`error: \${error instanceof Error ? error.message : error}\`);
  process.exitCode = 1;
});
`;

/** What to type in a project that is installed: how to train and, where it can, to use what was trained. */
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

const train = ({ facts }: ProjectRequest): string => {
  const { name } = facts.program;
  return `// Written by ganc for ${name}. It is yours: change it as you like.
// ${nextCommands(facts.program)[0]}
import { parseArgs } from "node:util";
import { openTraining, useFastBackend } from "ganc/training";
import * as model from ${JSON.stringify(`./generated/${name}.js`)};
import { project } from "./project.js";

const { values } = parseArgs({
  options: {
    // A folder with trainX and trainY in it, or X=FOLDER for each domain.
    data: { type: "string", multiple: true, default: [] },
    out: { type: "string", default: "runs/first" },
    resume: { type: "boolean", default: false },
    seed: { type: "string" },
    steps: { type: "string" },
    "save-every": { type: "string" },
  },
});

/** \`photos\`, or \`X=here Y=there\` by domain. */
const dataOf = (words: readonly string[]): string | Record<string, string> | undefined => {
  const [first] = words;
  if (first === undefined || !first.includes("=")) return first;
  return Object.fromEntries(words.map((word) => word.split(/=(.*)/s).slice(0, 2)));
};

const numberOf = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : Number(text);

const main = async (): Promise<void> => {
  console.log(await useFastBackend());
  const data = dataOf(values.data);
  const seed = numberOf(values.seed);
  const training = await openTraining({
    model,
    project,
    out: values.out,
    resume: values.resume,
    ...(data === undefined ? {} : { data }),
    ...(seed === undefined ? {} : { seed }),
  });
  console.log(\`\${training.data}; \${training.stepsPerEpoch} steps an epoch, in \${training.folder}\`);
  for (const notice of training.notices) console.log(\`note: \${notice}\`);

  // Ctrl-C ends the run after its step, with a checkpoint.
  const interrupted = new AbortController();
  process.once("SIGINT", () => interrupted.abort());

  const steps = numberOf(values.steps);
  const saveEvery = numberOf(values["save-every"]);
  try {
    const made = await training.train({
      // The whole of a training step: the generated code computes the losses and moves the weights.
      step: ({ networks, memory, draws, rate, chance }) =>
        model.step(networks, memory, draws, rate, chance),
      onStep: ({ step, epoch, losses }) => {
        const words = Object.entries(losses).map(([name, value]) => \`\${name} \${value.toPrecision(3)}\`);
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

/** What trained networks are used for, the first of each kind: to make an image of an image, or of noise. */
const usesOf = ({ program }: Pick<ProjectFacts, "program">): readonly (Direction | Generator)[] => [
  ...directions(program),
  ...generators(program),
];

const isDirection = (use: Direction | Generator): use is Direction => "kind" in use.from;

const translate = ({ facts }: ProjectRequest): string | undefined => {
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

const readme = ({ facts, versions }: ProjectRequest): string => {
  const { name, entry, recipe } = facts.program;
  const uses = usesOf(facts);
  const [use] = uses;
  const domains = imageDomains(facts.program).map((domain) => domain.name);
  const data =
    domains.length === 0
      ? "It draws no images."
      : `Images are folders of files, zips or patterns: \`--data FOLDER\` for a folder that holds ${domains
          .map((domain) => `\`train${domain}\``)
          .join(" and ")}, or \`${domains.map((domain) => `--data ${domain}=FOLDER`).join(" ")}\`.`;
  const [training, ...using] = nextCommands(facts.program);
  return `# ${name}

A project that trains \`${entry}\`, written by ganc ${facts.ganc}. It needs Node 20.19 or later, and ganc no more.

\`\`\`sh
npm install
${training}
npm run train -- --out runs/first --resume
${using.map((line) => `${line}\n`).join("")}\`\`\`

${data} The optimizer is \`${recipe.optimizer.kind}\` at ${recipe.optimizer.rate}, as the spec's recipe says; images are cropped and
flipped as it says, too, and the rate follows its schedule. A run draws the same weights and images as \`ganc run\` with the same seed.

| file | what it is |
|---|---|
| \`src/generated/${name}.ts\` | the networks, the losses and the step, as \`ganc compile\` writes them |
| \`src/train.ts\` | trains; yours to change |
${use === undefined ? "" : "| `src/translate.ts` | applies trained networks; yours to change |\n"}| \`src/project.ts\` | what the library knows of the spec: params, recipe, the form of a checkpoint |
| \`vendor/ganc\` | the runtime of generated code and the library behind \`ganc/training\`, copied from ganc (Apache 2.0) |

\`runs/first\` is a run as ganc writes them: with ganc installed, \`ganc translate runs/first IMAGE\`, \`ganc report runs/first\`,
\`ganc evaluate runs/first\` and \`ganc run runs/first --resume\` take it, and \`npm run train -- --out RUN --resume\` goes on with
a run that \`ganc run\` began.

tfjs computes in plain JavaScript, which is slow. \`npm install @tensorflow/tfjs-node@${versions.project["@tensorflow/tfjs"]}\` lets it
compute on libtensorflow, where that package has a binary for your machine; \`src/train.ts\` takes it by itself.

\`ganc compile ${entry} --project .\` writes the project anew, as long as none of the files it wrote has been changed.
`;
};

/** Names with forward slashes, from the project's folder, and what the files hold. */
export const projectFiles = (request: ProjectRequest): ReadonlyMap<string, string> => {
  const { facts, text } = request;
  const use = translate(request);
  return new Map([
    ["package.json", packageJson(request)],
    ["tsconfig.json", tsconfig],
    [".gitignore", "node_modules/\ndist/\nruns/\n"],
    ["README.md", readme(request)],
    [`src/generated/${facts.program.name}.ts`, text],
    ["src/project.ts", projectModule(facts)],
    ["src/train.ts", train(request)],
    ...(use === undefined ? [] : [["src/translate.ts", use] as const]),
    ["vendor/ganc/package.json", vendoredPackage(request)],
  ]);
};
