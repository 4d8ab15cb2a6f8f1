/** GAN4xx: options, arguments, params and numbers. */
import { error, warning } from "./entry.js";

export const calls = {
  GAN401: error({
    title: "an unknown option",
    means: "What is called here has no option of that name, or `train` no such field.",
    costs: "An option that is silently ignored looks as if it did not help.",
    mend: "The message lists the options. Names are those of the papers: `filters`, `stride`, `pad`.",
    example: {
      wrong: "let down(k) = conv(3, k, strides: 2)",
      mended: "let down(k) = conv(3, k, stride: 2)",
    },
  }),
  GAN402: error({
    title: "an option of the wrong type",
    means:
      "Sizes and counts are `Int`, rates and weights `Real`. An Int may stand for a Real, but never the reverse: 2.5 filters do not exist.",
    mend: "Write a number of the type that is asked for. `/` gives a Real, and `//` divides and rounds down to an Int.",
    example: {
      wrong: "let down = conv(3, 16 / 2, stride: 2)",
      mended: "let down = conv(3, 16 // 2, stride: 2)",
    },
  }),
  GAN403: error({
    title: "a value out of range",
    means: "The number is one that the option or size cannot have. The message says the bounds.",
    mend: "Choose another value within the bounds.",
    example: {
      wrong: "train { optimizer: adam(2e-4) schedule: constant(9) batch: 0 }",
      mended: "train { optimizer: adam(2e-4) schedule: constant(9) batch: 1 }",
    },
  }),
  GAN404: error({
    title: "a missing argument",
    means: "What is called here needs one more argument, which has no default.",
    mend: "Add it; the message shows how the call is written.",
    example: {
      wrong: "let block = conv(3, pad: 1)",
      mended: "let block = conv(3, 8, pad: 1)",
    },
  }),
  GAN405: error({
    title: "too many arguments",
    means:
      "There are more arguments than the function takes, one of them is given twice, or one without a name stands behind one with a name.",
    mend: "Remove the superfluous one; write those without names first.",
    example: {
      wrong: "let block = conv(3, 8, filters: 16)",
      mended: "let block = conv(3, filters: 16)",
    },
  }),
  GAN406: error({
    title: "a param that its `where` refuses",
    means:
      "A param says by `where` which values make sense, and this value is none of them, be it written in the spec or given by `--set`.",
    costs:
      "A size that the strides do not divide would fail much later, or train at another size than you asked for.",
    mend: "Take one of the nearest values, which the message names, or change the `where` if it is too strict.",
    example: {
      wrong: "param size : Int = 9 where size % 4 == 0",
      mended: "param size : Int = 8 where size % 4 == 0",
    },
  }),
  GAN407: error({
    title: "a setting that no param takes",
    means:
      "`--set name=value` gives a `param` of the spec another value, and there is none of this name.",
    costs: "The run would train for hours with the value that you meant to change.",
    mend: "Correct the name, or declare a `param` of it.",
    example: {
      wrong: "-- --set widht=16\nparam width : Int = 8",
      mended: "-- --set width=16\nparam width : Int = 8",
    },
  }),
  GAN408: error({
    title: "arithmetic without a result",
    means: "The calculation divides by zero, or its result is no finite number.",
    mend: "Change one of the numbers.",
    example: {
      wrong: "param steps : Int = 0\nlet share = 1 / steps",
      mended: "param steps : Int = 4\nlet share = 1 / steps",
    },
  }),
  GAN409: error({
    title: "a network larger than the compiler's budget",
    means:
      "The network has more layers, or the text more nested brackets or names that stand on each other, than any that people train. Mostly a number is too large.",
    mend: "Look at the number of repetitions. Expressions that are nested deeply are easier to read with names, by `let`.",
    example: {
      wrong: "net D : Y -> Scores = (conv(3, 8, pad: 1) >> relu) * 9_000_000 >> conv(3, 1)",
      mended: "net D : Y -> Scores = (conv(3, 8, pad: 1) >> relu) * 9 >> conv(3, 1)",
    },
  }),
  GAN411: warning({
    title: "a value that nobody trains with",
    means:
      "The number is allowed, and far from all that people train with. The message says what is mostly written, and what comes of this.",
    costs:
      "Training runs and teaches little or nothing: the losses swing, explode, or stay where they are.",
    mend: "Write the usual value, or one near to it. Mostly a digit is missing, or two values have changed places.",
    example: {
      wrong: "train { optimizer: adam(2) schedule: constant(9) }",
      mended: "train { optimizer: adam(2e-4) schedule: constant(9) }",
    },
  }),
} as const;
