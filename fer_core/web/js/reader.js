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
/** One picture's eyes are read, the next one's face, and one waits: threads never wait for the page. */
const ON_THE_WAY = 3;
/** A camera's pictures come a little early or late. */
const EARLY_MS = 8;

/** Reads pictures of a playing camera as they come; `take` gets what was read. */
export class CameraReader {
  /** @param {Reader} reader
   * @param {HTMLVideoElement} video
   * @param {(found: any, at: number) => void} take  with the moment, on the browser's clock */
  constructor(reader, video, take) {
    this.reader = reader;
    this.video = video;
    this.take = take;
    this.on = false;
    this.onTheWay = 0;
    this.check = true;
    this.mostHz = 20; // more would not be read: eyes are 16 times a second
    this.due = 0;
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
    if (this.onTheWay === ON_THE_WAY || !this.on || this.video.readyState < 2) return;
    if (taken < this.due - EARLY_MS) return;
    const apart = 1000 / this.mostHz;
    this.due = Math.max(this.due + apart, taken + apart / 2);
    this.onTheWay += 1;
    try {
      const { videoWidth: w, videoHeight: h } = this.video;
      const k = Math.min(1, LONG_SIDE / Math.max(w, h));
      const size = { width: Math.round(w * k), height: Math.round(h * k) };
      const picture = await pictureOf(this.video);
      const value = { picture, ...size, tMs: taken, check: this.check };
      const found = await this.reader.ask("read", value, [picture]);
      this.times.push(performance.now());
      if (this.times.length > 60) this.times.shift();
      if (this.on) this.take(found, performance.timeOrigin + taken);
    } catch (error) {
      if (this.on) this.failed?.(error);
    } finally {
      this.onTheWay -= 1;
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

/** What a video shows now. A frame of it costs the page nothing: the worker turns it into values. */
const pictureOf = (video) =>
  typeof VideoFrame === "function" ? new VideoFrame(video) : createImageBitmap(video);
