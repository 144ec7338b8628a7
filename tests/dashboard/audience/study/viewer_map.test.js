// The map of viewers: what tells their names apart, and which pixel shows which cell.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  distinctParts,
  paint,
} from "../../../../dashboard/audience/study/viewer_map/viewer_map.js";

test("long names lose the words that all of them share, whole words only", () => {
  assert.deepEqual(distinctParts(["Study one R07 left", "Study one R08 left"]), ["R07", "R08"]);
  assert.deepEqual(distinctParts(["Viewer 7", "Viewer 8"]), ["7", "8"]);
  assert.deepEqual(distinctParts(["R07", "R08"]), ["R07", "R08"]);
  assert.deepEqual(distinctParts(["A single long name"]), ["A single long name"]);
});

test("each cell is a colour of the scale, an unknown one is left open, rows have a gap", () => {
  let put = null;
  const canvas = {
    style: {},
    getContext: () => ({
      createImageData: (width, height) => ({ data: new Uint8ClampedArray(4 * width * height) }),
      putImageData: (picture) => {
        put = picture;
      },
    }),
  };
  const data = {
    labels: ["a", "b"],
    seconds: 2,
    row: 6,
    colours: ["#102030", "#ffffff"],
    paper: "#fefdfc",
  };
  paint(canvas, Uint8Array.of(0, 255, 255, 1), data);
  const at = (x, y) => [...put.data.slice(4 * (2 * y + x), 4 * (2 * y + x) + 4)];
  assert.deepEqual(at(0, 0), [0x10, 0x20, 0x30, 255]);
  assert.deepEqual(at(1, 0), [0, 0, 0, 0]);
  assert.deepEqual(at(0, 5), [0xfe, 0xfd, 0xfc, 255]);
  assert.deepEqual(at(1, 5), [0xfe, 0xfd, 0xfc, 255]);
  assert.deepEqual(at(1, 6), [255, 255, 255, 255]);
  assert.equal(canvas.style.height, "12px");
});
