/**
 * npm runs this before the install step of any package that ganc brings.
 *
 * onnxruntime-node's own step downloads the libraries of CUDA (hundreds of megabytes, on Linux
 * x64), and where it cannot, npm takes everything back. It downloads only what is not there
 * already; so this puts small files in the places of those libraries. The processor needs none of
 * them. Who wants CUDA says so: ONNXRUNTIME_NODE_INSTALL=cuda12 npm rebuild onnxruntime-node
 */
import { existsSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const text = `Put here by ganc, so that the install step of onnxruntime-node does not download CUDA.
For the library itself: ONNXRUNTIME_NODE_INSTALL=cuda12 npm rebuild onnxruntime-node
`;

/**
 * Whoever has decided of the download by one of onnxruntime-node's own settings is not overruled.
 */
const settings = [
  "ONNXRUNTIME_NODE_INSTALL",
  "ONNXRUNTIME_NODE_INSTALL_CUDA",
  "npm_config_onnxruntime_node_install",
  "npm_config_onnxruntime_node_install_cuda",
];

const standIn = () => {
  const require = createRequire(import.meta.url);
  const folder = dirname(require.resolve("onnxruntime-node/package.json"));
  const { requirements, manifests } = require(join(folder, "script/install-metadata.js"));
  const platform = `${process.platform}/${process.arch}`;
  for (const name of requirements[platform] ?? [])
    for (const file of Object.keys(manifests[`${platform}:${name}`] ?? {})) {
      const path = join(folder, "bin/napi-v6", platform, file);
      if (!existsSync(path)) writeFileSync(path, text);
    }
};

if (!settings.some((name) => process.env[name]))
  try {
    standIn();
  } catch {
    // of another version or another package manager: then its own step decides, as without this
  }
