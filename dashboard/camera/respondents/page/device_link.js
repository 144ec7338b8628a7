// The respondent's face read on their own device: numbers go to the server, signed, once each, and
// are kept here until the server says that it has them. Nothing of a picture leaves the device.

import { stopTracks } from "../../connection/camera.js";
import { browserTime } from "../../connection/peer.js";
import { Kept } from "./kept.js";
import { checkLines } from "./own_check.js";
import { ask, Refused } from "./server.js";

const BATCH_MS = 5000;
const MOST_FRAMES = 300;
const MEASURE_PICTURES = 16; // after so many the device's speed is known
const AGAIN_MS = 3000;
const LAST_MS = 90000; // how long the end waits for what is still to be sent

/** What a browser must have to read a face itself. */
export const capable = () =>
  typeof WebAssembly === "object" &&
  typeof OffscreenCanvas === "function" &&
  typeof createImageBitmap === "function" &&
  typeof indexedDB === "object" &&
  Boolean(globalThis.crypto?.subtle);

/** Load runtime and networks while the respondent reads; null where that fails. */
export async function prepare({ base }) {
  try {
    const [{ Reader, CameraReader }, table] = await Promise.all([
      import(`${base}reader.js`),
      fetch(`${base}table.json`).then((answer) => answer.json()),
    ]);
    const reader = new Reader(base);
    await reader.ask("open", { table, base: `${location.origin}${base}`, alone: true });
    return { reader, table, CameraReader };
  } catch {
    return null;
  }
}

/** Resolves to what `prepare` gives, or to null where it takes too long. */
export const inTime = (preparing, seconds) =>
  Promise.race([preparing, new Promise((done) => setTimeout(() => done(null), 1000 * seconds))]);

/** Takes the place of a `CameraLink`: the page need not know which of the two reads. */
export class DeviceLink {
  constructor({ prepared, hear, limits, secret, visit }) {
    this.prepared = prepared;
    /** @type {any} */
    this.eye = null;
    this.hear = hear;
    this.limits = limits;
    this.secret = secret;
    this.visit = visit;
    /** @type {any} */
    this.camera = null;
    /** @type {any} */
    this.stream = null;
    /** @type {any[]} */
    this.frames = [];
    /** @type {any[]} */
    this.film = [];
    this.channel = true; // as a link that stands
    this.recording = false;
    /** @type {any} */
    this.again = null;
    /** @type {Refused | null} */
    this.refused = null;
    /** @type {number[]} */
    this.took = [];
    this.n = 0;
    this.since = 0;
    this.kept = new Kept();
    this.sending = Promise.resolve();
    this.empty();
  }
  empty() {
    this.frames = [];
    this.film = [];
    /** @type {any[]} */
    this.told = [];
    this.since = browserTime();
  }
  /** Read the camera; rejects with `TooSlow` where this device is. */
  async open() {
    const { CameraReader, reader } = this.prepared;
    this.camera?.stop();
    await this.kept.base;
    await reader.ask("restart");
    this.eye ??= await eyeOf(this.stream);
    this.camera = new CameraReader(reader, this.eye, (found, at) => this.taken(found, at));
    this.camera.failed = () => {};
    this.camera.start();
    await new Promise((done, fail) => {
      const ends = setTimeout(() => fail(new TooSlow()), 1000 * this.limits.ready_s);
      this.measured = (ms) => {
        clearTimeout(ends);
        ms > 1000 / this.limits.slowest_hz ? fail(new TooSlow()) : done(ms);
      };
    });
  }
  taken(found, at) {
    if (this.took.length < MEASURE_PICTURES) {
      this.took.push(found.tookMs);
      if (this.took.length === MEASURE_PICTURES) {
        // what the device can do: the first ones warm up, and other programs hold some up
        const warm = this.took.slice(4).sort((a, b) => a - b);
        this.measured?.(warm[Math.floor(warm.length / 4)]);
      }
    }
    if (!this.recording) {
      this.hear({ k: "check", ...checkLines(found, this.prepared.table.check) });
      return;
    }
    this.size = [found.width, found.height];
    const [face] = found.faces;
    this.frames.push([Math.round(at * 10) / 10, face ? brief(face) : null]);
    if (this.frames.length >= MOST_FRAMES || browserTime() - this.since > BATCH_MS) this.pack();
  }
  /** From now on what is read is kept; the server wants batch `next` first. */
  async begin({ next }) {
    // of a film that was cut off, which is shown again
    await this.kept.drop(this.visit.key);
    if (!this.camera.on) {
      await this.prepared.reader.ask("restart");
      this.camera.start();
    }
    this.n = next;
    this.refused = null;
    this.recording = true;
    this.camera.check = false;
    this.empty();
  }
  /** Between the films of a course nothing is read. */
  rest() {
    this.camera.stop();
  }
  /** A report of the film, or what its viewer says of it: it goes with the next batch. */
  tell(value) {
    if (!this.recording) return;
    const t = round(value.t, 1);
    if (value.k === "film") this.film.push([round(value.at, 1), t, value.playing]);
    else if (value.k === "rate") this.told.push([t, value.v]);
  }
  /** What came since the last batch becomes the next one: kept here first, then sent. */
  pack() {
    const { frames, film, told, size } = this;
    if (!size || !(frames.length || film.length)) return;
    this.empty();
    const { n } = this;
    this.n += 1;
    const data = JSON.stringify({ size, film, told, frames });
    this.sending = this.sending
      .then(async () => {
        const signature = await sign(this.secret, n, data);
        await this.kept.put({ visit: this.visit.key, n, data, signature, path: location.pathname });
      })
      .then(() => this.send());
  }
  /** Send what is kept, in order; what the server has is dropped here. */
  async send() {
    try {
      await sendKept(this.kept, this.visit.key);
    } catch (error) {
      if (error instanceof Refused && error.final) this.refused = error;
      else if (this.recording) this.again ??= setTimeout(() => this.later(), AGAIN_MS);
    }
  }
  later() {
    this.again = null;
    this.sending = this.sending.then(() => this.send());
  }
  /** Resolves when the server has everything, or when waiting has no end. */
  async settled() {
    this.camera?.stop();
    if (this.recording) this.pack();
    this.recording = false;
    const ends = Date.now() + LAST_MS;
    await this.sending;
    while (!this.refused && (await this.kept.count(this.visit.key)) && Date.now() < ends) {
      await new Promise((done) => setTimeout(done, 1000));
      await this.send();
    }
    return !(await this.kept.count(this.visit.key));
  }
  /** Forget what was not sent yet: the respondent took it back. */
  forget() {
    return this.kept.drop(this.visit.key);
  }
  hangUp() {}
  close() {
    this.recording = false;
    this.camera?.stop();
    stopTracks(this.stream);
    this.stream = null;
    this.eye?.remove();
    this.eye = null;
  }
}

/** A video of the camera that the browser draws all the time: it gives few pictures of one that
 * nobody can see, as the mirror is while the film plays. */
async function eyeOf(stream) {
  const eye = document.createElement("video");
  eye.muted = true;
  eye.playsInline = true;
  eye.setAttribute("aria-hidden", "true");
  eye.tabIndex = -1;
  const look = { position: "fixed", left: "0", bottom: "0", width: "2px", height: "2px" };
  Object.assign(eye.style, look, { opacity: "0.01", pointerEvents: "none", zIndex: "9" });
  eye.srcObject = stream;
  document.body.append(eye);
  await eye.play();
  return eye;
}

export class TooSlow extends Error {}

const mark = (visit) => `rapt-visit:${visit}`;

/** Others who send what is left leave a visit alone while its page is open. */
export function hold(visit) {
  navigator.locks?.request(mark(visit), () => new Promise(() => {}));
}

/** Send what earlier visits left on this device, then end them: a page that was closed did not.
 * A course is not ended, for it can go on. */
export async function sendLeft(course) {
  const kept = new Kept();
  for (const visit of await kept.visits(location.pathname)) {
    const alone = { ifAvailable: true };
    const left = (lock) => lock && sendAndEnd(kept, visit, course);
    await (navigator.locks ? navigator.locks.request(mark(visit), alone, left) : left(true));
  }
}

async function sendAndEnd(kept, visit, course) {
  try {
    await sendKept(kept, visit);
    if (!course) await ask("end", { visit, how: "broken" });
  } catch (error) {
    // over meanwhile, or not believed: it is not kept for ever
    if (error instanceof Refused && error.final) await kept.drop(visit);
  }
}

async function sendKept(kept, visit) {
  for (;;) {
    const one = await kept.first(visit);
    if (!one) return;
    const { n, data, signature } = one;
    const { next } = await ask("numbers", { visit, n, data, signature });
    if (next <= n) throw new Refused("", "", 409);
    await kept.drop(visit, next);
  }
}

const round = (value, digits) => Math.round(value * 10 ** digits) / 10 ** digits;

/** A face as it is sent: numbers alone. */
function brief(face) {
  return {
    b: face.box.map((one) => round(one, 2)),
    s: round(face.score, 4),
    p: face.points.flat().map((one) => round(one, 2)),
    e: face.seven.map((one) => round(one, 5)),
    w: face.whyNot,
    r: face.readings.every((one) => one === null)
      ? null
      : face.readings.map((one) => (one === null ? null : round(one, 4))),
  };
}

async function sign(secret, n, data) {
  const bytes = (text) => new TextEncoder().encode(text);
  const how = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", bytes(secret), how, false, ["sign"]);
  const found = await crypto.subtle.sign("HMAC", key, bytes(`${n}.${data}`));
  return [...new Uint8Array(found)].map((one) => one.toString(16).padStart(2, "0")).join("");
}
