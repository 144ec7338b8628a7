// Pictures, and what is cut out of them: the same squares of grey levels as the server cuts.

/**
 * @typedef {{ width: number, height: number, words: Uint32Array, grey: Uint8Array }} Picture
 *   `words`: red, green, blue and alpha of a pixel, from the lowest byte to the highest
 * @typedef {{ size: number, margin: number, align?: string, dy?: number }} Crop
 * @typedef {number[]} Box  x, y, width, height
 * @typedef {number[]} Point  x, y
 */

/** A square wider than this many picture sides is an impossible box, not a face. */
const LARGEST = 8;
const OUTSIDE = 127;
/** Every other byte of a word: four of them can be added up without running into each other. */
const APART = 0x00ff00ff;
const HALF = 0x00020002;

/** @param {Uint8ClampedArray} rgba
 * @returns {Picture} */
export function picture(rgba, width, height) {
  const whole = rgba.byteOffset % 4 ? rgba.slice() : rgba;
  const words = new Uint32Array(whole.buffer, whole.byteOffset, width * height);
  const grey = new Uint8Array(width * height);
  for (let i = 0; i < grey.length; i += 1) {
    const word = words[i];
    // the weights of the colours as OpenCV has them, in whole numbers
    grey[i] =
      ((word & 255) * 4899 + ((word >>> 8) & 255) * 9617 + ((word >>> 16) & 255) * 1868 + 8192) >>
      14;
  }
  return { width, height, words, grey };
}

const average = (a, b, c, d) => (a + b + c + d + 2) >> 2;

/** The same of four bytes at once. */
function averageOfEach(a, b, c, d) {
  const even = (a & APART) + (b & APART) + (c & APART) + (d & APART) + HALF;
  const odd =
    ((a >>> 8) & APART) + ((b >>> 8) & APART) + ((c >>> 8) & APART) + ((d >>> 8) & APART) + HALF;
  return ((even >>> 2) & APART) | (((odd >>> 2) & APART) << 8);
}

/** Part of a picture, halved a number of times by averaging: of grey levels, or of words.
 * @template {Uint8Array | Uint32Array} Values
 * @param {Values} values
 * @param {number} stride  of the picture: how many pixels a row has
 * @returns {{ values: Values, width: number, height: number }}
 */
function halved(values, stride, left, top, width, height, times) {
  const Kind = /** @type {any} */ (values.constructor);
  if (times === 0) {
    const part = new Kind(width * height);
    for (let y = 0; y < height; y += 1) {
      const from = (top + y) * stride + left;
      part.set(values.subarray(from, from + width), y * width);
    }
    return { values: part, width, height };
  }
  const halve = values instanceof Uint32Array ? halveWords : halveGrey;
  /** @type {any} */
  let part = values;
  let [row, at, w, h] = [stride, top * stride + left, width, height];
  for (let time = 0; time < times; time += 1) {
    [w, h] = [w >> 1, h >> 1];
    const next = new Kind(w * h);
    halve(part, row, at, next, w, h);
    [part, row, at] = [next, w, 0];
  }
  return { values: part, width: w, height: h };
}

// The same loop twice: a browser makes each fast only for one kind of values.

function halveGrey(values, stride, start, out, width, height) {
  for (let y = 0, to = 0; y < height; y += 1) {
    let at = start + 2 * y * stride;
    for (let x = 0; x < width; x += 1, to += 1, at += 2) {
      const below = at + stride;
      out[to] = average(values[at], values[at + 1], values[below], values[below + 1]);
    }
  }
}

function halveWords(values, stride, start, out, width, height) {
  for (let y = 0, to = 0; y < height; y += 1) {
    let at = start + 2 * y * stride;
    for (let x = 0; x < width; x += 1, to += 1, at += 2) {
      const below = at + stride;
      out[to] = averageOfEach(values[at], values[at + 1], values[below], values[below + 1]);
    }
  }
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
  return finer === 1 ? fine : halved(fine, size * 2, 0, 0, size * 2, size * 2, 1).values;
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
  return { part: halved(seen.grey, seen.width, left, top, width, height, times), left, top };
}

/** A square read from `part` between its pixels; beyond its border the border goes on. */
function turned({ values, width, height }, size, cos, sin, x0, y0) {
  const out = new Uint8Array(size * size);
  const [lastX, lastY] = [width - 1, height - 1];
  for (let v = 0, at = 0; v < size; v += 1) {
    for (let u = 0; u < size; u += 1, at += 1) {
      const x = cos * u - sin * v + x0;
      const y = sin * u + cos * v + y0;
      const left = Math.floor(x);
      const top = Math.floor(y);
      const right = x - left;
      const down = y - top;
      const a = clip(left, 0, lastX);
      const b = clip(left + 1, 0, lastX);
      const c = clip(top, 0, lastY) * width;
      const d = clip(top + 1, 0, lastY) * width;
      const above = values[c + a] * (1 - right) + values[c + b] * right;
      const below = values[d + a] * (1 - right) + values[d + b] * right;
      out[at] = above * (1 - down) + below * down + 0.5;
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
  const part = asBytes(halved(seen.words, seen.width, left, top, width, height, times));
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

const asBytes = ({ values, width, height }) => ({
  values: new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
  width,
  height,
});

function readColour({ values, width, height }, x, y, out, at) {
  const left = Math.floor(x);
  const top = Math.floor(y);
  const right = x - left;
  const down = y - top;
  if (left >= 0 && top >= 0 && left + 1 < width && top + 1 < height) {
    const a = (top * width + left) * 4;
    const b = a + width * 4;
    for (let c = 0; c < 3; c += 1) {
      const above = values[a + c] * (1 - right) + values[a + 4 + c] * right;
      const below = values[b + c] * (1 - right) + values[b + 4 + c] * right;
      out[at + c] = Math.floor(above * (1 - down) + below * down + 0.5);
    }
    return;
  }
  for (let c = 0; c < 3; c += 1) {
    const one = (i, j) =>
      i < 0 || j < 0 || i >= width || j >= height ? OUTSIDE : values[(j * width + i) * 4 + c];
    const above = one(left, top) * (1 - right) + one(left + 1, top) * right;
    const below = one(left, top + 1) * (1 - right) + one(left + 1, top + 1) * right;
    out[at + c] = Math.round(above * (1 - down) + below * down);
  }
}

/** Write the whole picture, `width` × `height` pixels large, into `sheet` (rgb, 0 to 255). */
export function paste(half, sheet, stride, left, top, width, height) {
  const columns = between(half.width, width);
  const rows = between(half.height, height);
  const { values } = half;
  for (let v = 0; v < height; v += 1) {
    const down = rows.share[v];
    const start = rows.first[v] * half.width * 4;
    let to = ((top + v) * stride + left) * 3;
    for (let u = 0; u < width; u += 1, to += 3) {
      const right = columns.share[u];
      const from = start + columns.first[u] * 4;
      const under = from + half.width * 4;
      for (let c = 0; c < 3; c += 1) {
        const above = values[from + c] * (1 - right) + values[from + 4 + c] * right;
        const below = values[under + c] * (1 - right) + values[under + 4 + c] * right;
        sheet[to + c] = Math.floor(above * (1 - down) + below * down + 0.5);
      }
    }
  }
}

/** Of `count` pixels that `length` pixels become: the one before each, and how far after it. */
function between(length, count) {
  const first = new Int32Array(count);
  const share = new Float64Array(count);
  for (let i = 0; i < count; i += 1) {
    const at = clip((i + 0.5) * (length / count) - 0.5, 0, length - 1);
    first[i] = Math.min(Math.floor(at), length - 2);
    share[i] = at - first[i];
  }
  return { first, share };
}

/** The whole picture in colour, and halved once, twice … as often as `most` says.
 * @param {Picture} seen */
export function halves(seen, most) {
  let one = { values: seen.words, width: seen.width, height: seen.height };
  const found = [asBytes(one)];
  for (let time = 0; time < most; time += 1) {
    one = halved(one.values, one.width, 0, 0, one.width, one.height, 1);
    found.push(asBytes(one));
  }
  return found;
}

export const clip = (value, low, high) => Math.min(Math.max(value, low), high);
