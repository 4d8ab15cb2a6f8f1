/**
 * The wheels of the native engine, pinned by version and hash. Each is requested by package name
 * and tags, so pip finds it in whatever index the user has configured. Sizes and hashes are those
 * that the index reports and, for downloaded wheels, those of the file.
 */

export interface Wheel {
  /** Name in the package index. */
  readonly package: string;
  readonly version: string;
  /** Tags of the file: pip's --platform, --python-version, --abi. */
  readonly platform: string;
  readonly python: string;
  readonly abi: string;
  readonly sha256: string;
  /** Size of the download in bytes. */
  readonly bytes: number;
  /** Size on disk of the kept files, in bytes. */
  readonly unpacked: number;
  /** Prefixes of paths in the wheel to keep. */
  readonly keep: readonly string[];
  /** Paths in the wheel that must exist. */
  readonly needs: readonly string[];
}

const VERSION = "2.21.0";

/** The headers that the binding's sources include, directly and indirectly. */
const HEADERS = [
  "tensorflow/include/tensorflow/c/",
  "tensorflow/include/tensorflow/core/platform/ctstring",
  "tensorflow/include/tsl/platform/ctstring",
  "tensorflow/include/xla/tsl/c/",
];

/**
 * Returns the libraries. The first has the C API; it needs the second and nothing else that a C++
 * system lacks.
 */
export const librariesOf = (platform: NodeJS.Platform): readonly string[] =>
  platform === "darwin"
    ? ["libtensorflow_cc.2.dylib", "libtensorflow_framework.2.dylib"]
    : ["libtensorflow_cc.so.2", "libtensorflow_framework.so.2"];

const tensorflow = (
  platform: NodeJS.Platform,
  row: Pick<Wheel, "package" | "platform" | "sha256" | "bytes" | "unpacked">,
): Wheel => {
  const libraries = librariesOf(platform).map((file) => `tensorflow/${file}`);
  return {
    ...row,
    version: VERSION,
    python: "3.12",
    abi: "cp312",
    keep: [...libraries, ...HEADERS],
    needs: [...libraries, "tensorflow/include/tensorflow/c/c_api.h"],
  };
};

const zig = (row: Pick<Wheel, "platform" | "sha256" | "bytes">): Wheel => ({
  ...row,
  package: "ziglang",
  version: "0.17.1",
  python: "3.12",
  abi: "none",
  unpacked: 375_000_000,
  keep: ["ziglang/"],
  needs: ["ziglang/zig"],
});

export interface Row {
  /** TensorFlow for the processor. */
  readonly cpu: Wheel;
  /** TensorFlow that looks for CUDA when it loads. */
  readonly cuda?: Wheel;
  /** A C++ compiler for a machine that has none. */
  readonly zig?: Wheel;
  /** Whether an installation from these wheels has been tested and has trained. */
  readonly measured: boolean;
}

/** By platform and architecture, as Node names them: `${process.platform}-${process.arch}`. */
export type Table = Readonly<Record<string, Row>>;

/** One row for each platform on which the engine can be built. */
export const WHEELS: Table = {
  "linux-x64": {
    cpu: tensorflow("linux", {
      package: "tensorflow-cpu",
      platform: "manylinux_2_27_x86_64",
      sha256: "dcc8afd32930e42d5296b6ee19078b773706830af4ea97fbe503b9f5e0f820cb",
      bytes: 274_000_871,
      unpacked: 854_000_000,
    }),
    cuda: tensorflow("linux", {
      package: "tensorflow",
      platform: "manylinux_2_27_x86_64",
      sha256: "b3b95643c4e70eb925839938fb35cbe142f317ec84af6844ee61513713bb13c0",
      bytes: 572_600_000,
      unpacked: 1_260_000_000,
    }),
    zig: zig({
      platform: "manylinux_2_12_x86_64",
      sha256: "ea6cc5d87b033cf0aedfbc8f9549a908cae6c50ac31f1698188fa48a74524b54",
      bytes: 101_083_562,
    }),
    measured: true,
  },
  "linux-arm64": {
    cpu: tensorflow("linux", {
      package: "tensorflow",
      platform: "manylinux_2_27_aarch64",
      sha256: "b07d15737406533898e36c7ef7944b1be18e9028dc521b9229952c537bbc5552",
      bytes: 281_946_471,
      unpacked: 884_000_000,
    }),
    zig: zig({
      platform: "manylinux_2_17_aarch64",
      sha256: "b7c5f02fccd40f89b999ee16a1f5ddced56e6182370f8affe494bcf8a28cf07e",
      bytes: 98_063_064,
    }),
    measured: false,
  },
  "darwin-arm64": {
    cpu: tensorflow("darwin", {
      package: "tensorflow",
      platform: "macosx_12_0_arm64",
      sha256: "56ecd7d47429acbe1df2694d50b75bf9fc3995ac92cb367cd9af6c4780ead712",
      bytes: 223_488_205,
      unpacked: 741_000_000,
    }),
    measured: false,
  },
};
