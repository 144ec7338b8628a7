// Pictures, and what is cut out of them: the same squares of grey levels as the server cuts.

/**
 * @typedef {{ width: number, height: number, rgba: Uint8ClampedArray, grey: Uint8Array }} Picture
 * @typedef {{ size: number, margin: number, align?: string, dy?: number }} Crop
 * @typedef {number[]} Box  x, y, width, height
 * @typedef {number[]} Point  x, y
 */

/** A square wider than this many picture sides is an impossible box, not a face. */
const LARGEST = 8;
const OUTSIDE = 127;

/** @returns {Picture} */
export function picture(rgba, width, height) {
  const grey = new Uint8Array(width * height);
  for (let i = 0, at = 0; i < grey.length; i += 1, at += 4) {
    // the weights of the colours as OpenCV has them, in whole numbers
    grey[i] = (rgba[at] * 4899 + rgba[at + 1] * 9617 + rgba[at + 2] * 1868 + 8192) >> 14;
  }
  return { width, height, rgba, grey };
}

/** Part of a picture, halved a number of times by averaging.
 * @param {Uint8Array | Uint8ClampedArray} values
 * @param {number} stride  of the picture: how many pixels a row has
 * @param {number} channels
 */
function halved(values, stride, channels, left, top, width, height, times) {
  let part = new Uint8Array(width * height * channels);
  for (let y = 0; y < height; y += 1) {
    const from = ((top + y) * stride + left) * channels;
    part.set(values.subarray(from, from + width * channels), y * width * channels);
  }
  let [w, h] = [width, height];
  for (let time = 0; time < times; time += 1) {
    const [half, low] = [w >> 1, h >> 1];
    const next = new Uint8Array(half * low * channels);
    for (let y = 0; y < low; y += 1) {
      for (let x = 0; x < half; x += 1) {
        for (let c = 0; c < channels; c += 1) {
          const at = (2 * y * w + 2 * x) * channels + c;
          const below = at + w * channels;
          next[(y * half + x) * channels + c] =
            (part[at] + part[at + channels] + part[below] + part[below + channels] + 2) >> 2;
        }
      }
    }
    [part, w, h] = [next, half, low];
  }
  return { values: part, width: w, height: h };
}

/**
 * What a network sees of a face: (size * size) grey levels.
 *
 * @param {Picture} seen
 * @param {Box} box
 * @param {Point} across  from the eye on the left to that on the right
 * @param {Crop} spec
 */
export function cut(seen, box, across, spec) {
  const { size, margin, dy = 0 } = spec;
  const longer = Math.max(box[2], box[3]);
  const side = margin * longer;
  const centre = [box[0] + box[2] / 2, box[1] + box[3] / 2 + dy * longer];
  const limit = LARGEST * Math.max(seen.width, seen.height);
  if (!(side > 0 && side <= limit && Number.isFinite(centre[0] + centre[1]))) {
    return new Uint8Array(size * size);
  }
  const angle = spec.align === "eyes" ? Math.atan2(across[1], across[0]) || 0 : 0;
  const times = Math.max(0, Math.ceil(Math.log2(side / size) - 1 - 1e-9));
  const { part, left, top } = surroundings(seen, centre, side, times);
  const unit = 2 ** times;
  const finer = side > size ? 2 : 1;
  const step = side / (size * finer * unit);
  const [cos, sin] = [Math.cos(angle) * step, Math.sin(angle) * step];
  const middle = (size * finer - 1) / 2;
  const x = (centre[0] - left) / unit - 0.5 - (cos - sin) * middle;
  const y = (centre[1] - top) / unit - 0.5 - (sin + cos) * middle;
  const fine = turned(part, size * finer, cos, sin, x, y);
  return finer === 1 ? fine : halved(fine, size * 2, 1, 0, 0, size * 2, size * 2, 1).values;
}

function surroundings(seen, centre, side, times) {
  if (times === 0) {
    const part = { values: seen.grey, width: seen.width, height: seen.height };
    return { part, left: 0, top: 0 };
  }
  const unit = 2 ** times;
  const reach = side * 0.75 + unit;
  const ends = [seen.width, seen.height].map((length, axis) => {
    const first = Math.trunc(clip(centre[axis] - reach, 0, Math.max(0, length - unit)));
    const wanted = Math.ceil((centre[axis] + reach - first) / unit);
    const count = clip(wanted, 1, Math.max(1, Math.floor(length / unit)));
    const long = Math.min(first + count * unit, length) - first;
    return [first, Math.floor(long / unit) * unit || long];
  });
  const [[left, width], [top, height]] = ends;
  return { part: halved(seen.grey, seen.width, 1, left, top, width, height, times), left, top };
}

/** A square read from `part` between its pixels; beyond its border the border goes on. */
function turned({ values, width, height }, size, cos, sin, x0, y0) {
  const out = new Uint8Array(size * size);
  const [lastX, lastY] = [width - 1, height - 1];
  for (let v = 0, at = 0; v < size; v += 1) {
    for (let u = 0; u < size; u += 1, at += 1) {
      const x = cos * u - sin * v + x0;
      const y = sin * u + cos * v + y0;
      const [left, top] = [Math.floor(x), Math.floor(y)];
      const [right, down] = [x - left, y - top];
      const [a, b] = [clip(left, 0, lastX), clip(left + 1, 0, lastX)];
      const [c, d] = [clip(top, 0, lastY) * width, clip(top + 1, 0, lastY) * width];
      const above = values[c + a] * (1 - right) + values[c + b] * right;
      const below = values[d + a] * (1 - right) + values[d + b] * right;
      out[at] = Math.round(above * (1 - down) + below * down);
    }
  }
  return out;
}

/**
 * A square of the picture in colour: (size * size * 3), 0 to 255; mid-grey outside the picture.
 *
 * @param {Picture} seen
 * @param {number[]} square  x1, y1, x2, y2
 */
export function patch(seen, square, size, mirrored = false) {
  const side = Math.max(square[2] - square[0], 1e-3);
  const times = clip(Math.floor(Math.log2(side / size)), 0, 6);
  const unit = 2 ** times;
  const span = (from, to, length) => {
    const first = clip(Math.floor(from / unit - 1) * unit, 0, Math.max(0, length - unit));
    const last = clip(Math.ceil(to / unit + 1) * unit, first + unit, length);
    return [first, Math.floor((last - first) / unit) * unit];
  };
  const [left, width] = span(square[0], square[2], seen.width);
  const [top, height] = span(square[1], square[3], seen.height);
  if (width <= 0 || height <= 0) return new Float32Array(size * size * 3).fill(OUTSIDE);
  const part = halved(seen.rgba, seen.width, 4, left, top, width, height, times);
  const out = new Float32Array(size * size * 3);
  const [stepX, stepY] = [(square[2] - square[0]) / size, (square[3] - square[1]) / size];
  for (let v = 0; v < size; v += 1) {
    const y = (square[1] + (v + 0.5) * stepY - top) / unit - 0.5;
    for (let u = 0; u < size; u += 1) {
      const x = (square[0] + (u + 0.5) * stepX - left) / unit - 0.5;
      readColour(part, x, y, out, (v * size + (mirrored ? size - 1 - u : u)) * 3);
    }
  }
  return out;
}

function readColour({ values, width, height }, x, y, out, at) {
  const [left, top] = [Math.floor(x), Math.floor(y)];
  const [right, down] = [x - left, y - top];
  const inside = left >= 0 && top >= 0 && left + 1 < width && top + 1 < height;
  const a = (top * width + left) * 4;
  const b = a + width * 4;
  for (let c = 0; c < 3; c += 1) {
    if (inside) {
      const above = values[a + c] * (1 - right) + values[a + 4 + c] * right;
      const below = values[b + c] * (1 - right) + values[b + 4 + c] * right;
      out[at + c] = Math.round(above * (1 - down) + below * down);
      continue;
    }
    const one = (i, j) =>
      i < 0 || j < 0 || i >= width || j >= height ? OUTSIDE : values[(j * width + i) * 4 + c];
    const above = one(left, top) * (1 - right) + one(left + 1, top) * right;
    const below = one(left, top + 1) * (1 - right) + one(left + 1, top + 1) * right;
    out[at + c] = Math.round(above * (1 - down) + below * down);
  }
}

/** Write the whole picture, `width` × `height` pixels large, into `sheet` (rgb, 0 to 255). */
export function paste(half, sheet, stride, left, top, width, height) {
  const [stepX, stepY] = [half.width / width, half.height / height];
  for (let v = 0; v < height; v += 1) {
    const y = clip((v + 0.5) * stepY - 0.5, 0, half.height - 1);
    for (let u = 0; u < width; u += 1) {
      const x = clip((u + 0.5) * stepX - 0.5, 0, half.width - 1);
      const [a, b] = [
        Math.min(Math.floor(x), half.width - 2),
        Math.min(Math.floor(y), half.height - 2),
      ];
      const [right, down] = [x - a, y - b];
      const from = (b * half.width + a) * 4;
      const under = from + half.width * 4;
      const to = ((top + v) * stride + left + u) * 3;
      for (let c = 0; c < 3; c += 1) {
        const above = half.values[from + c] * (1 - right) + half.values[from + 4 + c] * right;
        const below = half.values[under + c] * (1 - right) + half.values[under + 4 + c] * right;
        sheet[to + c] = Math.round(above * (1 - down) + below * down);
      }
    }
  }
}

/** The whole picture in colour, halved a number of times. */
export function whole(seen, times) {
  const unit = 2 ** times;
  const [width, height] = [seen.width, seen.height].map((one) => Math.floor(one / unit) * unit);
  return halved(seen.rgba, seen.width, 4, 0, 0, width, height, times);
}

export const clip = (value, low, high) => Math.min(Math.max(value, low), high);
