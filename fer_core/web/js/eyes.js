// Lids, iris and signs of movements of one face, raw: in the order of the server's readings.

import { cut } from "./pixels.js";
import { regions } from "./regions.js";

/** A grey crop as the mesh and the eye network take it: (side, side, 3), 0 to 1. */
function asInput(crop, size, mirrored) {
  const out = new Float32Array(size * size * 3);
  for (let row = 0, to = 0; row < crop.length; row += size) {
    for (let column = 0; column < size; column += 1, to += 3) {
      const value = crop[row + (mirrored ? size - 1 - column : column)] / 255;
      out[to] = value;
      out[to + 1] = value;
      out[to + 2] = value;
    }
  }
  return out;
}

/** A point of a crop that was turned level, back in the picture. */
function toPicture([x, y], centre, side, angle, size) {
  const [a, b] = [(x - size / 2) * (side / size), (y - size / 2) * (side / size)];
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return [a * cos - b * sin + centre[0], a * sin + b * cos + centre[1]];
}

export class EyeReader {
  /** @param {Record<string, import("./networks.js").Network>} networks
   * @param {any} table */
  constructor(networks, table) {
    this.networks = networks;
    this.table = table;
  }

  /** The readings of a face: lids and iris, and the movements' signs where `mesh` says so.
   * @returns {Promise<(number | null)[]>}
   */
  async read(seen, face, mesh) {
    const eyes = [];
    for (const side of [0, 1]) eyes.push(await this.eye(seen, face.points, side));
    const found = eyes.map((eye) => eye.aperture);
    for (const eye of eyes) found.push(...eye.iris);
    if (!mesh) return [...found, null, null, null, null, null];
    const points = await this.mesh(seen, face);
    return [...found, ...this.signs(seen, points, eyes)];
  }

  async eye(seen, points, side) {
    const { size, width: share, square, outer, inner, lids: count } = this.table.eye;
    const across = [points[1][0] - points[0][0], points[1][1] - points[0][1]];
    const centre = points[side];
    const wide = share * Math.hypot(...across);
    const box = [centre[0] - wide / 2, centre[1] - wide / 2, wide, wide];
    const crop = cut(seen, box, across, { size, margin: square, align: "eyes" });
    const answers = await this.networks.iris_landmark.run(asInput(crop, size, side === 1));
    const angle = Math.atan2(across[1], across[0]);
    const placed = answers.map((flat) => {
      const found = [];
      for (let k = 0; k < flat.length; k += 3) {
        const x = side === 1 ? size - flat[k] : flat[k];
        found.push(toPicture([x, flat[k + 1]], centre, wide * square, angle, size));
      }
      return found;
    });
    const [lids, iris] = placed;
    const corners = side === 0 ? [lids[outer], lids[inner]] : [lids[inner], lids[outer]];
    const step = [corners[1][0] - corners[0][0], corners[1][1] - corners[0][1]];
    const width = Math.max(Math.hypot(...step), 1e-3);
    const down = [-step[1] / width, step[0] / width];
    const middle = [(corners[0][0] + corners[1][0]) / 2, (corners[0][1] + corners[1][1]) / 2];
    const mean = ([from, to]) => {
      const some = lids.slice(from, to);
      return [0, 1].map((axis) => some.reduce((sum, one) => sum + one[axis], 0) / some.length);
    };
    const [low, up] = [mean(this.table.eye.lower), mean(this.table.eye.upper)];
    const dot = (a, b) => a[0] * b[0] + a[1] * b[1];
    const offset = [iris[0][0] - middle[0], iris[0][1] - middle[1]];
    return {
      aperture: dot([low[0] - up[0], low[1] - up[1]], down) / width,
      iris: [dot(offset, step) / width ** 2, dot(offset, down) / width],
      heights: lids
        .slice(0, count)
        .map((one) => -dot([one[0] - middle[0], one[1] - middle[1]], down) / width),
    };
  }

  /** The mesh: 468 points in pixels of the picture, the third value depth. */
  async mesh(seen, face) {
    const { crop } = this.table.mesh;
    const across = [face.points[1][0] - face.points[0][0], face.points[1][1] - face.points[0][1]];
    const [flat] = await this.networks.face_landmark.run(
      asInput(cut(seen, face.box, across, crop), crop.size, false),
    );
    const longer = Math.max(face.box[2], face.box[3]);
    const centre = [
      face.box[0] + face.box[2] / 2,
      face.box[1] + face.box[3] / 2 + crop.dy * longer,
    ];
    const side = longer * crop.margin;
    const angle = Math.atan2(across[1], across[0]) || 0;
    const points = [];
    for (let k = 0; k < flat.length; k += 3) {
      const [x, y] = toPicture([flat[k], flat[k + 1]], centre, side, angle, crop.size);
      points.push([x, y, flat[k + 2] * (side / crop.size)]);
    }
    return points;
  }

  /** Smile, open mouth, raised and drawn brows, and how thick the lips are. */
  signs(seen, points, eyes) {
    const { weights, looks_at } = this.table.movements;
    const upright = turnUpright(points, this.table.mesh);
    const seenRegions = regions(seen, points, this.table);
    const [mouth, lips] = mouthOf(upright, this.table.mesh);
    const looks = {
      mouth: [...seenRegions.mouth, ...mouth],
      brows: [...seenRegions.brows, ...browsOf(upright, eyes, this.table.mesh)],
    };
    const found = Object.entries(looks_at).map(([name, part]) => {
      const by = weights[name];
      return looks[part].reduce((sum, one, k) => sum + one * by[k], by.at(-1));
    });
    return [...found, lips];
  }
}

const minus = (a, b) => a.map((one, i) => one - b[i]);
const dot = (a, b) => a.reduce((sum, one, i) => sum + one * b[i], 0);
const scaled = (a, by) => a.map((one) => one * by);
const cross = (a, b) => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];
const meanOf = (points) =>
  scaled(
    points.reduce((a, b) => a.map((one, i) => one + b[i])),
    1 / points.length,
  );

/** The mesh as of a head that faces the camera, in distances of the two eyes. */
function turnUpright(points, { eyes, forehead, nose }) {
  const [left, right] = eyes.map((pair) => meanOf(pair.map((k) => points[k])));
  const apart = Math.hypot(...minus(right, left));
  const across = scaled(minus(right, left), 1 / apart);
  let up = minus(points[forehead], points[nose]);
  up = minus(up, scaled(across, dot(up, across)));
  up = scaled(up, 1 / Math.hypot(...up));
  const away = cross(across, up);
  const middle = meanOf([left, right]);
  return points.map((one) => {
    const from = scaled(minus(one, middle), 1 / apart);
    return [dot(from, across), dot(from, up), dot(from, away)];
  });
}

function mouthOf(face, table) {
  const corners = table.corners.map((k) => face[k]);
  const cheeks = table.cheeks.map((k) => face[k]);
  const [upperIn, lowerIn] = [face[table.upper_in], face[table.lower_in]];
  const [upperOut, lowerOut] = [face[table.upper_out], face[table.lower_out]];
  const half = (corners[1][0] - corners[0][0]) / 2;
  const gap = upperIn[1] - lowerIn[1];
  const width = Math.max(2 * half, 0.1);
  const height = (corners[0][1] + corners[1][1]) / 2;
  const lips = upperOut[1] - upperIn[1] + lowerIn[1] - lowerOut[1];
  const values = [
    half,
    height - (upperIn[1] + lowerIn[1]) / 2,
    height,
    lips,
    (cheeks[1][0] - cheeks[0][0]) / 2,
    gap,
    upperOut[1],
    gap / width ** 2,
    gap / width,
    lowerOut[1],
    face[table.chin][1],
    (corners[0][2] + corners[1][2]) / 2,
    lowerOut[2],
  ];
  return /** @type {[number[], number]} */ ([values, lips]);
}

function browsOf(face, eyes, table) {
  const heights = table.brows.map((pair) => (face[pair[0]][1] + face[pair[1]][1]) / 2);
  const apart = table.inner.map(([a, b]) => (face[b][0] - face[a][0]) / 2);
  const over = table.over_the_eye.map((k) => (eyes[0].heights[k] + eyes[1].heights[k]) / 2);
  return [...heights, ...apart, face[table.root][1], ...over];
}
