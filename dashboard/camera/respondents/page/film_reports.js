// Which moment of the film was on the screen when: told to the server several times a second.

import { browserTime } from "../../connection/peer.js";

const EVERY_MS = 200;
const LOAD_MS = 15000;

export class FilmReports {
  /** @param {HTMLVideoElement} film */
  constructor(film, tell) {
    this.film = film;
    this.tell = tell;
    this.on = false;
    this.told = 0;
    this.begun = false; // a course shows several films by one element
  }
  start() {
    this.on = true;
    if (this.begun) return this.frames();
    this.begun = true;
    for (const name of ["pause", "waiting", "seeking", "ended"]) {
      this.film.addEventListener(name, () => this.report(false));
    }
    // a still picture gives no new frames, yet the film runs
    const patience = "requestVideoFrameCallback" in this.film ? 3 * EVERY_MS : 0;
    setInterval(() => {
      if (this.moving && browserTime() - this.told > patience) this.report(true);
    }, EVERY_MS);
    this.frames();
  }
  stop() {
    this.report(false);
    this.on = false;
  }
  report(playing, at = browserTime(), t = this.film.currentTime) {
    if (!this.on) return;
    this.tell({ k: "film", at, t: t * 1000, playing });
    this.told = at;
  }
  get moving() {
    return this.on && !this.film.paused && !this.film.ended && this.film.readyState >= 3;
  }
  /** Report each frame that is shown, by the browser's word for when. */
  frames() {
    this.film.requestVideoFrameCallback?.((_, frame) => {
      // some browsers count this from elsewhere
      const soon = Math.abs(frame.expectedDisplayTime - performance.now()) < 500;
      const at = soon ? performance.timeOrigin + frame.expectedDisplayTime : browserTime();
      if (!this.film.paused && at - this.told >= EVERY_MS) this.report(true, at, frame.mediaTime);
      if (this.on) this.frames();
    });
  }
}

/** Resolves when the film can play from its beginning; rejects where this browser cannot. */
export function loaded(film) {
  if (film.currentTime) film.currentTime = 0;
  if (film.readyState >= 3) return Promise.resolve();
  return new Promise((done, fail) => {
    const wrong = () => fail(new Error("The film cannot be played."));
    film.addEventListener("canplay", done, { once: true });
    film.addEventListener("error", wrong, { once: true });
    if (film.error) wrong();
    setTimeout(done, LOAD_MS);
  });
}
