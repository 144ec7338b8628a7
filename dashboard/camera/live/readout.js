// The numbers, the sentence and the list of markers beside the live picture.

import { clockText } from "../../shared/web/text.js";

const SENTENCE_MS = 2000; // the sentence keeps still for so long, unless somebody comes or goes
const NUMBERS = [".people b", ".attending b", ".engagement b", ".rate", ".delay"];

export class Readout {
  constructor(root) {
    this.root = root;
    this.way = null; // milliseconds of transport, smoothed
  }
  find(what) {
    return this.root.querySelector(what);
  }
  put(what, text) {
    const node = this.find(what);
    if (node.textContent !== text) node.textContent = text;
  }
  clear() {
    this.way = this.told = null;
    for (const what of NUMBERS) this.put(what, "–");
    this.put(".dropped", "0");
    this.put(".running", "0:00");
    this.put(".said", "Starting.");
    this.find(".marks ol").replaceChildren();
    this.find(".marks .none").hidden = false;
  }
  transported(ms) {
    this.way = this.way === null ? ms : 0.6 * this.way + 0.4 * ms;
  }
  show(view) {
    const { people, viewers, attending, engagement, fps, delay, frames } = view;
    this.put(".people b", frames ? String(people) : "–");
    this.put(".people small", viewers > people ? `in view now, ${viewers} so far` : "in view now");
    this.put(".attending b", frames ? String(attending) : "–");
    this.put(".attending small", people ? `of ${people}, provisional` : "head and eyes");
    this.put(".engagement b", engagement == null ? "–" : String(Math.round(engagement)));
    this.put(".running", clockText(view.t));
    this.put(".rate", fps ? `${fps < 9.5 ? fps.toFixed(1) : Math.round(fps)} a second` : "–");
    const late = delay == null ? null : delay + (this.way ?? 0);
    this.put(".delay", late === null ? "–" : `${Math.round(late / 10) * 10} ms`);
    this.put(".dropped", String(view.dropped));
    this.find(".failures").hidden = !view.errors;
    this.put(".failed", String(view.errors));
    this.sentence(view);
    this.markers(view.markers);
  }
  /** It follows at once who is there, and engagement at leisure. */
  sentence(view) {
    const now = performance.now();
    const who = `${view.state} ${view.people} ${view.attending}`;
    if (this.told && who === this.who && now - this.told <= SENTENCE_MS) return;
    this.told = now;
    this.who = who;
    this.put(".said", view.said);
  }
  markers(markers) {
    const list = this.find(".marks ol");
    this.find(".marks .none").hidden = markers.length > 0;
    if (list.children.length === markers.length) return;
    list.replaceChildren(...[...markers].reverse().map(markerItem));
  }
}

function markerItem(marker) {
  const item = document.createElement("li");
  const at = document.createElement("b");
  at.textContent = clockText(marker.t);
  const text = document.createElement("span");
  text.textContent = marker.name;
  item.append(at, text);
  item.className = marker.note ? "note" : "";
  return item;
}
