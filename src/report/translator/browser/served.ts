/** The script of `ganc serve`: the server's process translates. */
import { show } from "./shown.js";

const token = document.getElementById("token")?.textContent ?? "";

show(async (file, only) => {
  const answer = await fetch(`/translate?class=${only}`, {
    method: "POST",
    headers: { "content-type": "application/octet-stream", "x-ganc": token },
    body: file,
  });
  if (!answer.ok) throw new Error(await answer.text());
  const words = answer.headers.get("x-ganc-words");
  return { made: await answer.blob(), words: words === null ? "" : decodeURIComponent(words) };
});
