// Which moment of the film was on the screen when, as the server is told.

import assert from "node:assert/strict";
import { test } from "node:test";
import { FilmReports, loaded } from "../../../../dashboard/camera/respondents/page/film_reports.js";

class FakeFilm extends EventTarget {
  currentTime = 0;
  paused = false;
  ended = false;
  readyState = 4;
  error = null;
  requestVideoFrameCallback(next) {
    this.next = next;
  }
  /** The browser shows a frame, `ahead` milliseconds from now. */
  frame(mediaTime, ahead = 0) {
    const { next } = this;
    next(0, { mediaTime, expectedDisplayTime: performance.now() + ahead });
  }
}

function started(t) {
  let now = 1000;
  t.mock.method(performance, "now", () => now);
  t.mock.timers.enable({ apis: ["setInterval"] });
  const film = new FakeFilm();
  const told = [];
  const reports = new FilmReports(film, (value) => told.push(value));
  reports.start();
  const pass = (ms) => {
    now += ms;
    t.mock.timers.tick(ms);
  };
  return { film, told, reports, pass };
}

test("a frame is told by when it is on the screen, five times a second at most", (t) => {
  const { film, told, pass } = started(t);
  film.frame(0.5, 20);
  pass(40);
  film.frame(0.54);
  pass(180);
  film.frame(0.72);
  assert.deepEqual(
    told.map((one) => [Math.round(one.at - performance.timeOrigin), one.t, one.playing]),
    [
      [1020, 500, true],
      [1220, 720, true],
    ],
  );
});

test("a time that some browsers count from elsewhere is not believed", (t) => {
  const { film, told } = started(t);
  film.frame(1, 9_000_000);
  assert.equal(Math.round(told[0].at - performance.timeOrigin), 1000);
});

test("a still picture gives no frames, yet the film is told to run", (t) => {
  const { film, told, pass } = started(t);
  film.frame(1);
  film.currentTime = 1.8;
  pass(800);
  assert.deepEqual(
    told.map((one) => one.t),
    [1000, 1800],
  );
});

test("a pause is told at once, and nothing after the end", (t) => {
  const { film, told, reports, pass } = started(t);
  film.paused = true;
  film.dispatchEvent(new Event("pause"));
  reports.stop();
  film.dispatchEvent(new Event("ended"));
  pass(1000);
  assert.deepEqual(
    told.map((one) => one.playing),
    [false, false],
  );
});

test("a film that this browser cannot play is found out before it starts", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const film = new FakeFilm();
  await loaded(film);
  film.readyState = 0;
  const waiting = loaded(film);
  film.dispatchEvent(new Event("error"));
  await assert.rejects(waiting, /cannot be played/);
});
