// A page of faces from one sheet of pictures. Arrows move, digits label, Z takes it back.
// What is asked shows at once and is repeated until Python has answered it.
import { randomId } from "../../shared/web/component.js";

const state = (window.__raptGallery ??= { waiting: [], history: [], source: null });

export default function (component) {
  const { data, parentElement, setStateValue } = component;
  const root = parentElement.querySelector(".gallery");
  const grid = root.querySelector("[role=listbox]");
  const status = root.querySelector("[role=status]");

  if (state.source !== data.source)
    Object.assign(state, { waiting: [], history: [], source: data.source });
  const done = new Set(data.done);
  state.waiting = state.waiting.filter((ask) => !done.has(ask.id));
  const said = { ...data.labels };
  for (const ask of state.waiting)
    ask.do === "undo" ? delete said[ask.item] : (said[ask.item] = ask.say);

  let here = Math.max(
    0,
    data.faces.findIndex((face) => face.item === (state.at ?? data.selected)),
  );
  const words = (say) => data.words[say] ?? say;

  function ask(what) {
    const id = randomId();
    state.waiting.push({ id, ...what });
    setStateValue("asks", [...state.waiting]);
  }
  function badge(tile, say) {
    const mark = tile.querySelector(".said");
    mark.textContent = say ? words(say) : "";
    mark.hidden = !say;
    tile.classList.toggle("done", Boolean(say));
  }
  function label(say) {
    const face = data.faces[here];
    if (!face) return;
    said[face.item] = say;
    state.history.push(face.item);
    ask({ do: "label", item: face.item, say });
    badge(grid.children[here], say);
    status.textContent = `Face ${here + 1}: ${words(say)}. Press Z to take it back.`;
    move(Math.min(here + 1, data.faces.length - 1));
  }
  function undo() {
    const item =
      state.history.pop() ?? (said[data.faces[here]?.item] ? data.faces[here].item : null);
    if (!item) {
      status.textContent = "Nothing to take back.";
      return;
    }
    delete said[item];
    ask({ do: "undo", item });
    const at = data.faces.findIndex((face) => face.item === item);
    if (at >= 0) {
      badge(grid.children[at], null);
      move(at);
    }
    status.textContent = "Taken back.";
  }
  /** @type {number | undefined} */
  let told;
  function move(to, focus = true) {
    grid.children[here]?.setAttribute("aria-selected", "false");
    if (grid.children[here]) grid.children[here].tabIndex = -1;
    here = to;
    const tile = grid.children[here];
    if (!tile) return;
    tile.setAttribute("aria-selected", "true");
    tile.tabIndex = 0;
    state.at = data.faces[here].item;
    if (focus) tile.focus({ preventScroll: false });
    clearTimeout(told); // someone who labels fast is not held up by each face's details
    told = setTimeout(() => setStateValue("selected", state.at), 260);
  }
  function across() {
    const top = grid.children[0]?.offsetTop;
    const n = [...grid.children].findIndex((tile) => tile.offsetTop !== top);
    return n < 0 ? grid.children.length : n;
  }

  const sheet = `url("${data.sheet}")`;
  const build = (face, k) => {
    const tile = document.createElement("div");
    tile.setAttribute("role", "option");
    tile.className = "tile";
    tile.tabIndex = k === here ? 0 : -1;
    tile.setAttribute("aria-selected", String(k === here));
    tile.setAttribute("aria-label", face.words);
    tile.title = face.words;
    const picture = document.createElement("div");
    picture.className = "face";
    const x = k % data.columns,
      y = Math.floor(k / data.columns);
    const down = data.rows > 1 ? (100 * y) / (data.rows - 1) : 0;
    picture.style.backgroundImage = sheet;
    picture.style.backgroundSize = `${100 * data.columns}% ${100 * data.rows}%`;
    picture.style.backgroundPosition = `${data.columns > 1 ? (100 * x) / (data.columns - 1) : 0}% ${down}%`;
    const mark = document.createElement("span");
    mark.className = "said";
    picture.append(mark);
    const line = document.createElement("div");
    line.className = "line";
    const dot = document.createElement("i");
    dot.style.background = face.colour;
    const guess = document.createElement("b");
    guess.textContent = face.guess;
    const sure = document.createElement("span");
    sure.textContent = face.sure;
    sure.className = "sure";
    picture.append(sure);
    line.append(dot, guess);
    const truth = document.createElement("div");
    truth.className = "truth";
    truth.textContent = face.wrong ? `labelled ${face.truth}` : "as labelled";
    tile.append(picture, line, truth);
    return tile;
  };
  // A redraw of the same page keeps its tiles: with them goes the focus, and the keys with that.
  const page = data.faces.map((face) => face.item + face.guess).join();
  if (grid.dataset.page !== page) {
    grid.replaceChildren(...data.faces.map(build));
    grid.dataset.page = page;
  }
  [...grid.children].forEach((tile, k) => {
    tile.onclick = () => move(k);
    badge(tile, said[data.faces[k].item]);
  });
  root.querySelector(".keys").replaceChildren(
    ...data.keys.map(([key, name]) => {
      const button = document.createElement("button");
      button.type = "button";
      const cap = document.createElement("kbd");
      cap.textContent = key.toUpperCase();
      button.append(cap, words(name));
      button.onclick = () => (name === "undo" ? undo() : label(name));
      return button;
    }),
  );

  const keys = Object.fromEntries(data.keys);
  grid.onkeydown = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const last = data.faces.length - 1;
    const steps = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: across(), ArrowUp: -across() };
    const key = event.key.toLowerCase();
    if (event.key in steps) move(Math.min(last, Math.max(0, here + steps[event.key])));
    else if (event.key === "Home") move(0);
    else if (event.key === "End") move(last);
    else if (keys[key] === "undo" || event.key === "Backspace") undo();
    else if (keys[key]) label(keys[key]);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  if (state.waiting.length) setStateValue("asks", [...state.waiting]);
}
