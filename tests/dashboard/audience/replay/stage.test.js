// Stage, controls, curve and lanes in one window.

import assert from "node:assert/strict";
import { test } from "node:test";
import { firstFilm, stageHeight } from "../../../../dashboard/audience/replay/player/stage.js";

test("the picture takes what the rest leaves, and no more than its shape allows", () => {
  const room = { window: 600, top: 110, others: 270, width: 640, shape: 16 / 9 };
  assert.equal(stageHeight(room), 208);
  assert.ok(room.top + stageHeight(room) + room.others <= room.window);
  assert.equal(stageHeight({ ...room, window: 2000 }), 360, "as wide as the column");
  assert.equal(stageHeight({ ...room, window: 400 }), 130, "never too small to see");
});

test("without a recording the film that was watched is shown", () => {
  const [none, film] = [{ kind: "none" }, { kind: "film" }];
  assert.equal(firstFilm([none, film]), film);
  assert.equal(firstFilm([film, none]), film);
  assert.equal(firstFilm([none]), none);
});
