/** Every built-in name of the language. */
import { forms, lossFunctions } from "./functions.js";
import { layers } from "./layers.js";
import { recipeWords } from "./recipe.js";

export const builtinNames: readonly string[] = [
  ...new Set([...layers.keys(), ...lossFunctions.keys(), ...forms.keys(), ...recipeWords.keys()]),
];
