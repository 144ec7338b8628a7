// The picture: which film is shown, at what size, and what is said where there is none.

import { FilmClock, StillClock } from "./clock.js";

const LEAST = 130; // pixels; a window that leaves less is scrolled
const BELOW = 12; // pixels of air under what has to fit

/** How tall the picture may be (px): all that belongs together fits into the window.
 * @param {{window: number, top: number, others: number, width: number, shape: number}} room
 */
export function stageHeight({ window, top, others, width, shape }) {
  const free = Math.max(LEAST, window - top - others - BELOW);
  return Math.round(Math.min(free, width / shape));
}

/** The film to begin with: the recording, or what was watched where there is no recording. */
export function firstFilm(films) {
  return films.find((one) => one.kind !== "none") ?? films[0];
}

export class Stage {
  /** Whose time counts: set as the first film is opened. @type {FilmClock | StillClock} */
  clock;
  /** The film or picture that is shown, as the server describes it. @type {any} */
  source;
  /** @type {FilmClock} */
  film;
  shape = 16 / 9;
  rate = 1;
  constructor(root, { tick, paint }) {
    this.root = root;
    this.tick = tick;
    this.paint = paint;
    this.video = root.querySelector("video");
    this.still = root.querySelector(".still");
    this.words = root.querySelector(".words");
    this.box = root.querySelector(".stage");
    this.fitted = () => this.fit();
    this.resized = new ResizeObserver(() => {
      this.fit();
      paint();
    });
    this.resized.observe(root);
    window.addEventListener("resize", this.fitted);
  }
  /** The first films and the recording's length. */
  begin(data) {
    this.data = data;
    this.film = new FilmClock(this.video);
    this.film.end = data.duration_ms;
    this.film.onframe = () => this.paint();
    this.still.onload = () => this.paint();
    this.video.addEventListener("loadedmetadata", () => {
      if (!this.video.videoWidth) return this.unplayable();
      if (!this.source.faces) this.resize(this.video.videoWidth, this.video.videoHeight);
      this.film.ready();
      return this.tick();
    });
    this.video.addEventListener("error", () => {
      if (this.video.getAttribute("src")) this.unplayable();
    });
    for (const name of ["play", "pause", "seeked", "ended", "ratechange", "loadeddata"])
      this.video.addEventListener(name, () => this.tick());
    const select = this.root.querySelector(".source");
    const first = firstFilm(data.films);
    select.closest("label").hidden = data.films.length < 2;
    select.replaceChildren(...data.films.map((one, place) => new Option(one.name, String(place))));
    select.value = String(data.films.indexOf(first));
    select.onchange = () => this.open(data.films[Number(select.value)]);
    this.open(first);
  }
  /** Show the recording, or the stimulus that was watched, at the same moment. */
  open(source) {
    const at = this.clock?.time ?? 0;
    this.source = source;
    this.clock?.stop();
    this.resize(this.data.width, this.data.height);
    this.words.hidden = true;
    this.box.hidden = source.kind === "none";
    this.video.hidden = source.kind !== "film";
    this.still.hidden = source.kind !== "picture";
    if (source.kind === "film") {
      this.film.load(source.url, source.shift_ms, at);
      this.clock = this.film;
      this.clock.rate = this.rate;
    } else {
      if (source.kind === "picture") this.still.src = source.url;
      else this.without(source.words);
      this.count(at);
    }
    this.layers();
    this.fit();
    this.tick();
  }
  /** Buttons for what lies over faces are there while faces are. */
  layers() {
    this.root.querySelector(".layers").hidden = this.box.hidden || !this.source.faces;
  }
  resize(width, height) {
    this.shape = width / height;
    this.fit();
  }
  /** Stage, controls, curve and lanes in one window. */
  fit() {
    const together = this.root.querySelector(".together");
    const tall = this.box.hidden ? 0 : this.box.offsetHeight;
    const scrolled = this.root.getRootNode().host?.closest("[data-testid=stMain]");
    const height = stageHeight({
      window: window.innerHeight,
      top: together.getBoundingClientRect().top + (scrolled?.scrollTop ?? window.scrollY),
      others: together.offsetHeight - tall,
      width: together.clientWidth,
      shape: this.shape,
    });
    this.box.style.setProperty("--shape", String(this.shape));
    this.box.style.setProperty("--tall", `${height}px`);
  }
  /** Without a film that plays, a clock that only counts: all but the picture goes on. */
  count(at) {
    this.clock = new StillClock(this.data.duration_ms);
    this.clock.rate = this.rate;
    this.clock.seek(Math.min(at, this.data.duration_ms));
  }
  without(words) {
    this.video.hidden = true;
    this.box.hidden = true;
    this.words.hidden = false;
    this.words.textContent = words;
    this.layers();
    this.fit();
  }
  /** The browser has no decoder for it, or the connection is gone. */
  unplayable() {
    const at = this.clock.time,
      gone = this.video.error?.code === 2;
    this.film.stop();
    this.without(
      gone ? "The connection to the recording was lost. Reload the page." : this.source.unplayable,
    );
    this.count(at);
    this.tick();
  }
  /** What is on the screen now; null while there is none. */
  get picture() {
    if (!this.still.hidden) return this.still;
    return this.video.hidden || this.video.readyState < 2 ? null : this.video;
  }
  veil(on) {
    this.video.classList.toggle("veiled", on);
    this.still.classList.toggle("veiled", on);
  }
  speed(rate) {
    this.clock.rate = this.rate = rate;
  }
  toggle() {
    if (!this.clock.paused) this.clock.pause();
    else
      this.clock.play()?.catch((error) => {
        if (error.name === "NotSupportedError") this.unplayable();
      });
    this.tick();
  }
  close() {
    window.removeEventListener("resize", this.fitted);
    this.resized.disconnect();
    this.clock?.stop();
    this.film?.close();
  }
}
