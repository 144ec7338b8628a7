// Questions as a form: each a group with a name, answered by mouse, touch or keyboard alone.

import { isEmpty, isShown, wrong } from "./answers.js";
import { make } from "./screens.js";
import { t } from "./words.js";

/** The form's questions; `answers` holds what is known before and what is answered now. */
export class Questions {
  constructor(questions, answers) {
    this.questions = questions;
    this.answers = { ...answers };
    this.boxes = new Map();
    this.root = make("div", { class: "questions" });
    for (const one of questions) this.root.append(this.box(one));
    this.refresh();
  }
  box(question) {
    const id = `q-${this.boxes.size}`;
    const legend = make("legend", {}, question.text);
    if (question.required === false) legend.append(" ", make("small", {}, t("Optional")));
    const error = make("p", { class: "wrong", id: `${id}-wrong` });
    const box = make("fieldset", { class: `q ${question.kind}`, "aria-describedby": error.id });
    box.append(legend, ...INPUTS[question.kind](question, this, id), error);
    this.boxes.set(question.name, { box, error, question });
    return box;
  }
  set(question, value) {
    if (isEmpty(value)) delete this.answers[question.name];
    else this.answers[question.name] = value;
    this.boxes.get(question.name).error.textContent = "";
    this.refresh();
  }
  /** Show what the answers so far ask for. */
  refresh() {
    for (const { box, question } of this.boxes.values()) {
      box.hidden = !isShown(question, this.answers);
    }
  }
  /** What is to be sent; null where something is missing, which is then said and focused. */
  given() {
    const missing = {};
    for (const { box, question } of this.boxes.values()) {
      const why = box.hidden ? "" : wrong(question, this.answers[question.name]);
      if (why) missing[question.name] = why;
    }
    return this.say(missing) ? null : this.valid();
  }
  /** What is an answer already. */
  valid() {
    const found = {};
    for (const { box, question } of this.boxes.values()) {
      const value = this.answers[question.name];
      if (!box.hidden && !isEmpty(value) && !wrong(question, value)) found[question.name] = value;
    }
    return found;
  }
  /** Say what is wrong, by question; whether anything is. */
  say(missing) {
    /** @type {HTMLElement | null} */
    let first = null;
    for (const [name, { box, error }] of this.boxes) {
      error.textContent = missing[name] ? t(missing[name]) : "";
      if (missing[name]) first ??= box;
    }
    if (first === null) return false;
    const field = first.querySelector("input, textarea, button");
    if (field instanceof HTMLElement) field.focus();
    return true;
  }
}

const INPUTS = {
  one: (q, form, id) => q.choices.map((one) => choice("radio", q, form, id, one.key, one.text)),
  several: (q, form, id) =>
    q.choices.map((one) => choice("checkbox", q, form, id, one.key, one.text)),
  scale: (q, form, id) => steps(q, form, id, (n) => String(n)),
  emoji: (q, form, id) => steps(q, form, id, (n) => q.faces[n - 1]),
  number: (q, form) => [typed(q, form, "input", { type: "text", inputmode: "decimal" }, asNumber)],
  text: (q, form) => [
    typed(q, form, "textarea", { rows: "3", maxlength: String(q.longest) }, (v) => v),
  ],
  ranking: (q, form) => ranking(q, form),
};

const asNumber = (text) => {
  const plain = text.trim().replace(",", ".");
  return plain && Number.isFinite(Number(plain)) ? Number(plain) : plain;
};

function choice(type, question, form, id, key, text) {
  const input = make("input", { type, name: id, value: key });
  const before = form.answers[question.name];
  input.checked = Array.isArray(before) ? before.includes(key) : before === key;
  input.onchange = () => {
    const chosen = [...input.closest("fieldset").querySelectorAll("input:checked")];
    const values = chosen.map((one) => one.value);
    form.set(question, type === "radio" ? values[0] : values);
  };
  const label = make("label", { class: "tick" });
  label.append(input, make("span", {}, text));
  return label;
}

const EMOJI = ["Very bad", "Bad", "Neither good nor bad", "Good", "Very good"];

function steps(question, form, id, shown) {
  const row = make("div", { class: "steps", dir: "ltr" });
  for (let n = 1; n <= question.points; n += 1) {
    const input = make("input", { type: "radio", name: id, value: String(n) });
    input.checked = form.answers[question.name] === n;
    input.onchange = () => form.set(question, n);
    const end = n === 1 ? question.low : n === question.points ? question.high : "";
    const named = question.kind === "emoji" ? t(EMOJI[n - 1]) : end ? `${n}, ${end}` : String(n);
    input.setAttribute("aria-label", named);
    const label = make("label");
    label.append(input, make("span", { "aria-hidden": "true" }, shown(n)));
    row.append(label);
  }
  if (!question.low && !question.high) return [row];
  const ends = make("p", { class: "ends", "aria-hidden": "true", dir: "ltr" });
  ends.append(
    make("span", { dir: "auto" }, question.low),
    make("span", { dir: "auto" }, question.high),
  );
  return [row, ends];
}

function typed(question, form, tag, attributes, read) {
  const input = make(tag, { ...attributes, "aria-label": question.text, class: "typed" });
  input.value = form.answers[question.name] ?? "";
  input.oninput = () => form.set(question, read(input.value));
  return input;
}

/** A list to be put in order by buttons; as it stands first it is no answer. */
function ranking(question, form) {
  const order = [...(form.answers[question.name] ?? question.choices.map((one) => one.key))];
  const list = make("ol", { class: "ranks" });
  const live = make("p", { class: "hidden-words", role: "status" });
  const texts = Object.fromEntries(question.choices.map((one) => [one.key, one.text]));
  const move = (at, by, direction) => {
    [order[at], order[at + by]] = [order[at + by], order[at]];
    form.set(question, [...order]);
    draw();
    live.textContent = t("{answer} is now at place {place}.", {
      answer: texts[order[at + by]],
      place: at + by + 1,
    });
    const moved = list.children[at + by];
    (
      moved.querySelector(`.${direction}:not(:disabled)`) ??
      moved.querySelector("button:not(:disabled)")
    ).focus();
  };
  const draw = () => {
    list.replaceChildren(
      ...order.map((key, at) => {
        const item = make("li");
        item.append(make("span", {}, texts[key]));
        for (const by of [-1, 1]) {
          const direction = by < 0 ? "up" : "down";
          const says =
            by < 0
              ? t("Move {answer} up", { answer: texts[key] })
              : t("Move {answer} down", { answer: texts[key] });
          const press = make(
            "button",
            { type: "button", class: direction, "aria-label": says },
            by < 0 ? "↑" : "↓",
          );
          press.disabled = at + by < 0 || at + by >= order.length;
          press.onclick = () => move(at, by, direction);
          item.append(press);
        }
        return item;
      }),
    );
  };
  draw();
  const right = make("button", { type: "button", class: "small" }, t("This order is right"));
  right.onclick = () => {
    form.set(question, [...order]);
    live.textContent = t("The order is kept.");
    right.classList.add("kept");
  };
  return [list, right, live];
}
