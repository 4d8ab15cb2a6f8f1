import { TestEnvironment } from "jest-environment-node";

const shared = [
  "ArrayBuffer",
  "Float32Array",
  "Float64Array",
  "Int8Array",
  "Int16Array",
  "Int32Array",
  "Uint8Array",
  "Uint8ClampedArray",
  "Uint16Array",
  "Uint32Array",
];

/**
 * Jest runs each test file in a realm of its own, where `new Float32Array() instanceof Float32Array` is false for an
 * array made by a native addon. tfjs asks exactly that of what libtensorflow returns, so the realm gets the host's types.
 */
export default class HostArraysEnvironment extends TestEnvironment {
  async setup() {
    // Jest sets it for its workers where it runs on a terminal; programs that tests start would write in colours.
    delete process.env.FORCE_COLOR;
    await super.setup();
    for (const name of shared) this.global[name] = globalThis[name];
  }
}
