// Labels faces without waiting for the page: the next face is here already, and what was said
// goes to the server behind it, in order, until it is answered.
import { randomId } from "../../shared/web/component.js";
import { post } from "../../shared/web/post.js";
import { clockText, percent } from "../../shared/web/text.js";

const LOW = 14;
const queues = (window.__raptLabels ??= new Map());

class Queue {
  constructor(data) {
    this.data = data;
    this.faces = [];
    this.said = []; // what this person said here, the latest last
    this.out = []; // what the server has not answered yet
    this.left = null;
    this.error = "";
    this.draw = () => {};
    this.fill();
  }
  async ask(path, body) {
    const { ok, said } = await post(`/lab/${path}`, body, { token: this.data.token });
    if (!ok)
      throw Object.assign(new Error([said.error, said.hint].filter(Boolean).join(" ")), {
        said: true,
      });
    return said;
  }
  async fill() {
    if (this.filling) return;
    this.filling = true;
    try {
      const have = [
        ...this.faces.map((f) => f.item),
        ...this.out.filter((o) => o.path === "label").map((o) => o.body.item),
      ];
      const found = await this.ask("faces", {
        labeller: this.data.labeller,
        session: this.data.session,
        have,
      });
      const known = new Set(have);
      const fresh = found.faces.filter((f) => !known.has(f.item));
      this.faces.push(...fresh);
      this.left = this.faces.length + Math.max(0, found.left - fresh.length);
      this.error = "";
    } catch (error) {
      this.error = error.said ? error.message : "The server does not answer. It is asked again.";
      setTimeout(() => this.fill(), 3000);
    }
    this.filling = false;
    this.draw();
  }
  say(what) {
    const face = this.faces.shift();
    if (!face) return;
    const id = `b${randomId(8)}`;
    this.said.push({ id, face, what });
    if (this.left !== null) this.left -= 1;
    this.send("label", {
      id,
      item: face.item,
      t_ms: face.t_ms,
      say: what,
      labeller: this.data.labeller,
    });
    if (this.faces.length < LOW && (this.left ?? 0) > this.faces.length) this.fill();
    this.draw();
  }
  undo() {
    const last = this.said.pop();
    if (!last) return;
    this.faces.unshift(last.face);
    if (this.left !== null) this.left += 1;
    this.send("undo", { id: last.id });
    this.undone = true;
    this.draw();
  }
  send(path, body) {
    this.out.push({ path, body });
    this.pump();
  }
  async pump() {
    if (this.sending) return;
    this.sending = true;
    while (this.out.length) {
      const { path, body } = this.out[0];
      try {
        await this.ask(path, body);
        this.error = "";
        this.out.shift();
      } catch (error) {
        if (error.said) {
          this.out.shift();
          this.error = `This label was not kept. ${error.message}`;
        } else {
          this.error =
            "The server does not answer. Your labels wait here and are sent when it does.";
          this.draw();
          await new Promise((go) => setTimeout(go, 1500));
        }
      }
      this.draw();
    }
    this.sending = false;
  }
}

window.__raptLabelsGuard ??= (() => {
  window.addEventListener("beforeunload", (event) => {
    if ([...queues.values()].some((queue) => queue.out.length)) event.preventDefault();
  });
  return true;
})();

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".labelling");
  const at = (name) => root.querySelector(name);
  const key = `${data.labeller} ${data.session ?? ""}`;
  if (!queues.has(key)) queues.set(key, new Queue(data));
  const queue = queues.get(key);
  queue.data = data; // the server may have another secret by now
  const show = at(".guess input");
  show.checked = window.__raptShowGuess ?? false;

  const buttons = data.emotions.map(({ name, colour }, place) => {
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.say = name;
    button.innerHTML = "<kbd></kbd><i></i><span></span><span class='p'></span>";
    const part = (what) => /** @type {HTMLElement} */ (button.querySelector(what));
    part("kbd").textContent = String(place + 1);
    part("i").style.background = colour;
    part("span").textContent = name;
    button.setAttribute("aria-keyshortcuts", String(place + 1));
    button.onclick = () => say(name);
    return button;
  });
  at(".say").replaceChildren(...buttons);

  const words = { skip: "skipped", not_a_face: "not a face" };
  const draw = () => {
    const face = queue.faces[0];
    const loading = !face && queue.left === null;
    at(".shown").hidden = at(".hand").hidden = !face;
    at(".over").hidden = Boolean(face);
    at(".over p").textContent = loading
      ? queue.error || "Looking for faces"
      : "No face waits for a label.";
    at(".over small").hidden = loading;
    if (face) {
      const image = at(".face img");
      if (image.src !== face.picture) image.src = face.picture;
      image.alt = `Face of viewer ${face.viewer} at ${clockText(face.t_ms)}`;
      at(".where span").textContent =
        `${face.session} · viewer ${face.viewer} · ${clockText(face.t_ms)}`;
      at(".where span").title = face.session;
      at(".held").textContent = face.held_out ? "held out" : "for training";
      at(".held").title = face.held_out
        ? "This face tests the next model and never trains it."
        : "This face trains the next model.";
    }
    for (const button of buttons) {
      const p = face && show.checked ? face.p[button.dataset.say] : null;
      button.querySelector(".p").hidden = p === null;
      if (p !== null) {
        button.querySelector(".p").textContent = percent(p);
        button.querySelector(".p").style.setProperty("--p", p);
      }
    }
    const done = queue.said.filter((one) => one.what !== "skip").length;
    const all = done + (queue.left ?? 0);
    at(".count").textContent =
      queue.left === null ? "Looking for faces" : `${done} labelled here, ${queue.left} to go`;
    at(".track i").style.width = `${all ? (100 * done) / all : 0}%`;
    at(".undo").disabled = !queue.said.length;
    const last = queue.said.at(-1);
    const line = at(".last");
    line.classList.toggle("bad", Boolean(queue.error));
    if (queue.error) line.textContent = queue.error;
    else if (last) {
      line.innerHTML = "You said <b></b>; the model said <b></b> with <span></span> confidence.";
      if (words[last.what])
        line.innerHTML = "<b></b>; the model said <b></b> with <span></span> confidence.";
      const [mine, guess] = line.querySelectorAll("b");
      mine.textContent = words[last.what]
        ? words[last.what].replace(/^./, (c) => c.toUpperCase())
        : last.what;
      guess.textContent = last.face.guess;
      line.querySelector("span").textContent = percent(last.face.p[last.face.guess]);
    } else
      line.textContent = queue.undone
        ? "Taken back."
        : "Say what the face shows, not what you think the person feels.";
    at(".over small").textContent = done
      ? `You labelled ${done} here. The figures below follow.`
      : "Analyse a recording with «Keep faces for review» on, or choose another recording.";
  };
  const flash = (what) => {
    const button = buttons.find((one) => one.dataset.say === what);
    button?.classList.add("hit");
    setTimeout(() => button?.classList.remove("hit"), 160);
  };
  const say = (what) => {
    if (!queue.faces.length) return;
    flash(what);
    queue.say(what);
  };
  at(".skip").onclick = () => say("skip");
  at(".none").onclick = () => say("not_a_face");
  at(".undo").onclick = () => queue.undo();
  show.onchange = () => {
    window.__raptShowGuess = show.checked;
    draw();
  };

  const keys = (event) => {
    if (event.defaultPrevented || event.altKey) return;
    const [target] = event.composedPath();
    if (
      target.matches?.(
        "input:not([type=checkbox]), textarea, select, [contenteditable=true], [role=combobox], [role=option]",
      )
    )
      return;
    const name = event.key.toLowerCase();
    if ((event.ctrlKey || event.metaKey) && name !== "z") return;
    const number = Number(name);
    const undo = () => queue.undo();
    const skip = () => say("skip");
    const others = {
      s: skip,
      arrowright: skip,
      x: () => say("not_a_face"),
      u: undo,
      arrowleft: undo,
    };
    const does =
      number >= 1 && number <= data.emotions.length
        ? () => say(data.emotions[number - 1].name)
        : (others[name] ?? (name === "z" && (event.ctrlKey || event.metaKey) ? undo : null));
    if (!does || event.repeat) return;
    event.preventDefault();
    does();
  };
  document.addEventListener("keydown", keys);
  queue.draw = draw;
  if (queue.left === 0 || (queue.faces.length < LOW && !queue.filling)) queue.fill(); // faces may have come since
  draw();
  return () => {
    document.removeEventListener("keydown", keys);
    if (queue.draw === draw) queue.draw = () => {};
  };
}
