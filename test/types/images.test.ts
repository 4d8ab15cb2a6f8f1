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
