// Finds faces: the cascade of networks (MTCNN) that the server runs, its first network on one
// sheet that holds the picture at every size.

import { clip, halves, paste, patch } from "./pixels.js";

/**
 * @typedef {import("./pixels.js").Picture} Picture
 * @typedef {{ box: number[], score: number, points: number[][] }} Face
 */

export class Detector {
  /** @param {Record<string, import("./networks.js").Network>} networks  pnet, rnet, onet
   * @param {any} table  the detector's constants */
  constructor(networks, table) {
    this.networks = networks;
    this.table = table;
    this.sheet = new Float32Array(table.sheet[0] * table.sheet[1] * 3);
    /** @type {{ width: number, height: number, levels: any[] }} */
    this.laid = { width: 0, height: 0, levels: [] };
  }

  /** All faces of the picture, the best score first.
   * @param {Picture} seen
   * @returns {Promise<Face[]>}
   */
  async detect(seen) {
    const { second, third } = this.table;
    const squares = (await this.propose(seen)).map((one) => squared(one));
    const sorted = await this.sort(seen, squares);
    let found = squares
      .map((square, row) => ({ box: moved(square, sorted[row]), score: sorted[row][4] }))
      .filter((one) => one.score > second);
    found = suppress(found, 0.7);
    /** @type {any[]} */
    let looked = [];
    for (const one of found) looked.push(await this.look(seen, squared(one.box)));
    looked = suppress(
      looked.filter((one) => one.score > third),
      0.7,
      "smaller",
    );
    const sure = [];
    for (const one of looked) {
      const face = await this.confirm(seen, one);
      if (face) sure.push(face);
    }
    return sure.sort((a, b) => b.score - a.score);
  }

  /** Look again where a face is expected; null where there is none now.
   * @param {Picture} seen
   * @param {number[]} box
   * @returns {Promise<Face | null>}
   */
  async refine(seen, box) {
    const { square, settled, again } = this.table;
    let found = await this.look(seen, squared(corners(box), square));
    if (found.score > 0.2 && overlap(corners(box), found.box) < settled) {
      found = await this.look(seen, squared(found.box, square));
    }
    return found.score > again ? asFace(found) : null;
  }

  /** The first network over all sizes of the picture: candidates as corners. */
  async propose(seen) {
    this.lay(seen);
    const { cell, stride, crowded, first } = this.table;
    const [sheetWidth] = this.table.sheet;
    const { levels } = this.laid;
    const sizes = halves(seen, Math.max(...levels.map((level) => level.times)));
    for (const { times, left, top, width, height } of levels) {
      paste(sizes[times], this.sheet, sheetWidth, left, top, width, height);
    }
    const [out] = await this.networks.pnet.run(this.sheet);
    const columns = outputs(sheetWidth);
    const limit = Math.log(first / (1 - first));
    const all = [];
    for (const level of levels) {
      const [scaleX, scaleY] = [seen.width / level.width, seen.height / level.height];
      const found = [];
      for (let row = 0; row < outputs(level.height); row += 1) {
        for (let column = 0; column < outputs(level.width); column += 1) {
          const at = ((row + level.top / stride) * columns + column + level.left / stride) * 5;
          if (!(out[at + 4] > limit)) continue;
          const [x, y] = [column * stride, row * stride];
          const by = cell - 1;
          found.push({
            box: [
              (x + 1 + out[at] * by) * scaleX,
              (y + 1 + out[at + 1] * by) * scaleY,
              (x + cell + out[at + 2] * by) * scaleX,
              (y + cell + out[at + 3] * by) * scaleY,
            ],
            score: out[at + 4],
          });
        }
      }
      all.push(...suppress(found, crowded));
    }
    return suppress(all, crowded).map((one) => one.box);
  }

  /** Where each size of the picture lies on the sheet: the first place that is free. */
  lay(seen) {
    if (this.laid.width === seen.width && this.laid.height === seen.height) return;
    const { cell, factor, working, face, sheet } = this.table;
    const long = Math.max(seen.width, seen.height);
    const short = Math.min(seen.width, seen.height);
    let scale = (cell / face) * Math.min(1, working[0] / long, working[1] / short);
    /** @type {any[]} */
    const levels = [];
    while (short * scale >= cell) {
      const width = Math.max(cell, Math.round(seen.width * scale));
      const height = Math.max(cell, Math.round(seen.height * scale));
      const times = Math.max(
        0,
        Math.floor(Math.log2(Math.min(seen.width / width, seen.height / height)) + 1e-6),
      );
      levels.push({ width, height, times, ...place(levels, width, height, sheet) });
      scale *= factor;
    }
    this.sheet.fill(0);
    this.laid = { width: seen.width, height: seen.height, levels };
  }

  /** The second network's answers: box offsets and how sure it is. */
  async sort(seen, squares) {
    const { batch } = this.table;
    const length = 24 * 24 * 3;
    const answers = [];
    for (let at = 0; at < squares.length; at += batch) {
      const values = new Float32Array(batch * length);
      const some = squares.slice(at, at + batch);
      for (const [row, square] of some.entries()) values.set(patch(seen, square, 24), row * length);
      const [out] = await this.networks.rnet.run(values);
      for (let row = 0; row < some.length; row += 1)
        answers.push([...out.subarray(row * 5, row * 5 + 5)]);
    }
    return answers;
  }

  /** The third network on one square: corners, score and landmarks. */
  async look(seen, square, mirrored = false) {
    const [out] = await this.networks.onet.run(patch(seen, square, 48, mirrored));
    const size = [square[2] - square[0] + 1, square[3] - square[1] + 1];
    const order = mirrored ? [1, 0, 2, 4, 3] : [0, 1, 2, 3, 4];
    const points = order.map((k) => [
      (mirrored ? 1 - out[4 + k] : out[4 + k]) * size[0] + square[0] - 1,
      out[9 + k] * size[1] + square[1] - 1,
    ]);
    return { box: moved(square, out), score: out[14], points };
  }

  /** A second look at an answer, and its mirror image; null where they do not agree. */
  async confirm(seen, found) {
    const { square, disagreement, confirm } = this.table;
    const where = squared(found.box, square);
    const second = await this.look(seen, where);
    const third = await this.look(seen, where, true);
    const logits = (logit(found.score) + logit(second.score) + logit(third.score)) / 3;
    const apart =
      (distance(found.points, second.points) + distance(second.points, third.points)) /
      (where[2] - where[0]);
    if (logits - disagreement * apart <= confirm) return null;
    return asFace({
      box: found.box.map((one, i) => (one + second.box[i]) / 2),
      score: 1 / (1 + Math.exp(-logits)),
      points: found.points.map((one, i) =>
        one.map((value, axis) => (value + second.points[i][axis]) / 2),
      ),
    });
  }
}

const outputs = (side) => Math.floor((side - 1) / 2) - 4;

/** The first free place of a sheet, by even pixels. */
function place(levels, width, height, [wide, high]) {
  const free = (left, top) =>
    levels.every(
      (one) =>
        left >= one.left + one.width + 2 ||
        one.left >= left + width + 2 ||
        top >= one.top + one.height + 2 ||
        one.top >= top + height + 2,
    );
  for (let top = 0; top + height <= high; top += 2) {
    for (let left = 0; left + width <= wide; left += 2) if (free(left, top)) return { left, top };
  }
  throw new Error(`No place for ${width} × ${height} pixels on the sheet.`);
}

const asFace = ({ box, score, points }) => ({
  box: [box[0], box[1], box[2] - box[0], box[3] - box[1]],
  score,
  points,
});
const corners = (box) => [box[0], box[1], box[0] + box[2], box[1] + box[3]];

/** A square around the same centre, as wide as the longer side times `enlarge`. */
function squared(/** @type {number[]} */ [x1, y1, x2, y2], enlarge = 1) {
  const [x, y] = [(x1 + x2) / 2, (y1 + y2) / 2];
  const half = (Math.max(x2 - x1, y2 - y1) * enlarge) / 2;
  return [x - half, y - half, x + half, y + half];
}

function moved(box, offsets) {
  const size = [box[2] - box[0] + 1, box[3] - box[1] + 1];
  return box.map((one, i) => one + offsets[i] * size[i % 2]);
}

/** The share of common area, of the union or of the smaller of the two; boxes are corners. */
export function overlap(a, b, by = "union") {
  const width = Math.min(a[2], b[2]) - Math.max(a[0], b[0]);
  const height = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
  const common = Math.max(width, 0) * Math.max(height, 0);
  const [one, other] = [a, b].map((box) => (box[2] - box[0]) * (box[3] - box[1]));
  return common / Math.max(by === "union" ? one + other - common : Math.min(one, other), 1e-6);
}

/** What stays when each drops the lower ones that overlap it too much; the best first. */
function suppress(found, threshold, by = "union") {
  const kept = [];
  for (const one of [...found].sort((a, b) => b.score - a.score)) {
    if (kept.every((better) => overlap(better.box, one.box, by) <= threshold)) kept.push(one);
  }
  return kept;
}

function distance(a, b) {
  const total = a.reduce((sum, [x, y], i) => sum + (x - b[i][0]) ** 2 + (y - b[i][1]) ** 2, 0);
  return Math.sqrt(total / a.length);
}

function logit(p) {
  const inside = clip(p, 1e-4, 1 - 1e-4);
  return Math.log(inside / (1 - inside));
}
