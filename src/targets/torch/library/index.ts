/**
 * Python that generated modules bring along: of these classes and functions, the ones that a module
 * names, and those that they name themselves.
 */
import { functionText } from "./functions.js";
import { layerText } from "./layers.js";
import { trainingText } from "./training.js";

interface Snippet {
  readonly name: string;
  readonly text: string;
}

/** Each class or function with its decorators, in the order in which Python can read them. */
const snippets: readonly Snippet[] = [trainingText, functionText, layerText].flatMap((text) =>
  text
    .trim()
    .split("\n\n\n")
    .map((part) => {
      const [, name = ""] = /^(?:class|def) (\w+)/m.exec(part) ?? [];
      return { name, text: part };
    }),
);

export const libraryNames: readonly string[] = snippets.map(({ name }) => name);

/** Code without docstrings, texts and comments, in which names would name nothing. */
export const codeOf = (text: string): string =>
  text
    .replaceAll(/"""[\s\S]*?"""/g, "")
    .replaceAll(/"(?:[^"\\\n]|\\.)*"/g, '""')
    .replaceAll(/#.*$/gm, "");

/** Whether code names something. */
export const names = (code: string, name: string): boolean =>
  new RegExp(`(?<![\\w.])${name}\\b(?!\\s*=[^=])`).test(code);

/** The classes and functions that the code needs, in an order in which Python can read them. */
export const libraryFor = (code: string): readonly string[] => {
  const needed = new Set<Snippet>();
  const look = (text: string): void => {
    for (const snippet of snippets) {
      if (needed.has(snippet) || !names(text, snippet.name)) continue;
      needed.add(snippet);
      look(codeOf(snippet.text));
    }
  };
  look(codeOf(code));
  return snippets.filter((snippet) => needed.has(snippet)).map(({ text }) => text);
};
