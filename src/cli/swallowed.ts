/**
 * Returns swallowed arguments to their command. An option with several words would also take the
 * arguments after it, such as the spec in `ganc run --data X=photos my.gan`.
 */
import { readdirSync } from "node:fs";
import type { Command } from "commander";

/** Tells whether a word names a place to write to: an empty or missing folder. */
const isPlaceToWrite = (word: string): boolean => {
  if (word.includes("=")) return false;
  try {
    return readdirSync(word).length === 0;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT";
  }
};

/**
 * Tells whether the word at `index` after `flag` belongs to the command: a spec, or the folder for
 * `init`.
 */
const isArgument = (command: string, flag: string, word: string, index: number): boolean => {
  if (word.endsWith(".gan") && !word.includes("=")) return true;
  if (command !== "init" || index === 0) return false;
  return flag === "--domains" ? index >= 2 : isPlaceToWrite(word);
};

/** Moves words that an option would swallow directly after the command's name. */
export const withoutSwallowed = (program: Command, args: readonly string[]): readonly string[] => {
  const command = program.commands.find((each) => each.name() === args[0]);
  const flags = command?.options.flatMap(({ variadic, long }) => (variadic ? [long] : [])) ?? [];
  const own: string[] = [];
  const others: string[] = [];
  let flag: string | undefined;
  let index = 0;
  for (const [at, word] of args.slice(1).entries()) {
    if (word === "--") {
      others.push(...args.slice(at + 1));
      break;
    }
    if (word.startsWith("-")) {
      flag = flags.includes(word) ? word : undefined;
      index = 0;
      others.push(word);
      continue;
    }
    const isOwn = flag !== undefined && isArgument(args[0] ?? "", flag, word, index++);
    (isOwn ? own : others).push(word);
  }
  return own.length === 0 ? args : [...args.slice(0, 1), ...own, ...others];
};
