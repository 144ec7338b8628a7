// The respondent's screens: which one is shown, and the words on it.

import { t } from "./words.js";

/** @returns {any} */
export const $ = (selector, root = document) => root.querySelector(selector);

/**
 * A new element.
 *
 * @param {string} tag
 * @param {Record<string, string>} [attributes]
 * @param {string} [text]
 * @returns {any}
 */
export function make(tag, attributes = {}, text = "") {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  if (text) made.textContent = text;
  return made;
}

/** Show one of the page's screens: words, consent, check, course or film. */
export function show(name) {
  for (const main of document.querySelectorAll("main")) main.hidden = main.id !== name;
  window.scrollTo(0, 0);
  const title = $(`#${name} h1`);
  if (!title || name === "film") return;
  title.tabIndex = -1;
  title.focus({ preventScroll: true });
  title.style.outline = "none";
}

/**
 * A screen of words: a title, what happened, what to do, and a button for it.
 *
 * @param {string} title
 * @param {string} text
 * @param {string} [hint]
 * @param {string} [button]
 * @param {(() => void) | null} [action]
 */
export function say(title, text, hint = "", button = "", action = null) {
  const main = $("#words");
  $("h1", main).textContent = t(title);
  $(".lede", main).textContent = t(text);
  $(".hint", main).textContent = t(hint);
  const press = $("button", main);
  press.hidden = !button;
  press.textContent = t(button);
  press.className = "main";
  press.onclick = action;
  document.title = t(title);
  show("words");
}

/** As `say`, with a button that begins again. */
export const sayAndReload = (title, text, hint) =>
  say(title, text, hint, "Reload", () => location.reload());

/** How long the film is, as it is said before consent. */
export function filmLength(ms) {
  const seconds = Math.round(ms / 1000);
  if (!seconds) return t("A short film");
  if (seconds < 90) return t("A film of {seconds} seconds", { seconds });
  const minutes = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  return t("A film of {minutes} minutes", { minutes });
}

/** The camera check's lines; null while nothing was seen yet. */
export function showLines(found) {
  const list = $("#check .lines");
  const shown = found?.lines ?? [{ ok: null, says: "Looking for your face" }];
  while (list.children.length > shown.length) list.lastChild.remove();
  shown.forEach((line, i) => {
    const item = list.children[i] ?? list.appendChild(document.createElement("li"));
    const says = t(line.says);
    if (item.textContent !== says) item.textContent = says;
    item.dataset.ok = String(line.ok);
  });
  $("#check .mirror").dataset.good = String(Boolean(found?.ready));
}

/** What stands under the mirrored picture. */
export function note(text) {
  $("#check .mirror-note").textContent = t(text);
}

/** Cover the film with words; each button is a pair of its text and what it does. */
export function veil(title, text, ...buttons) {
  const box = $("#film .veil");
  $("h1", box).textContent = t(title);
  $("p", box).textContent = t(text);
  const places = box.querySelectorAll("button");
  places.forEach((button, i) => {
    const [words, action] = buttons[i] ?? ["", null];
    button.hidden = !words;
    button.textContent = t(words);
    button.onclick = action;
  });
  box.hidden = false;
  $("#film .stop").hidden = true;
  if (buttons.length) places[0].focus();
}

export function unveil() {
  $("#film .veil").hidden = true;
  $("#film .stop").hidden = false;
}

export const veiled = () => !$("#film .veil").hidden;
