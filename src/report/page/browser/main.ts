/** The script of a report. It makes no network requests, and the page is readable without it. */
import { type Payload, payloadId } from "../payload.js";
import { showCurves } from "./charts.js";
import { showGallery } from "./gallery.js";

const text = document.getElementById(payloadId)?.textContent;
if (text) {
  const payload = JSON.parse(text) as Payload;
  showCurves(payload.curves);
  for (const [id, sheets] of Object.entries(payload.sheets)) showGallery(id, sheets);
}
