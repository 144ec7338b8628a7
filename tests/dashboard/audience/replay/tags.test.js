// Names over faces hide nobody.

import assert from "node:assert/strict";
import { test } from "node:test";
import { overlaps, tagPlace } from "../../../../dashboard/audience/replay/player/tags.js";

const PICTURE = [400, 300];
const TAG = [60, 20];
const FACE = [100, 100, 80, 80];

test("a tag stands over its face where it is free there", () => {
  assert.deepEqual(tagPlace(FACE, TAG, [], PICTURE, "above"), [100, 78]);
  assert.deepEqual(tagPlace(FACE, TAG, [], PICTURE, "under"), [100, 182]);
});

test("it makes way for a neighbour's face and for another tag", () => {
  const above = [60, 20, 70, 70];
  assert.equal(tagPlace(FACE, TAG, [above], PICTURE, "above"), null, "somebody's chin");
  assert.deepEqual(tagPlace(FACE, TAG, [above], PICTURE, "inside"), [102, 102]);
  const beside = [90, 60, 25, 40];
  const place = tagPlace(FACE, TAG, [beside], PICTURE, "above");
  assert.deepEqual(place, [120, 78], "to the right");
  assert.ok(!overlaps(beside, [...place, ...TAG]));
});

test("it stays in the picture, and is nowhere rather than over somebody", () => {
  assert.equal(tagPlace([0, 0, 80, 80], TAG, [], PICTURE, "above"), null);
  assert.deepEqual(tagPlace([0, 0, 80, 80], TAG, [], PICTURE, "inside"), [2, 2]);
  assert.equal(tagPlace(FACE, TAG, [[0, 0, 400, 300]], PICTURE, "inside"), null);
});
