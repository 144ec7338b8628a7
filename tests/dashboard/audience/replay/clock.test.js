// The clock that counts where there is no film.

import assert from "node:assert/strict";
import { test } from "node:test";
import { StillClock } from "../../../../dashboard/audience/replay/clock.js";

test("it runs at its rate, stops at the end and begins again", (t) => {
  let now = 0;
  t.mock.method(performance, "now", () => now);
  const clock = new StillClock(10_000);
  clock.play();
  now = 2000;
  assert.equal(clock.time, 2000);
  clock.rate = 2;
  now = 3000;
  assert.equal(clock.time, 4000);
  clock.pause();
  now = 9000;
  assert.equal(clock.time, 4000);
  clock.seek(9000);
  clock.play();
  now = 10_000;
  assert.equal(clock.time, 10_000);
  assert.equal(clock.paused, true);
  clock.play();
  assert.equal(clock.time, 0);
});
