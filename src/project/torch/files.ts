/** The files that `ganc compile --target torch --project` writes, as texts. */
import type { TorchFacts } from "./facts.js";
import { trainText, translateText } from "./programs.js";
import { readmeText } from "./readme.js";

export interface TorchProject {
  readonly facts: TorchFacts;
  /** The generated module. */
  readonly text: string;
  /** Packages by name, in the versions that the engine of PyTorch has. */
  readonly versions: Readonly<Record<string, string>>;
  /** Whether `weights.safetensors` lies beside the code. */
  readonly isTrained: boolean;
}

/** Of all characters that Python takes in a package's name; `project` where none is left. */
const packageName = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, "-")
    .replace(/^-+|-+$/g, "") || "project";

const pinned = (versions: TorchProject["versions"]): readonly string[] =>
  Object.entries(versions).map(([name, version]) => `${name}==${version}`);

const pyproject = ({ facts, versions }: TorchProject): string => `[project]
name = "${packageName(facts.manifest.spec.name)}"
version = "0.1.0"
description = "Trains ${facts.module} with PyTorch"
requires-python = ">=3.11"
dependencies = [
${pinned(versions)
  .map((one) => `    "${one}",`)
  .join("\n")}
]

# The programs run where they lie: nothing of it is a package to build.
[tool.uv]
package = false

[tool.ruff]
line-length = 100
`;

/** Names with forward slashes, from the project's folder, and what the files hold. */
export const torchProjectFiles = (project: TorchProject): ReadonlyMap<string, string> => {
  const { facts, text, versions, isTrained } = project;
  const use = translateText(facts);
  return new Map([
    ["pyproject.toml", pyproject(project)],
    ["requirements.txt", `${pinned(versions).join("\n")}\n`],
    [".gitignore", ".venv/\n__pycache__/\nruns/\n"],
    ["README.md", readmeText(facts, isTrained)],
    [`${facts.module}.py`, text],
    ["project.json", `${JSON.stringify(facts, null, 2)}\n`],
    ["train.py", trainText(facts, text)],
    ...(use === undefined ? [] : [["translate.py", use] as const]),
  ]);
};
