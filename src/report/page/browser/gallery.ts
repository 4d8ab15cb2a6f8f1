/** Sheets of pictures: a slider through time, and two pictures of a sheet to wipe between. */
import type { GridCell } from "../../pictures/grid-cells.js";
import type { PayloadSheet } from "../payload.js";

/** Width in page pixels to which small pictures are enlarged. Larger ones stay as they are. */
const wanted = 256;
const widest = 512;

const unique = (all: readonly string[]): readonly string[] => [...new Set(all)];

class Wipe {
  private readonly canvas: HTMLCanvasElement | null;
  private readonly share: HTMLInputElement | null;
  private readonly image = new Image();
  private sheet: PayloadSheet | undefined;

  constructor(private readonly host: HTMLElement) {
    this.canvas = host.querySelector("canvas");
    this.share = host.querySelector<HTMLInputElement>(".share");
    this.image.addEventListener("load", () => this.draw());
    host.addEventListener("input", () => this.draw());
    this.canvas?.addEventListener("pointerdown", (event) => this.follow(event));
    this.canvas?.addEventListener("pointermove", (event) => {
      if (event.buttons > 0) this.follow(event);
    });
  }

  show(sheet: PayloadSheet): void {
    this.sheet = sheet;
    this.host.hidden = sheet.cells.length === 0;
    this.image.src = sheet.src;
  }

  private follow(event: PointerEvent): void {
    if (this.canvas === null || this.share === null) return;
    const { left, width } = this.canvas.getBoundingClientRect();
    this.share.value = String(Math.round((100 * (event.clientX - left)) / width));
    this.draw();
  }

  private cell(kind: string): GridCell | undefined {
    const { cells = [] } = this.sheet ?? {};
    const chosen = (of: string): number =>
      Number(this.host.querySelector<HTMLSelectElement>(`select.${of}`)?.value ?? 0);
    const column = unique(cells.map(({ column: name }) => name))[chosen(kind)];
    return cells.find((one) => one.column === column && one.row === chosen("row"));
  }

  private draw(): void {
    const { canvas, share, image } = this;
    const [left, right] = [this.cell("left"), this.cell("right")];
    const context = canvas?.getContext("2d");
    if (!canvas || !context || !share || !left || !right || !image.complete) return;
    const factor = Math.max(1, Math.ceil(wanted / left.width));
    const width = Math.min(widest, left.width * factor);
    const height = Math.round((left.height * width) / left.width);
    canvas.width = width;
    canvas.height = height;
    context.imageSmoothingEnabled = width < left.width;
    const part = Number(share.value) / 100;
    const edge = Math.round(width * part);
    const paint = ({ x, y, width: w, height: h }: GridCell): void =>
      context.drawImage(image, x, y, w, h, 0, 0, width, height);
    paint(right);
    context.save();
    context.beginPath();
    context.rect(0, 0, edge, height);
    context.clip();
    paint(left);
    context.restore();
    // White between black is visible on any picture.
    context.fillStyle = "#000";
    context.fillRect(edge - 2, 0, 4, height);
    context.fillStyle = "#fff";
    context.fillRect(edge - 1, 0, 2, height);
    const words = `${share.value} % ${left.column}, the rest ${right.column}`;
    const output = this.host.querySelector("output");
    if (output !== null) output.textContent = words;
    share.setAttribute("aria-valuetext", words);
    canvas.setAttribute("aria-label", `example ${left.row + 1}: ${words}`);
  }
}

/** Activates the gallery with that id. */
export const showGallery = (id: string, sheets: readonly PayloadSheet[]): void => {
  const host = document.getElementById(id);
  const last = sheets.at(-1);
  if (host === null || last === undefined) return;
  const wipeHost = host.querySelector<HTMLElement>(".wipe");
  const wipe = wipeHost === null ? undefined : new Wipe(wipeHost);
  const picture = host.querySelector<HTMLImageElement>("img.sheet");
  const slider = host.querySelector<HTMLInputElement>(".when-slider");
  const show = (sheet: PayloadSheet): void => {
    if (picture !== null && picture.src !== sheet.src) {
      picture.src = sheet.src;
      picture.width = sheet.width;
      picture.height = sheet.height;
      picture.alt = `${host.querySelector("h3")?.textContent ?? ""}: ${sheet.label}`;
    }
    const output = host.querySelector("output");
    if (output !== null) output.textContent = sheet.label;
    slider?.setAttribute("aria-valuetext", sheet.label);
    wipe?.show(sheet);
  };
  slider?.addEventListener("input", () => show(sheets[Number(slider.value)] ?? last));
  show(sheets[Number(slider?.value ?? sheets.length - 1)] ?? last);
};
