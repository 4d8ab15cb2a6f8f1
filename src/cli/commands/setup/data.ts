/** `ganc data`: prepares data sets before a run. */
import type { Command } from "commander";
import { registerDataCheck } from "./data-check.js";
import { registerDataGet } from "./data-get.js";

export const registerData = (program: Command): void => {
  const data = program.command("data").description("Sets of images: get them, look them through.");
  registerDataCheck(data);
  registerDataGet(data);
};
