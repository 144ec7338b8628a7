// The camera check's lines from numbers that were read on this device: by the server's limits and in
// its words.

/** @param {any} found  what the chain read of one picture
 * @param {any} table  the server's limits and sentences */
export function checkLines(found, table) {
  const [face] = found.faces;
  const { says } = table;
  if (!face) {
    const none = found.check.rest < table.dark / 2 ? says["too dark"] : says["no face"];
    const waiting = Object.entries(table.waiting).map(([key, word]) => ({
      key,
      ok: null,
      says: word,
    }));
    return { ready: false, lines: [{ key: "alone", ok: false, says: none }, ...waiting] };
  }
  const codes = face.whyNot.split(",");
  const wrong = {
    alone: found.others > 0 ? says.others : "",
    light: light(found.check, codes, table),
    place: place(found, face, codes, table),
    size: size(found, face, table),
    turned: turned(face.pose, table),
  };
  const lines = Object.entries(wrong).map(([key, text]) => ({
    key,
    ok: !text,
    says: text || table.good[key],
  }));
  return { ready: lines.every((line) => line.ok), lines };
}

function light({ face, rest }, codes, { dark, bright, behind, says }) {
  if (face < dark || codes.includes("dark")) return rest - face > behind ? says.behind : says.dark;
  if (rest - face > behind && face < 2 * dark) return says.behind;
  if (face > bright || codes.includes("bright")) return says.bright;
  return codes.includes("blurred") ? says.blurred : "";
}

function place({ width, height }, { box: [x, y, w, h] }, codes, { aside, says }) {
  if (codes.includes("cut")) return says.cut;
  const [a, b] = [Math.abs((x + w / 2) / width - 0.5), Math.abs((y + h / 2) / height - 0.5)];
  return a > aside[0] || b > aside[1] ? says.aside : "";
}

function size({ height }, { box }, { far, near, smallest, says }) {
  const share = box[3] / height;
  if (share < far || Math.max(box[2], box[3]) < smallest) return says.far;
  return share > near ? says.near : "";
}

function turned([yaw, pitch], { turned: limits, says }) {
  if (Math.abs(yaw) > limits[0]) return says.yaw;
  return Math.abs(pitch) > limits[1] ? says.pitch : "";
}
