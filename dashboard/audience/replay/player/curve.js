// The curve under the film: drawn once a change, a cursor above it moves at no cost.

import { clearedCanvas, inkOf } from "../../../shared/charts/canvas.js";
import { clockText, signed } from "../../../shared/web/text.js";

const PAD = { left: 56, right: 8, top: 16, bottom: 22, ribbon: 12 };

export class Curve {
  constructor(chart) {
    this.chart = chart;
    this.canvas = chart.querySelector("canvas");
    this.cursor = chart.querySelector(".cursor");
    this.ghost = chart.querySelector(".ghost");
    this.tip = chart.querySelector(".tip");
    this.chosen = chart.querySelector(".span");
    this.at = 0; // where the cursor stands, in px
    this.width = this.height = 0;
    this.watch = new ResizeObserver(() => this.draw());
    this.watch.observe(chart);
  }
  set(data, measure, markers) {
    this.data = data;
    this.measure = data.measures.find((one) => one.key === measure) ?? data.measures[0];
    this.markers = markers;
    this.draw();
  }
  get inner() {
    return Math.max(1, this.width - PAD.left - PAD.right);
  }
  x(ms) {
    return (
      PAD.left +
      (this.inner * Math.min(Math.max(ms, 0), this.data.duration_ms)) / this.data.duration_ms
    );
  }
  ms(x) {
    return (Math.min(Math.max(x - PAD.left, 0), this.inner) / this.inner) * this.data.duration_ms;
  }
  /** Under it are the ribbon and the times (px). */
  get floor() {
    return this.height - PAD.bottom - PAD.ribbon - 6;
  }
  second(ms) {
    return Math.floor((ms - this.data.first_ms) / 1000);
  }

  draw() {
    if (!this.data) return;
    const { data } = this;
    const cleared = clearedCanvas(this.canvas);
    if (!cleared) return;
    const { ctx } = cleared;
    this.width = cleared.width;
    this.height = cleared.height;
    const { ink, font } = inkOf(this.chart);
    this.font = font;
    const { floor } = this;
    const { low, high, values, from, to } = this.measure;
    const y = (value) => PAD.top + (floor - PAD.top) * (1 - (value - low) / (high - low));

    this.axes(ctx, ink, y);
    ctx.globalAlpha = 0.12;
    ctx.fillStyle = ink;
    for (const [start, end] of data.gaps)
      ctx.fillRect(this.x(start), PAD.top, this.x(end) - this.x(start), floor - PAD.top);
    ctx.globalAlpha = 1;
    if (from) {
      ctx.globalAlpha = 0.16;
      this.spans(
        (i) => from[i] !== null,
        (a, b) => {
          ctx.beginPath();
          for (let i = a; i < b; i += 1) ctx.lineTo(this.middle(i), y(to[i]));
          for (let i = b - 1; i >= a; i -= 1) ctx.lineTo(this.middle(i), y(from[i]));
          ctx.fill();
        },
      );
      ctx.globalAlpha = 1;
    }
    ctx.fillStyle = ctx.strokeStyle = ink;
    ctx.lineWidth = 2;
    ctx.lineJoin = "round";
    this.spans(
      (i) => values[i] !== null,
      (a, b) => {
        ctx.beginPath();
        if (b - a === 1) {
          ctx.arc(this.middle(a), y(values[a]), 2.5, 0, 2 * Math.PI);
          ctx.fill();
          return;
        }
        for (let i = a; i < b; i += 1) ctx.lineTo(this.middle(i), y(values[i]));
        ctx.stroke();
      },
    );
    this.ribbon(ctx, floor + 6);
    this.flags(ctx, floor);
  }
  middle(i) {
    const start = this.data.first_ms + i * 1000;
    return this.x(start + Math.min(1000, this.data.duration_ms - start) / 2);
  }
  /** Calls back with the stretches [a, b) of seconds that pass. */
  spans(test, each) {
    const count = this.data.n.length;
    for (let i = 0; i < count; i += 1) {
      if (!test(i)) continue;
      const a = i;
      while (i < count && test(i)) i += 1;
      each(a, i);
    }
  }
  axes(ctx, ink, y) {
    const { low, high } = this.measure;
    ctx.font = `12px ${this.font}`;
    ctx.fillStyle = ctx.strokeStyle = ink;
    ctx.textBaseline = "middle";
    ctx.textAlign = "right";
    for (const value of [low, (low + high) / 2, high]) {
      ctx.globalAlpha = 0.12;
      ctx.fillRect(PAD.left, Math.round(y(value)), this.inner, 1);
      ctx.globalAlpha = 0.72;
      ctx.fillText(signed(value), PAD.left - 7, y(value));
    }
    const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200];
    const room = Math.max(2, this.inner / 80);
    const step = 1000 * (steps.find((s) => this.data.duration_ms / 1000 / s <= room) ?? 14400);
    ctx.textBaseline = "alphabetic";
    ctx.textAlign = "center";
    for (let t = 0; t <= this.data.duration_ms; t += step) {
      const x = this.x(t);
      ctx.textAlign = x > this.width - 24 ? "right" : "center";
      ctx.fillText(clockText(t), x, this.height - 6);
    }
    ctx.globalAlpha = 1;
  }
  ribbon(ctx, top) {
    const { lead, sure, emotions } = this.data;
    for (let i = 0; i < lead.length; i += 1) {
      if (lead[i] === " ") continue;
      const a = Math.round(this.x(this.data.first_ms + i * 1000)),
        b = Math.round(this.x(this.data.first_ms + (i + 1) * 1000));
      ctx.fillStyle = emotions[Number(lead[i])].colour;
      ctx.globalAlpha = 0.35 + (0.65 * Number(sure[i])) / 9;
      ctx.fillRect(a, top, Math.max(1, b - a), PAD.ribbon);
    }
    ctx.globalAlpha = 1;
  }
  flags(ctx, floor) {
    ctx.font = `600 11px ${this.font}`;
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    this.markers.forEach((marker, place) => {
      const x = this.x(marker.t);
      ctx.fillStyle = "#2563EB";
      if (marker.to !== null) {
        ctx.globalAlpha = 0.16;
        ctx.fillRect(x, PAD.top, this.x(marker.to) - x, floor - PAD.top);
      }
      ctx.globalAlpha = marker.waiting ? 0.5 : 1;
      ctx.fillRect(Math.round(x) - 0.5, PAD.top - 2, 1.5, floor - PAD.top + 2);
      ctx.beginPath();
      ctx.arc(x, 9, 8, 0, 2 * Math.PI);
      ctx.fill();
      ctx.fillStyle = "#FFFFFF";
      ctx.fillText(String(place + 1), x, 9.5);
    });
    ctx.globalAlpha = 1;
  }
  move(ms) {
    this.at = this.x(ms);
    this.cursor.style.transform = `translateX(${this.at}px)`;
  }
  /** The stretch that is chosen, in ms; none where its ends are null. */
  span(from, to) {
    this.chosen.hidden = from === null;
    if (from === null) return;
    this.chosen.style.left = `${this.x(from)}px`;
    this.chosen.style.width = `${Math.max(1, this.x(to) - this.x(from))}px`;
  }
  words(ms) {
    const i = this.second(ms);
    const value = this.measure.values[i];
    const lead = this.data.lead[i];
    if (!this.data.n[i]) return "no usable face";
    const said =
      value === undefined || value === null
        ? ""
        : `${this.measure.name} ${signed(value)}${this.measure.unit}`;
    return lead === undefined || lead === " "
      ? said
      : `${said} · ${this.data.emotions[Number(lead)].name}`;
  }
  hover(x) {
    const off = x === null;
    this.ghost.hidden = this.tip.hidden = off;
    if (off) return;
    const ms = this.ms(x);
    this.ghost.style.transform = `translateX(${this.x(ms)}px)`;
    const near = this.markers.find((one) => Math.abs(this.x(one.t) - x) < 8);
    this.tip.textContent = `${clockText(ms)} · ${near ? near.name : this.words(ms)}`;
    const half = this.tip.offsetWidth / 2;
    const place = Math.min(Math.max(this.x(ms), half + 2), this.width - half - 2);
    this.tip.style.transform = `translateX(${place - half}px)`;
  }
  close() {
    this.watch.disconnect();
  }
}
