/** Image domains of channels that few files have: told where they are drawn, and nowhere else. */
import { expect, test } from "@jest/globals";
import { analyseText } from "../support/specs.js";

const codes = (domain: string, use: string): readonly string[] =>
  analyseText(`domain X = image(8)
domain W = ${domain}
net G : X -> W = conv(3, 8, pad: 1) >> relu >> conv(3, ${/features|4/.test(domain) ? 4 : 2}, pad: 1) >> ${/5/.test(domain) ? "sigmoid >> rescale(5)" : "tanh"}
net F : W -> X = conv(3, 3, pad: 1) >> tanh
solve { min[G, F] E[x ~ X] l1(F(G(x)), x)${use} }
train { optimizer: adam(1e-4) schedule: constant(2) }`).diagnostics.map(({ code }) => code);

const drawn = " + E[w ~ W] l1(G(F(w)), w)";

test.each(["image(8, channels: 2)", "image(8, 8, 4)", "image(8, channels: 2, low: 0, high: 5)"])(
  "%s is drawn from TIFF and .npy alone",
  (domain) => {
    expect(codes(domain, drawn)).toEqual(["GAN510"]);
    expect(codes(domain, " + E[(x, w) ~ pairs(X, W)] l1(G(x), w)")).toEqual(["GAN510"]);
    expect(codes(domain, "")).toEqual([]);
  },
);

test("what a host draws, and what networks make, may have any channels", () => {
  expect(codes("noise(2, height: 8)", drawn)).toEqual([]);
  expect(codes("features(8, 8, 4)", "")).toEqual([]);
});

test("colours are changed of grey and colour images, and of no others", () => {
  const augment = "augment: color_jitter(0.1)";
  const coded = (channels: number): readonly string[] =>
    analyseText(`domain X = image(8, 8, ${channels})
net G : X -> X = conv(3, ${channels}, pad: 1) >> tanh
solve { min[G] E[x ~ X] l1(G(x), x) }
train { optimizer: adam(1e-4) schedule: constant(2) ${augment} }`).diagnostics.map(
      ({ code }) => code,
    );
  expect([1, 3, 5].map(coded)).toEqual([[], [], ["GAN509", "GAN510"]]);
});

test("partners are moved alike, and their colours and sizes of pixels may differ", () => {
  const codesOf = (x: string, y: string): readonly string[] =>
    analyseText(`domain X = image(8)
domain Y = image(8)
net G : X -> Y = conv(3, 3, pad: 1) >> tanh
solve { min[G] E[(x, y) ~ pairs(X, Y)] l1(G(x), y) }
train {
  optimizer: adam(1e-4) schedule: constant(2)
  augment[X]: ${x}
  augment[Y]: ${y}
}`).diagnostics.map(({ code }) => code);
  const crop = "resize(9) >> random_crop(8)";
  for (const [x, y] of [
    [`color_jitter(0.1) >> ${crop} >> cutout(2)`, crop],
    [crop, "resize(9, nearest: true) >> random_crop(8)"],
    ["random_rotation(9) >> resize(8)", "random_rotation(9, nearest: true) >> resize(8)"],
  ] as const)
    expect([x, y, codesOf(x, y)]).toEqual([x, y, []]);
  for (const [x, y] of [
    [crop, "resize(10) >> random_crop(8)"],
    ["random_rotation(9) >> resize(8)", "random_rotation(8) >> resize(8)"],
    ["random_rotation(9) >> resize(8)", "resize(8)"],
  ] as const)
    expect([x, y, codesOf(x, y)]).toEqual([x, y, ["GAN509"]]);
});
