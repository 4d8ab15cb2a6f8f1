import { describe, expect, test } from "@jest/globals";
import { nodesOf } from "../../../src/graph/graph.js";
import { stepProgram } from "../../../src/lowering/programs.js";
import type { Model } from "../../../src/model/model.js";
import { planStep } from "../../../src/model/plan.js";
import { fold, standIns } from "../../../src/report/drawing/fold.js";
import { forwardText } from "../../../src/report/drawing/model-picture.js";
import type { Box, Picture } from "../../../src/report/drawing/picture.js";
import { placesIn } from "../../../src/report/drawing/places.js";
import { stepPicture } from "../../../src/report/drawing/step-picture.js";
import { placesOf } from "../../../src/report/drawing/step-places.js";
import { signatureText } from "../../../src/report/words.js";
import { constructs } from "../../support/constructs.js";
import { modelOf } from "../../support/specs.js";
import { gameOf, networkOf, phasesOf, type Sample, sample, samples, stepOf } from "./pictures.js";

const names = Object.keys(samples);

const titles = ({ boxes }: Picture, kind: Box["kind"]): readonly string[] =>
  boxes.filter((box) => box.kind === kind).map((box) => box.title);

/** `from -> to` by titles, of arrows of a kind. */
const arrows = ({ boxes, arrows: all }: Picture, kind: string): readonly string[] => {
  const title = (id: string): string => boxes.find((box) => box.id === id)?.title ?? "";
  return all
    .filter((arrow) => arrow.kind === kind)
    .map(({ from, to }) => `${title(from)} -> ${title(to)}`);
};

/** What the plan of a step says that networks are applied to. */
const planned = (model: Model): ReadonlySet<string> =>
  new Set(
    planStep(model)
      .players.filter(({ player }) => model.players.includes(player))
      .flatMap(({ computed, taken }) =>
        [...computed, ...taken].filter(({ kind }) => kind === "apply").map(forwardText),
      ),
  );

describe("the game", () => {
  test.each(names)("%s: every domain, network, player and term has its box", (name) => {
    const of = sample(name);
    const picture = gameOf(of);
    const { networks, players, domains } = of.model;
    expect(titles(picture, "network")).toEqual(networks.map(signatureText));
    expect(titles(picture, "player")).toEqual(
      players.map((p) => `${p.sense}[${p.networks.join(", ")}]`),
    );
    expect(titles(picture, "data").map((title) => title.split(" ~ ")[1])).toEqual(
      domains.map((d) => d.name),
    );
    const terms = new Set(players.flatMap((p) => p.summands.map((s) => s.text)));
    expect(new Set(titles(picture, "loss"))).toEqual(terms);
    expect([...planned(of.model)].filter((v) => !titles(picture, "forward").includes(v))).toEqual(
      [],
    );
  });

  test("CycleGAN: G(x) is made once for all that read it", () => {
    const picture = gameOf(sample("cyclegan"));
    expect(arrows(picture, "value").filter((arrow) => arrow.startsWith("G(x) ->"))).toEqual([
      "G(x) -> D_Y(G(x))",
      "G(x) -> F(G(x))",
    ]);
    expect(arrows(picture, "gradient").toSorted()).toEqual([
      "gan(F, D_X) -> max[D_X, D_Y]",
      "gan(F, D_X) -> min[G, F]",
      "gan(G, D_Y) -> max[D_X, D_Y]",
      "gan(G, D_Y) -> min[G, F]",
      "lambda * cycle(G, F) -> min[G, F]",
    ]);
    expect(arrows(picture, "constant")).toEqual(["lambda * cycle(G, F) -> max[D_X, D_Y]"]);
    expect(arrows(picture, "trains")).toHaveLength(4);
  });

  test("what a history holds passes no gradient", () => {
    const picture = gameOf(sample("cyclegan-lsgan"));
    expect(titles(picture, "history")).toEqual(["past G(x)", "past F(y)"]);
    expect(arrows(picture, "constant")).toEqual(["G(x) -> past G(x)", "F(y) -> past F(y)"]);
  });

  test("a pointer on a network is shown its line of the spec", () => {
    const box = gameOf(sample("cyclegan")).boxes.find(({ title }) => title === "G : X -> Y");
    expect(box?.tip).toMatch(/^specs\/cyclegan\.gan:\d+: net G +: X -> Y += resnet$/);
  });
});

describe("a network", () => {
  const structure = (name: string, network: string) => {
    const picture = networkOf(sample(name), network);
    return { picture, groups: titles(picture, "group") };
  };

  test("nine R's are one box that says so", () => {
    const { picture, groups } = structure("cyclegan", "G");
    expect(groups).toEqual(["c7s1", "d", "d_2", "R x 9", "u", "u_2"]);
    const run = picture.boxes.find(({ title }) => title === "R x 9") as Box;
    expect(picture.boxes.filter(({ group }) => group === run.id)).toHaveLength(8);
    // 9 of two convolutions of 3 x 3 x 256 x 256 and their biases
    expect(run.notes).toEqual([
      `${(9 * 2 * (9 * 256 * 256 + 256)).toLocaleString("en-US")} parameters`,
    ]);
    expect(arrows(picture, "value")).toContain("relu -> add");
    expect(picture.boxes.length).toBeLessThan(50);
  });

  test("runs in runs, and repetition without a name", () => {
    expect(structure("residuals", "G").groups).toEqual(["R x 3", "S", "R x 2"]);
    const { groups } = structure("functions-of-blocks", "G");
    // `twice(step(3))`, `(f >> g) * times`, `twice(twice(tanh))`
    for (const group of ["step x 2", "x 2", "twice x 2"]) expect(groups).toContain(group);
  });

  test.each(names)(
    "%s: folded, no layer is lost, and each stands in for what computes the same",
    (name) => {
      for (const network of sample(name).model.networks) {
        const items = fold(network);
        expect(items.flatMap((item) => item.layers)).toEqual(network.layers);
        for (const [id, first] of standIns(items)) {
          const [a, b] = [network.layers[id - 1], network.layers[first - 1]];
          expect(a?.kind).toBe(b?.kind);
          expect(a?.shape).toEqual(b?.shape);
          expect(a?.options).toEqual(b?.options);
        }
      }
    },
  );

  test("a part of a run that is read from behind the run keeps its place", () => {
    const generator = `x => let a = relu(x) in let b = relu(a) in let c = relu(b) in let d = relu(c) in
  conv(1, 3)(concat(b, d))`;
    const model = modelOf(
      (constructs["lambda-in-a-pipeline"] ?? "").replace(
        "conv(3, 4, pad: 1) >> (h => h + relu(h) * tanh(h) - h) >> conv(1, 3)",
        generator,
      ),
    );
    const of = { model, textOf: () => "" };
    const picture = networkOf(of, "G");
    expect(arrows(picture, "value").filter((arrow) => arrow.endsWith("-> concat"))).toHaveLength(2);
    expect(titles(picture, "group")).toEqual(["x 2", "x 2"]);
  });
});

/**
 * Pictures of a step are read off its graph, in which nothing says whose node one is but the layers' labels. What they cannot
 * tell (docs/graph.md says so): networks inside of networks or of several inputs, second draws, formulas over drawn values
 * as inputs, masks, buffers, and derivatives inside of losses.
 */
const approximate: ReadonlySet<string> = new Set([
  "dense",
  "dropout",
  "functions",
  "gradient-penalty",
  "gradients-of-every-function",
  "gradients-of-functions",
  "gradients-through-layers",
  "gradients-through-spectral-norm",
  "pairs",
  "several-draws",
  "several-inputs",
  "spectral-norm",
]);

const apart = names.filter(
  (name) =>
    !approximate.has(name) &&
    sample(name).model.networks.every(({ layers }) => layers.every(({ owner }) => !owner)),
);

describe("the step", () => {
  const applications = (picture: Picture): readonly string[] =>
    titles(picture, "forward").flatMap((title) =>
      // Equal names are told apart by a number.
      title.split(/, (?=\w+\()/).map((name) => name.replace(/_\d+$/, "")),
    );

  test.each(names)("%s: every node has a place", (name) => {
    for (const { graph, model } of phasesOf(sample(name))) {
      const { places } = placesOf(model, graph);
      expect(nodesOf(graph).filter((node) => !places.has(node))).toEqual([]);
    }
  });

  test.each(apart)("%s: the applications are those of the plan", (name) => {
    for (const { graph, model, textOf } of phasesOf(sample(name))) {
      const picture = stepPicture(model, graph, placesIn(textOf));
      expect(new Set(applications(picture))).toEqual(planned(model));
    }
  });

  test.each(apart)(
    "%s: gradients reach a network's weights from its own applications alone",
    (name) => {
      const of = sample(name);
      const wrong = arrows(stepOf(of), "gradient").filter((arrow) => {
        const [, from, to] = /^(.*) -> (\w+): weights and update$/.exec(arrow) ?? [];
        return from !== undefined && !from.startsWith(`d ${to}(`);
      });
      expect(wrong).toEqual([]);
    },
  );

  /** Boxes that values of the kinds flow to, and on from there. */
  const isAcyclic = (picture: Picture): boolean => {
    const left = new Set(picture.boxes.map(({ id }) => id));
    for (;;) {
      const free = [...left].filter(
        (id) => !picture.arrows.some((a) => a.to === id && left.has(a.from)),
      );
      if (free.length === 0) return left.size === 0;
      for (const id of free) left.delete(id);
    }
  };

  const full: readonly Sample[] = [sample("cyclegan"), sample("cyclegan-lsgan")];

  test("at CycleGAN's size, thousands of nodes are some tens of boxes, in one direction", () => {
    for (const of of full) {
      const picture = stepOf(of);
      expect(nodesOf(stepProgram(of.model, { without: ["order"] })).length).toBeGreaterThan(4000);
      expect(picture.boxes.length).toBeLessThan(60);
      expect(picture.boxes.flatMap(({ rows = [] }) => rows).length).toBeLessThan(150);
      expect(isAcyclic(picture)).toBe(true);
    }
  });

  test("each network has its update, each player its objective, each reported value its loss", () => {
    for (const of of full) {
      const picture = stepOf(of);
      expect(titles(picture, "update")).toEqual(
        of.model.networks.map((n) => `${n.name}: weights and update`),
      );
      const reported = planStep(of.model).players.flatMap(({ total, reported: all, player }) => [
        ...(total === undefined ? [] : [total]),
        ...all.map(({ label }) => label),
        `d of ${player.sense}[${player.networks.join(", ")}]`,
      ]);
      expect(titles(picture, "loss").toSorted()).toEqual(reported.toSorted());
    }
  });

  test("the nine blocks are a row, forward and backward", () => {
    const rows = stepOf(sample("cyclegan"))
      .boxes.filter(({ title }) => /^(d )?F\(y\)/.test(title))
      .map(({ rows: all = [] }) => all.map(({ cells }) => cells[0]));
    const stretches = ["c7s1", "d x 2", "R x 9", "u x 2", "reflect_pad, conv, tanh"];
    expect(rows).toEqual([stretches, stretches.toReversed()]);
  });
});
