// The page's one component: before, while and after a session. Python is asked by routes only.

const places = new WeakMap();
const KEPT = "rapt.live";
const EVERY_MS = 250; // between two looks at the server
const SLOW_MS = 5000; // an answer that takes longer is given up
const SILENT_MS = 6000; // without an answer from it: said, and tried again …
const GONE_MS = 30000; // … until it is taken for lost
const LAYERS = ["picture", "boxes", "names", "bars", "blur"];

function kept() {
  const plain = { picture: true, boxes: true, names: true, bars: true, blur: false, camera: "", size: "640x360" };
  try { return { ...plain, ...JSON.parse(localStorage.getItem(KEPT) ?? "{}") }; } catch { return plain; }
}

class Live {
  constructor(host) {
    this.root = host.querySelector(".live");
    this.kept = kept();
    this.camera = new Camera(this.find("video"));
    this.charts = new Charts(this.find("canvas"));
    this.state = "before";
    this.keys = (event) => this.key(event);
    this.leave = () => this.goodbye();
    document.addEventListener("keydown", this.keys);
    window.addEventListener("pagehide", this.leave);
    this.devices = () => this.cameras();
    navigator.mediaDevices?.addEventListener?.("devicechange", this.devices);
    this.hands();
    this.find("[name=size]").value = this.kept.size;
    this.cameras();
    this.layers();
  }
  find(what) { return this.root.querySelector(what); }
  field(name) { return this.find(`[name=${name}]`); }

  set(data) {
    this.data = data;
    this.charts.palette = data.emotions;
    this.find(".key").replaceChildren(...data.emotions.map((one) => {
      const item = document.createElement("span"), dot = document.createElement("i");
      dot.style.background = one.colour;
      item.append(dot, one.name);
      return item;
    }));
    this.lists();
    if (this.state === "before" && !data.served) this.say(NO_ROUTES);
    this.ready();
    this.charts.draw();
  }
  show(state) {
    this.state = this.root.dataset.state = state;
    this.find(".before").hidden = state !== "before";
    this.find(".room").hidden = !["starting", "running", "paused", "ending"].includes(state);
    this.find(".after").hidden = state !== "after";
    this.find(".pause").textContent = state === "paused" ? "Go on" : "Pause";
    for (const what of [".pause", ".mark", ".stop", ".keep", "[name=marker]", "[name=note]"]) {
      this.find(what).disabled = state === "ending" || (state === "starting" && what !== ".stop");
    }
  }
  say(words, link = null) {
    const box = this.find(".words"), text = words ? words.join(" ") : "";
    if (text === this.spoken) return; // an alert is read out once
    this.spoken = text;
    box.hidden = !words;
    if (!words) return;
    box.querySelector("strong").textContent = words[0];
    box.querySelector("span").textContent = words[1];
    const a = box.querySelector("a");
    a.hidden = !(link && this.data.links[link]);
    if (!a.hidden) { a.href = this.data.links[link]; a.textContent = "Check my connection"; }
  }

  // before
  async cameras() {
    let found = [];
    try { found = await Camera.list(); } catch { /* not allowed to ask: START says so */ }
    const select = this.field("camera"), chosen = select.value || this.kept.camera;
    select.replaceChildren(new Option("The usual one of this device", ""),
      ...found.filter((one) => one.deviceId).map((one, i) => new Option(one.label || `Camera ${i + 1}`, one.deviceId)));
    if ([...select.options].some((one) => one.value === chosen)) select.value = chosen;
  }
  lists() {
    const { studies } = this.data;
    const fill = (id, values) => this.find(id).replaceChildren(...values.map((one) => new Option(one)));
    const study = studies.find((one) => one.name === this.field("study").value.trim());
    fill("#live-studies", studies.map((one) => one.name));
    fill("#live-stimuli", study?.stimuli ?? []);
    fill("#live-conditions", study?.conditions ?? []);
  }
  ready() {
    const agreed = this.find(".agreed").checked, served = this.data?.served ?? false;
    this.find(".begin button").disabled = !agreed || !served;
    this.find(".why").textContent = agreed ? "" : "Tick the box first.";
  }
  remember(change) {
    Object.assign(this.kept, change);
    try { localStorage.setItem(KEPT, JSON.stringify(this.kept)); } catch { /* private mode: for this visit only */ }
  }

  async start() {
    if (this.state !== "before") return;
    this.say(null);
    this.show("starting");
    this.clean();
    const size = this.field("size").value, id = this.field("camera").value;
    this.remember({ size, camera: id });
    try {
      this.blank("Waiting for the camera. The browser may ask for your permission.");
      await this.camera.open(id, size);
      this.cameras();
      this.camera.onlost = (words) => this.lost(words);
      for (let turn = 1; ; turn += 1) {
        this.blank(turn === 1 ? "Connecting." : "Connecting again.");
        await this.camera.connect(this.data.rtc, (offer) => this.exchange(offer));
        this.blank("Waiting for the first picture.");
        if (await this.first()) break;
        await this.do({ do: "stop" }).catch(() => {});
        this.run = null;
        this.camera.peer?.close();
        if (turn === 2) throw new Refused(NO_PICTURE);
      }
      if (this.state === "starting") this.show("running");
    } catch (error) {
      if (this.state !== "starting") return;
      this.goodbye();
      this.camera.close();
      this.show("before");
      if (error instanceof Refused) this.say(error.words, error.link);
      else { console.error(error); this.say(["The session could not start.", String(error.message ?? error)]); }
      this.find(".words").scrollIntoView({ block: "nearest" });
    }
  }
  async exchange(offer) {
    const text = (name) => this.field(name).value.trim();
    const asked = {
      offer, agreed: this.find(".agreed").checked, name: text("name"), study: text("study"),
      stimulus: text("stimulus"), condition: text("condition"), layers: this.wanted(),
    };
    const answer = await fetch("/live", {
      method: "POST", body: JSON.stringify(asked),
      headers: { "content-type": "application/json", "x-rapt-token": this.data.token },
    }).catch(() => { throw new Refused(LOST); });
    const said = await answer.json().catch(() => ({ error: "The server did not answer as expected.", hint: "Reload the page." }));
    if (!answer.ok) throw new Refused([said.error, said.hint ?? ""]);
    this.run = said;
    return said.answer;
  }
  /** Look until the first picture was analysed. */
  async first() {
    const until = performance.now() + 15000;
    while (performance.now() < until && this.state === "starting") {
      const view = await this.look();
      if (view?.state === "ended") throw new Refused([view.words || "The session ended before it began.", ""]);
      if (view?.frames > 0) {
        this.seen(view);
        this.poll();
        return true;
      }
      await new Promise((done) => setTimeout(done, EVERY_MS));
    }
    return this.state !== "starting";
  }

  // while
  async look() {
    const run = this.run;
    if (!run) return null;
    const asked = performance.now(), late = this.camera.late();
    try {
      const answer = await fetch(`/live/${run.run}?k=${run.key}&since=${this.since}${late}`, { signal: AbortSignal.timeout(SLOW_MS) });
      if (answer.status === 404) { this.gone(); return null; }
      if (!answer.ok) return null;
      const view = await answer.json();
      if (run !== this.run) return null; // another session began meanwhile
      this.heard = performance.now();
      this.tune(view.t, asked, this.heard);
      return view;
    } catch {
      return null;
    }
  }
  /** The session's clock on ours, by the quickest of the last answers: a marker is set to the
   *  moment of the key, not to that of its arrival at the server. */
  tune(t, asked, heard) {
    this.ticks = [...this.ticks.slice(-20), { way: heard - asked, zero: (asked + heard) / 2 - t }];
  }
  get now() {
    const best = this.ticks.reduce((one, other) => (other.way < one.way ? other : one), { way: Infinity, zero: 0 });
    return Math.max(0, Math.round(performance.now() - best.zero));
  }
  poll() {
    clearTimeout(this.timer);
    const run = this.run;
    let turn = 0;
    const next = async () => {
      if (!this.run || this.run !== run) return;
      const began = performance.now();
      const view = await this.look();
      if (!this.run || this.run !== run) return;
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
    const silence = performance.now() - this.heard;
    if (silence < SILENT_MS) return false;
    if (silence > GONE_MS || !this.camera.connected) { this.lost(LOST); return true; }
    this.say(BUSY);
    this.warned = true;
    return false;
  }
  async transport() {
    const way = await this.camera.transport().catch(() => null);
    if (way !== null) this.way = this.way === undefined ? way : 0.6 * this.way + 0.4 * way;
  }
  seen(view) {
    if (view.state === "ended") return void this.after(view);
    if (this.state === "ending") return; // nothing more is measured
    if (view.curve.length) this.since = view.curve.at(-1).t;
    this.charts.marks = view.markers.filter((one) => !one.note);
    const { engagement, attention, valence } = view;
    this.charts.add(view.curve, view.t, { t: view.t, engagement, attention, valence });
    view.window = this.charts.points;
    this.numbers(view);
    this.charts.draw();
    this.marks(view.markers);
    this.blank(view.state === "paused" ? "Paused" : this.kept.picture ? "" : "Only numbers: the picture is switched off.");
    if (["running", "paused"].includes(this.state) && view.state !== this.state) this.show(view.state);
    if (view.words) this.say([view.words, view.hint ?? ""]);
    else if (this.warned) this.say(null);
    this.warned = Boolean(view.words);
  }
  put(what, text) {
    const node = this.find(what);
    if (node.textContent !== text) node.textContent = text;
  }
  numbers(view) {
    const known = (value) => value !== null && value !== undefined;
    this.put(".people b", view.frames ? String(view.people) : "–");
    this.put(".people small", view.viewers > view.people ? `in view now, ${view.viewers} so far` : "in view now");
    this.put(".attending b", view.frames ? String(view.attending) : "–");
    this.put(".attending small", view.people ? `of ${view.people}, facing the camera` : "facing the camera");
    this.put(".engagement b", known(view.engagement) ? String(Math.round(view.engagement)) : "–");
    this.put(".running", clockText(view.elapsed));
    this.put(".rate", view.fps ? `${view.fps < 9.5 ? view.fps.toFixed(1) : Math.round(view.fps)} a second` : "–");
    this.put(".delay", known(view.delay) ? `${Math.round((view.delay + (this.way ?? 0)) / 10) * 10} ms` : "–");
    this.put(".dropped", String(view.dropped));
    this.find(".failures").hidden = !view.errors;
    this.put(".failed", String(view.errors));
    // the sentence follows at once who is there, and engagement at leisure
    const now = performance.now(), who = `${view.state} ${view.people} ${view.attending}`;
    if (!this.told || who !== this.who || now - this.told > 2000) {
      this.told = now;
      this.who = who;
      this.put(".said", finding(view));
    }
  }
  marks(markers) {
    const list = this.find(".marks ol");
    this.find(".marks .none").hidden = markers.length > 0;
    if (list.children.length === markers.length) return;
    list.replaceChildren(...[...markers].reverse().map((mark) => {
      const item = document.createElement("li"), at = document.createElement("b");
      at.textContent = clockText(mark.t);
      const text = document.createElement("span");
      text.textContent = mark.name;
      item.append(at, text);
      item.className = mark.note ? "note" : "";
      return item;
    }));
  }
  blank(text) {
    const blank = this.find(".blank");
    blank.hidden = !text;
    this.put(".blank", text);
    this.find("video").classList.toggle("off", Boolean(text));
  }
  clean() {
    this.run = null;
    this.warned = false;
    this.since = -1;
    this.ticks = [];
    this.way = this.told = undefined;
    this.heard = performance.now();
    this.charts.clear();
    for (const what of [".people b", ".attending b", ".engagement b", ".rate", ".delay"]) this.put(what, "–");
    this.put(".dropped", "0");
    this.put(".running", "0:00");
    this.put(".said", "Starting.");
    this.find(".marks ol").replaceChildren();
    this.find(".marks .none").hidden = false;
    this.field("note").value = this.field("marker").value = "";
    this.charts.draw();
  }

  // hands
  wanted() { return Object.fromEntries(LAYERS.map((name) => [name, this.kept[name]])); }
  layers() {
    for (const button of this.root.querySelectorAll("[data-layer]")) {
      const name = button.dataset.layer;
      button.setAttribute("aria-pressed", String(Boolean(this.kept[name])));
      button.disabled = name !== "picture" && !this.kept.picture;
    }
  }
  async do(what) {
    const run = this.run;
    if (!run) return null;
    const answer = await fetch(`/live/${run.run}/do?k=${run.key}`, {
      method: "POST", body: JSON.stringify(what), headers: { "content-type": "application/json" },
      keepalive: what.do === "stop",
    });
    const said = await answer.json().catch(() => ({}));
    if (!answer.ok) throw new Refused([said.error ?? "The server refused.", said.hint ?? ""]);
    return said;
  }
  /** Ask, and show what the server says to it. */
  async ask(what) {
    try {
      const view = await this.do({ ...what, since: this.since });
      if (view && this.run) this.seen(view);
      return true;
    } catch (error) {
      this.say(error instanceof Refused ? error.words : LOST);
      return false;
    }
  }
  hands() {
    this.find(".agreed").onchange = () => this.ready();
    this.field("study").oninput = () => this.lists();
    this.find(".choices").onsubmit = (event) => { event.preventDefault(); if (!this.find(".begin button").disabled) this.start(); };
    this.find(".hands").onsubmit = (event) => { event.preventDefault(); this.mark(); };
    this.find(".pause").onclick = () => this.ask({ do: this.state === "paused" ? "resume" : "pause" });
    this.find(".stop").onclick = () => this.stop();
    this.find(".again").onclick = () => this.again();
    for (const button of this.root.querySelectorAll("[data-layer]")) {
      button.onclick = () => {
        this.remember({ [button.dataset.layer]: !this.kept[button.dataset.layer] });
        this.layers();
        this.ask({ do: "layers", layers: this.wanted() });
      };
    }
    this.find(".noting").onsubmit = (event) => { event.preventDefault(); this.note(); };
  }
  async note() {
    const input = this.field("note"), text = input.value.trim();
    if (text && (await this.ask({ do: "note", text, t: this.now }))) input.value = "";
  }
  async mark() {
    const input = this.field("marker"), name = input.value.trim();
    if (this.state !== "running" && this.state !== "paused") return;
    if (await this.ask({ do: "mark", name, t: this.now })) input.value = "";
  }
  key(event) {
    if (event.repeat || event.ctrlKey || event.metaKey || event.altKey || event.key.toLowerCase() !== "m") return;
    const at = event.composedPath()[0];
    if (at instanceof HTMLElement && (at.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(at.tagName))) return;
    if (this.state !== "running" && this.state !== "paused") return;
    event.preventDefault();
    event.stopPropagation();
    this.mark();
  }

  // after
  async stop() {
    if (this.state === "ending") return;
    if (!this.run) { this.camera.close(); this.show("before"); return; } // it had not begun
    this.show("ending");
    this.put(".said", "Writing the session.");
    clearTimeout(this.timer);
    if (this.field("note").value.trim()) await this.note();
    await this.ask({ do: "stop" });
    this.camera.close();
    await this.finish();
  }
  /** The server writes the last second; its summary is shown when it is done. */
  async finish() {
    while (this.run) {
      const view = await this.look();
      if (view?.state === "ended") return this.after(view);
      if (performance.now() - this.heard > GONE_MS) return this.lost(LOST);
      await new Promise((done) => setTimeout(done, 200));
    }
    return undefined;
  }
  lost(words) {
    if (["before", "after"].includes(this.state)) return;
    const said = words ?? LOST;
    if (said !== LOST) {
      this.say(said);
      this.lastWords = said;
      this.stop();
      return;
    }
    this.goodbye();
    this.run = null;
    this.camera.close();
    this.show("before");
    this.say(said);
  }
  gone() {
    this.run = null;
    clearTimeout(this.timer);
    this.camera.close();
    if (this.state !== "after") { this.say(LOST); this.show("before"); }
  }
  after(view) {
    clearTimeout(this.timer);
    this.run = null;
    this.camera.close();
    const { done } = view;
    const said = this.lastWords ?? (view.words ? [view.words, view.hint ?? ""] : null);
    this.lastWords = null;
    this.say(said);
    this.put(".after h2", done ? `${done.name} is kept` : "There is no session");
    this.put(".sum", done
      ? [clockText(done.length), counted(done.viewers, "viewer", "viewers"), counted(done.frames, "picture", "pictures") + " analysed",
        counted(done.markers, "marker", "markers")].join(" · ")
      : view.words ? view.hint || "Nothing of it was kept." : "No picture was analysed before it ended.");
    const open = this.find(".open");
    open.hidden = !done;
    if (done) open.href = `${this.data.links.session}?id=${encodeURIComponent(done.session)}`;
    this.show("after");
    open.focus({ preventScroll: true });
  }
  again() {
    this.say(null);
    this.show("before");
    this.ready();
  }
  goodbye() {
    clearTimeout(this.timer);
    if (!this.run) return;
    const { run, key } = this.run;
    navigator.sendBeacon(`/live/${run}/do?k=${key}`, new Blob([JSON.stringify({ do: "stop" })], { type: "application/json" }));
  }
  close() {
    this.goodbye();
    this.run = null;
    this.camera.close();
    this.camera.over = true;
    this.charts.close();
    document.removeEventListener("keydown", this.keys);
    window.removeEventListener("pagehide", this.leave);
    navigator.mediaDevices?.removeEventListener?.("devicechange", this.devices);
  }
}

export default function ({ data, parentElement }) {
  let live = places.get(parentElement);
  if (!live) {
    live = new Live(parentElement);
    places.set(parentElement, live);
  }
  live.set(data);
  return () => {
    places.delete(parentElement);
    live.close();
  };
}
