// A viewer's lane.

import assert from "node:assert/strict";
import { test } from "node:test";
import { nameOf, runsOf } from "../../../../dashboard/audience/replay/player/lanes.js";

test("seconds that look the same are one stretch; where nobody was seen there is none", () => {
  assert.deepEqual(runsOf("33 3-", "55055"), [
    { from: 0, to: 2, lead: "3", sure: "5" },
    { from: 3, to: 4, lead: "3", sure: "5" },
    { from: 4, to: 5, lead: "-", sure: "5" },
  ]);
  assert.deepEqual(runsOf("33", "59").length, 2);
});

test("a viewer is called by its name, or by its number", () => {
  assert.equal(nameOf({ viewer: 2, name: "Ada" }), "Ada");
  assert.equal(nameOf({ viewer: 2, name: "" }), "Viewer 2");
});
