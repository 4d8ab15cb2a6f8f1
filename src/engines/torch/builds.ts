/** The builds of PyTorch that PyPI has for each kind of machine, and what they take. */
export type Device = "cpu" | "cuda" | "mps";

export interface Build {
  readonly kind: "cpu" | "cuda";
  /** For people: what it computes on. */
  readonly title: string;
  /** Its list in `requirements/`. */
  readonly list: string;
  /** Bytes of its wheels. */
  readonly bytes: number;
  /** Bytes on disk once installed. */
  readonly unpacked: number;
  /** Whether empty libraries stand in for those of CUDA. */
  readonly standIns: boolean;
  /** Whether this installation has been carried out on such a machine. */
  readonly measured: boolean;
}

export interface Row {
  readonly cpu: Build;
  readonly cuda?: Build;
}

export type Table = Readonly<Record<string, Row>>;

const onLinux = (bytes: number, measured: boolean): Build => ({
  kind: "cpu",
  title: "the processor",
  list: "torch-cpu.txt",
  bytes,
  unpacked: 1.7e9,
  standIns: true,
  measured,
});

const withCuda = (bytes: number): Build => ({
  kind: "cuda",
  title: "NVIDIA's graphics cards",
  list: "torch-cuda.txt",
  bytes,
  unpacked: 6e9,
  standIns: false,
  measured: false,
});

const elsewhere = (title: string, bytes: number): Build => ({
  kind: "cpu",
  title,
  list: "torch.txt",
  bytes,
  unpacked: 0.8e9,
  standIns: false,
  measured: false,
});

/** Keyed by `process.platform` and `process.arch`. */
export const BUILDS: Table = {
  "linux-x64": { cpu: onLinux(716e6, true), cuda: withCuda(3.02e9) },
  "linux-arm64": { cpu: onLinux(659e6, false), cuda: withCuda(3.21e9) },
  "darwin-arm64": { cpu: elsewhere("the processor and Apple's graphics", 164e6) },
  "win32-x64": { cpu: elsewhere("the processor", 150e6) },
};
