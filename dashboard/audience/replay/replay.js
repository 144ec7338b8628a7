// The player: one clock that the film, the faces and the curve follow.

import { colourKey, mountOnce, remember, remembered } from "../../shared/web/component.js";
import { clockText } from "../../shared/web/text.js";
import { FilmClock, STEPS, StillClock } from "./clock.js";
import { Curve } from "./curve.js";
import { Marks } from "./marks.js";
import { Overlay } from "./overlay.js";
import { Someone } from "./someone.js";

const KEPT = "rapt.replay";
const USUAL = { boxes: true, names: true, bars: true, blur: false, measure: "engagement" };

class Player {
  /** Whose time counts: set as the first film is opened. @type {FilmClock | StillClock} */
  clock;
  /** @type {FilmClock} */
  film;
  /** The film or picture that is shown, as the server describes it. @type {any} */
  source;
  asked = 0; // the animation frame that is waited for
  constructor(host) {
    this.host = host;
    this.root = host.querySelector(".replay");
    this.video = this.find("video");
    this.still = this.find(".still");
    this.layers = remembered(KEPT, USUAL);
    this.curve = new Curve(this.find(".chart"));
    this.overlay = new Overlay(
      this.find(".faces"),
      (on) => this.veil(on),
      () => this.paint(),
    );
    this.marks = new Marks(
      this.root,
      (asks) => this.send("asks", asks),
      (ms) => this.seek(ms),
    );
    this.marks.onchange = () => this.redraw();
    this.someone = new Someone(this.root, (what) => this.marks.ask(what));
    this.resized = new ResizeObserver(() => this.paint());
    this.resized.observe(this.find(".frame"));
    this.keys = (event) => this.key(event);
    document.addEventListener("keydown", this.keys);
    this.buttons();
    this.scrubbing();
  }
  find(what) {
    return this.root.querySelector(what);
  }

  set(data, send) {
    const first = !this.data;
    this.data = data;
    this.send = send;
    this.overlay.font = getComputedStyle(this.root).fontFamily;
    this.find(".all").textContent = `/ ${clockText(data.duration_ms)}`;
    this.find(".chart").setAttribute("aria-valuemax", String(Math.round(data.duration_ms / 1000)));
    this.overlay.set(data);
    if (first) this.begin(data);
    if (data.start !== null && data.start !== this.started) this.seek(data.start);
    this.started = data.start;
    this.marks.set(data);
    this.someone.set(data);
    this.choices();
    this.tick();
  }
  begin(data) {
    this.film = new FilmClock(this.video);
    this.film.onframe = () => this.paint();
    this.still.onload = () => this.paint();
    this.video.addEventListener("loadedmetadata", () => {
      if (!this.video.videoWidth) return this.unplayable();
      if (!this.source.faces) this.shape(this.video.videoWidth, this.video.videoHeight);
      this.film.ready();
      return this.tick();
    });
    this.video.addEventListener("error", () => {
      if (this.video.getAttribute("src")) this.unplayable();
    });
    for (const name of ["play", "pause", "seeked", "ended", "ratechange", "loadeddata"])
      this.video.addEventListener(name, () => this.tick());
    const select = this.find(".source");
    select.closest("label").hidden = data.films.length < 2;
    select.replaceChildren(...data.films.map((one, place) => new Option(one.name, String(place))));
    select.onchange = () => this.open(data.films[Number(select.value)]);
    this.open(data.films[0]);
  }
  /** Show the recording, or the stimulus that was watched, at the same moment. */
  open(source) {
    const at = this.clock?.time ?? 0;
    this.source = source;
    this.clock?.stop();
    this.shape(this.data.width, this.data.height);
    this.find(".layers").hidden = !source.faces;
    this.find(".words").hidden = this.find(".blank").hidden = true;
    this.video.hidden = source.kind !== "film";
    this.still.hidden = source.kind !== "picture";
    if (source.kind === "film") {
      this.film.load(source.url, source.shift_ms, at);
      this.clock = this.film;
      this.clock.rate = Number(this.find(".speed").value);
    } else {
      if (source.kind === "picture") this.still.src = source.url;
      else this.blank(source.words);
      this.count(at);
    }
    this.tick();
  }
  shape(width, height) {
    this.find(".frame").style.setProperty("--shape", String(width / height));
  }
  /** Without a film that plays, a clock that only counts: all but the picture goes on. */
  count(at) {
    this.clock = new StillClock(this.data.duration_ms);
    this.clock.rate = Number(this.find(".speed").value);
    this.clock.seek(Math.min(at, this.data.duration_ms));
  }
  blank(words) {
    this.video.hidden = true;
    this.find(".blank").hidden = this.find(".words").hidden = false;
    this.find(".words").textContent = words;
  }
  /** The browser has no decoder for it, or the connection is gone. */
  unplayable() {
    const at = this.clock.time,
      gone = this.video.error?.code === 2;
    this.film.stop();
    this.blank(
      gone ? "The connection to the recording was lost. Reload the page." : this.source.unplayable,
    );
    this.count(at);
    this.tick();
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
  toggle() {
    if (!this.clock.paused) this.clock.pause();
    else
      this.clock.play()?.catch((error) => {
        if (error.name === "NotSupportedError") this.unplayable();
      });
    this.tick();
  }
  speed(by) {
    const select = this.find(".speed");
    const next =
      STEPS[Math.min(Math.max(STEPS.indexOf(Number(select.value)) + by, 0), STEPS.length - 1)];
    select.value = String(next);
    this.clock.rate = next;
  }
  /** Runs once a screen refresh while it plays, once otherwise. */
  tick() {
    if (this.asked || this.closed) return;
    this.asked = requestAnimationFrame(() => {
      this.asked = 0;
      if (!this.data) return;
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
    const picture = !this.still.hidden
      ? this.still
      : this.video.hidden || this.video.readyState < 2
        ? null
        : this.video;
    this.overlay.draw(this.clock.shown, this.source.faces ? this.layers : {}, picture);
  }
  veil(on) {
    this.video.classList.toggle("veiled", on);
    this.still.classList.toggle("veiled", on);
  }

  // hands
  buttons() {
    const does = {
      play: () => this.toggle(),
      back: () => this.step(-1),
      on: () => this.step(1),
      mark: () => this.marks.add(this.clock.time),
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
      this.clock.rate = Number(event.target.value);
    };
    this.find(".measure").onchange = (event) => {
      this.layers.measure = event.target.value;
      this.keep();
    };
    this.find(".frame").onclick = () => this.toggle();
  }
  /** Whoever is shown at the playhead is someone else from this frame on. */
  split() {
    this.clock.pause();
    const { faces, t } = this.overlay.at(this.clock.shown);
    this.someone.open(faces, t);
    this.tick();
  }
  help() {
    const keys = this.find(".keys");
    keys.hidden = !keys.hidden;
    this.find("[data-do=keys]").setAttribute("aria-expanded", String(!keys.hidden));
  }
  scrubbing() {
    const chart = this.find(".chart");
    const x = (event) => event.clientX - chart.getBoundingClientRect().left;
    chart.onpointerdown = (event) => {
      if (event.button !== 0) return;
      chart.setPointerCapture(event.pointerId);
      this.dragging = true;
      this.seek(this.curve.ms(x(event)));
    };
    chart.onpointermove = (event) => {
      if (this.dragging) this.seek(this.curve.ms(x(event)));
      if (event.pointerType === "mouse" || this.dragging) this.curve.hover(x(event));
    };
    chart.onpointerup = chart.onpointercancel = (event) => {
      this.dragging = false;
      if (event.pointerType !== "mouse") this.curve.hover(null);
    };
    chart.onpointerleave = () => this.curve.hover(null);
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
      " ": () => this.toggle(),
      ArrowLeft: () => this.seek(this.clock.time - jump),
      ArrowRight: () => this.seek(this.clock.time + jump),
      ",": () => this.step(-1),
      ".": () => this.step(1),
      m: () => this.marks.add(this.clock.time),
      s: () => this.split(),
      "<": () => this.speed(-1),
      ">": () => this.speed(1),
      "?": () => this.help(),
      Home: () => this.seek(0),
      End: () => this.seek(this.data.duration_ms),
    }[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!does || (event.repeat && "ms ?".includes(event.key.toLowerCase()))) return;
    event.preventDefault();
    event.stopPropagation();
    does();
  }
  close() {
    this.closed = true;
    cancelAnimationFrame(this.asked);
    document.removeEventListener("keydown", this.keys);
    this.resized.disconnect();
    this.curve.close();
    this.overlay.close();
    this.clock?.stop();
    this.film?.close();
  }
}

export default mountOnce(Player);
