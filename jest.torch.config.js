import config from "./jest.config.js";

/** The tests that compare with PyTorch: `npm run test:torch`. */
export default {
  ...config,
  roots: ["<rootDir>/test/torch"],
  testPathIgnorePatterns: ["/node_modules/"],
  // The float64 evaluator makes twenty steps by plain loops.
  testTimeout: 600_000,
};
