// A stretch of the recording, dragged on the curve or set by keys: mark it, or leave it out.

import { clockText } from "../../../shared/web/text.js";
import { alone, button } from "./bar.js";
import { nameOf } from "./lanes.js";

export class Stretch {
  /** Its beginning where only that is set. @type {number | null} */
  from = null;
  /** `mark(from, to)` marks it, `ask(what)` asks the server, `say(words, undo)` tells. */
  constructor(root, curve, { mark, ask, say }) {
    this.box = root.querySelector(".stretch");
    this.chart = root.querySelector(".chart");
    this.curve = curve;
    this.mark = mark;
    this.ask = ask;
    this.say = say;
    this.box.onkeydown = (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      this.close();
    };
  }
  set(data, chosen) {
    this.data = data;
    this.chosen = chosen;
  }
  /** The key for its beginning. */
  begin(ms) {
    this.from = Math.round(ms);
    this.curve.span(this.from, this.from);
    this.say(`A stretch begins at ${clockText(this.from, true)}. Press O to end it.`, null);
  }
  /** What can be done with the stretch; `focus` where it came by a key. */
  open(from, to, focus = false) {
    this.from = null;
    this.curve.span(from, to);
    const words = document.createElement("span");
    words.textContent = `${clockText(from, true)} to ${clockText(to, true)}`;
    const mark = button("Mark", () => {
      this.close();
      this.mark(from, to);
    });
    this.box.replaceChildren(
      words,
      mark,
      ...this.leaving(from, to),
      button("Cancel", () => this.close()),
    );
    alone(this.box);
    if (focus) mark.focus();
  }
  /** Leave out the viewer who is chosen, or the only one; else each of them can be. */
  leaving(from, to) {
    const { lanes } = this.data;
    const one = lanes.length === 1 ? lanes[0] : lanes.find((lane) => lane.viewer === this.chosen);
    if (one) return [button(`Leave out ${nameOf(one)}`, () => this.leave(one, from, to))];
    if (!lanes.length) return [];
    const who = document.createElement("select");
    who.title = "Leave a viewer out of this stretch";
    who.setAttribute("aria-label", who.title);
    who.append(new Option("Leave out …", ""));
    for (const lane of lanes) who.append(new Option(nameOf(lane), String(lane.viewer)));
    who.onchange = () => {
      const lane = lanes.find((each) => String(each.viewer) === who.value);
      if (lane) this.leave(lane, from, to);
    };
    return [who];
  }
  leave(lane, from, to) {
    const what = { viewer: lane.viewer, t: from, to };
    this.ask({ do: "leave_out", ...what });
    this.close();
    this.say(
      `${nameOf(lane)} is left out from ${clockText(from, true)} to ${clockText(to, true)}.`,
      () => this.ask({ do: "take_back", ...what }),
    );
  }
  close() {
    if (!this.box.hidden) this.chart.focus({ preventScroll: true });
    this.box.hidden = true;
    this.from = null;
    this.curve.span(null, null);
  }
}
