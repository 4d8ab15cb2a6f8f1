/** Translates dropped pictures one after the other, and shows each beside its result. */

export interface Shown {
  readonly made: Blob;
  /** What the user should know; usually empty. */
  readonly words: string;
}

export type Translate = (file: File, only: number) => Promise<Shown>;

const byId = <A extends HTMLElement>(id: string): A => document.getElementById(id) as A;

const element = <K extends keyof HTMLElementTagNameMap>(
  kind: K,
  properties: Partial<HTMLElementTagNameMap[K]>,
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] => {
  const made = Object.assign(document.createElement(kind), properties);
  made.append(...children);
  return made;
};

/** Names the result: `photo.png` for `photo.jpg`. */
const resultName = (name: string): string => `${name.replace(/\.[^.]*$/, "")}.png`;

/** Lays both pictures over each other, with a slider that moves the border between them. */
const wipe = (before: Blob, after: Blob): HTMLElement => {
  const images = [before, after].map((blob, i) =>
    element("img", { src: URL.createObjectURL(blob), alt: i === 0 ? "before" : "after" }),
  );
  const both = element("div", { className: "wipe" }, ...images);
  const slider = element("input", { type: "range", min: "0", max: "100", value: "50" });
  slider.setAttribute("aria-label", "how much of the picture before is shown");
  slider.addEventListener("input", () => both.style.setProperty("--at", `${slider.value}%`));
  return element("div", {}, both, slider);
};

const card = (name: string): { readonly at: HTMLElement; readonly state: HTMLElement } => {
  const state = element("p", {}, "waits");
  const at = element("article", {}, element("h2", {}, name), state);
  byId("results").prepend(at);
  return { at, state };
};

/** Takes pictures from the page, translates them one after the other and shows the results. */
export const show = (translate: Translate): void => {
  let last = Promise.resolve();
  const one = (file: File): void => {
    const { at, state } = card(file.name);
    const chosen = Number(
      (document.getElementById("class") as HTMLSelectElement | null)?.value ?? 0,
    );
    last = last.then(async () => {
      state.textContent = "is translated …";
      try {
        const { made, words } = await translate(file, chosen);
        const link = element(
          "a",
          { href: URL.createObjectURL(made), download: resultName(file.name) },
          "Download",
        );
        state.replaceChildren(link);
        if (words !== "") at.append(element("p", { className: "warned" }, words));
        at.append(wipe(file, made));
        at.dataset.state = "done";
      } catch (thrown) {
        state.className = "failed";
        state.textContent = thrown instanceof Error ? thrown.message : String(thrown);
        at.dataset.state = "failed";
      }
    });
  };
  const all = (files: FileList | undefined | null): void => {
    for (const file of files ?? []) one(file);
  };
  const drop = byId("drop");
  const files = byId<HTMLInputElement>("files");
  files.addEventListener("change", () => {
    all(files.files);
    files.value = "";
  });
  for (const kind of ["dragover", "dragleave", "drop"])
    document.addEventListener(kind, (event) => {
      event.preventDefault();
      drop.classList.toggle("over", kind === "dragover");
      if (kind === "drop") all((event as DragEvent).dataTransfer?.files);
    });
};
