// The respondent's screens: which one is shown, and the words on it.

/** @returns {any} */
export const $ = (selector, root = document) => root.querySelector(selector);

/** Show one of the page's screens: words, consent, check or film. */
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
  $("h1", main).textContent = title;
  $(".lede", main).textContent = text;
  $(".hint", main).textContent = hint;
  const press = $("button", main);
  press.hidden = !button;
  press.textContent = button;
  press.className = "main";
  press.onclick = action;
  document.title = title;
  show("words");
}

/** As `say`, with a button that begins again. */
export const sayAndReload = (title, text, hint) =>
  say(title, text, hint, "Reload", () => location.reload());

/** How long the film is, as it is said before consent. */
export function filmLength(ms) {
  const seconds = Math.round(ms / 1000);
  if (!seconds) return "A short film";
  if (seconds < 90) return `A film of ${seconds} seconds`;
  return `A film of ${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")} minutes`;
}

/** The camera check's lines; null while nothing was seen yet. */
export function showLines(found) {
  const list = $("#check .lines");
  const shown = found?.lines ?? [{ ok: null, says: "Looking for your face" }];
  while (list.children.length > shown.length) list.lastChild.remove();
  shown.forEach((line, i) => {
    const item = list.children[i] ?? list.appendChild(document.createElement("li"));
    if (item.textContent !== line.says) item.textContent = line.says;
    item.dataset.ok = String(line.ok);
  });
  $("#check .mirror").dataset.good = String(Boolean(found?.ready));
}

/** What stands under the mirrored picture. */
export function note(text) {
  $("#check .mirror-note").textContent = text;
}

/** Cover the film with words; each button is a pair of its text and what it does. */
export function veil(title, text, ...buttons) {
  const box = $("#film .veil");
  $("h1", box).textContent = title;
  $("p", box).textContent = text;
  const places = box.querySelectorAll("button");
  places.forEach((button, i) => {
    const [words, action] = buttons[i] ?? ["", null];
    button.hidden = !words;
    button.textContent = words;
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
