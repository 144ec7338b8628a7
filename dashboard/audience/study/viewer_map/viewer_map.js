// Draws a byte a cell; hovering and the arrow keys name a cell, a click or Enter picks it.
import { clockText } from "../../../shared/web/text.js";

const UNKNOWN = 255;
const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200];
const ROOM = 68; // pixels between two times

export function paint(canvas, cells, data) {
  const rows = data.labels.length;
  const gap = data.row >= 6 ? 1 : 0;
  canvas.width = data.seconds;
  canvas.height = rows * data.row;
  canvas.style.height = `${canvas.height}px`;
  const pen = canvas.getContext("2d");
  const picture = pen.createImageData(canvas.width, canvas.height);
  const pixels = new Uint32Array(picture.data.buffer);
  const ink = (hex) => {
    const value = parseInt(hex.slice(1), 16);
    return (255 << 24) | ((value & 255) << 16) | (value & 0xff00) | (value >> 16);
  };
  const inks = data.colours.map(ink);
  if (gap) pixels.fill(ink(data.paper)); // between the rows; what is not known is cleared below
  for (let row = 0; row < rows; row += 1) {
    for (let x = 0; x < data.seconds; x += 1) {
      const level = cells[row * data.seconds + x];
      // through a cell that is not known the hatching behind the canvas shows
      const colour = level === UNKNOWN ? 0 : inks[level];
      for (let y = row * data.row; y < (row + 1) * data.row - gap; y += 1) {
        pixels[y * data.seconds + x] = colour;
      }
    }
  }
  pen.putImageData(picture, 0, 0);
}

function span(parent, style, words) {
  const one = document.createElement("span");
  Object.assign(one.style, style);
  one.textContent = words;
  parent.append(one);
}

// What tells long names apart: without the words that all of them begin or end with.
export function distinctParts(labels) {
  if (labels.length < 2 || Math.max(...labels.map((one) => one.length)) <= 7) return labels;
  const [first, ...others] = labels;
  let [head, tail] = [first.length, first.length];
  for (const other of others) {
    let same = 0;
    while (same < head && first[same] === other[same]) same += 1;
    head = same;
    same = 0;
    while (same < tail && first.at(-1 - same) === other.at(-1 - same)) same += 1;
    tail = same;
  }
  // whole words only: R07 stays R07
  head = first.slice(0, head).search(/[^\s_,;:-]*$/);
  tail = first.slice(first.length - tail).match(/[\s_,;:-].*$/)?.[0].length ?? 0;
  return labels.map((one) => one.slice(head, one.length - tail) || one);
}

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const find = (name) => parentElement.querySelector(name);
  const [field, here, tip, times] = [".field", ".here", ".tip", ".times"].map(find);
  const cells = Uint8Array.from(atob(data.cells), (one) => one.charCodeAt(0));
  const rows = data.labels.length;
  const shown = data.seconds; // columns are whole seconds; the film may end within the last
  field.setAttribute("aria-label", data.alt);
  paint(find("canvas"), cells, data);

  const blocks = find(".blocks");
  blocks.replaceChildren();
  let above = 0;
  for (const [name, colour, many] of data.blocks) {
    const [top, height] = [`${above * data.row}px`, `${many * data.row}px`];
    span(blocks, { top, height, background: colour }, "");
    blocks.lastElementChild.title = name;
    above += many;
  }

  const names = find(".names");
  names.replaceChildren();
  if (data.row >= 11) {
    distinctParts(data.labels).forEach((label, row) => {
      span(names, { top: `${(row + 0.5) * data.row}px` }, label);
    });
  }

  function axis() {
    const width = field.clientWidth;
    if (!width) return;
    const step = STEPS.find((one) => (one / shown) * width >= ROOM) ?? STEPS[STEPS.length - 1];
    times.replaceChildren();
    for (let at = 0; at <= shown; at += step) {
      span(times, { left: `${(100 * at) / shown}%` }, clockText(1000 * at));
    }
  }
  axis();
  const resized = new ResizeObserver(axis);
  resized.observe(field);

  /** @type {{row: number, second: number} | null} the cell that is named */
  let at = null;
  function show(inRow, inSecond) {
    const row = Math.min(Math.max(inRow, 0), rows - 1);
    const second = Math.min(Math.max(inSecond, 0), shown - 1);
    at = { row, second };
    const level = cells[row * shown + second];
    const value = level === UNKNOWN ? "no usable face" : data.words[level];
    tip.textContent = `${data.labels[row]} at ${clockText(1000 * second)}: ${value}`;
    here.style.top = `${row * data.row}px`;
    here.style.height = `${data.row}px`;
    here.style.setProperty("--x", `${(100 * second) / shown}%`);
    here.style.setProperty("--w", `${100 / shown}%`);
    here.hidden = false;
    tip.hidden = false;
    const left = field.offsetLeft + (field.clientWidth * (second + 0.5)) / shown;
    const top = (row + 1) * data.row + 6;
    const most = parentElement.querySelector(".map").clientWidth - tip.offsetWidth;
    tip.style.left = `${Math.max(0, Math.min(left - tip.offsetWidth / 2, most))}px`;
    tip.style.top = `${top}px`;
  }
  function hide() {
    here.hidden = true;
    tip.hidden = true;
  }
  function under(event) {
    const box = field.getBoundingClientRect();
    show(
      Math.floor((event.clientY - box.top) / data.row),
      Math.floor(((event.clientX - box.left) / box.width) * shown),
    );
  }
  field.onpointermove = under;
  field.onpointerleave = hide;
  field.onblur = hide;
  field.onclick = (event) => {
    under(event);
    setTriggerValue("picked", at);
  };
  field.onkeydown = (event) => {
    const moves = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
    const move = moves[event.key];
    if (move) {
      event.preventDefault();
      if (at === null || here.hidden) show(at?.row ?? 0, at?.second ?? 0);
      else show(at.row + move[0], at.second + move[1]);
    } else if (event.key === "Enter" && at !== null) {
      setTriggerValue("picked", at);
    } else if (event.key === "Escape") {
      hide();
    }
  };
  return () => resized.disconnect();
}
