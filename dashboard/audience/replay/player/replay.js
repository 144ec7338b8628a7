// The player: one clock that the film, the faces and the curve follow.

import { colourKey, mountOnce, remember, remembered } from "../../../shared/web/component.js";
import { clockText } from "../../../shared/web/text.js";
import { Notice } from "./bar.js";
import { STEPS } from "./clock.js";
import { Curve } from "./curve.js";
import { Lanes } from "./lanes.js";
import { Marks } from "./marks.js";
import { Overlay } from "./overlay.js";
import { follow, stretchOf } from "./pointer.js";
import { Someone } from "./someone.js";
import { Stage } from "./stage.js";
import { Stretch } from "./stretch.js";

const KEPT = "rapt.replay";
const USUAL = {
  boxes: true,
  names: true,
  bars: true,
  eyes: true,
  blur: false,
  measure: "engagement",
};

class Player {
  asked = 0; // the animation frame that is waited for
  /** Whose curve is shown; null is everyone's. @type {number | null} */
  viewer = null;
  constructor(host) {
    this.host = host;
    this.root = host.querySelector(".replay");
    this.layers = remembered(KEPT, USUAL);
    this.curve = new Curve(this.find(".chart"));
    this.stage = new Stage(this.root, { tick: () => this.tick(), paint: () => this.paint() });
    this.overlay = new Overlay(
      this.find(".faces"),
      (on) => this.stage.veil(on),
      () => this.paint(),
    );
    const notice = new Notice(this.root);
    const say = (words, undo) => notice.say(words, undo);
    this.marks = new Marks(this.root, {
      tell: (asks) => this.send("asks", asks),
      jump: (ms) => this.seek(ms),
      say,
    });
    this.marks.onchange = () => this.redraw();
    const ask = (what) => this.marks.ask(what);
    this.someone = new Someone(this.root, ask, say);
    this.stretch = new Stretch(this.root, this.curve, {
      mark: (from, to) => this.marks.add(from, to),
      ask,
      say,
    });
    this.lanes = new Lanes(this.root, this.curve, {
      choose: (viewer) => this.choose(viewer),
      seek: (ms) => this.seek(ms),
    });
    this.keys = (event) => this.key(event);
    document.addEventListener("keydown", this.keys);
    this.buttons();
    this.pointer();
  }
  find(what) {
    return this.root.querySelector(what);
  }
  get clock() {
    return this.stage.clock;
  }

  set(data, send) {
    const first = !this.data;
    this.data = data;
    this.send = send;
    this.viewer = data.viewer;
    this.overlay.font = getComputedStyle(this.root).fontFamily;
    this.find(".all").textContent = `/ ${clockText(data.duration_ms)}`;
    this.find(".chart").setAttribute("aria-valuemax", String(Math.round(data.duration_ms / 1000)));
    this.overlay.set(data);
    if (first) this.stage.begin(data);
    if (data.start !== null && data.start !== this.started) this.seek(data.start);
    this.started = data.start;
    this.marks.set(data);
    this.someone.set(data);
    this.stretch.set(data, this.viewer);
    this.choices();
    this.lanes.set(data, this.viewer);
    this.stage.fit();
    this.tick();
  }
  /** Whose curve is shown: a viewer's, or everyone's (-1). The server answers with it. */
  choose(viewer) {
    this.viewer = viewer < 0 ? null : viewer;
    this.lanes.set(this.data, this.viewer);
    this.paint();
    this.send("viewer", viewer);
  }

  choices() {
    const select = this.find(".measure");
    if (select.options.length !== this.data.measures.length) {
      select.replaceChildren(...this.data.measures.map((one) => new Option(one.name, one.key)));
    }
    if (!this.data.measures.some((one) => one.key === this.layers.measure))
      this.layers.measure = "engagement";
    select.value = this.layers.measure;
    const measure = this.data.measures.find((one) => one.key === this.layers.measure);
    this.find(".said").textContent = measure.said;
    this.find(".how").textContent = measure.how;
    for (const button of this.root.querySelectorAll("[data-layer]")) {
      button.setAttribute("aria-pressed", String(Boolean(this.layers[button.dataset.layer])));
    }
    this.find("[data-layer=eyes]").hidden = !this.data.eyes;
    for (const edit of this.root.querySelectorAll(".mark, .keys .edit"))
      edit.hidden = !this.data.edits;
    colourKey(
      this.find(".key"),
      this.data.shown.map((i) => this.data.emotions[i]),
    );
    this.redraw();
  }
  redraw() {
    this.curve.set(this.data, this.layers.measure, this.marks.all);
    if (this.clock) this.place();
  }
  keep() {
    remember(KEPT, this.layers);
    this.choices();
    this.paint();
  }

  // time
  seek(ms) {
    this.clock.seek(Math.min(Math.max(ms, 0), this.data.duration_ms));
    this.tick();
  }
  step(by) {
    this.clock.pause();
    const frame = 1000 / this.data.fps;
    // from the picture that is shown, into the middle of the one beside it
    this.seek(Math.max(0, this.clock.shown + by * frame + 0.25 * frame));
  }
  speed(by) {
    const select = this.find(".speed");
    const next =
      STEPS[Math.min(Math.max(STEPS.indexOf(Number(select.value)) + by, 0), STEPS.length - 1)];
    select.value = String(next);
    this.stage.speed(next);
  }
  /** Runs once a screen refresh while it plays, once otherwise. */
  tick() {
    if (this.asked || this.closed) return;
    this.asked = requestAnimationFrame(() => {
      this.asked = 0;
      if (!this.data) return;
      if (!this.clock.paused && this.clock.time >= this.clock.end) this.clock.pause();
      this.place();
      this.paint();
      this.root.classList.toggle("playing", !this.clock.paused);
      this.find("[data-do=play]").setAttribute("aria-label", this.clock.paused ? "Play" : "Pause");
      if (!this.clock.paused) this.tick();
    });
  }
  place() {
    const ms = this.clock.time;
    this.curve.move(ms);
    this.find(".here").style.transform = `translateX(${this.curve.at}px)`;
    const text = clockText(ms, true);
    if (text !== this.said) {
      this.find(".now").textContent = this.said = text;
      const chart = this.find(".chart");
      chart.setAttribute("aria-valuenow", String(Math.round(ms / 1000)));
      chart.setAttribute("aria-valuetext", `${clockText(ms)}, ${this.curve.words(ms)}`);
    }
  }
  paint() {
    if (!this.data || !this.clock) return;
    const layers = this.stage.source.faces ? this.layers : {};
    this.overlay.draw(this.clock.shown, layers, this.stage.picture, this.viewer);
  }

  // hands
  buttons() {
    const does = {
      play: () => this.stage.toggle(),
      back: () => this.step(-1),
      on: () => this.step(1),
      mark: () => this.mark(),
      split: () => this.split(),
      keys: () => this.help(),
    };
    for (const button of this.root.querySelectorAll("[data-do]"))
      button.onclick = does[button.dataset.do];
    for (const button of this.root.querySelectorAll("[data-layer]")) {
      button.onclick = () => {
        this.layers[button.dataset.layer] = !this.layers[button.dataset.layer];
        this.keep();
      };
    }
    this.find(".speed").onchange = (event) => {
      this.stage.speed(Number(event.target.value));
    };
    this.find(".measure").onchange = (event) => {
      this.layers.measure = event.target.value;
      this.keep();
    };
    this.find(".frame").onclick = () => this.stage.toggle();
  }
  mark() {
    if (this.data.edits) this.marks.add(this.clock.time);
  }
  /** Whoever is shown at the playhead is someone else from this frame on. */
  split() {
    if (!this.data.edits) return;
    this.clock.pause();
    const { faces, t } = this.overlay.at(this.clock.shown);
    this.someone.open(faces, t);
    this.tick();
  }
  help() {
    const keys = this.find(".keys");
    keys.hidden = !keys.hidden;
    this.find("[data-do=keys]").setAttribute("aria-expanded", String(!keys.hidden));
    this.stage.fit();
  }
  pointer() {
    follow(this.find(".chart"), this.curve, {
      seek: (ms) => this.seek(ms),
      drag: (one, other) => this.curve.span(Math.min(one, other), Math.max(one, other)),
      done: (one, other) => this.chooseStretch(one, other, false),
    });
  }
  chooseStretch(one, other, byKey) {
    const stretch = this.data.edits && stretchOf(one, other);
    if (stretch) this.stretch.open(stretch.from, stretch.to, byKey);
    else this.stretch.close();
  }
  /** The end of the stretch that a key began. */
  endStretch() {
    if (this.stretch.from !== null) this.chooseStretch(this.stretch.from, this.clock.time, true);
  }
  key(event) {
    if (!this.data || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey)
      return;
    const [target] = event.composedPath();
    const ours = event.composedPath().includes(this.root);
    if (
      !ours &&
      target !== document.body &&
      target !== document.documentElement &&
      target.closest?.(
        "a, button, input, textarea, select, [role], [contenteditable=true], [tabindex]:not([tabindex='-1'])",
      )
    )
      return;
    if (ours && target.matches("input, select")) return;
    const space = event.key === " " || event.key === "Enter";
    if (space && (target.matches?.("button") || event.key === "Enter")) return;
    const jump = event.shiftKey ? 5000 : 1000;
    const does = {
      " ": () => this.stage.toggle(),
      ArrowLeft: () => this.seek(this.clock.time - jump),
      ArrowRight: () => this.seek(this.clock.time + jump),
      ",": () => this.step(-1),
      ".": () => this.step(1),
      m: () => this.mark(),
      s: () => this.split(),
      i: () => this.data.edits && this.stretch.begin(this.clock.time),
      o: () => this.endStretch(),
      "<": () => this.speed(-1),
      ">": () => this.speed(1),
      "?": () => this.help(),
      Escape: () => this.stretch.close(),
      Home: () => this.seek(0),
      End: () => this.seek(this.data.duration_ms),
    }[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!does || (event.repeat && "msio ?".includes(event.key.toLowerCase()))) return;
    event.preventDefault();
    event.stopPropagation();
    does();
  }
  close() {
    this.closed = true;
    cancelAnimationFrame(this.asked);
    document.removeEventListener("keydown", this.keys);
    this.curve.close();
    this.lanes.close();
    this.overlay.close();
    this.stage.close();
  }
}

export default mountOnce(Player);
