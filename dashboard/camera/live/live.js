// The page's one component: before, while and after a session. Python is asked by routes only.

import { colourKey, mountOnce } from "../../shared/web/component.js";
import { clockText, counted } from "../../shared/web/text.js";
import { LiveCamera } from "./camera.js";
import { Charts } from "./charts.js";
import { Form } from "./form.js";
import { Readout } from "./readout.js";
import { LiveRun } from "./server.js";
import { Refused, WORDS } from "./words.js";

const EVERY_MS = 250; // between two looks at the server
const FIRST_MS = 15000; // how long the first analysed picture may take
const SILENT_MS = 6000; // without an answer from it: said, and tried again …
const GONE_MS = 30000; // … until it is taken for lost

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

class Live {
  constructor(host) {
    this.root = host.querySelector(".live");
    this.camera = new LiveCamera(this.find("video"));
    this.charts = new Charts(this.find("canvas"));
    this.readout = new Readout(this.root);
    this.state = "before";
    this.run = null;
    this.keys = (event) => this.key(event);
    this.leave = () => this.goodbye();
    document.addEventListener("keydown", this.keys);
    window.addEventListener("pagehide", this.leave);
    this.form = new Form(this.root, {
      onstart: () => this.start(),
      onlayers: () => this.ask({ do: "layers", layers: this.form.layers }),
    });
    this.controls();
  }
  find(what) {
    return this.root.querySelector(what);
  }
  field(name) {
    return this.find(`[name=${name}]`);
  }

  set(data) {
    this.data = data;
    this.charts.palette = data.emotions;
    colourKey(this.find(".key"), data.emotions);
    this.form.set(data);
    if (this.state === "before" && !data.served) this.say(WORDS.noRoutes);
    this.recall();
    this.charts.draw();
  }
  show(state) {
    this.state = this.root.dataset.state = state;
    this.find(".before").hidden = state !== "before";
    this.find(".room").hidden = ["before", "after"].includes(state);
    this.find(".after").hidden = state !== "after";
    this.find(".pause").textContent = state === "paused" ? "Go on" : "Pause";
    for (const what of [".pause", ".mark", ".stop", ".keep", "[name=marker]", "[name=note]"]) {
      const starting = state === "starting" && what !== ".stop";
      this.find(what).disabled = state === "ending" || starting;
    }
  }
  /** @param {string | null} [link] a page that helps */
  say(words, link = null) {
    const box = this.find(".words");
    const text = words ? words.join(" ") : "";
    if (text === this.spoken) return; // an alert is read out once
    this.spoken = text;
    box.hidden = !words;
    if (!words) return;
    box.querySelector("strong").textContent = words[0];
    box.querySelector("span").textContent = words[1];
    const a = box.querySelector("a");
    const to = link && this.data.links[link];
    a.hidden = !to;
    if (!to) return;
    a.href = to;
    a.textContent = "Check my connection";
  }

  // -- before -------------------------------------------------------------------------

  async start() {
    if (this.state !== "before") return;
    this.say(null);
    this.show("starting");
    this.clear();
    const { id, size } = this.form.camera();
    try {
      this.blank("Waiting for the camera. The browser may ask for your permission.");
      await this.camera.open(id, size);
      this.form.cameras(); // now they have names
      this.camera.onlost = (words) => this.lost(words);
      await this.connect();
      if (this.starting) this.show("running");
    } catch (error) {
      if (!this.starting) return;
      this.goodbye();
      this.camera.close();
      this.show("before");
      if (error instanceof Refused) this.say(error.words, error.link);
      else {
        console.error(error);
        this.say(["The session could not start.", String(error.message ?? error)]);
      }
      this.find(".words").scrollIntoView({ block: "nearest" });
    }
  }
  /** Connect until a picture was analysed; once again where none comes. */
  async connect() {
    for (const saying of ["Connecting.", "Connecting again."]) {
      this.blank(saying);
      this.run = new LiveRun();
      const exchange = (offer) => this.run.begin(this.form.choices(offer), this.data.token);
      await this.camera.connect(this.data.rtc, exchange);
      this.blank("Waiting for the first picture.");
      if (await this.first()) return;
      await this.run.do({ do: "stop" }).catch(() => {});
      this.run = null;
      this.camera.peer?.close();
    }
    throw new Refused(WORDS.noPicture);
  }
  /** Look until the first picture was analysed. */
  async first() {
    const until = performance.now() + FIRST_MS;
    while (performance.now() < until && this.state === "starting") {
      const view = await this.look();
      if (view?.state === "ended") {
        throw new Refused([view.words || "The session ended before it began.", ""]);
      }
      if (view?.frames > 0) {
        this.seen(view);
        this.poll();
        return true;
      }
      await sleep(EVERY_MS);
    }
    return this.state !== "starting";
  }

  /** Where a session is that this tab left by a reload or another page. */
  async recall() {
    const run = this.state === "before" && !this.run ? LiveRun.left() : null;
    if (!run) return;
    this.run = run;
    const view = await run.look();
    if (this.run !== run) return;
    if (this.state !== "before" || !view?.frames) {
      this.run = null;
      return;
    }
    this.show("ending");
    this.readout.put(".said", "Writing the session that this page left.");
    await this.finish();
  }

  // -- while --------------------------------------------------------------------------

  /** What the server sees now; null where it did not answer, or another session began. */
  async look() {
    const run = this.run;
    const view = await run?.look(this.camera.late());
    if (!run || run !== this.run) return null;
    if (run.ended) this.gone();
    return view;
  }
  poll() {
    clearTimeout(this.timer);
    const run = this.run;
    let turn = 0;
    const next = async () => {
      if (!run || this.run !== run) return;
      const began = performance.now();
      const view = await this.look();
      if (this.run !== run) return;
      if (view) this.seen(view);
      else if (this.silent()) return;
      if (turn % 4 === 0) this.transport();
      turn += 1;
      this.timer = setTimeout(next, Math.max(50, EVERY_MS - (performance.now() - began)));
    };
    this.timer = setTimeout(next, EVERY_MS);
  }
  /** No answer: a busy server is waited for, one that is gone is not. */
  silent() {
    const { silence } = this.run;
    if (silence < SILENT_MS) return false;
    if (silence > GONE_MS || !this.camera.connected) {
      this.lost(null);
      return true;
    }
    this.say(WORDS.busy);
    this.warned = true;
    return false;
  }
  async transport() {
    const took = await this.camera.transport().catch(() => null);
    if (took !== null) this.readout.transported(took);
  }
  seen(view) {
    if (view.state === "ended") {
      this.after(view);
      return;
    }
    if (this.state === "ending") return; // nothing more is measured
    if (view.curve.length) this.run.since = view.curve.at(-1).t;
    this.charts.marks = view.markers.filter((one) => !one.note);
    const { t, engagement, attention, valence } = view;
    this.charts.add(view.curve, t, { t, engagement, attention, valence });
    this.readout.show(view);
    this.charts.draw();
    const off = this.form.kept.picture ? "" : "Only numbers: the picture is switched off.";
    this.blank(view.state === "paused" ? "Paused" : off);
    if (["running", "paused"].includes(this.state) && view.state !== this.state) {
      this.show(view.state);
    }
    if (view.words) this.say([view.words, view.hint ?? ""]);
    else if (this.warned) this.say(null);
    this.warned = Boolean(view.words);
  }
  blank(text) {
    this.find(".blank").hidden = !text;
    this.readout.put(".blank", text);
    this.find("video").classList.toggle("off", Boolean(text));
  }
  clear() {
    this.run = null;
    this.warned = false;
    this.charts.clear();
    this.readout.clear();
    this.field("note").value = this.field("marker").value = "";
    this.charts.draw();
  }

  // -- what a person does -------------------------------------------------------------

  /** Ask for something, and show what the server says to it. */
  async ask(what) {
    try {
      const view = await this.run?.do(what);
      if (view && this.run) this.seen(view);
      return true;
    } catch (error) {
      this.say(error instanceof Refused ? error.words : WORDS.lost);
      return false;
    }
  }
  controls() {
    const submit = (what, act) => {
      this.find(what).onsubmit = (event) => {
        event.preventDefault();
        act();
      };
    };
    submit(".hands", () => this.mark());
    submit(".noting", () => this.note());
    this.find(".pause").onclick = () =>
      this.ask({ do: this.state === "paused" ? "resume" : "pause" });
    this.find(".stop").onclick = () => this.stop();
    this.find(".again").onclick = () => this.again();
  }
  get starting() {
    return this.state === "starting";
  }
  get measuring() {
    return this.state === "running" || this.state === "paused";
  }
  async note() {
    const input = this.field("note");
    const text = input.value.trim();
    if (!text || !this.run) return;
    if (await this.ask({ do: "note", text, t: this.run.now })) input.value = "";
  }
  async mark() {
    const input = this.field("marker");
    if (!this.measuring) return;
    const asked = { do: "mark", name: input.value.trim(), t: this.run.now };
    if (await this.ask(asked)) input.value = "";
  }
  key(event) {
    if (event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key.toLowerCase() !== "m" || !this.measuring) return;
    const [at] = event.composedPath();
    const typing = /^(INPUT|TEXTAREA|SELECT)$/;
    if (at instanceof HTMLElement && (at.isContentEditable || typing.test(at.tagName))) return;
    event.preventDefault();
    event.stopPropagation();
    this.mark();
  }

  // -- after --------------------------------------------------------------------------

  async stop() {
    if (this.state === "ending") return;
    if (!this.run?.run) {
      this.camera.close(); // it had not begun
      this.show("before");
      return;
    }
    this.show("ending");
    this.readout.put(".said", "Writing the session.");
    clearTimeout(this.timer);
    await this.note();
    await this.ask({ do: "stop" });
    this.camera.close();
    await this.finish();
  }
  /** The server writes the last second; its summary is shown when it is done. */
  async finish() {
    while (this.run) {
      const view = await this.look();
      if (view?.state === "ended") this.after(view);
      else if (this.run?.silence > GONE_MS) this.lost(null);
      else await sleep(200);
    }
  }
  /** The camera or the server is gone; `words` say why, where it was the camera. */
  lost(words) {
    if (["before", "after"].includes(this.state)) return;
    if (words) {
      this.say(words);
      this.lastWords = words;
      this.stop();
      return;
    }
    this.goodbye();
    this.run = null;
    this.camera.close();
    this.show("before");
    this.say(WORDS.lost);
  }
  /** The server does not know the session any more. */
  gone() {
    this.run = null;
    clearTimeout(this.timer);
    this.camera.close();
    if (this.state === "after") return;
    this.say(WORDS.lost);
    this.show("before");
  }
  after(view) {
    clearTimeout(this.timer);
    this.run = null;
    this.camera.close();
    const { done } = view;
    this.say(this.lastWords ?? (view.words ? [view.words, view.hint ?? ""] : null));
    this.lastWords = null;
    this.readout.put(".after h2", done ? `${done.name} is kept` : "There is no session");
    this.readout.put(".sum", done ? summary(done) : nothingKept(view));
    const open = this.find(".open");
    open.hidden = !done;
    if (done) open.href = `${this.data.links.session}?id=${encodeURIComponent(done.session)}`;
    this.show("after");
    open.focus({ preventScroll: true });
  }
  again() {
    this.say(null);
    this.show("before");
  }
  goodbye() {
    clearTimeout(this.timer);
    this.run?.leave();
  }
  close() {
    this.goodbye();
    this.run = null;
    this.camera.close();
    this.camera.over = true;
    this.charts.close();
    document.removeEventListener("keydown", this.keys);
    window.removeEventListener("pagehide", this.leave);
    this.form.close();
  }
}

function summary(done) {
  return [
    clockText(done.length),
    counted(done.viewers, "viewer", "viewers"),
    `${counted(done.frames, "picture", "pictures")} analysed`,
    counted(done.markers, "marker", "markers"),
  ].join(" · ");
}

function nothingKept(view) {
  if (view.words) return view.hint || "Nothing of it was kept.";
  return "No picture was analysed before it ended.";
}

export default mountOnce(Live);
