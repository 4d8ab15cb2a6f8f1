/** Opens a file with the user's default program, if there is a screen. */
import { spawn } from "node:child_process";
import { resolve } from "node:path";
import type { Terminal } from "./terminal.js";

/** Returns the command that opens files. Undefined without a screen. */
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
 * Opens a file or an address without waiting. Returns whether it tried; it does not if a program
 * reads the output.
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
  // The path was printed, so the user can open it by hand.
  child.on("error", () => undefined);
  child.unref();
  return true;
};
