/**
 * A run of a few steps as a user makes one, with names and comments that would break a page which
 * did not escape them.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encodePng } from "../../src/data/images/image.js";
import { noise } from "../data/pictures.js";
import { ganc } from "./ganc.js";

export const hostile = `</script><img src=x onerror="document.title='broken in'">`;

const spec = `-- ${hostile}
param size : Int = 24 where size >= 8

domain X = image(size, size, 3)
domain Y = image(size, size, 3)

net G   : X -> Y      = conv(3, 3, pad: 1) >> tanh
net F   : Y -> X      = conv(3, 3, pad: 1) >> tanh
net D_Y : Y -> Scores = conv(4, 1, stride: 2)

loss cycle(G : a -> b, F : b -> a) =
  E[x ~ a] l1(F(G(x)), x) + E[y ~ b] l1(G(F(y)), y)

solve {
  min[G, F] E[x ~ X] l2(D_Y(G(x)), 1) + 10 * cycle(G, F)
  min[D_Y]  E[y ~ Y] l2(D_Y(y), 1) + E[x ~ X] l2(D_Y(G(x)), 0)
}

train {
  optimizer: adam(2e-4)
  schedule:  constant(4)
}
`;

/** Trains `steps` steps in `folder`, with a grid at every second, and gives the run's folder. */
export const smallRun = async (
  folder: string,
  steps: number,
  args: readonly string[] = [],
): Promise<string> => {
  for (const [k, name] of ["trainA", "trainB", "testA", "testB"].entries()) {
    mkdirSync(join(folder, "images", name), { recursive: true });
    for (let i = 0; i < 6; i++)
      writeFileSync(
        join(folder, "images", name, `${i}.png`),
        await encodePng(noise(24, 24, 10 * k + i)),
      );
  }
  writeFileSync(join(folder, "small.gan"), spec);
  const out = join(folder, "run <b>&amp;");
  const options = ["--steps", String(steps), "--sample-every", "2 steps", "--out", out];
  const { status, stderr } = ganc(["run", "small.gan", "--data", "images", ...options, ...args], {
    cwd: folder,
  });
  if (status !== 0) throw new Error(stderr);
  return out;
};
