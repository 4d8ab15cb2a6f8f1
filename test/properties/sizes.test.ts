/**
 * Random networks over images of `size` pixels: accepted where they fit at every size that a random
 * `where` admits, by a reckoning of its own. What is refused names an admitted size at which the
 * network does not fit: there TensorFlow fails in the program that is compiled, with that size in
 * it. A fix leaves no such size.
 */
import { rmSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import * as tf from "@tensorflow/tfjs";
import { normals } from "../../src/base/random.js";
import { applyEdits, type Diagnostic, type Fix } from "../../src/diagnostics/diagnostic.js";
import { initialise } from "../../src/runtime/index.js";
import { type Dice, dice as diceOf } from "../fuzz/dice.js";
import { emptyFolder, load } from "../support/generated.js";
import { analyseText, compileText } from "../support/specs.js";
import { useBackend } from "../support/tensorflow.js";
import { type Condition, randomCondition } from "./random-conditions.js";
import { architecture, type Random, type Shape } from "./random-networks.js";
import { holds, limit, seed, trials } from "./trial.js";

const folder = emptyFolder("sizes");
beforeAll(() => useBackend("tensorflow"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const largest = 160;

interface Sized {
  readonly index: number;
  readonly text: string;
  readonly given: number;
  readonly condition: Condition;
  /** Whether it gives an image as it is given. */
  readonly image: boolean;
  /** Of what the network gives for images of that size; nothing where it does not fit. */
  readonly shape: (size: number) => Shape | undefined;
}

/** Shapes by size are asked for again and again. */
const remembered = (of: Sized["shape"]): Sized["shape"] => {
  const known = new Map<number, Shape | undefined>();
  return (size) => {
    if (!known.has(size)) known.set(size, of(size));
    return known.get(size);
  };
};

const equal = (a: Shape | undefined, b: Shape): boolean => a?.join() === b.join();

const specOf = (
  given: number,
  { text: where }: Condition,
  channels: number,
  { text }: Random,
  image: boolean,
): string => `param size : Int = ${given} where ${where}
domain X = image(size, size, ${channels})
net N : X -> ${image ? "X" : "Scores"} = ${text}${image ? ` >> conv(1, ${channels}) >> tanh` : ""}
solve { min[N] E[x ~ X] l2(N(x), ${image ? "x" : "0.3"}) }
train { optimizer: adam(1e-3) schedule: constant(1) batch: 2 }`;

/** What would put a sigmoid on a probability, which is an error of its own. */
const improbable: ReadonlySet<string> = new Set(["sigmoid"]);
/** Layers after which nothing depends on the size any more, too. */
const ends = new Set([
  ...improbable,
  "dense",
  "embedding",
  "flatten",
  "global_avg_pool",
  "reshape",
]);

/** Halved or thirded within, and brought back: what does not divide comes back smaller. */
const hourglass = (factor: number, { text, shape }: Random): Random => ({
  text: `avg_pool(${factor}) >> ${text} >> upsample(${factor})`,
  shape: ([h, w, c]) => {
    const [low, wide] = [Math.floor(h / factor), Math.floor(w / factor)];
    const made = low === 0 || wide === 0 ? undefined : shape([low, wide, c]);
    return made && [made[0] * factor, made[1] * factor, made[2]];
  },
});

const network = (dice: Dice): Random => {
  const inner = architecture(
    dice.below,
    1 + dice.below(5),
    dice.below(4) === 0 ? improbable : ends,
  );
  return dice.below(2) === 0 ? inner : hourglass(2 + dice.below(2), inner);
};

/** Nothing where no size near the usual ones is both admitted and right. */
const caseOf = (index: number): Sized | undefined => {
  const dice = diceOf(seed, index);
  const random = network(dice);
  const condition = randomCondition(dice, 2);
  const channels = dice.of([1, 3]);
  const image = dice.below(2) === 0;
  const shape = remembered((size) => {
    const made = random.shape([size, size, channels]);
    if (made === undefined || !image) return made;
    const back = [size, size, channels] as const;
    return equal([made[0], made[1], channels], back) ? back : undefined;
  });
  const fitting = Array.from({ length: 28 }, (_, i) => i + 3).filter(
    (size) => condition.holds(size) && shape(size) !== undefined,
  );
  if (fitting.length === 0) return undefined;
  const given = dice.of(fitting);
  const text = specOf(given, condition, channels, random, image);
  return { index, text, given, condition, image, shape };
};

const cases = trials(600).flatMap((index) => {
  const made = caseOf(index);
  return made === undefined ? [] : [made];
});

const sizes = Array.from({ length: largest }, (_, i) => i + 1);

/** What values a network may have is not asked here, nor whether it learns. */
const shapeErrors = (text: string) =>
  analyseText(text).diagnostics.filter(({ code }) =>
    ["GAN302", "GAN303", "GAN306", "GAN315"].includes(code),
  );

const witnessOf = (message: string): number => Number(/^at size = (\d+), /.exec(message)?.[1]);

/** What the `where` of a text admits, by the rules of another language. */
const admittedBy = (text: string): ((size: number) => boolean) => {
  const where = /where (.*)$/m.exec(text)?.[1] ?? "";
  const js = where
    .replace(/\band\b/g, "&&")
    .replace(/\bor\b/g, "||")
    .replace(/\bnot\b/g, "!");
  return new Function("size", `return ${js}`) as (size: number) => boolean;
};

/** What is wrong with a refusal. */
const ofRefusal = ({ condition, shape }: Sized, { code, message }: Diagnostic): string[] => {
  const witness = witnessOf(message);
  if (code !== "GAN315") return [message];
  if (!condition.holds(witness)) return [`${witness} is not admitted`];
  return shape(witness) === undefined ? [] : [`fits at ${witness}`];
};

/** What is wrong with a fix. */
const ofFix = ({ text, given, shape }: Sized, { edits }: Fix): string[] => {
  const fixed = applyEdits("test.gan", text, edits);
  const admits = admittedBy(fixed);
  const left = sizes.filter((size) => admits(size) && shape(size) === undefined);
  return [
    ...(left.length > 0 ? [`mended, it does not fit at ${left.slice(0, 9)}`] : []),
    ...(admits(given) ? [] : ["mended, its own size is not admitted"]),
    ...(shapeErrors(fixed).length > 0 ? ["mended, it is refused still"] : []),
  ];
};

test(
  `networks of seed ${seed} are accepted where they fit at every size, and nowhere else`,
  () => {
    let [accepted, refused, mended] = [0, 0, 0];
    for (const one of cases) {
      const { index, text, condition, shape } = one;
      const [found, ...others] = shapeErrors(text);
      if (found === undefined) accepted++;
      else refused++;
      if (found?.suggestion !== undefined) mended++;
      const misfits = sizes.filter((size) => condition.holds(size) && shape(size) === undefined);
      holds(index, text, [
        ...(others.length > 0 ? ["more than one mistake is said"] : []),
        ...(found !== undefined ? ofRefusal(one, found) : misfits.map((v) => `no fit at ${v}`)),
        ...(found?.suggestion === undefined ? [] : ofFix(one, found.suggestion)),
      ]);
    }
    if (process.env.GANC_ONLY !== undefined) return;
    // A generator that makes one kind only would test nothing.
    expect(Math.min(accepted, refused, mended)).toBeGreaterThan(cases.length / 10);
  },
  limit,
);

/**
 * What becomes of two images of that size in the network of the program, and the shape that it is
 * to be of, if any.
 */
const outputs = async (
  { index, text, given, image }: Sized,
  written: string,
  size: number,
): Promise<readonly tf.Tensor[]> => {
  const declared = `export const size = ${given};`;
  if (!written.includes(declared)) throw new Error(`test.gan ${index} has no size:\n${text}`);
  const resized = written.replace(declared, `export const size = ${size};`);
  const { networks } = await load(folder, `at${size}-${index}`, resized);
  const network = networks().N as tf.LayersModel;
  initialise(network, (of, count) => normals(2, of, count).map((v) => 0.3 * v));
  const channels = network.inputs[0]?.shape[3] ?? 1;
  const shape: tf.Shape = [1, size, size, channels];
  return ["a", "b"].map((key) => {
    const input = tf.tensor(normals(1, key, size * size * channels), shape as number[]);
    const made = network.predict(input) as tf.Tensor;
    if (image) tf.util.assertShapesMatch(made.shape, shape as number[], "no image: ");
    return made;
  });
};

/** How the program fails: it throws, gives nothing, or gives the same for whatever it is shown. */
const failure = async (...args: Parameters<typeof outputs>): Promise<string | undefined> => {
  try {
    const [mine = [], others = []] = (await outputs(...args)).map((v) => [...v.dataSync()]);
    if (mine.length === 0 || mine.some(Number.isNaN)) return "it gives no numbers";
    return mine.every((v, i) => v === others[i]) ? "it gives the same for all" : undefined;
  } catch (error) {
    return String(error);
  }
};

/**
 * What TensorFlow computes nevertheless: norms of one number, which are 0, an embedding of every
 * pixel, and one pixel added to many.
 */
const silent = /always turn into 0|embedding|1 x 1 x \d+/;

test(
  "at the size that is named the compiled program fails in TensorFlow, and at its own it does not",
  async () => {
    const wanted = Math.ceil(trials(60, 0.1).length);
    const isRefused = ({ text }: Sized): boolean =>
      shapeErrors(text).some(({ message }) => !silent.test(message));
    const refused = cases.filter(isRefused).slice(0, wanted);
    for (const one of refused) {
      const witness = witnessOf(shapeErrors(one.text)[0]?.message ?? "");
      // What is refused is not compiled: here nothing but its own size is admitted.
      const known = one.text.replace(/ where .*/, ` where size == ${one.given}`);
      const written = await compileText(known);
      const own = await failure(one, written, one.given);
      const other = await failure(one, written, witness);
      holds(one.index, one.text, [
        // Of few channels softmax and norms may leave nothing, at any size.
        ...(own === undefined || own.startsWith("it gives") ? [] : [`at its own size: ${own}`]),
        ...(other === undefined ? [`at ${witness} it computes`] : []),
      ]);
    }
    expect(refused.length).toBeGreaterThan(0);
  },
  limit,
);
