// What is drawn over the faces.

import { clearedCanvas } from "../../../shared/charts/canvas.js";
import { drawEyes } from "./eyes.js";
import { facesOf, frameAt, Rows } from "./rows.js";
import { overlaps, tagPlace } from "./tags.js";

const HOLD = 1500; // ms that a row may speak for when no later frame was analysed
const GLIDE = 60; // ms between analysed frames from which on boxes glide between them
const BARS = [118, 99]; // pixels of the panel of seven bars
const TAG = 20; // pixels of a tag's height
/** Where a name stands, and where what a face shows, as long as others are not hidden by it. */
const NAME_SIDES = ["above", "inside", "under"];
const WORD_SIDES = ["under", "foot", "above"];
const AROUND = 350; // ms before and after now whose boxes are blurred too: a missed frame shows nobody

export class Overlay {
  constructor(canvas, veil, redraw) {
    this.canvas = canvas;
    this.veil = veil; // hides the whole picture while it is not known where faces are
    this.rows = new Rows(redraw);
    this.places = new Map();
    this.font = "sans-serif";
  }
  set(data) {
    this.data = data;
    this.rows.set(data.rows.url, data.rows.span_ms, data.duration_ms);
  }
  /** @param {number | null} chosen the viewer whose curve is shown; others step back */
  draw(ms, layers, picture, chosen) {
    const { data } = this;
    const cleared = data && clearedCanvas(this.canvas);
    if (!cleared) return;
    const { ctx, width, height } = cleared;
    const rows = this.rows.at(ms);
    this.veil(Boolean(layers.blur && picture && !rows));
    if (!rows) return;
    const scale = width / data.width;
    if (layers.blur && picture) this.blur(ctx, rows, ms, scale, picture, width, height);
    if (!layers.boxes && !layers.names && !layers.bars && !layers.eyes) return;
    const faces = this.now(rows, ms).filter((face) => face.viewer >= 0);
    const boxes = faces.map((face) => face.box.map((value) => value * scale));
    const tags = layers.names ? this.name(ctx, faces, boxes, width, height) : [];
    const taken = [...boxes, ...tags.map((tag) => tag.place)];
    const places = layers.bars ? this.arrange(faces, boxes, taken, width, height) : null;
    faces.forEach((face, i) => {
      ctx.globalAlpha = chosen === null || face.viewer === chosen ? 1 : 0.4;
      this.face(ctx, face, i, layers, boxes, taken, places, width, height);
      if (tags[i]) this.plate(ctx, tags[i].text, ...tags[i].place);
    });
    ctx.globalAlpha = 1;
  }
  /** Each face's name, whole or in short, where it hides nobody else. */
  name(ctx, faces, boxes, width, height) {
    /** @type {{text: string, place: number[]}[]} */
    const tags = [];
    for (const [i, face] of faces.entries()) {
      const name = this.data.viewers[face.viewer];
      const texts = name
        ? [name, `${name.slice(0, 9)}…`, name.slice(0, 3)]
        : [`Viewer ${face.viewer}`, String(face.viewer)];
      const others = [...boxes.filter((_, j) => j !== i), ...tags.map((tag) => tag.place)];
      tags.push(this.tag(ctx, texts, boxes[i], others, width, height));
    }
    return tags;
  }
  /** The longest text that has a place on the first side that has any; else the shortest, inside
   * the face's own box. */
  tag(ctx, texts, box, others, width, height, sides = NAME_SIDES) {
    ctx.font = `600 12px ${this.font}`;
    for (const side of sides) {
      for (const text of texts) {
        const size = [ctx.measureText(text).width + 12, TAG];
        const place = tagPlace(box, size, others, [width, height], side);
        if (place) return { text, place: [...place, ...size] };
      }
    }
    const text = texts.at(-1);
    const long = ctx.measureText(text).width + 12;
    return { text, place: [Math.max(0, box[0]), Math.max(0, box[1]), long, TAG] };
  }
  /** A place for every face's bars, or null: then all have the small form, and keep it. */
  arrange(faces, boxes, taken, width, height) {
    const crowd = `${faces.map((face) => face.viewer)} ${width}`;
    if (crowd === this.crowd) return null;
    const places = new Map();
    for (const [i, face] of faces.entries()) {
      if (!face.usable || !face.p) continue;
      const place = this.free(face.viewer, ...boxes[i], taken, width, height);
      if (!place) {
        this.crowd = crowd;
        return null;
      }
      places.set(face.viewer, place);
    }
    this.crowd = "";
    return places;
  }
  /** The faces of the analysed frame that is shown at a time, and that frame's own time. */
  at(ms) {
    const rows = this.rows.at(ms);
    const frame = rows ? frameAt(rows, ms) : -1;
    if (frame < 0 || ms - rows.t[frame] > HOLD) return { faces: [], t: Math.round(ms) };
    return { faces: facesOf(rows, frame), t: rows.t[frame] };
  }
  now(rows, ms) {
    const frame = frameAt(rows, ms);
    if (frame < 0 || ms - rows.t[frame] > HOLD) return [];
    const faces = facesOf(rows, frame);
    const gap = (rows.t[frame + 1] ?? rows.t[frame]) - rows.t[frame];
    if (gap < GLIDE || gap > HOLD) return faces;
    const share = Math.min(1, Math.max(0, (ms - rows.t[frame]) / gap));
    const later = new Map(facesOf(rows, frame + 1).map((face) => [face.viewer, face]));
    for (const face of faces) {
      const next = later.get(face.viewer);
      if (next) face.box = face.box.map((value, i) => value + (next.box[i] - value) * share);
    }
    return faces;
  }
  face(ctx, face, i, layers, boxes, taken, places, width, height) {
    const [x, y, w, h] = boxes[i];
    const best = face.p ? face.p.indexOf(Math.max(...face.p)) : -1;
    const colour = face.usable && best >= 0 ? this.data.emotions[best].colour : "#C9CED6";
    if (layers.boxes) {
      ctx.lineWidth = 4;
      ctx.strokeStyle = "rgba(10, 12, 16, 0.45)";
      ctx.setLineDash([]);
      this.round(ctx, x, y, w, h, 5);
      ctx.stroke();
      ctx.lineWidth = 2;
      ctx.strokeStyle = colour;
      ctx.setLineDash(face.usable ? [] : [5, 4]);
      ctx.stroke();
      ctx.setLineDash([]);
    }
    if (layers.eyes && face.eyes) drawEyes(ctx, boxes[i], face.eyes);
    if (!layers.bars) return;
    const others = taken.filter((_, j) => j !== i);
    const word = (texts, box) => {
      const tag = this.tag(ctx, texts, box, others, width, height, WORD_SIDES);
      taken.push(tag.place);
      this.plate(ctx, tag.text, ...tag.place);
    };
    if (!face.usable || !face.p) return word(["not readable", "–"], boxes[i]);
    const place = places?.get(face.viewer);
    if (place) return this.bars(ctx, face.p, best, ...place);
    const strip = [x, Math.min(y + h + 4, height - 6), Math.max(w, 24), 6];
    if (others.some((one) => overlaps(one, strip))) strip[1] = y + h - 8;
    this.strip(ctx, face.p, ...strip);
    const said = this.data.emotions[best].name;
    if (w >= 30) word([`${said} ${face.p[best]} %`, said], [x, y, w, strip[1] + 6 - y]);
  }
  /** Where seven bars fit without hiding another, where they were before if they still do. */
  free(viewer, x, y, w, h, taken, width, height) {
    const [long, tall] = BARS;
    const top = Math.max(0, Math.min(y, height - tall));
    const along = Math.max(0, Math.min(x, width - long));
    const places = [
      [x + w + 6, top],
      [x - 6 - long, top],
      [along, y + h + 4],
      [along, y - 26 - tall],
    ];
    const before = this.places.get(viewer) ?? 0;
    for (const which of [before, 0, 1, 2, 3]) {
      const [left, up] = places[which];
      if (left < 0 || up < 0 || left + long > width || up + tall > height) continue;
      if (taken.some((one) => overlaps(one, [left, up, long, tall]))) continue;
      this.places.set(viewer, which);
      taken.push([left, up, long, tall]);
      return [left, up];
    }
    return null;
  }
  /** A word on a dark plate. */
  plate(ctx, text, left, top, long, tall) {
    ctx.font = `600 12px ${this.font}`;
    ctx.fillStyle = "rgba(10, 12, 16, 0.74)";
    this.round(ctx, left, top, long, tall, 4);
    ctx.fill();
    ctx.fillStyle = "#FFFFFF";
    ctx.textAlign = "left";
    ctx.textBaseline = "middle";
    ctx.fillText(text, left + 6, top + tall / 2 + 0.5);
  }
  /** Seven bars with their names; the leading one is bold. */
  bars(ctx, p, best, left, top) {
    const [long, tall] = BARS,
      row = 13;
    ctx.fillStyle = "rgba(10, 12, 16, 0.74)";
    this.round(ctx, left, top, long, tall, 4);
    ctx.fill();
    ctx.textBaseline = "middle";
    ctx.textAlign = "left";
    this.data.shown.forEach((i, place) => {
      const middle = top + 4 + row * (place + 0.5);
      ctx.font = `${i === best ? 600 : 400} 11px ${this.font}`;
      ctx.fillStyle = i === best ? "#FFFFFF" : "#C9CED6";
      ctx.fillText(this.data.emotions[i].name, left + 6, middle + 0.5);
      ctx.fillStyle = "rgba(255, 255, 255, 0.16)";
      ctx.fillRect(left + 58, middle - 3.5, 54, 7);
      ctx.fillStyle = this.data.emotions[i].colour;
      ctx.fillRect(left + 58, middle - 3.5, (54 * p[i]) / 100, 7);
    });
  }
  strip(ctx, p, x, y, w) {
    const total = p.reduce((sum, value) => sum + value, 0) || 1;
    let at = x;
    for (const i of this.data.shown) {
      ctx.fillStyle = this.data.emotions[i].colour;
      const part = (w * p[i]) / total;
      ctx.fillRect(at, y, part, 6);
      at += part;
    }
  }
  /** Every face near this moment, found or left out by the person, under a strong blur. */
  blur(ctx, rows, ms, scale, picture, width, height) {
    const across = (picture.videoWidth || picture.naturalWidth || 0) / width;
    const down = (picture.videoHeight || picture.naturalHeight || 0) / height;
    if (!across) return;
    const areas = new Map();
    for (
      let frame = Math.max(0, frameAt(rows, ms - AROUND));
      frame < rows.t.length && rows.t[frame] <= ms + AROUND;
      frame += 1
    ) {
      if (ms - rows.t[frame] > HOLD) continue;
      for (let i = rows.start[frame]; i < rows.start[frame + 1]; i += 1) {
        const [x, y, w, h] = rows.box.slice(4 * i, 4 * i + 4);
        const key =
          rows.viewer[i] >= 0 ? rows.viewer[i] : `${Math.round(x / w)} ${Math.round(y / h)}`;
        const area = areas.get(key) ?? [x, y, x + w, y + h];
        areas.set(key, [
          Math.min(area[0], x),
          Math.min(area[1], y),
          Math.max(area[2], x + w),
          Math.max(area[3], y + h),
        ]);
      }
    }
    for (const area of areas.values()) {
      let [left, top, right, bottom] = area.map((value) => value * scale);
      const w = right - left,
        h = bottom - top;
      left = Math.max(0, left - 0.12 * w);
      top = Math.max(0, top - 0.2 * h);
      right = Math.min(width, right + 0.12 * w);
      bottom = Math.min(height, bottom + 0.12 * h);
      if (right <= left || bottom <= top) continue;
      ctx.save();
      this.round(ctx, left, top, right - left, bottom - top, 0.35 * Math.min(w, h));
      ctx.clip();
      ctx.filter = `blur(${Math.max(8, Math.min(w, h) / 6)}px)`;
      const m = Math.max(8, Math.min(w, h) / 3); // beyond the edge, so that it does not fade there
      ctx.drawImage(
        picture,
        (left - m) * across,
        (top - m) * down,
        (right - left + 2 * m) * across,
        (bottom - top + 2 * m) * down,
        left - m,
        top - m,
        right - left + 2 * m,
        bottom - top + 2 * m,
      );
      ctx.restore();
    }
  }
  round(ctx, x, y, w, h, radius) {
    ctx.beginPath();
    ctx.roundRect(x, y, w, h, Math.min(radius, w / 2, h / 2));
  }
  close() {
    this.rows.close();
  }
}
