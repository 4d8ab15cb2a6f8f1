/** Lays out Python as `ruff format` does. */
import { format as ruff } from "@wasm-fmt/ruff_fmt";

/** @throws Error where the text is no Python */
export const format = (text: string, width: number): string =>
  ruff(text, "module.py", { line_width: width, indent_style: "space", indent_width: 4 });
