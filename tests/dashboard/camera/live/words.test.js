// The finding over the live numbers.

import assert from "node:assert/strict";
import { test } from "node:test";
import { finding } from "../../../../dashboard/camera/live/words.js";

const view = (more) => ({ state: "running", people: 1, attending: 1, engagement: 50, ...more });
/** Thirty seconds of one level, then five of another. */
const curve = (before, after) =>
  Array.from({ length: 36 }, (_, s) => ({ t: 1000 * s, engagement: s > 30 ? after : before }));

const CASES = [
  [{ state: "paused" }, "Paused: nothing is measured."],
  [{ people: 0 }, "Nobody is in view."],
  [{}, "One person, attending."],
  [{ attending: 0 }, "1 person, nobody attending."],
  [{ people: 2, attending: 2 }, "2 people, both attending."],
  [{ people: 5, attending: 5 }, "5 people, all attending."],
  [{ people: 5, attending: 3 }, "5 people, 3 attending."],
  [{ engagement: null }, "One person, attending; no face can be read well enough."],
  [{ window: curve(40, 60) }, "One person, attending; engagement is rising."],
  [{ window: curve(60, 40) }, "One person, attending; engagement is falling."],
  [{ window: curve(50, 53) }, "One person, attending; engagement is steady."],
  [{ window: curve(40, 60).slice(0, 10) }, "One person, attending."],
  [{ window: curve(null, null) }, "One person, attending."],
];

for (const [more, said] of CASES) {
  test(said, () => assert.equal(finding(view(more)), said));
}
