// Markers: asked for here, kept by Python. What is asked shows at once and waits for its answer.

import { randomId } from "../../../shared/web/component.js";
import { clockText } from "../../../shared/web/text.js";
import { Naming } from "./bar.js";

export class Marks {
  constructor(root, { tell, jump, say }) {
    this.tell = tell;
    this.jump = jump;
    this.say = say;
    this.waiting = [];
    this.naming = new Naming(root, (what) => this.ask({ do: "add", ...what }));
    this.onchange = () => {};
    this.section = root.querySelector(".marks");
    this.list = root.querySelector(".marks ol");
  }
  set(data) {
    const done = new Set(data.done);
    this.stored = data.markers;
    this.session = data.session;
    this.waiting = this.waiting.filter((ask) => !done.has(ask.id));
    this.draw();
  }
  /** Stored markers as the waiting asks will leave them. */
  get all() {
    const marks = this.stored.map((one) => ({ ...one }));
    for (const ask of this.waiting) {
      const at = marks.findIndex((one) => one.id === ask.marker);
      if (ask.do === "add")
        marks.push({
          id: ask.id,
          t: ask.t,
          to: ask.to ?? null,
          name: ask.name,
          own: true,
          waiting: true,
        });
      if (ask.do === "rename" && at >= 0) marks[at].name = ask.name;
      if (ask.do === "remove" && at >= 0) marks.splice(at, 1);
    }
    return marks.sort((a, b) => a.t - b.t);
  }
  ask(what) {
    const id = randomId();
    this.waiting.push({ id, ...what });
    this.tell([...this.waiting]); // all that wait, so that a quick second one loses nothing
    this.draw();
  }
  /** Ask for the name of a marker at a moment, or of a stretch up to `end`. */
  add(ms, end = null) {
    const t = Math.round(ms);
    const used = this.all.map((one) => Number(/^Marker (\d+)$/.exec(one.name)?.[1] ?? 0));
    const where =
      end === null ? clockText(t, true) : `${clockText(t, true)} to ${clockText(end, true)}`;
    this.naming.open(`Marker at ${where}`, `Marker ${Math.max(0, ...used) + 1}`, { t, to: end });
  }
  remove(mark) {
    this.ask({ do: "remove", marker: mark.id });
    this.say(`${mark.name} is removed.`, () =>
      this.ask({ do: "add", t: mark.t, to: mark.to, name: mark.name }),
    );
  }
  draw() {
    const marks = this.all;
    this.section.hidden = marks.length === 0;
    const focused = this.list.getRootNode().activeElement;
    const kept = new Map([...this.list.children].map((item) => [item.dataset.id, item]));
    marks.forEach((mark, place) => {
      let item = kept.get(mark.id);
      kept.delete(mark.id);
      if (!item) item = this.item(mark);
      item.classList.toggle("waiting", Boolean(mark.waiting));
      const at = item.querySelector(".at");
      at.textContent = `${place + 1}. ${clockText(mark.t)}`;
      at.onclick = () => this.jump(mark.t);
      const input = item.querySelector("input");
      if (input) {
        input.disabled = Boolean(mark.waiting);
        if (input !== focused) input.value = mark.name;
        input.onchange = () => {
          const name = input.value.trim();
          if (name && name !== mark.name) this.ask({ do: "rename", marker: mark.id, name });
          else input.value = mark.name;
        };
        item.querySelector(".gone").disabled = Boolean(mark.waiting);
        item.querySelector(".gone").onclick = () => this.remove(mark);
      } else {
        item.querySelector(".fixed").textContent = mark.name;
      }
      if (this.list.children[place] !== item)
        this.list.insertBefore(item, this.list.children[place] ?? null);
    });
    for (const item of kept.values()) item.remove();
    this.onchange();
  }
  item(mark) {
    const item = document.createElement("li");
    item.dataset.id = mark.id;
    const at = document.createElement("button");
    at.type = "button";
    at.className = "at";
    at.title = "Go there";
    item.append(at);
    if (mark.own) {
      const input = document.createElement("input");
      input.maxLength = 120;
      input.setAttribute("aria-label", "Name of the marker");
      const gone = document.createElement("button");
      gone.type = "button";
      gone.className = "gone icon";
      gone.textContent = "×";
      gone.title = "Remove the marker";
      gone.setAttribute("aria-label", `Remove ${mark.name}`);
      item.append(input, gone);
    } else {
      const fixed = document.createElement("span");
      fixed.className = "fixed";
      const note = document.createElement("small");
      note.textContent = "stimulus";
      item.append(fixed, note);
    }
    return item;
  }
}
