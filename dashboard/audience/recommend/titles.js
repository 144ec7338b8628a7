// A list of titles: each is liked, disliked, skipped or opened by one key or button. What was
// said goes to the server as a whole, so that quick keys lose nothing.
import { mountOnce } from "../../shared/web/component.js";
import { pathOf } from "./curve.js";
import { neighbour } from "./moving.js";

const SVG = "http://www.w3.org/2000/svg";
const ANSWERS = [
  { key: "l", value: "liked", label: "Like", done: "Liked" },
  { key: "d", value: "disliked", label: "Dislike", done: "Disliked" },
  { key: "s", value: "skipped", label: "Skip", done: "Skipped" },
];
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
/** Where letters are typed, or where another thing waits for an answer. */
const TYPED_INTO =
  "input:not([type=checkbox], [type=radio], [type=file]), textarea, select, " +
  "[contenteditable=true], [role=combobox], [role=option], [role=dialog]";

function made(tag, name, text = "") {
  const one = document.createElement(tag);
  if (name) one.className = name;
  one.textContent = text;
  return one;
}

// What viewers of an item showed: their mean engagement over time, 0 to 100, and how many.
function measured({ said, curve }) {
  const box = made("figure", "");
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", `0 0 ${Math.max(curve.length - 1, 1)} 100`);
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("aria-hidden", "true");
  const line = document.createElementNS(SVG, "path");
  line.setAttribute("d", pathOf(curve));
  svg.append(line);
  box.append(svg, made("figcaption", "", said));
  return box;
}

class Card {
  constructor(item, list) {
    this.item = item;
    this.root = made("article", "title");
    this.root.setAttribute("aria-label", [item.title, item.by].filter(Boolean).join(", "));
    this.root.setAttribute("aria-keyshortcuts", "l d s o");
    this.root.onfocus = () => list.choose(this);
    const head = made("div", "head");
    head.append(made("b", "", item.title), made("small", "", item.by));
    const badge = made("span", "badge", item.badge);
    badge.title = item.means;
    this.more = this.details();
    const hand = made("div", "hand");
    this.buttons = ANSWERS.map(({ key, value, label }) => {
      const button = made("button", value, label);
      button.append(made("kbd", "", key.toUpperCase()));
      button.onclick = () => list.answer(this, value);
      return button;
    });
    this.opener = made("button", "open", "Open");
    this.opener.append(made("kbd", "", "O"));
    this.opener.onclick = () => list.open(this);
    hand.append(...this.buttons, this.opener);
    for (const button of [...this.buttons, this.opener]) button.type = "button";
    const why = made("p", "reason", item.reason);
    this.root.append(head, why, badge);
    if (item.measured) this.root.append(measured(item.measured));
    this.root.append(this.more, hand);
  }
  details() {
    const box = made("div", "more");
    box.hidden = true;
    if (this.item.about) box.append(made("p", "", this.item.about));
    const mood = made("dl", "");
    for (const { name, said, share } of this.item.mood) {
      const bar = made("dd", "");
      const fill = made("i", "");
      fill.style.width = `${100 * share}%`;
      bar.append(fill, made("span", "", said));
      mood.append(made("dt", "", name), bar);
    }
    const expected = `Expected: ${this.item.expected} of the way from a dislike to a like.`;
    box.append(mood, made("small", "", `${this.item.means} ${expected}`));
    return box;
  }
  draw(said, current) {
    this.root.tabIndex = current ? 0 : -1;
    this.root.classList.toggle("current", current);
    this.root.dataset.said = said;
    ANSWERS.forEach(({ value }, place) => {
      this.buttons[place].setAttribute("aria-pressed", String(said === value));
    });
    this.opener.setAttribute("aria-expanded", String(!this.more.hidden));
  }
}

class Titles {
  constructor(parent) {
    this.root = parent.querySelector(".titles");
    this.keys = (event) => this.pressed(event);
    document.addEventListener("keydown", this.keys);
    /** @type {Card[]} */
    this.cards = [];
    /** @type {any} the card that keys speak of */
    this.current = null;
    /** @type {Record<string, string>} what was said of items */
    this.said = {};
  }
  set(data, _setTriggerValue, setStateValue) {
    this.tell = setStateValue;
    if (this.list === data.list) return;
    this.list = data.list;
    this.said = { ...data.said };
    this.cards = [];
    const groups = data.groups.map(({ name, items }) => {
      const group = made("section", "");
      group.setAttribute("aria-label", name);
      const row = made("div", "row");
      const cards = items.map((item) => new Card(item, this));
      row.append(...cards.map((card) => card.root));
      this.cards.push(...cards);
      group.append(made("h3", "", name), row);
      return group;
    });
    this.root.querySelector(".lists").replaceChildren(...groups);
    this.current = this.cards[0];
    this.draw();
  }
  draw() {
    for (const card of this.cards) card.draw(this.said[card.item.id] ?? "", card === this.current);
  }
  choose(card) {
    this.current = card;
    this.draw();
  }
  say(card, value) {
    this.said = { ...this.said, [card.item.id]: value };
    this.tell("said", this.said);
    this.draw();
  }
  answer(card, value) {
    this.current = card;
    const back = this.said[card.item.id] === value;
    this.say(card, back ? "" : value);
    const done = ANSWERS.find((one) => one.value === value)?.done;
    this.root.querySelector(".last").textContent = back
      ? `Taken back: ${card.item.title}.`
      : `${done}: ${card.item.title}.`;
  }
  open(card) {
    this.current = card;
    card.more.hidden = !card.more.hidden;
    // an answer says more than that it was opened
    if (!card.more.hidden && !this.said[card.item.id]) this.say(card, "opened");
    else this.draw();
  }
  pressed(event) {
    if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || event.repeat)
      return;
    const path = event.composedPath();
    const inside = path.includes(this.root);
    if (path.some((one) => one instanceof Element && one.matches(TYPED_INTO))) return;
    const arrow = ARROWS[event.key];
    if (arrow && inside) {
      const boxes = this.cards.map((card) => card.root.getBoundingClientRect());
      const to = neighbour(boxes, this.cards.indexOf(this.current), arrow);
      this.cards[to].root.focus();
    } else {
      const name = event.key.toLowerCase();
      const answer = ANSWERS.find((one) => one.key === name);
      if (answer) this.answer(this.current, answer.value);
      else if (name === "o" || (event.key === "Enter" && path[0] === this.current.root))
        this.open(this.current);
      else return;
    }
    event.preventDefault();
  }
  close() {
    document.removeEventListener("keydown", this.keys);
  }
}

export default mountOnce(Titles);
