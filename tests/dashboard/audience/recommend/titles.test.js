// Where arrow keys lead in a list of titles, and the curve of a measured one.

import assert from "node:assert/strict";
import { test } from "node:test";
import { pathOf } from "../../../../dashboard/audience/recommend/curve.js";
import { neighbour } from "../../../../dashboard/audience/recommend/moving.js";

// two rows of three, and one of two
const BOXES = [0, 100, 200]
  .map((left) => ({ left, top: 0 }))
  .concat(
    [0, 100, 200].map((left) => ({ left, top: 50 })),
    [0, 100].map((left) => ({ left, top: 100 })),
  );

test("left and right go on in the next row and stop at the ends", () => {
  assert.equal(neighbour(BOXES, 2, [1, 0]), 3);
  assert.equal(neighbour(BOXES, 0, [-1, 0]), 0);
  assert.equal(neighbour(BOXES, 7, [1, 0]), 7);
});

test("up and down lead to the nearest box of the next row", () => {
  assert.equal(neighbour(BOXES, 1, [0, 1]), 4);
  assert.equal(neighbour(BOXES, 5, [0, 1]), 7);
  assert.equal(neighbour(BOXES, 4, [0, -1]), 1);
  assert.equal(neighbour(BOXES, 1, [0, -1]), 1);
});

test("a curve ends where a second is not known and begins anew behind it", () => {
  assert.equal(pathOf([10, 20, null, 40]), "M0 90L1 80M3 60");
  assert.equal(pathOf([null]), "");
});
