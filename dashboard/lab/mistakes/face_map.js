// The map of faces on a canvas: one dot a face, coloured by a choice, an area drawn around some.
import { clearedCanvas, inkOf } from "../../shared/charts/canvas.js";
import { mountOnce, remember, remembered } from "../../shared/web/component.js";
import { circle, countWithin, facesOf, fewer, sizeOf } from "./area.js";

const MOST_CORNERS = 120;
const LEAST_AREA = 0.00005; // a slip of the hand is no area
const EDGE = 8; // pixels around the map, so that no dot is cut
const KEPT = "rapt-face-map";
const WAYS = ["label", "answer", "confidence", "right"];

class FaceMap {
  constructor(root) {
    this.root = root.querySelector(".face-map");
    this.canvas = this.root.querySelector("canvas");
    this.status = this.root.querySelector("[role=status]");
    this.by = remembered(KEPT, { by: "label" }).by;
    if (!WAYS.includes(this.by)) this.by = "label";
    this.data = this.known = this.at = this.path = this.ring = null;
    this.tell = (_name, _value) => {};
    this.faces = facesOf("", "");
    this.onCanvas = (x, y) => [x, y]; // between the map's plane and the canvas, see fit()
    this.onPlane = (x, y) => [x, y];
    this.waiting = 0;
    this.watch = new ResizeObserver(() => this.draw());
    this.watch.observe(this.canvas);
    this.listen();
  }

  set(data, setTriggerValue) {
    this.data = data;
    this.tell = setTriggerValue;
    if (this.known !== data.places) {
      this.known = data.places;
      this.faces = facesOf(data.places, data.facts);
    }
    this.choices();
    this.draw();
  }

  close() {
    this.watch.disconnect();
  }

  /** The ways to colour, and what the colours of the chosen one mean. */
  choices() {
    const names = { label: "Label", answer: "Answer", confidence: "Confidence", right: "Right" };
    const buttons = WAYS.map((way) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = names[way];
      button.setAttribute("aria-pressed", String(way === this.by));
      button.onclick = () => {
        this.by = way;
        remember(KEPT, { by: way });
        this.choices();
        this.draw();
      };
      return button;
    });
    this.root.querySelector(".ways").replaceChildren(...buttons);
    this.root.querySelector(".key").replaceChildren(
      ...this.groups().map(({ name, colour }) => {
        const item = document.createElement("span");
        const dot = document.createElement("i");
        dot.style.background = colour;
        item.append(dot, name);
        return item;
      }),
    );
  }

  /** The colours of the chosen way, and for each face which of them is its. */
  groups() {
    const { emotions, steps, right, wrong } = this.data;
    if (this.by === "confidence") return steps;
    if (this.by === "right") return [right, wrong];
    return emotions;
  }
  groupOf(k) {
    const { truth, guess, sure } = this.faces;
    if (this.by === "label") return truth[k];
    if (this.by === "answer") return guess[k];
    if (this.by === "right") return truth[k] === guess[k] ? 0 : 1;
    const count = this.data.steps.length;
    return Math.min(count - 1, Math.floor((sure[k] / 256) * count));
  }

  fit(width, height) {
    const { low, high } = this.data;
    const [across, down] = [width - 2 * EDGE, height - 2 * EDGE];
    const scale = Math.min(across / (high[0] - low[0]), down / (high[1] - low[1]));
    const left = (width - scale * (high[0] - low[0])) / 2 - scale * low[0];
    const top = (height + scale * (high[1] - low[1])) / 2 + scale * low[1];
    this.onCanvas = (x, y) => [left + scale * x, top - scale * y];
    this.onPlane = (x, y) => [(x - left) / scale, (top - y) / scale];
  }

  draw() {
    const cleared = this.data && clearedCanvas(this.canvas);
    if (!cleared) return;
    const began = performance.now();
    const { ctx, width, height } = cleared;
    this.fit(width, height);
    const { n, x, y } = this.faces;
    const side = n > 10000 ? 2 : n > 2000 ? 3 : 5;
    const groups = this.groups();
    const members = groups.map(() => /** @type {number[]} */ ([]));
    for (let k = 0; k < n; k++) members[this.groupOf(k)].push(k);
    ctx.globalAlpha = n > 10000 ? 0.55 : 0.75;
    // a few of each colour in turn, so that none covers the others
    const part = Math.max(50, Math.ceil(n / 400));
    for (let from = 0, left = true; left; from += part) {
      left = false;
      groups.forEach(({ colour }, place) => {
        const some = members[place].slice(from, from + part);
        if (!some.length) return;
        left = true;
        ctx.fillStyle = colour;
        for (const k of some) {
          const [a, b] = this.onCanvas(x[k], y[k]);
          ctx.fillRect(a - side / 2, b - side / 2, side, side);
        }
      });
    }
    ctx.globalAlpha = 1;
    this.outline(ctx);
    this.canvas.dataset.drawn = (performance.now() - began).toFixed(1);
  }

  outline(ctx) {
    const shown = this.path ?? this.ring;
    if (!shown?.length) return;
    const { ink } = inkOf(this.canvas);
    ctx.beginPath();
    shown.forEach(([x, y], k) => {
      const [a, b] = this.onCanvas(x, y);
      k ? ctx.lineTo(a, b) : ctx.moveTo(a, b);
    });
    ctx.closePath();
    ctx.fillStyle = ink;
    ctx.globalAlpha = 0.1;
    ctx.fill();
    ctx.globalAlpha = 1;
    ctx.strokeStyle = ink;
    ctx.lineWidth = 1.5;
    ctx.stroke();
  }

  listen() {
    const { canvas } = this;
    const place = (event) => {
      const box = canvas.getBoundingClientRect();
      return this.onPlane(event.clientX - box.left, event.clientY - box.top);
    };
    canvas.onpointerdown = (event) => {
      if (event.button) return;
      canvas.setPointerCapture(event.pointerId);
      this.ring = null;
      this.path = [place(event)];
    };
    canvas.onpointermove = (event) => {
      if (!this.path) return;
      this.path.push(place(event));
      this.later();
    };
    canvas.onpointerup = () => {
      const path = this.path ?? [];
      this.path = null;
      this.open(path);
    };
    canvas.onpointercancel = () => {
      this.path = null;
      this.draw();
    };
    canvas.onkeydown = (event) => this.key(event);
  }

  /** Many movements of a hand make one drawing. */
  later() {
    this.waiting ||= requestAnimationFrame(() => {
      this.waiting = 0;
      this.draw();
    });
  }

  /** Without a mouse: arrows move a ring, plus and minus size it, Enter opens what it holds. */
  key(event) {
    const { low, high } = this.data;
    const at = this.at ?? { x: (low[0] + high[0]) / 2, y: (low[1] + high[1]) / 2, radius: 0.08 };
    const step = 0.02;
    const moves = {
      ArrowLeft: [-step, 0],
      ArrowRight: [step, 0],
      ArrowUp: [0, step],
      ArrowDown: [0, -step],
    };
    if (event.key in moves) {
      at.x += moves[event.key][0];
      at.y += moves[event.key][1];
    } else if (event.key === "+" || event.key === "=") at.radius = Math.min(0.5, at.radius * 1.25);
    else if (event.key === "-") at.radius = Math.max(0.01, at.radius / 1.25);
    else if (event.key === "Enter" && this.ring) return this.open(this.ring);
    else return;
    event.preventDefault();
    this.at = at;
    this.ring = circle(at.x, at.y, at.radius);
    const found = countWithin(this.faces, this.ring).toLocaleString("en-US");
    this.status.textContent = `${found} faces in the ring. Enter opens them.`;
    this.draw();
  }

  open(path) {
    const corners = fewer(path, MOST_CORNERS);
    const many = corners.length > 2 && sizeOf(corners) > LEAST_AREA;
    const found = many ? countWithin(this.faces, corners) : 0;
    if (!found) {
      this.status.textContent = many ? "No face stands there." : "Draw around some faces.";
      this.draw();
      return;
    }
    this.ring = corners;
    this.draw();
    this.status.textContent = `Opening ${found.toLocaleString("en-US")} faces…`;
    this.tell("area", corners);
  }
}

export default mountOnce(FaceMap);
