// A camera read on this device: its pictures go to the worker and numbers come back.

/** Calls to the worker, each with its answer. */
export class Reader {
  /** @param {string} base  the address of the scripts, ending with a slash */
  constructor(base) {
    this.worker = new Worker(`${base}worker.js`);
    this.waiting = new Map();
    this.count = 0;
    this.worker.onmessage = ({ data }) => {
      const [done, fail] = this.waiting.get(data.id);
      this.waiting.delete(data.id);
      data.error ? fail(new Error(data.error)) : done(data.value);
    };
    this.worker.onerror = (event) => {
      for (const [, fail] of this.waiting.values()) fail(new Error(event.message || "It failed."));
      this.waiting.clear();
    };
  }
  /** @returns {Promise<any>} */
  ask(what, value = {}, moved = []) {
    this.count += 1;
    const id = this.count;
    return new Promise((done, fail) => {
      this.waiting.set(id, [done, fail]);
      this.worker.postMessage({ id, what, value }, moved);
    });
  }
  close() {
    this.worker.terminate();
    for (const [, fail] of this.waiting.values()) fail(new Error("It was closed."));
    this.waiting.clear();
  }
}

const LONG_SIDE = 640;

/** Reads the newest picture of a playing camera, one at a time; `take` gets what was read. */
export class CameraReader {
  /** @param {Reader} reader
   * @param {HTMLVideoElement} video
   * @param {(found: any, at: number) => void} take  with the moment, on the browser's clock */
  constructor(reader, video, take) {
    this.reader = reader;
    this.video = video;
    this.take = take;
    this.on = false;
    this.busy = false;
    this.check = true;
    this.mostHz = 30;
    this.last = 0;
    /** @type {number[]} */
    this.times = [];
  }
  start() {
    this.on = true;
    this.next();
  }
  stop() {
    this.on = false;
  }
  next() {
    if (!this.on) return;
    if ("requestVideoFrameCallback" in this.video) {
      this.video.requestVideoFrameCallback((now, frame) => {
        this.next();
        this.offer(frame.captureTime ?? now);
      });
    } else {
      setTimeout(() => {
        this.next();
        this.offer(performance.now());
      }, 33);
    }
  }
  async offer(taken) {
    if (this.busy || !this.on || this.video.readyState < 2) return;
    if (taken - this.last < 1000 / this.mostHz - 4) return;
    this.busy = true;
    this.last = taken;
    try {
      const { videoWidth: w, videoHeight: h } = this.video;
      const k = Math.min(1, LONG_SIDE / Math.max(w, h));
      const size = { resizeWidth: Math.round(w * k), resizeHeight: Math.round(h * k) };
      const bitmap = await createImageBitmap(this.video, k < 1 ? size : {});
      const value = { bitmap, tMs: taken, check: this.check };
      const found = await this.reader.ask("read", value, [bitmap]);
      this.times.push(performance.now());
      if (this.times.length > 60) this.times.shift();
      if (this.on) this.take(found, performance.timeOrigin + taken);
    } catch (error) {
      if (this.on) this.failed?.(error);
    } finally {
      this.busy = false;
    }
  }
  /** Pictures read a second, lately. */
  get rate() {
    const { times } = this;
    const long = (times.at(-1) ?? 0) - times[0];
    return times.length > 1 ? (1000 * (times.length - 1)) / long : 0;
  }
  /** @type {((error: Error) => void) | undefined} */
  failed;
}
