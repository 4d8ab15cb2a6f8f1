import { expect, test } from "@jest/globals";
import { type CardContents, cardMark, renderCard } from "../../../src/report/runs/card.js";

const whole: CardContents = {
  name: "shoes <b>*x*",
  networks: [
    { name: "G", from: "X", to: "Y", parameters: 1234 },
    { name: "D", from: "Y", to: "Scores", parameters: 50 },
  ],
  domains: [
    { name: "X", shape: [64, 64, 3], images: 20 },
    { name: "Y", shape: [64, 64, 3], images: undefined },
  ],
  source: undefined,
  translators: ["G"],
  generators: [],
  spec: "-- ``` ends no fence\nnet G : X -> Y = tanh\n",
  params: "size = 64",
  seed: 3,
  begun: "2026-01-02T03:04:05.000Z",
  steps: 5000,
  epochs: 3,
  elapsed: 7_200_000,
  machine: "a processor",
  engine: "ONNX Runtime",
  ganc: "0.1.0",
  measured: [
    {
      title: "The best checkpoint",
      step: 21,
      rows: [
        {
          network: "G",
          name: "colour_mean",
          value: 0.51234,
          low: 0.4,
          high: 0.6,
          count: 60,
          better: "lower",
        },
      ],
    },
  ],
  doubts: ["Of 20 images little can be told."],
  monitors: [
    {
      when: "epoch 2",
      monitor: "copying",
      isStop: false,
      saw: "G | copies.",
      means: "M.",
      write: "W",
    },
  ],
  exported: undefined,
  picture: { path: "samples/a.png", words: "some" },
};

test("a card says what it is for, of what it was made, how good it is, and where it fails", () => {
  const card = renderCard(whole);
  expect(card.startsWith("---\nlibrary_name: ganc\npipeline_tag: image-to-image\n")).toBe(true);
  const headings = [...card.matchAll(/^#+ (.*)$/gm)].map(([, words]) => words);
  expect(headings).toEqual([
    "shoes \\<b\\>\\*x\\*",
    "Intended use",
    "Limits",
    "Data",
    "Figures",
    "Networks",
    "Training",
  ]);
  for (const line of [
    cardMark,
    "- `G : X -> Y` translates an image of X into one of Y of 64x64x3.",
    "- X has 20 images to train on: it may memorise some of so few.",
    "- While it trained (epoch 2) a monitor saw: G \\| copies. M.",
    "| X | 64x64x3 | 20 |",
    "| Y | 64x64x3 | not recorded |",
    "| colour, means | `G` | 0.5123 | 0.4000 to 0.6000 | 60 | lower |",
    "- Of 20 images little can be told.",
    "| `G : X -> Y` | 1,234 |",
    "- 5,000 steps, 3 epochs begun, 2 h of training",
    "````gan",
  ])
    expect(card.split("\n")).toContain(line);
});

test("a card beside exported networks tells of which state they are, and whether the figures are theirs", () => {
  expect(renderCard(whole)).not.toContain("beside this card");
  const of = (exported: number) => renderCard({ ...whole, exported });
  expect(of(21)).toContain("The networks beside this card are those after 21 steps.\n");
  expect(of(25)).toContain("after 25 steps. The figures are of other states of the same run, not");
});

test("one that was never measured, and makes images of noise, says so", () => {
  const card = renderCard({
    ...whole,
    networks: [{ name: "G", from: "Z", to: "X", parameters: 9 }],
    translators: [],
    generators: ["G"],
    measured: [],
    doubts: [],
    picture: undefined,
  });
  expect(card).toContain("pipeline_tag: unconditional-image-generation");
  expect(card).toContain("`G : Z -> X` makes images of X of 64x64x3 from random draws.");
  expect(card).toContain("Nobody has measured how good it is.");
  expect(card).not.toContain("![");
});
