/**
 * node scripts/torch.js [command…]
 *
 * Runs a command with PyTorch: `python` is that of a virtual environment with
 * test/torch/requirements.txt, and GANC_TORCH_PYTHON its path. The environment is made from PyPI
 * before the first command and kept in ganc's folder for downloads; without a command it is only
 * made. It appears whole, by a rename, or not at all.
 *
 * PyPI's wheels for Linux are linked to all of CUDA, 2.4 GB more to download, of which nothing is
 * called on a machine without a GPU. The libraries that are only called, and never read while
 * PyTorch is loaded, are left out: an empty library stands in for each, and Python is told to look
 * functions up when they are called.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statfsSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { homedir, hostname } from "node:os";
import { basename, delimiter, dirname, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const REQUIREMENTS = here("../test/torch/requirements.txt");
const OLDEST_PYTHON = [3, 11];
const windows = process.platform === "win32";
const linux = process.platform === "linux";
const DOWNLOAD = linux ? "790 MB" : "210 MB";
const DISK = linux ? "1.9 GB" : "0.9 GB";
const ROOM_BYTES = 3e9;

/** Libraries of CUDA that an empty one stands in for. */
const STAND_INS = readFileSync(here("../requirements/stand-ins.txt"), "utf8")
  .split("\n")
  .filter((line) => line !== "" && !line.startsWith("#"));

const say = (text) => process.stderr.write(`${text}\n`);

/** The folder in which src/engines/tensorflow/machine.ts keeps downloads, too. */
const cacheFolder = () => {
  const { GANC_CACHE, LOCALAPPDATA, XDG_CACHE_HOME } = process.env;
  if (GANC_CACHE) return GANC_CACHE;
  if (windows) return join(LOCALAPPDATA || join(homedir(), "AppData", "Local"), "ganc", "Cache");
  if (process.platform === "darwin") return join(homedir(), "Library", "Caches", "ganc");
  return join(XDG_CACHE_HOME || join(homedir(), ".cache"), "ganc");
};

const pythonOf = (environment) =>
  windows ? join(environment, "Scripts", "python.exe") : join(environment, "bin", "python");

/** @throws Error that says what to do, where there is no Python that can make the environment */
const findPython = () => {
  const probe = "import sys, venv, ensurepip; print(*sys.version_info[:2])";
  const wanted = OLDEST_PYTHON.join(".");
  const found = [];
  for (const name of ["python3", "python"]) {
    const { status, stdout, stderr, error } = spawnSync(name, ["-c", probe], { encoding: "utf8" });
    if (error !== undefined) continue;
    if (status !== 0) {
      found.push(`${name} lacks its module venv: ${stderr.trim().split("\n").at(-1)}`);
      continue;
    }
    const [major, minor] = stdout.trim().split(" ").map(Number);
    if (major === OLDEST_PYTHON[0] && minor >= OLDEST_PYTHON[1])
      return { name, version: `${major}.${minor}` };
    found.push(`${name} is ${major}.${minor}`);
  }
  const seen = found.length > 0 ? ` Found: ${found.join("; ")}.` : "";
  throw new Error(
    `Comparing with PyTorch takes Python ${wanted} or later, as python3.${seen} ` +
      "Install it (Debian: apt-get install python3 python3-venv), then run this again.",
  );
};

const run = (program, args) => {
  const { status, signal, error } = spawnSync(program, args, {
    // What pip says is no output of the command that comes after it.
    stdio: ["ignore", 2, 2],
  });
  if (error !== undefined) throw error;
  if (status !== 0)
    throw new Error(`${basename(program)} ${args.join(" ")} ended with ${signal ?? status}`);
};

const isAlive = (pid) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
};

/**
 * Whether a mark, `<host>~<pid>`, is of a process that has ended; those of other hosts are not
 * judged.
 */
const isAbandoned = (mark) => {
  const [host, pid] = mark.split("~");
  return host === hostname() && !isAlive(Number(pid));
};

/**
 * Spares a second process the download. Should two hold it at once, because one found it abandoned
 * while another did, each builds in a folder of its own, and the first rename wins.
 */
const lock = async (path) => {
  for (let waited = 0; ; waited++) {
    try {
      writeFileSync(path, `${hostname()}~${process.pid}`, { flag: "wx" });
      return () => rmSync(path, { force: true });
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    }
    const holder = existsSync(path) ? readFileSync(path, "utf8") : "";
    if (holder !== "" && isAbandoned(holder)) {
      rmSync(path, { force: true });
      continue;
    }
    if (waited === 0) say(`Another process is setting up PyTorch; waiting for it (${path}).`);
    await setTimeout(1000);
  }
};

/** A list of requirements and those that it names by `-r`, as one text. */
const requirementsIn = (path) =>
  readFileSync(path, "utf8").replaceAll(/^-r (.*)$/gm, (_, name) =>
    requirementsIn(join(dirname(path), name)),
  );

const standIn = (environment) => {
  const [lib] = readdirSync(join(environment, "lib"));
  const packages = join(environment, "lib", lib, "site-packages");
  if (!existsSync(join(packages, "torch/lib/libtorch_cuda.so"))) return;
  // One of the folders that PyTorch's libraries look into for those of CUDA.
  const folder = join(packages, "nvidia/cudnn/lib");
  mkdirSync(folder, { recursive: true });
  for (const name of STAND_INS)
    symlinkSync("../../../torch/lib/libtorch_global_deps.so", join(folder, name));
  const lazily = "import os, sys; sys.setdlopenflags(os.RTLD_LAZY)\n";
  writeFileSync(join(packages, "lazy.pth"), lazily);
};

const build = (python, folder) => {
  const parent = dirname(folder);
  const prefix = `${basename(folder)}.`;
  for (const name of readdirSync(parent)) {
    if (!name.startsWith(prefix) || !name.endsWith(".tmp")) continue;
    if (isAbandoned(name.slice(prefix.length, -".tmp".length)))
      rmSync(join(parent, name), { recursive: true, force: true });
  }
  const { bavail, bsize } = statfsSync(parent);
  if (bavail * bsize < ROOM_BYTES)
    throw new Error(
      `${parent} has ${(bavail * bsize) / 1e9} GB left of the ${ROOM_BYTES / 1e9} that setting up PyTorch takes. ` +
        "Make room, or name another folder in the variable GANC_CACHE.",
    );
  const temporary = join(parent, `${prefix}${hostname()}~${process.pid}.tmp`);
  try {
    run(python.name, ["-m", "venv", temporary]);
    const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
    const exact = ["--no-cache-dir", "--no-deps", "--only-binary", ":all:", "--require-hashes"];
    run(pythonOf(temporary), [...pip, ...exact, "-r", REQUIREMENTS]);
    if (linux) standIn(temporary);
    run(pythonOf(temporary), ["-c", "import numpy, onnx, safetensors.torch, torch"]);
    if (existsSync(folder) && !existsSync(pythonOf(folder))) rmSync(folder, { recursive: true });
    if (!existsSync(folder)) renameSync(temporary, folder);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
};

/** The folder of the environment, made where it is not there. */
const ensure = async () => {
  const python = findPython();
  const requirements = requirementsIn(REQUIREMENTS);
  const version = /^torch==(\S+)/m.exec(requirements)?.[1];
  const key = createHash("sha256").update(requirements).update(STAND_INS.join()).digest("hex");
  const name = `torch-${version}-python-${python.version}-${key.slice(0, 12)}`;
  const folder = join(cacheFolder(), name);
  if (existsSync(pythonOf(folder))) return folder;
  mkdirSync(dirname(folder), { recursive: true });
  const unlock = await lock(`${folder}.lock`);
  try {
    if (existsSync(pythonOf(folder))) return folder;
    say(`Setting up PyTorch ${version} for the CPU: downloads about ${DOWNLOAD} from PyPI, and`);
    say(`takes about ${DISK} in ${folder}`);
    const began = performance.now();
    build(python, folder);
    say(`PyTorch is set up, in ${Math.round((performance.now() - began) / 1000)} s.`);
  } finally {
    unlock();
  }
  return folder;
};

const start = (environment, [program, ...args]) => {
  const python = pythonOf(environment);
  const PATH = [dirname(python), process.env.PATH].join(delimiter);
  const env = { ...process.env, PATH, VIRTUAL_ENV: environment, GANC_TORCH_PYTHON: python };
  const { status, signal, error } = spawnSync(program, args, { env, stdio: "inherit" });
  if (error !== undefined) throw error;
  return status ?? (signal === "SIGINT" ? 130 : 1);
};

try {
  const environment = await ensure();
  const command = process.argv.slice(2);
  process.exitCode = command.length > 0 ? start(environment, command) : 0;
} catch (error) {
  say(error.message);
  process.exitCode = 2;
}
