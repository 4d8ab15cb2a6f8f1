/** Opens a file with what the user's system has for it, where somebody sits before a screen. */
import { spawn } from "node:child_process";
import { resolve } from "node:path";
import type { Terminal } from "./terminal.js";

/** What opens files; nothing where there is no screen to open them on. */
const openerOf = (
  env: Terminal["env"],
  platform: NodeJS.Platform,
): readonly string[] | undefined => {
  if (platform === "darwin") return env.SSH_CONNECTION ? undefined : ["open"];
  if (platform === "win32") return ["explorer.exe"];
  if (env.WSL_DISTRO_NAME) return ["wslview"];
  return env.DISPLAY || env.WAYLAND_DISPLAY ? ["xdg-open"] : undefined;
};

/**
 * Opens the file, or an address, and waits for nothing: whether a browser comes up is its user's to see. Gives whether it was tried; where
 * what is written is read by a program, nothing is opened.
 */
export const opened = (
  file: string,
  { out, env }: Terminal,
  platform: NodeJS.Platform = process.platform,
): boolean => {
  const [command, ...args] = openerOf(env, platform) ?? [];
  if (command === undefined || out.isTTY !== true) return false;
  const child = spawn(command, [...args, /^https?:/.test(file) ? file : resolve(file)], {
    stdio: "ignore",
    detached: true,
  });
  // The path was printed: who has no opener opens it by hand.
  child.on("error", () => undefined);
  child.unref();
  return true;
};
