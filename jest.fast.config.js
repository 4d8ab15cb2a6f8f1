import config from "./jest.config.js";

/**
 * What one runs while working, `npm run test:fast`: the rooms up to the targets and the report's figures, without an engine,
 * without training, within a minute on two cores. `npm test` runs all.
 */
const rooms = [
  "architecture",
  "base",
  "cases",
  "compiler",
  "diagnostics",
  "docs",
  "format",
  "grammar",
  "graph",
  "lowering",
  "program",
  "names",
  "operators",
  "report",
  "syntax",
  "targets",
  "types",
];

/** Tests of these rooms that take seconds, most since they compile every construct, or that need an engine. */
const slow = [
  "compiler/any-name",
  "compiler/constructs",
  "docs/api",
  "docs/examples",
  "docs/library",
  "graph/passes/checkpoint",
  "graph/passes/memory-scheduling",
  "lowering/pipeline",
  "lowering/provenance",
  "lowering/step",
  "lowering/terms",
  "names/depth",
  "operators/elsewhere",
  "program/text",
  "report/drawing/pictures",
  "report/drawing/svg",
  "targets/beyond",
  "targets/onnx/shapes",
  "targets/training",
  "targets/typescript",
  "types/inference",
  "types/sizes",
];

export default {
  ...config,
  roots: rooms.map((room) => `<rootDir>/test/${room}`),
  testPathIgnorePatterns: [
    "/node_modules/",
    ...slow.map((file) => `<rootDir>/test/${file}\\.test\\.ts$`),
  ],
  testTimeout: 20_000,
};
