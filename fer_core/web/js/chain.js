// The chain of one camera or film: find and follow faces, read their expression and their eyes.

import { Detector, overlap } from "./detector.js";
import { asGrey, measured, sevenOf } from "./expression.js";
import { EyeReader } from "./eyes.js";
import { headPose, whyNot } from "./faces.js";
import { cut, picture } from "./pixels.js";

/**
 * @typedef {object} Read  a face of one picture
 * @property {number} viewer
 * @property {number[]} box
 * @property {number} score
 * @property {number[][]} points
 * @property {number[]} pose
 * @property {string} whyNot
 * @property {number[]} seven
 * @property {(number | null)[]} readings
 * @property {Record<string, number>} measures
 */

/** A face this high, in shares of the tallest one's height, is somebody. */
const SOMEONE = 0.4;

export class Chain {
  /** @param {Record<string, import("./networks.js").Network>} networks
   * @param {any} table  what the server says of its chain
   * @param {boolean} alone  one viewer only: the largest face, whoever else comes near
   * @param {Pick<EyeReader, "read"> | null} apart  what reads eyes in another thread */
  constructor(networks, table, alone, apart = null) {
    this.networks = networks;
    this.table = table;
    this.alone = alone;
    this.detector = new Detector(networks, table.detector);
    this.apart = apart;
    this.eyes = apart ?? new EyeReader(networks, table);
    this.nextViewer = 1;
    this.others = 0; // faces that were not read
    this.restart();
  }

  restart() {
    /** @type {{ viewer: number, box: number[], seenMs: number, sights: number }[]} */
    this.followed = [];
    this.nextViewer = 1;
    this.nextDetection = 0;
    this.slot = -1;
    this.others = 0;
  }

  /** All that is read of a picture.
   * @param {Uint8ClampedArray} rgba
   * @param {number} tMs  milliseconds of the film or the camera
   * @returns {Promise<Read[]>}
   */
  async step(rgba, width, height, tMs) {
    return (await this.begin(rgba, width, height, tMs)).faces;
  }

  /** The same in two halves: the next picture may begin when this one has begun, while another
   * thread still reads its eyes.
   * @returns {Promise<{ seen: any, others: number, faces: Promise<Read[]> }>}
   */
  async begin(rgba, width, height, tMs) {
    const seen = picture(rgba, width, height);
    this.seen = seen;
    const followed = await this.follow(seen, tMs);
    const { others } = this;
    const { hz } = this.table.eyes;
    const [slot, last] = [Math.floor((tMs * hz) / 1000), this.slot];
    this.slot = slot;
    const look = { eyes: slot !== last, mesh: slot >> 1 !== last >> 1 };
    /** @type {Promise<Read>[]} */
    const faces = [];
    for (const { viewer, face } of followed) {
      const { seven, read } = this.readFace(seen, viewer, face, look);
      faces.push(read);
      // whoever waits for the face is told what failed
      await Promise.allSettled([this.apart ? seven : read]);
    }
    return { seen, others, faces: Promise.all(faces) };
  }

  /** A face's probabilities, and all of it with what its eyes say.
   * @param {any} seen
   * @param {any} viewer
   * @param {any} face
   * @param {{ eyes: boolean, mesh: boolean }} look
   * @returns {{ seven: Promise<number[]>, read: Promise<Read> }} */
  readFace(seen, viewer, face, look) {
    const pose = headPose(face.points, this.table.pose);
    const why = whyNot(seen, face, pose, this.table.quality);
    const large = Math.max(face.box[2], face.box[3]) >= this.table.eyes.smallest;
    const reading =
      look.eyes && large && !why
        ? this.eyes.read(seen, face, look.mesh)
        : new Array(this.table.readings.length).fill(null);
    const across = [0, 1].map((axis) => face.points[1][axis] - face.points[0][axis]);
    const seven = this.expression(cut(seen, face.box, across, this.table.card.crop));
    const read = Promise.all([seven, reading]).then(([shares, readings]) => {
      const measures = measured(shares, pose, this.table.measures);
      return { viewer, ...face, pose, whyNot: why, seven: shares, readings, measures };
    });
    return { seven, read };
  }

  /** The seven probabilities of a crop: the mean over it and its mirror image, if the card says. */
  async expression(crop) {
    const { card } = this.table;
    const [logits] = await this.networks.model.run(asGrey(crop, card));
    if (card.mirror) {
      const [other] = await this.networks.model.run(asGrey(crop, card, true));
      for (let k = 0; k < logits.length; k += 1) logits[k] = (logits[k] + other[k]) / 2;
    }
    return sevenOf(logits, card);
  }

  async follow(seen, tMs) {
    const { detect_ms, search_ms } = this.table.follow;
    if (this.followed.length && tMs < this.nextDetection) {
      const found = [];
      for (const one of this.followed) {
        const face = await this.detector.refine(seen, one.box);
        if (face) found.push({ one, face });
      }
      if (found.length === this.followed.length) return this.keep(found, tMs);
    }
    if (tMs < this.nextDetection && !this.followed.length) return [];
    const faces = this.chosen(await this.detector.detect(seen));
    const found = this.matched(faces, tMs);
    const calm = found.length > 0 && found.length === this.followed.length;
    this.nextDetection = tMs + (calm ? detect_ms : search_ms);
    return this.keep(found, tMs);
  }

  /** Of all faces those that are followed: alone, the one that was, else the largest. */
  chosen(faces) {
    const tallest = Math.max(0, ...faces.map((one) => one.box[3]));
    this.others = faces.filter((one) => one.box[3] > SOMEONE * tallest).length - 1;
    if (!this.alone || faces.length < 2) return faces;
    const size = ({ box }) => box[2] * box[3];
    const [before] = this.followed;
    const near = before && faces.find((one) => shared(one.box, before.box) > 0.3);
    return [near ?? faces.reduce((a, b) => (size(b) > size(a) ? b : a))];
  }

  /** Faces with whom they belong to; whoever is new is followed from now on. */
  matched(faces, tMs) {
    const free = new Set(this.followed);
    const pairs = faces
      .flatMap((face) => this.followed.map((one) => ({ face, one, by: near(face.box, one.box) })))
      .filter((pair) => pair.by > 0)
      .sort((a, b) => b.by - a.by);
    const whose = new Map();
    for (const { face, one } of pairs) {
      if (whose.has(face) || !free.has(one)) continue;
      whose.set(face, one);
      free.delete(one);
    }
    return faces.map((face) => {
      let one = whose.get(face);
      if (!one) {
        one = { viewer: 0, box: face.box, seenMs: tMs, sights: 0 };
        if (this.alone) this.followed = [];
        this.followed.push(one);
      }
      return { one, face };
    });
  }

  keep(found, tMs) {
    const { forget_ms, sights } = this.table.follow;
    const kept = [];
    for (const { one, face } of found) {
      Object.assign(one, { box: face.box, seenMs: tMs, sights: one.sights + 1 });
      // a face counts from its second sight on: a flicker is nobody
      if (one.sights < sights) continue;
      if (!one.viewer) one.viewer = this.alone ? 1 : this.nextViewer++;
      kept.push({ viewer: one.viewer, face });
    }
    /** @param {{ viewer: number, seenMs: number }} one */
    const gone = (one) => tMs - one.seenMs > (one.viewer ? forget_ms : 0);
    this.followed = this.followed.filter((one) => !gone(one));
    return kept.sort((a, b) => a.viewer - b.viewer);
  }
}

const asCorners = (box) => [box[0], box[1], box[0] + box[2], box[1] + box[3]];
const shared = (a, b) => overlap(asCorners(a), asCorners(b));

/** How well two boxes may be one face: 0 where they may not. */
function near(a, b) {
  const by = shared(a, b);
  if (by > 0) return by;
  const side = Math.max(a[2], a[3], b[2], b[3]);
  const apart = Math.hypot(a[0] + a[2] / 2 - b[0] - b[2] / 2, a[1] + a[3] / 2 - b[1] - b[3] / 2);
  const alike = Math.min(a[2], b[2]) / Math.max(a[2], b[2]) > 0.6;
  return alike && apart < side ? 0.01 : 0;
}
