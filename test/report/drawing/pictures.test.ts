import { describe, expect, test } from "@jest/globals";
import { nodesOf } from "../../../src/graph/graph.js";
import { stepProgram } from "../../../src/lowering/programs.js";
import { type Forward, networksIn } from "../../../src/program/forward.js";
import type { Model } from "../../../src/program/model.js";
import { writtenDomain } from "../../../src/program/nameless.js";
import { innerOf } from "../../../src/program/network.js";
import { planStep } from "../../../src/program/plan.js";
import { forwardText } from "../../../src/program/text.js";
import { fold, standIns } from "../../../src/report/drawing/fold.js";
import type { Box, Picture } from "../../../src/report/drawing/picture.js";
import { placesIn } from "../../../src/report/drawing/places.js";
import { stepPicture } from "../../../src/report/drawing/step-picture.js";
import { placesOf } from "../../../src/report/drawing/step-places.js";
import { signatureText } from "../../../src/report/text/words.js";
import { constructs } from "../../support/constructs.js";
import { modelOf, modelOfSpec } from "../../support/specs.js";
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
const planned = (model: Model): readonly Forward[] =>
  planStep(model)
    .players.filter(({ player }) => model.players.includes(player))
    .flatMap(({ computed, taken }) => [...computed, ...taken])
    .filter(({ kind }) => kind === "apply");

/** Networks inside of others, which are applied where no loss says so. */
const inner = ({ networks }: Model): ReadonlySet<string> =>
  new Set(networks.flatMap(({ layers }) => layers.flatMap(({ owner }) => owner?.network ?? [])));

/** Networks that are nothing but others: nothing is left to be their application. */
const hollow = ({ networks }: Model): ReadonlySet<string> =>
  new Set(
    networks
      .filter(({ layers }) => layers.every(({ owner }) => owner !== undefined))
      .map(({ name }) => name),
  );

/** `D` of `D(x, G(x))`, `Body` of `Body in D(x)`. */
const networkOfTitle = (title: string): string => /^\w+?(?=(_\d+)? in |\()/.exec(title)?.[0] ?? "";

/** `G(x, z)` and `G(y, z)` of `G(x, z), G(y, z)`. */
const singles = (title: string): readonly string[] => {
  let depth = 0;
  const found = [""];
  for (const [i, letter] of [...title].entries()) {
    depth += letter === "(" ? 1 : letter === ")" ? -1 : 0;
    if (depth === 0 && title.startsWith(", ", i)) found.push("");
    else if (depth > 0 || letter !== " " || title[i - 1] !== ",")
      found.push(`${found.pop()}${letter}`);
  }
  return found;
};

describe("the game", () => {
  test.each(names)("%s: every domain, network, player and term has its box", (name) => {
    const of = sample(name);
    const picture = gameOf(of);
    const { networks, players, domains } = of.model;
    expect(titles(picture, "network")).toEqual(networks.map(signatureText));
    expect(titles(picture, "player")).toEqual(
      players.map((p) => `${p.sense}[${p.networks.join(", ")}]`),
    );
    expect(titles(picture, "data").map((title) => title.split(" ~ ").at(-1))).toEqual(
      domains.map((d) => writtenDomain(d.name)),
    );
    const terms = new Set(players.flatMap((p) => p.summands.map((s) => s.text)));
    expect(new Set(titles(picture, "loss"))).toEqual(terms);
    const missing = planned(of.model)
      .map(forwardText)
      .filter((text) => !titles(picture, "forward").includes(text));
    expect(missing).toEqual([]);
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

/** Applications to formulas, which no plan has among its values. */
const formulas: Readonly<Record<string, readonly string[]>> = {
  "several-inputs": [
    "J(concat(x, G(x, z), z))",
    "J(concat(x, y, z))",
    "K(G(x, z) - x)",
    "K((0.5 * y) + (0.5 * x))",
  ],
  functions: ["D(mix(y, G(x), t))"],
  "dropout-in-networks-inside": ["D((0.5 * G(x)) + (0.5 * x))"],
  "gradient-penalty": ["D(mix(y, G(x), t))"],
  "gradients-of-every-function": ["D(y)"],
  "masks-and-mirrors": ["D(flip(y))", "G(flip(x))"],
  "gradients-through-layers": ["A(mix(x, x', t))", "B(mix(x, x', t))", "C(mix(x, x', t))"],
};

describe("the step", () => {
  test.each(names)("%s: every node has a place", (name) => {
    for (const { graph, model } of phasesOf(sample(name))) {
      const { places } = placesOf(model, graph);
      expect(nodesOf(graph).filter((node) => !places.has(node))).toEqual([]);
    }
  });

  test.each(names)("%s: the applications are those of the plan", (name) => {
    for (const { graph, model, textOf } of phasesOf(sample(name))) {
      const picture = stepPicture(model, graph, placesIn(textOf));
      const wanted = planned(model)
        .filter(({ network = "" }) => !hollow(model).has(network))
        .map(forwardText);
      const found = new Set(titles(picture, "forward").flatMap(singles));
      expect(wanted.filter((text) => !found.has(text))).toEqual([]);
      // Besides, there are those of networks inside, and of formulas.
      const others = [...found].filter((title) => !wanted.includes(title));
      const isInner = (title: string) => inner(model).has(networkOfTitle(title));
      expect(others.filter((title) => !isInner(title)).toSorted()).toEqual(
        formulas[name]?.toSorted() ?? [],
      );
    }
  });

  test.each(names)("%s: each application reads what the plan applies it to", (name) => {
    for (const { graph, model, textOf } of phasesOf(sample(name))) {
      const picture = stepPicture(model, graph, placesIn(textOf));
      const values = arrows(picture, "value");
      for (const forward of planned(model)) {
        if (networksIn(forward, innerOf(model.networks)).size > 1 && inner(model).size > 0)
          continue;
        const text = forwardText(forward);
        const read = values
          .filter((arrow) => arrow.endsWith(` -> ${text}`))
          .map((arrow) => arrow.split(/ ~ | -> /)[0] ?? "")
          // What several applications of a network begin with is the first one's.
          .filter((source) => networkOfTitle(source) !== forward.network);
        const given = forward.inputs.map((input) =>
          forwardText(
            input.kind === "replay" && input.size === 0 ? (input.inputs[0] ?? input) : input,
          ),
        );
        const isGiven = (source: string) => singles(source).some((one) => given.includes(one));
        expect(read.filter((source) => !isGiven(source))).toEqual([]);
      }
    }
  });

  test.each(names)(
    "%s: gradients reach a network's weights from its own applications alone",
    (name) => {
      for (const { graph, model, textOf } of phasesOf(sample(name))) {
        const picture = stepPicture(model, graph, placesIn(textOf));
        const wrong = arrows(picture, "gradient").filter((arrow) => {
          const [, from, to] = /^(.*) -> (\w+): weights and update$/.exec(arrow) ?? [];
          return from !== undefined && networkOfTitle(from.replace(/^d (grad )*/, "")) !== to;
        });
        expect(wrong).toEqual([]);
        // and each network that a player trains has some
        for (const network of model.players.flatMap(({ networks }) => networks))
          expect(
            hollow(model).has(network) ||
              arrows(picture, "gradient").some((arrow) =>
                arrow.endsWith(` -> ${network}: weights and update`),
              ),
          ).toBe(true);
      }
    },
  );

  test("second draws have a prime, networks inside others the name of what they are applied to", () => {
    const forward = (name: string): readonly string[] =>
      titles(stepOf(sample(name)), "forward").toSorted();
    expect(forward("several-draws")).toEqual([
      "D(G(x))",
      "D(stop(G(x)))",
      "D(y')",
      "D(y)",
      "G(x')",
      "G(x)",
      "G(y)",
    ]);
    expect(forward("networks-inside-networks")).toEqual([
      "D(G(x))",
      "D(y)",
      "Head(x)",
      "dec in Head(x)",
      "dec(enc(x))",
      "enc(x)",
    ]);
  });

  test("several at once are one box that names them", () => {
    const { textOf } = sample("cyclegan");
    const model = modelOfSpec("specs/cyclegan.gan", { size: "64" });
    expect(titles(stepOf({ model, textOf }), "forward").toSorted()).toEqual([
      "D_X(F(y))",
      "D_X(x)",
      "D_Y(G(x))",
      "D_Y(y)",
      "F(G(x))",
      "F(y)",
      "G(x), G(F(y))",
    ]);
  });

  test("a gradient inside of a loss has its box, and is differentiated again", () => {
    const at = "D(mix(y, G(x), t))";
    const picture = stepOf(sample("gradient-penalty"));
    const ofPenalty = (arrow: string): boolean => arrow.includes(at);
    expect(arrows(picture, "gradient").filter(ofPenalty)).toEqual([
      `d of min[D] -> d grad ${at}`,
      `d grad ${at} -> d ${at}`,
      `d grad ${at} -> D: weights and update`,
      `d ${at} -> D: weights and update`,
    ]);
    expect(arrows(picture, "value").filter(ofPenalty).toSorted()).toEqual([
      `G(x) -> ${at}`,
      `grad ${at} -> penalty(D, G)`,
      `t ~ T -> ${at}`,
      `y ~ Y -> ${at}`,
    ]);
    expect(arrows(picture, "kept")).toEqual(
      expect.arrayContaining([`${at} -> grad ${at}`, `${at} -> d grad ${at}`, `${at} -> d ${at}`]),
    );
  });

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
      expect(
        nodesOf(stepProgram(of.model, { without: ["memory-scheduling"] })).length,
      ).toBeGreaterThan(4000);
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
