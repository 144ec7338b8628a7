// What was found in each analysed frame. It comes in spans from the server, as they are needed.

export class Rows {
  constructor(onload) {
    this.spans = new Map();
    this.onload = onload;
    this.url = "";
    this.span = this.end = 0;
  }
  set(url, span, end) {
    if (url !== this.url) {
      for (const one of this.spans.values()) one.stop?.abort();
      this.spans.clear();
    }
    Object.assign(this, { url, span, end });
  }
  /** The span that holds a time, or null while it is on its way. */
  at(ms) {
    if (!this.url) return null;
    const place = Math.floor(Math.max(0, ms) / this.span);
    this.fetch(place);
    if (ms - place * this.span > this.span / 2) this.fetch(place + 1);
    return this.spans.get(place)?.rows ?? null;
  }
  fetch(place) {
    const from = place * this.span;
    const known = this.spans.get(place);
    if (from > this.end || known?.rows || known?.stop || known?.after > performance.now()) return;
    const stop = new AbortController();
    /** @type {{stop: AbortController | null, rows?: object, after?: number}} */
    const entry = { stop };
    this.spans.set(place, entry);
    if (this.spans.size > 24) this.spans.delete(this.spans.keys().next().value);
    fetch(`${this.url}&from=${from}&to=${from + this.span}`, { signal: stop.signal })
      .then((answer) => {
        if (!answer.ok) throw new Error(String(answer.status));
        return answer.json();
      })
      .then((rows) => {
        entry.rows = rows;
        entry.stop = null;
        this.onload();
      })
      .catch((error) => {
        entry.stop = null;
        if (error.name !== "AbortError") entry.after = performance.now() + 3000; // then again
      });
  }
  close() {
    for (const one of this.spans.values()) one.stop?.abort();
  }
}

/** The last frame at or before a time. */
export function frameAt(rows, ms) {
  let low = 0,
    high = rows.t.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rows.t[middle] <= ms + 2) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** The faces of a frame. */
export function facesOf(rows, frame) {
  const faces = [];
  for (let i = rows.start[frame]; i < rows.start[frame + 1]; i += 1) {
    faces.push({
      viewer: rows.viewer[i],
      box: rows.box.slice(4 * i, 4 * i + 4),
      usable: rows.usable[i] === 1,
      eyes: rows.eyes?.[4 * i + 1] >= 0 ? rows.eyes.slice(4 * i, 4 * i + 4) : null,
      p: rows.p[7 * i] < 0 ? null : rows.p.slice(7 * i, 7 * i + 7),
    });
  }
  return faces;
}
