import { expect, test } from "@jest/globals";
import { highlighted } from "../../../src/report/page/highlight.js";
import { readProject, specNames } from "../../support/specs.js";

const entities: Readonly<Record<string, string>> = {
  "&amp;": "&",
  "&lt;": "<",
  "&gt;": ">",
  "&quot;": '"',
  "&#39;": "'",
};

const plain = (html: string): string =>
  html.replaceAll(/<[^>]+>/g, "").replaceAll(/&(?:amp|lt|gt|quot|#39);/g, (e) => entities[e] ?? e);

test("colours change no letter of any spec", () => {
  const changed = specNames.filter((name) => {
    const text = readProject(name);
    return plain(highlighted(text).text) !== text;
  });
  expect(changed).toEqual([]);
});

test("words, names, numbers, paths and comments have their own", () => {
  expect(highlighted(`net G : X -> Y = conv(3) -- <b>\nimport "./a.gan"`).text).toBe(
    '<span class="word">net</span> <span class="declared">G</span> : X <span class="sign">-&gt;</span> Y <span class="sign">=</span> conv(<span class="number">3</span>) <span class="remark">-- &lt;b&gt;</span>\n<span class="word">import</span> <span class="text">&quot;./a.gan&quot;</span>',
  );
});

test.each(['net G : §§ = "', "-- <script>", "", "@#$%^&*<>\u0000 let a = 1"])(
  "what is no spec, as %j, stays whole and escaped",
  (text) => {
    const { text: html } = highlighted(text);
    expect(plain(html)).toBe(text.replaceAll("\u0000", "\ufffd"));
    expect(html).not.toMatch(/<(?!\/?span)/);
  },
);
