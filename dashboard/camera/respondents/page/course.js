// A visit of a course: one screen after the other, as the server says which is next.

import { Questions } from "./questions.js";
import { $, make, say, show } from "./screens.js";
import { Refused } from "./server.js";
import { t } from "./words.js";

const SOON_S = 10; // from here on a screen reader is told that the time is nearly over
const AWAY_MS = 3000; // how long the end can be read before a panel provider's page opens

export class Course {
  /**
   * `go(at, answers, late)` and `back()` ask for the next screen; `camera(done)` sets the camera
   * up; `film(screen, done)` shows one; `stop()` lets the camera go; `withdraw()` takes all back.
   */
  constructor(ways) {
    this.ways = ways;
    this.sending = false;
    this.late = null; // the screen whose time is over
  }
  /** Show a screen; `camera`: the camera must be set up first, for the page was opened anew. */
  open(screen, camera = false) {
    this.screen = screen;
    if (screen.kind === "over") return this.over(screen);
    if (screen.camera === false) this.ways.stop();
    if (camera) return this.ways.camera(screen, () => this.open(screen));
    if (screen.kind === "camera") return this.ways.camera(screen, () => this.done({}));
    if (screen.kind === "films") return this.ways.film(screen, () => this.done({}));
    this.page(screen);
  }
  /** This screen is done, or its time is over; the next one is shown once the server kept it. */
  async done(answers, late = false) {
    if (this.sending) return;
    this.sending = true;
    try {
      const next = await this.patiently(() => this.ways.go(this.screen.at, answers, late));
      if (next.wrong) this.questions?.say(next.wrong);
      else this.open(next);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (this.screen.kind === "films" || this.screen.kind === "camera") {
        const again = () => this.done(answers, late);
        return say(error.message, t("What you answered is kept."), error.hint, "Try again", again);
      }
      const place = $("#course .row + .wrong"); // not while somebody is asked whether to leave
      if (place) place.textContent = error.sentence;
    } finally {
      this.sending = false;
    }
  }
  /** Ask again where the server was not reached: it may be starting anew. */
  async patiently(ask) {
    for (let tried = 1; ; tried += 1) {
      try {
        return await ask();
      } catch (error) {
        if (!(error instanceof Refused) || error.status || tried === 5) throw error;
        await new Promise((done) => setTimeout(done, 600 * tried));
      }
    }
  }
  page(screen) {
    const main = $("#course");
    const form = make("form", { novalidate: "" });
    const title = make("h1", {}, screen.title || t("A few questions"));
    const step = make(
      "p",
      { class: "step" },
      t("Step {at} of {of}", { at: screen.at + 1, of: screen.of }),
    );
    form.append(step, title);
    for (const part of (screen.text ?? "").split(/\n\s*\n/)) {
      if (part.trim()) form.append(make("p", {}, part));
    }
    this.questions = screen.questions.length
      ? new Questions(screen.questions, screen.answers ?? {})
      : null;
    if (this.questions) form.append(this.questions.root);
    const row = make("div", { class: "row" });
    const next = make("button", { class: "main" }, t("Continue"));
    row.append(next);
    if (screen.back) {
      const back = make("button", { type: "button" }, t("Back"));
      back.onclick = async () => this.open(await this.ways.back());
      row.append(back);
    }
    const wrong = make("p", { class: "wrong", role: "alert" });
    const leave = make("button", { type: "button", class: "leave" }, t("Stop and withdraw"));
    leave.onclick = () => this.askWhetherToLeave();
    form.append(row, wrong, leave);
    form.onsubmit = (event) => {
      event.preventDefault();
      if (this.late === screen) return this.timeOver();
      const given = this.questions ? this.questions.given() : {};
      if (given) this.done(given);
    };
    main.replaceChildren(form);
    show("course");
    if (screen.pause_s) this.wait(next, screen.pause_s);
    if (screen.limit_s) this.limit(step, screen);
  }
  /** The questions are over after their time, as they are then; a reload gives no more of it. */
  limit(place, screen) {
    const key = `rapt-until:${location.pathname}:${screen.at}`;
    const until = Number(sessionStorage.getItem(key)) || Date.now() + screen.limit_s * 1000;
    sessionStorage.setItem(key, String(until));
    const left = make("span", { class: "left", role: "timer" });
    const says = make("span", { class: "hidden-words", role: "status" });
    place.append(left, says);
    const tick = () => {
      if (this.screen !== screen) return sessionStorage.removeItem(key);
      const s = Math.max(0, Math.ceil((until - Date.now()) / 1000));
      left.textContent = t("Time left: {s} s", { s });
      if (s <= SOON_S && !says.textContent) says.textContent = left.textContent;
      if (s > 0) return setTimeout(tick, 250);
      sessionStorage.removeItem(key);
      this.late = screen;
      this.timeOver();
    };
    tick();
  }
  timeOver() {
    this.done(this.questions?.valid() ?? {}, true);
  }
  /** A pause ends by itself. */
  wait(press, seconds) {
    press.hidden = true;
    const { screen } = this;
    setTimeout(() => this.screen === screen && this.done({}), seconds * 1000);
  }
  askWhetherToLeave() {
    const main = $("#course");
    const before = [...main.children];
    const row = make("div", { class: "row" });
    const stay = make("button", { type: "button", class: "main" }, t("Go on"));
    const go = make("button", { type: "button" }, t("Stop and delete"));
    stay.onclick = () => main.replaceChildren(...before);
    go.onclick = () => this.ways.withdraw();
    row.append(stay, go);
    const words = t("What was recorded of you and what you answered is then deleted.");
    main.replaceChildren(make("h1", {}, t("Stop here?")), make("p", {}, words), row);
    stay.focus();
  }
  over(screen) {
    this.ways.stop();
    this.ways.forget();
    const close = "You can close this page.";
    if (screen.redirect) {
      const away = () => location.replace(screen.redirect);
      say("Thank you", ENDS[screen.state] ?? "", "", "Continue", away);
      setTimeout(away, AWAY_MS);
    } else if (screen.state === "done") {
      const hint =
        "You can close this page now. If you have changed your mind, what was recorded of you can be deleted.";
      say("Thank you", ENDS.done, hint, "Delete what was recorded", () => this.ways.withdraw());
      $("#words button").className = "";
    } else say("Thank you", ENDS[screen.state] ?? "", close);
  }
}

const ENDS = {
  done: "Your response was saved. The camera is off.",
  screened: "This study looks for other people. None of your answers were kept.",
  full: "Everyone who was needed has taken part. None of your answers were kept.",
  broken: "What was recorded until then is kept.",
  withdrawn: "Nothing that was recorded of you is left.",
};
