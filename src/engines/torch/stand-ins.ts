/**
 * Empty libraries in place of CUDA's. PyPI's PyTorch for Linux is linked to all of CUDA, 2.3 GB
 * more to download, of which nothing is called without a graphics card.
 */
import { existsSync } from "node:fs";
import { mkdir, readdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";

/**
 * Puts links to an empty library where PyTorch's libraries look for those of CUDA, and has Python
 * look functions up when they are called rather than when a library is loaded.
 */
export const putStandIns = async (environment: string, names: readonly string[]): Promise<void> => {
  const [python = ""] = await readdir(join(environment, "lib"));
  const packages = join(environment, "lib", python, "site-packages");
  if (!existsSync(join(packages, "torch", "lib", "libtorch_cuda.so"))) return;
  const folder = join(packages, "nvidia", "cudnn", "lib");
  await mkdir(folder, { recursive: true });
  const empty = join("..", "..", "..", "torch", "lib", "libtorch_global_deps.so");
  for (const name of names) await symlink(empty, join(folder, name));
  const lazily = "import os, sys; sys.setdlopenflags(os.RTLD_LAZY)\n";
  await writeFile(join(packages, "ganc-lazy.pth"), lazily);
};
