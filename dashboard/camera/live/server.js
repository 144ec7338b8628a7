// One live session as the server knows it: begun with an offer, looked at, told what to do.

import { post } from "../../shared/web/post.js";
import { Refused, WORDS } from "./words.js";

const SLOW_MS = 5000; // an answer that takes longer is given up

const LEFT = "rapt-live-left"; // the session that this tab left, until the page is back

export class LiveRun {
  constructor() {
    this.run = null; // its id and key, once the server took it
    this.ended = false; // the server does not know it any more
    this.heard = performance.now(); // when the server answered last
    this.since = -1; // the last point of the curve that is here
    this.ticks = [];
  }
  /** Take an offer and the page's choices to the server; its answer to the offer. */
  async begin(choices, token) {
    const { ok, said } = await post("/live", choices, { token }).catch(() => {
      throw new Refused(WORDS.lost);
    });
    if (!ok || !said.run)
      throw new Refused(said.error ? [said.error, said.hint ?? ""] : WORDS.unexpected);
    this.run = said;
    return said.answer;
  }
  /** The numbers of this moment, or null where none came; `late` is the picture's own delay. */
  async look(late = "") {
    if (!this.run) return null;
    const { run, key } = this.run;
    const asked = performance.now();
    try {
      const answer = await fetch(`/live/${run}?k=${key}&since=${this.since}${late}`, {
        signal: AbortSignal.timeout(SLOW_MS),
      });
      if (answer.status === 404) this.ended = true;
      if (!answer.ok) return null;
      const view = await answer.json();
      this.heard = performance.now();
      this.tune(view.t, asked);
      return view;
    } catch {
      return null;
    }
  }
  /** How long the server has not answered. */
  get silence() {
    return performance.now() - this.heard;
  }
  /** The session's clock on ours, by the quickest of the last answers: a marker is set to the
   *  moment of the key, not to that of its arrival at the server. */
  tune(t, asked) {
    const tick = { way: this.heard - asked, zero: (asked + this.heard) / 2 - t };
    this.ticks = [...this.ticks.slice(-20), tick];
  }
  get now() {
    if (!this.ticks.length) return Math.round(performance.now());
    const best = this.ticks.reduce((one, other) => (other.way < one.way ? other : one));
    return Math.max(0, Math.round(performance.now() - best.zero));
  }
  /** Carry out a command; the view after it. */
  async do(what) {
    if (!this.run) return null;
    const asked = { ...what, since: this.since };
    const { ok, said } = await post(this.address, asked, { keepalive: what.do === "stop" });
    if (!ok) throw new Refused([said.error ?? "The server refused.", said.hint ?? ""]);
    return said;
  }
  get address() {
    return `/live/${this.run.run}/do?k=${this.run.key}`;
  }
  /** The page goes: the server is told without waiting for its answer. */
  leave() {
    if (!this.run) return;
    const stop = new Blob([JSON.stringify({ do: "stop" })], { type: "application/json" });
    navigator.sendBeacon(this.address, stop);
    try {
      sessionStorage.setItem(LEFT, JSON.stringify(this.run));
    } catch {
      // a tab that keeps nothing is told nothing when it is back
    }
  }
  /** The session that this tab left, once; null where there is none. */
  static left() {
    try {
      const run = JSON.parse(sessionStorage.getItem(LEFT) ?? "null");
      sessionStorage.removeItem(LEFT);
      return run ? Object.assign(new LiveRun(), { run }) : null;
    } catch {
      return null;
    }
  }
}
