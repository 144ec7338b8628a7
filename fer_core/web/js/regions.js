// Gradients in the mouth's and the brows' region: histograms of nine directions (HOG), reckoned as
// OpenCV does for a square of 32 pixels, blocks of 16, cells of 8.

import { cut } from "./pixels.js";

const [SIZE, BLOCK, CELL, BINS] = [32, 16, 8, 9];
const MOST = 0.2;

/** Of one mesh in pixels: its mouth (324 values) and its brows (648). */
export function regions(seen, points, { mesh, region }) {
  const mean = (indices) => {
    const some = indices.map((k) => points[k]);
    return some[0].map((_, axis) => some.reduce((sum, one) => sum + one[axis], 0) / some.length);
  };
  const [left, right] = mesh.eyes.map(mean);
  const apart = Math.hypot(...right.map((one, axis) => one - left[axis]));
  const plain = [right[0] - left[0], right[1] - left[1]];
  const across = plain.map((one) => one / Math.max(Math.hypot(...plain), 1e-6));
  const up = [across[1], -across[0]];
  const over = (from, by) => [from[0] + by * apart * up[0], from[1] + by * apart * up[1]];
  const spec = { size: SIZE, margin: 1, align: "eyes" };
  const look = (centre, share) => {
    const side = apart * share;
    const box = [centre[0] - side / 2, centre[1] - side / 2, side, side];
    return cut(seen, box, across, spec);
  };
  const middle = [(left[0] + right[0]) / 2, (left[1] + right[1]) / 2];
  const mouth = look(mean(region.mouth), region.mouth_side);
  const brows = [left, right].map((eye) => look(over(eye, region.brow[0]), region.brow[1]));
  const root = look(over(middle, region.root[0]), region.root[1]);
  return { mouth: both(mouth, mouth), brows: [...both(brows[0], brows[1]), ...both(root, root)] };
}

/** Of a left region and the mirrored right one: their mean. */
function both(left, right) {
  const mirrored = right.map((_, i) => right[i - (i % SIZE) + SIZE - 1 - (i % SIZE)]);
  const [one, other] = [histograms(left), histograms(mirrored)];
  return one.map((value, i) => (value + other[i]) / 2);
}

/** (324,) of a square of 32 grey levels: blocks by columns, cells by columns, nine directions. */
export function histograms(grey) {
  const { bins, votes } = gradients(grey);
  const out = [];
  for (let x = 0; x + BLOCK <= SIZE; x += CELL) {
    for (let y = 0; y + BLOCK <= SIZE; y += CELL) out.push(...normalized(block(bins, votes, x, y)));
  }
  return out;
}

function gradients(grey) {
  const bins = new Uint8Array(2 * SIZE * SIZE);
  const votes = new Float32Array(2 * SIZE * SIZE);
  const inside = (i) => (i < 0 ? -i : i >= SIZE ? 2 * SIZE - 2 - i : i);
  for (let y = 0; y < SIZE; y += 1) {
    for (let x = 0; x < SIZE; x += 1) {
      const at = (a, b) => grey[inside(b) * SIZE + inside(a)];
      const dx = at(x + 1, y) - at(x - 1, y);
      const dy = at(x, y + 1) - at(x, y - 1);
      let angle = Math.atan2(dy, dx);
      if (angle < 0) angle += 2 * Math.PI;
      const place = (angle * BINS) / Math.PI - 0.5;
      const low = Math.floor(place);
      const share = place - low;
      const strength = Math.hypot(dx, dy);
      const i = 2 * (y * SIZE + x);
      bins[i] = (low + 2 * BINS) % BINS;
      bins[i + 1] = (low + 1 + 2 * BINS) % BINS;
      votes[i] = strength * (1 - share);
      votes[i + 1] = strength * share;
    }
  }
  return { bins, votes };
}

/** Pixels near a block's middle count more; each votes for the cells that it lies between: by
 * pixel and cell, where the cell's bins begin and how much the vote counts. */
const SHARES = sharesOfCells();

function sharesOfCells() {
  const cells = BLOCK / CELL;
  const sigma = BLOCK / 4;
  const found = [];
  for (let y = 0; y < BLOCK; y += 1) {
    for (let x = 0; x < BLOCK; x += 1) {
      const [dx, dy] = [x - BLOCK / 2, y - BLOCK / 2];
      const weight = Math.exp(-(dx * dx + dy * dy) / (2 * sigma * sigma));
      const [cx, cy] = [(x + 0.5) / CELL - 0.5, (y + 0.5) / CELL - 0.5];
      const [x0, y0] = [Math.floor(cx), Math.floor(cy)];
      for (const [column, across] of [
        [x0, 1 - (cx - x0)],
        [x0 + 1, cx - x0],
      ]) {
        for (const [row, down] of [
          [y0, 1 - (cy - y0)],
          [y0 + 1, cy - y0],
        ]) {
          if (column < 0 || row < 0 || column >= cells || row >= cells) continue;
          const share = weight * across * down;
          if (share)
            found.push({ pixel: 2 * (y * SIZE + x), to: (column * cells + row) * BINS, share });
        }
      }
    }
  }
  return found;
}

function block(bins, votes, left, top) {
  const found = new Float32Array((BLOCK / CELL) ** 2 * BINS);
  const from = 2 * (top * SIZE + left);
  for (const { pixel, to, share } of SHARES) {
    const i = from + pixel;
    found[to + bins[i]] += votes[i] * share;
    found[to + bins[i + 1]] += votes[i + 1] * share;
  }
  return found;
}

function normalized(found) {
  const sum = (values) => values.reduce((total, one) => total + one * one, 0);
  const first = 1 / (Math.sqrt(sum(found)) + found.length * 0.1);
  const clipped = found.map((one) => Math.min(one * first, MOST));
  const second = 1 / (Math.sqrt(sum(clipped)) + 1e-3);
  return clipped.map((one) => one * second);
}
