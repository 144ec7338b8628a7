// A film's clock, and the one that counts where there is none.

import assert from "node:assert/strict";
import { test } from "node:test";
import { FilmClock, StillClock } from "../../../../dashboard/audience/replay/player/clock.js";

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

test("a film that is longer than its recording does not pass the recording's end", () => {
  const video = { addEventListener() {}, currentTime: 12, readyState: 4, paused: true, play() {} };
  const clock = new FilmClock(video);
  clock.end = 10_000;
  assert.equal(clock.time, 10_000);
  assert.equal(clock.shown, 10_000);
  clock.play();
  assert.equal(video.currentTime, 0, "at its end it begins again");
  clock.shift = 4000;
  clock.seek(2000);
  assert.equal(video.currentTime, 0, "before the film begins its first picture stands");
});

test("of quick wishes the last one counts, also when one comes between a seek's end and its event", () => {
  const heard = {};
  const video = {
    addEventListener: (name, does) => {
      heard[name] = does;
    },
    currentTime: 0,
    readyState: 4,
    seeking: false,
  };
  const clock = new FilmClock(video);
  clock.seek(20_000);
  video.seeking = true;
  clock.seek(clock.time + 1000);
  video.seeking = false; // it is over, and its event is still on its way
  clock.seek(15_000);
  video.seeking = true;
  assert.equal(clock.time, 15_000);
  clock.seek(clock.time - 5000);
  video.seeking = false;
  heard.seeked();
  assert.equal(video.currentTime, 10);
});
