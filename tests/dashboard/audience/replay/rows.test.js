// Which analysed frame speaks for a moment of the film.

import assert from "node:assert/strict";
import { test } from "node:test";
import { frameAt } from "../../../../dashboard/audience/replay/player/rows.js";

test("the last frame at or before a moment, with two milliseconds of rounding", () => {
  const rows = { t: [0, 40, 80] };
  assert.equal(frameAt(rows, -3), -1);
  assert.equal(frameAt(rows, 0), 0);
  assert.equal(frameAt(rows, 37), 0);
  assert.equal(frameAt(rows, 38), 1);
  assert.equal(frameAt(rows, 5000), 2);
  assert.equal(frameAt({ t: [] }, 5), -1);
});
