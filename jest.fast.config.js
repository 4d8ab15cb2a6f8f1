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

/**
 * Tests of these rooms that take seconds, most since they compile every construct or every spec, or
 * that need an engine.
 */
const slow = [
  "compiler/any-name",
  "compiler/constructs",
  "compiler/flagships",
  "docs/api",
  "docs/examples",
  "docs/library",
  "docs/std",
  "format/format",
  "graph/derivatives",
  "graph/passes/checkpoint",
  "graph/passes/memory-scheduling",
  "graph/passes/winograd",
  "graph/schedule",
  "lowering/pipeline",
  "lowering/provenance",
  "lowering/step",
  "lowering/terms",
  "names/depth",
  "operators/elsewhere",
  "operators/layers",
  "operators/range",
  "program/frame",
  "program/text",
  "report/drawing/pictures",
  "report/drawing/svg",
  "report/measures/likeness",
  "report/measures/measures",
  "report/page/thinning",
  "report/specs/difference",
  "syntax/fuzz",
  "targets/beyond",
  "targets/onnx/shapes",
  "targets/training",
  "targets/typescript",
  "types/aims",
  "types/endless",
  "types/inference",
  "types/linear-pairs",
  "types/lints/lints",
  "types/opponents",
  "types/sizes",
  "types/unused",
  "types/weights",
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
