// Before the workers start: libtensorflow reads the environment of the process, not that of a test's realm.
process.env.TF_CPP_MIN_LOG_LEVEL ??= "3";

/** Jest runs the TypeScript sources as ES modules, stripped of types by SWC; type errors are `npm run typecheck`'s. */
export default {
  testEnvironment: "./test/support/environment.js",
  roots: ["<rootDir>/test"],
  testMatch: ["**/*.test.ts"],
  // They need PyTorch: `npm run test:torch`.
  testPathIgnorePatterns: ["/node_modules/", "<rootDir>/test/torch/"],
  extensionsToTreatAsEsm: [".ts"],
  transform: {
    "^.+\\.ts$": [
      "@swc/jest",
      {
        jsc: { target: "es2022", parser: { syntax: "typescript" } },
        module: { type: "es6" },
        sourceMaps: "inline",
      },
    ],
  },
  moduleNameMapper: {
    "^(\\.{1,2}/.*)\\.js$": "$1",
    "^ganc/runtime$": "<rootDir>/src/runtime/index.ts",
  },
  testTimeout: 120_000,
  maxWorkers: 2,
};
