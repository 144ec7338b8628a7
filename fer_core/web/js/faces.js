// A face's pose, and whether its expression can be trusted: as on the server.

import { cut } from "./pixels.js";

const DEGREES = 180 / Math.PI;

/** Yaw, pitch and roll in degrees from five landmarks. */
export function headPose(points, table) {
  const minus = (a, b) => [a[0] - b[0], a[1] - b[1]];
  const middle = (a, b) => [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
  const eyes = minus(points[1], points[0]);
  const mouth = minus(points[4], points[3]);
  const roll = Math.atan2(2 * eyes[1] + mouth[1], 2 * eyes[0] + mouth[0]);
  const [cos, sin] = [Math.cos(roll), Math.sin(roll)];
  const upright = (/** @type {number[]} */ [x, y]) => [x * cos + y * sin, y * cos - x * sin];
  const origin = middle(points[0], points[1]);
  const width = Math.max(upright(eyes)[0], 1e-3);
  const nose = upright(minus(points[2], origin));
  const lips = upright(minus(middle(points[3], points[4]), origin));
  const yaw = Math.atan2((nose[0] - lips[0] / 2) / table.nose_out, width);
  const smile = table.smile * (Math.hypot(...mouth) - table.mouth_width * width);
  const share = nose[1] / Math.max(lips[1] + smile, 0.2 * width);
  return [yaw * DEGREES, between(share, table.shares, table.pitches), roll * DEGREES];
}

/** The value of a broken line at `x`; `xs` grow. */
function between(x, xs, ys) {
  if (x <= xs[0]) return ys[0];
  for (let i = 1; i < xs.length; i += 1) {
    if (x <= xs[i])
      return ys[i - 1] + ((ys[i] - ys[i - 1]) * (x - xs[i - 1])) / (xs[i] - xs[i - 1]);
  }
  return ys.at(-1);
}

/** Why a face cannot be used, by the server's codes; "" where it can. */
export function whyNot(seen, face, pose, table) {
  const patch = cut(seen, face.box, [1, 0], table.patch);
  const sorted = Uint8Array.from(patch).sort();
  const [low, median, high] = table.ranks.map((rank) => sorted[rank]);
  const dark = median < table.dark[0] || high < table.dark[1];
  const bright = !dark && (median > table.bright[0] || low > table.bright[1]);
  const holds = {
    small: Math.max(face.box[2], face.box[3]) < table.small,
    cut: cutByEdge(seen, face, table.outside),
    turned: Math.abs(pose[0]) > table.turned || Math.abs(pose[1]) > table.turned,
    dark,
    bright,
    blurred: !dark && !bright && detail(patch, table.patch.size, table.along) < table.blurred,
  };
  return table.codes.filter((code) => holds[code]).join(",");
}

function cutByEdge({ width, height }, { box, points }, outside) {
  const inX = Math.max(0, Math.min(box[0] + box[2], width) - Math.max(box[0], 0));
  const inY = Math.max(0, Math.min(box[1] + box[3], height) - Math.max(box[1], 0));
  const out = 1 - (inX * inY) / Math.max(box[2] * box[3], 1e-6);
  return out > outside || points.some(([x, y]) => x < 0 || y < 0 || x > width || y > height);
}

/** What a blur over five pixels takes away, across or along, of the patch's contrast. */
function detail(patch, size, along) {
  const lost = (step, inside) => {
    const values = [];
    for (let y = 0; y < size; y += 1) {
      for (let x = 0; x < size; x += 1) {
        if (!inside(x, y)) continue;
        const at = y * size + x;
        let sum = 0;
        for (let k = -2; k <= 2; k += 1) sum += patch[at + k * step];
        values.push(patch[at] - sum / 5);
      }
    }
    return spread(values);
  };
  const across = lost(1, (x) => x >= 3 && x < size - 3);
  const down = lost(size, (_, y) => y >= 3 && y < size - 3);
  return Math.min(across, along * down) / (spread(patch) + 3);
}

function spread(values) {
  let [sum, squares] = [0, 0];
  for (const one of values) {
    sum += one;
    squares += one * one;
  }
  const mean = sum / values.length;
  return Math.sqrt(Math.max(0, squares / values.length - mean * mean));
}
