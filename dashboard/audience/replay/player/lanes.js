// A lane a viewer under the curve: what led each second, and whose curve is shown.

import { clearedCanvas, inkOf } from "../../../shared/charts/canvas.js";

/** Stretches of seconds that look the same: where they begin and end, and how they look. */
export function runsOf(lead, sure) {
  const runs = [];
  for (let i = 0; i < lead.length; i += 1) {
    const last = runs.at(-1);
    if (last && last.lead === lead[i] && last.sure === sure[i]) last.to = i + 1;
    else runs.push({ from: i, to: i + 1, lead: lead[i], sure: sure[i] });
  }
  return runs.filter((run) => run.lead !== " ");
}

/** How a viewer is called where there is room, and where there is little. */
export function nameOf(lane) {
  return lane.name || `Viewer ${lane.viewer}`;
}

export class Lanes {
  /** `choose(viewer)` shows a viewer's curve, -1 everyone's; `seek(ms)` goes there. */
  constructor(root, curve, { choose, seek }) {
    this.box = root.querySelector(".lanes");
    this.select = root.querySelector(".who");
    this.note = root.querySelector(".lanes-note");
    this.curve = curve;
    this.choose = choose;
    this.seek = seek;
    this.rows = new Map();
    this.select.onchange = () => choose(Number(this.select.value));
    this.watch = new ResizeObserver(() => this.draw());
    this.watch.observe(this.box);
  }
  set(data, chosen) {
    this.data = data;
    this.chosen = chosen;
    const { lanes } = data;
    this.box.hidden = this.select.closest("label").hidden = lanes.length < 2;
    if (lanes.some((lane) => lane.blinks.length || lane.closed.length)) this.box.hidden = false;
    this.note.hidden = data.known <= lanes.length;
    this.note.textContent = this.note.hidden
      ? ""
      : `The ${lanes.length} of ${data.known} viewers who were seen longest`;
    const options = [new Option("Everyone", "-1")];
    for (const lane of lanes) options.push(new Option(nameOf(lane), String(lane.viewer)));
    this.select.replaceChildren(...options);
    this.select.value = String(chosen ?? -1);
    const gone = new Set(this.rows.keys());
    for (const lane of lanes) {
      gone.delete(lane.viewer);
      const row = this.rows.get(lane.viewer) ?? this.row(lane.viewer);
      const button = row.querySelector("button");
      button.textContent = lane.name || String(lane.viewer);
      button.title = `The curve of ${nameOf(lane)} alone`;
      button.setAttribute("aria-pressed", String(lane.viewer === chosen));
      row.classList.toggle("aside", chosen !== null && lane.viewer !== chosen);
      this.box.append(row);
    }
    for (const viewer of gone) {
      this.rows.get(viewer).remove();
      this.rows.delete(viewer);
    }
    this.draw();
  }
  row(viewer) {
    const row = document.createElement("div");
    row.className = "lane";
    const button = document.createElement("button");
    button.type = "button";
    button.onclick = () => this.choose(viewer === this.chosen ? -1 : viewer);
    const canvas = document.createElement("canvas");
    canvas.setAttribute("aria-hidden", "true");
    canvas.onclick = (event) => {
      const left = this.box.getBoundingClientRect().left;
      this.seek(this.curve.ms(event.clientX - left));
    };
    row.append(button, canvas);
    this.rows.set(viewer, row);
    return row;
  }
  draw() {
    if (!this.data || this.box.hidden) return;
    const { ink } = inkOf(this.box);
    for (const lane of this.data.lanes) {
      const canvas = this.rows.get(lane.viewer).querySelector("canvas");
      const cleared = clearedCanvas(canvas);
      if (!cleared) continue;
      const { ctx, height } = cleared;
      const x = (i) => Math.round(this.curve.x(this.data.first_ms + i * 1000)) - canvas.offsetLeft;
      for (const run of runsOf(lane.lead, lane.sure)) {
        const unread = run.lead === "-";
        ctx.fillStyle = unread ? ink : this.data.emotions[Number(run.lead)].colour;
        ctx.globalAlpha = unread ? 0.12 : 0.35 + (0.65 * Number(run.sure)) / 9;
        ctx.fillRect(x(run.from), 0, Math.max(1, x(run.to) - x(run.from)), height);
      }
      ctx.globalAlpha = 1;
      ctx.fillStyle = ink;
      const at = (ms) => this.curve.x(ms) - canvas.offsetLeft;
      for (const ms of lane.blinks) ctx.fillRect(at(ms) - 0.75, 0, 1.5, height / 2);
      for (const [from, to] of lane.closed)
        ctx.fillRect(at(from), height / 2 - 2, Math.max(2, at(to) - at(from)), 4);
    }
  }
  close() {
    this.watch.disconnect();
  }
}
