/** GAN2xx: names and imports. */
import { error } from "./entry.js";

export const names = {
  GAN201: error({
    title: "an unknown name",
    means:
      "Nothing of that name can be seen from here: it is misspelt, declared nowhere, or drawn in an expectation that ends before this place.",
    mend: "Correct the name, declare it or import it. `E[x ~ a]` holds the product that follows it; brackets make it hold a sum.",
    example: {
      wrong: "let block(k) = conv(3, k, pad: 1) >> leakyrelu(0.2)",
      mended: "let block(k) = conv(3, k, pad: 1) >> leaky_relu(0.2)",
    },
  }),
  GAN202: error({
    title: "a name declared twice",
    means:
      "Every name of a spec means one thing in the whole of it, imported names included, and `solve` and `train` stand once in a file.",
    costs:
      "If the later one silently won, you would edit the earlier and wonder why training does not change.",
    mend: "Give one of them another name. A file that imports a spec may have a `solve` and a `train` of its own, which take the place of the imported ones.",
    example: {
      wrong: "let block = relu\nlet block = tanh",
      mended: "let block = relu\nlet other = tanh",
    },
  }),
  GAN203: error({
    title: "definitions that need each other",
    means:
      "To know this definition, ganc would have to know it already. The language has no recursion: every architecture is finite.",
    mend: "Break the circle. To repeat an architecture, write `block * times`.",
    example: {
      wrong: "let deep = conv(3, 8, pad: 1) >> relu >> deep",
      mended: "let deep = (conv(3, 8, pad: 1) >> relu) * 4",
    },
  }),
  GAN204: error({
    title: "an import that cannot be found",
    means:
      "There is no such file or library, or it may not be read. A path in quotes is read from the folder of the file that imports it; `std.…` is the library that comes with ganc.",
    mend: "Correct the path. The message lists the libraries that there are.",
    example: {
      wrong: "import std.loses (lsgan)",
      mended: "import std.losses (lsgan)",
    },
  }),
  GAN205: error({
    title: "files that import each other",
    means:
      "The import leads back, perhaps through other files, to the file that it stands in. The message shows the way.",
    mend: "Move what both need into a third file that imports neither.",
    example: {
      wrong: 'import "./example.gan" (G)',
      mended: 'import "./cyclegan.gan" (c7s1)',
    },
  }),
  GAN206: error({
    title: "a name that the imported file does not declare",
    means: "The brackets behind an import list names of that file, and this is none of them.",
    mend: "Correct the name; the message lists those that there are.",
    example: {
      wrong: "import std.losses (lsgn)",
      mended: "import std.losses (lsgan)",
    },
  }),
  GAN207: error({
    title: "an import without what it needs",
    means:
      "What is imported depends on networks or domains of its file that are not imported with it. Architectures and functions come along by themselves; networks and domains are the importing spec's to choose.",
    costs: "If they came along unseen, the spec would train networks that it does not show.",
    mend: "Add the names to the brackets, or import the whole file.",
    example: {
      wrong: 'import "./cyclegan.gan" (L)',
      mended: 'import "./cyclegan.gan" (cycle)',
    },
  }),
  GAN208: error({
    title: "a path that leads out of the project",
    means:
      "The import, or the file of first weights, does not lie in the spec's project: the nearest folder above the spec that has a `package.json` or a `.git`, or else the spec's own folder. Links count by where they lead.",
    costs: "A spec of somebody else could read any file of this machine.",
    mend: "Copy the file into the project, or call ganc with `--root FOLDER` to let it read below that folder too.",
    example: {
      wrong: 'import "/cyclegan.gan" (cycle)',
      mended: 'import "./cyclegan.gan" (cycle)',
    },
  }),
} as const;
