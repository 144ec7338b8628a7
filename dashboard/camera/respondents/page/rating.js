// What a respondent tells by the second while a film plays: a slider, or like and dislike.

import { $ } from "./screens.js";
import { t } from "./words.js";

const EVERY_MS = 1000; // a value that stays is told this often

export class Ratings {
  /** @param {HTMLVideoElement} film */
  constructor(film, tell) {
    this.film = film;
    this.tell = tell;
    this.kind = "none";
    this.value = 0;
    this.slider = $("#film .rate input");
    this.keys = $("#film .rate .keys");
    this.slider.oninput = () => this.set(Number(this.slider.value));
    for (const [selector, value] of [
      [".like", 1],
      [".dislike", -1],
    ]) {
      const press = $(selector, this.keys);
      press.onpointerdown = () => this.set(value);
      for (const end of ["pointerup", "pointerleave", "pointercancel"]) {
        press.addEventListener(end, () => this.set(0));
      }
      press.onkeydown = (event) => [" ", "Enter"].includes(event.key) && this.set(value);
      press.onkeyup = () => this.set(0);
    }
    document.addEventListener("keydown", (event) => this.key(event, true));
    document.addEventListener("keyup", (event) => this.key(event, false));
    setInterval(() => this.report(), EVERY_MS);
  }
  /** Begin with a film; `kind` is none, slider or keys. */
  begin(kind) {
    this.kind = kind;
    this.value = kind === "slider" ? 50 : 0;
    this.slider.value = "50";
    $("#film .rate").hidden = kind === "none";
    this.slider.hidden = kind !== "slider";
    $("#film .rate .says").textContent =
      kind === "slider"
        ? t("How much do you like this moment?")
        : t("Hold while you like or dislike it");
    this.keys.hidden = kind !== "keys";
    if (kind === "slider") this.slider.focus();
    if (kind === "keys") $(".like", this.keys).focus();
  }
  key(event, down) {
    if (this.kind !== "keys" || event.repeat) return;
    const value = { ArrowUp: 1, ArrowRight: 1, ArrowDown: -1, ArrowLeft: -1 }[event.key];
    if (!value) return;
    event.preventDefault();
    this.set(down ? value : 0);
  }
  set(value) {
    if (value === this.value) return;
    this.value = value;
    for (const [selector, held] of [
      [".like", 1],
      [".dislike", -1],
    ]) {
      $(selector, this.keys).setAttribute("aria-pressed", String(value === held));
    }
    this.report();
  }
  report() {
    if (this.kind === "none" || this.film.paused || this.film.ended) return;
    this.tell({ k: "rate", t: this.film.currentTime * 1000, v: this.value });
  }
}
