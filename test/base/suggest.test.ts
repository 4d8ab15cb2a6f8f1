/** Which misspellings are mended without asking: those of which nothing else can be meant. */
import { expect, test } from "@jest/globals";
import { nearest } from "../../src/base/suggest.js";
import { builtinNames } from "../../src/operators/index.js";

/** Names, and the one that each is surely meant for. */
const slips: Readonly<Record<string, string>> = {
  leakyrelu: "leaky_relu",
  LeakyReLU: "leaky_relu",
  leaky_rleu: "leaky_relu",
  rmsprob: "rmsprop",
  batchnorm: "batch_norm",
  BatchNorm: "batch_norm",
  instance_nrom: "instance_norm",
  tahn: "tanh",
  tanhh: "tanh",
  sigmod: "sigmoid",
  softmaxx: "softmax",
  // `cov` may be `cos` as well.
  covn: "conv",
  identiy: "identity",
  linear_to_zeroo: "linear_to_zero",
  reflectpad: "reflect_pad",
  reflct_pad: "reflect_pad",
};

test.each(Object.entries(slips))("%s is surely %s", (written, name) => {
  expect(nearest(written, builtinNames)).toEqual({ name, isSure: true });
});

/** Words of their own, whatever they are near to; `rrelu` and `tan` are in a table. */
const others =
  "linear_from_zero nadam radam adamax sgdm prelu selu celu crelu relu6 logsigmoid min_pool l3 l0 Conv2d Dropout2d map_pool random_drop dadam xadam adamq conv1 image_size zero_pads";

test.each(others.split(" "))("%s is surely nothing", (written) => {
  expect(nearest(written, builtinNames)?.isSure ?? false).toBe(false);
});

test("names that differ in a letter or a digit are different things", () => {
  const pairs =
    "D_X D_Y, G_AB G_BA, encA encB, block1 block2, ngf ndf, DepthA DepthB, horse1 horses";
  for (const pair of pairs.split(", ")) {
    const [written = "", name = ""] = pair.split(" ");
    expect([pair, nearest(written, [name])?.isSure ?? false]).toEqual([pair, false]);
  }
});

test("of two that are as near nobody knows which is meant", () => {
  expect(nearest("encodr", ["encoder", "encode"])?.isSure).toBe(false);
  expect(nearest("encodr", ["encoder", "decoder"])).toEqual({ name: "encoder", isSure: true });
  expect(nearest("gxy", ["g_xy", "G_XY"])?.isSure).toBe(false);
});

test("options mean the same whatever ending another library gives them", () => {
  const options = ["kernel", "filters", "stride", "pad", "beta1", "epsilon", "schedule"];
  const sure = (name: string) => {
    const meant = nearest(name, options, "option");
    return meant?.isSure === true ? meant.name : undefined;
  };
  expect(["kernel_size", "padding", "strides", "strid", "beta_1", "scheduler"].map(sure)).toEqual([
    "kernel",
    "pad",
    "stride",
    "stride",
    "beta1",
    "schedule",
  ]);
  expect(["beta", "beta2", "betas", "eps", "filler"].map(sure)).toEqual(Array(5).fill(undefined));
});
