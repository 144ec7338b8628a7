// Lids and gaze, as they are drawn over a face.

import assert from "node:assert/strict";
import { test } from "node:test";
import { eyesOf } from "../../../../dashboard/audience/replay/player/eyes.js";
import { facesOf } from "../../../../dashboard/audience/replay/player/rows.js";

test("lids and gaze stay within the eye", () => {
  assert.deepEqual(eyesOf([0, 50, 12.5, -25]), { open: 0.5, aside: 0.5, up: -1, lean: 0 });
  assert.deepEqual(eyesOf([180, 140, 90, 0]), { open: 1, aside: 1, up: 0, lean: Math.PI });
});

test("where eyes were not read there are none to draw", () => {
  const rows = {
    start: [0, 2],
    viewer: [1, 2],
    box: Array(8).fill(10),
    usable: [1, 1],
    p: Array(14).fill(1),
    eyes: [3, 80, 5, 0, 0, -1, 0, 0],
  };
  assert.deepEqual(
    facesOf(rows, 0).map((face) => face.eyes),
    [[3, 80, 5, 0], null],
  );
});
