// The map's faces as they come from the server, and the area that a person draws on it.

/** Bytes of a base64 text. */
export function bytesOf(text) {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

/** Faces of two texts: places (two 16-bit numbers each, 0 to 1) and three bytes of facts each. */
export function facesOf(places, facts) {
  const whole = new Uint16Array(bytesOf(places).buffer);
  const told = bytesOf(facts);
  const n = whole.length / 2;
  const faces = { n, x: new Float32Array(n), y: new Float32Array(n) };
  for (let k = 0; k < n; k++) {
    faces.x[k] = whole[2 * k] / 65535;
    faces.y[k] = whole[2 * k + 1] / 65535;
  }
  const column = (at) => Uint8Array.from({ length: n }, (_, k) => told[3 * k + at]);
  return { ...faces, truth: column(0), guess: column(1), sure: column(2) };
}

/** At most `most` corners of a path, evenly chosen: a hand draws more than an address holds. */
export function fewer(path, most) {
  if (path.length <= most) return path;
  const step = path.length / most;
  return Array.from({ length: most }, (_, k) => path[Math.floor(k * step)]);
}

/** The size of the area within a path. */
export function sizeOf(path) {
  let twice = 0;
  path.forEach(([x, y], k) => {
    const [to, down] = path[(k + 1) % path.length];
    twice += x * down - to * y;
  });
  return Math.abs(twice) / 2;
}

/** A circle as corners. */
export function circle(x, y, radius, corners = 32) {
  return Array.from({ length: corners }, (_, k) => {
    const turn = (2 * Math.PI * k) / corners;
    return [x + radius * Math.cos(turn), y + radius * Math.sin(turn)];
  });
}

/** How many faces stand within a path, by the even-odd rule. */
export function countWithin(faces, path) {
  let count = 0;
  for (let k = 0; k < faces.n; k++) {
    const x = faces.x[k],
      y = faces.y[k];
    let within = false;
    for (let i = 0, j = path.length - 1; i < path.length; j = i++) {
      const [x0, y0] = path[j],
        [x1, y1] = path[i];
      if (y0 > y !== y1 > y && x < x0 + ((y - y0) * (x1 - x0)) / (y1 - y0)) within = !within;
    }
    if (within) count++;
  }
  return count;
}
