/**
 * The files that `ganc compile --project` writes, as texts: what is the spec's own, and what all
 * projects have.
 */
import type { ProjectFacts } from "./facts.js";
import { trainText, translateText, usesOf } from "./programs.js";
import { readmeText } from "./readme.js";

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
): string => `// Made by ganc ${facts.ganc}: what the library knows of the spec.
// Write the project anew rather than change it.
import type { Project } from "ganc/training";

export const project: Project = ${literal(facts)};
`;

/** Names with forward slashes, from the project's folder, and what the files hold. */
export const projectFiles = (request: ProjectRequest): ReadonlyMap<string, string> => {
  const { facts, text, versions } = request;
  const use = translateText(facts);
  return new Map([
    ["package.json", packageJson(request)],
    ["tsconfig.json", tsconfig],
    [".gitignore", "node_modules/\ndist/\nruns/\n"],
    ["README.md", readmeText(facts, versions.project)],
    [`src/generated/${facts.program.name}.ts`, text],
    ["src/project.ts", projectModule(facts)],
    ["src/train.ts", trainText(facts, text)],
    ...(use === undefined ? [] : [["src/translate.ts", use] as const]),
    ["vendor/ganc/package.json", vendoredPackage(request)],
  ]);
};
