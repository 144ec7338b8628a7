// Four curves over one time axis, drawn on one canvas: two minutes, the newest at the right.

import { clearedCanvas, inkOf } from "../../shared/charts/canvas.js";
import { clockText, signed } from "../../shared/web/text.js";

const SPAN = 120000; // what is shown at most …
const SHORTEST = 20000; // … and of a session that is young
const GAP = 1500; // ms without a point: nobody was known, the line breaks

export class Charts {
  constructor(canvas) {
    this.canvas = canvas;
    this.points = [];
    this.marks = [];
    this.now = 0;
    this.head = null;
    this.palette = null;
    this.ink = "#111827";
    this.font = "sans-serif";
    this.left = this.right = 0; // pixels, where the curves begin and end
    this.shown = [];
    this.watch = new ResizeObserver(() => this.draw());
    this.watch.observe(canvas);
  }
  clear() {
    this.points = [];
    this.marks = [];
    this.now = 0;
    this.head = null;
  }
  /** A drawn point stays as it is; ``head`` is this moment, and moves on with the next look. */
  add(points, now, head) {
    if (points.length)
      this.points = this.points.filter((one) => one.t < points[0].t).concat(points);
    this.now = now;
    const last = this.points.at(-1);
    this.head = {
      ...head,
      p: last && now - last.t < GAP && head.engagement !== null ? last.p : null,
    };
    const first = this.points.findIndex((one) => one.t > now - SPAN - 2000);
    if (first > 0) this.points.splice(0, first);
  }
  draw() {
    const cleared = this.palette && clearedCanvas(this.canvas);
    if (!cleared) return;
    const { ctx, width, height } = cleared;
    this.shown = this.head ? [...this.points, this.head] : this.points;
    Object.assign(this, inkOf(this.canvas));
    const axis = 18,
      each = (height - axis) / 4;
    this.left = 34;
    this.right = width - 44;
    const panels = [
      ["Engagement", "engagement", 0, 100, [0, 50, 100], ""],
      ["Attention", "attention", 0, 100, [0, 50, 100], " %"],
      ["Valence", "valence", -1, 1, [-1, 0, 1], ""],
    ];
    panels.forEach(([name, key, low, high, ticks, unit], place) => {
      const top = place * each + 20,
        floor = (place + 1) * each - 6;
      this.grid(ctx, name, ticks, low, high, top, floor);
      this.line(ctx, key, low, high, top, floor, unit);
    });
    this.stack(ctx, 3 * each + 20, 4 * each - 4);
    this.time(ctx, height, axis);
    this.flags(ctx, height - axis);
  }
  /** A young session fills the width as it grows; after two minutes it moves on. */
  get span() {
    return Math.min(SPAN, Math.max(SHORTEST, this.now));
  }
  get first() {
    return Math.max(0, this.now - SPAN);
  }
  x(t) {
    return this.left + ((t - this.first) / this.span) * (this.right - this.left);
  }
  grid(ctx, name, ticks, low, high, top, floor) {
    ctx.fillStyle = this.ink;
    ctx.textBaseline = "middle";
    ctx.textAlign = "right";
    ctx.font = `11px ${this.font}`;
    for (const tick of ticks) {
      const y = Math.round(floor - ((tick - low) / (high - low)) * (floor - top));
      ctx.globalAlpha = 0.13;
      ctx.fillRect(this.left, y, this.right - this.left, 1);
      ctx.globalAlpha = 0.7;
      ctx.fillText(signed(tick), this.left - 6, y);
    }
    ctx.globalAlpha = 1;
    this.title(ctx, name, top);
  }
  title(ctx, name, top) {
    ctx.fillStyle = this.ink;
    ctx.textAlign = "left";
    ctx.textBaseline = "alphabetic";
    ctx.font = `600 12px ${this.font}`;
    ctx.fillText(name, this.left, top - 7);
  }
  line(ctx, key, low, high, top, floor, unit) {
    const y = (value) =>
      floor - ((Math.min(Math.max(value, low), high) - low) / (high - low)) * (floor - top);
    ctx.strokeStyle = ctx.fillStyle = this.ink;
    ctx.lineWidth = 1.8;
    ctx.lineJoin = "round";
    let last = null;
    ctx.beginPath();
    for (const one of this.shown) {
      if (one[key] === null || one[key] === undefined) {
        last = null;
        continue;
      }
      const at = Math.max(this.left, this.x(one.t));
      if (last === null || one.t - last > GAP) {
        ctx.moveTo(at, y(one[key]));
        ctx.lineTo(at + 0.5, y(one[key]));
      } else ctx.lineTo(at, y(one[key]));
      last = one.t;
    }
    ctx.stroke();
    const end = this.shown.at(-1);
    if (!end || last === null || this.now - last > GAP) return;
    const value = end[key]; // known, for ``last`` would be null
    ctx.beginPath();
    ctx.arc(Math.max(this.left, this.x(end.t)), y(value), 3, 0, 2 * Math.PI);
    ctx.fill();
    ctx.textAlign = "left";
    ctx.textBaseline = "middle";
    ctx.font = `600 13px ${this.font}`;
    ctx.fillText(
      high === 1 ? tendency(value) : `${Math.round(value)}${unit}`,
      this.right + 7,
      y(value),
    );
  }
  /** The mean expression: seven parts of one whole. */
  stack(ctx, top, floor) {
    this.title(ctx, "Expressions", top);
    ctx.globalAlpha = 0.06;
    ctx.fillStyle = this.ink;
    ctx.fillRect(this.left, top, this.right - this.left, floor - top);
    ctx.globalAlpha = 1;
    const runs = [];
    /** @type {any[] | null} */
    let run = null;
    let last = null;
    for (const one of this.shown) {
      if (!one.p) {
        run = last = null;
        continue;
      }
      if (!run || one.t - (last ?? 0) > GAP) runs.push((run = []));
      run.push(one);
      last = one.t;
    }
    for (const part of runs) {
      const sums = part.map(() => 0);
      for (const emotion of this.palette) {
        ctx.fillStyle = emotion.colour;
        ctx.beginPath();
        const edge = part.map((one, i) => [
          Math.max(this.left, this.x(one.t)),
          floor - (sums[i] += one.p[emotion.index]) * (floor - top),
        ]);
        const under = part.map((one, i) => [
          edge[i][0],
          floor - (sums[i] - one.p[emotion.index]) * (floor - top),
        ]);
        if (part.length === 1) {
          edge.push([edge[0][0] + 2, edge[0][1]]);
          under.push([under[0][0] + 2, under[0][1]]);
        }
        for (const [x, y] of edge) ctx.lineTo(x, y);
        for (const [x, y] of under.reverse()) ctx.lineTo(x, y);
        ctx.fill();
      }
    }
    const end = this.shown.at(-1);
    if (!end?.p || this.now - end.t > GAP) return;
    const lead = this.palette.reduce((best, one) =>
      end.p[one.index] > end.p[best.index] ? one : best,
    );
    ctx.fillStyle = this.ink;
    ctx.textAlign = "left";
    ctx.textBaseline = "middle";
    ctx.font = `600 11px ${this.font}`;
    ctx.fillText(lead.name, this.right + 4, (top + floor) / 2, 40);
  }
  time(ctx, height, axis) {
    ctx.fillStyle = this.ink;
    ctx.globalAlpha = 0.7;
    ctx.font = `11px ${this.font}`;
    ctx.textBaseline = "alphabetic";
    const room = (this.right - this.left) / 56;
    const step =
      [5000, 10000, 15000, 30000, 60000].find((one) => this.span / one <= room) ?? 120000;
    for (let t = Math.ceil(this.first / step) * step; t <= this.first + this.span; t += step) {
      const at = this.x(t);
      ctx.textAlign = at > this.right - 12 ? "right" : at < this.left + 12 ? "left" : "center";
      ctx.fillText(clockText(t), at, height - axis + 14);
    }
    ctx.globalAlpha = 1;
  }
  flags(ctx, floor) {
    ctx.fillStyle = "#2563EB";
    for (const mark of this.marks) {
      const at = this.x(mark.t);
      if (at < this.left) continue;
      ctx.fillRect(Math.round(at) - 0.75, 14, 1.5, floor - 14);
    }
  }
  close() {
    this.watch.disconnect();
  }
}

/** A valence with its sign; what is nearly nothing has none. */
function tendency(value) {
  const sign = value > 0.049 ? "+" : value < -0.049 ? "−" : "";
  return `${sign}${Math.abs(value).toFixed(1)}`;
}
